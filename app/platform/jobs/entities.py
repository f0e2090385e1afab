"""The one table of jobs: a row is the job; messages and threads are only hints that it exists."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, new_id


class Job(Base):
    """A piece of work. `state`: waiting, running, done or failed; `leased_by`: new at each taking, the fence.

    `tries` counts errors the function raised, `losses` the leases that ran out (the worker died or hung).
    """

    __tablename__ = "jobs_job"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    arguments: Mapped[Any] = mapped_column(Json)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[datetime] = mapped_column(Moment)
    leased_by: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index(
            "ix_jobs_job_waiting",
            "due_at",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_jobs_job_running",
            "lease_until",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "ix_jobs_job_done",
            "done_at",
            sqlite_where=text("state = 'done'"),
            postgresql_where=text("state = 'done'"),
        ),
        Index(
            "ix_jobs_job_failed",
            "created_at",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
    )


class Errand(Base):
    """Long work a person has asked for. `arguments` and `result`: ids, counts, codes; `done` of `total`: how far."""

    __tablename__ = "jobs_errand"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(100))
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[str] = mapped_column(Id)
    post_id: Mapped[str | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    arguments: Mapped[Any] = mapped_column(Json)
    result: Mapped[Any] = mapped_column(Json)
    job_id: Mapped[str] = mapped_column(Id, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment, index=True)

    __table_args__ = (Index("ix_jobs_errand_owner", "owner_id", "id"),)
