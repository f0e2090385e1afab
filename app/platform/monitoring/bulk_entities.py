"""The tables of what is done to many instances at once: the run, and a row for each instance it was begun for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, SealedJson, new_id
from app.platform.runtime.entities import Instance


class Bulk(Base):
    """One verb at many instances, as an errand with its rows in `monitoring_bulk_row`.

    `state`: running, paused, stopped, ended, failed. `wish`: the verb's parameters and the reason; `asked`: the list it
    was begun from and its question. `undoing_id`: the run that this one takes back.
    """

    __tablename__ = "monitoring_bulk"
    __table_args__ = (
        Index("ix_monitoring_bulk_asker", "asked_by_id", "asked_at"),
        Index("ix_monitoring_bulk_asked", "asked_at"),
        Index("ux_monitoring_bulk_undoing", "undoing_id", unique=True),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    verb: Mapped[str] = mapped_column(String(10))
    wish: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    asked: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    asked_by_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    total: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    errand_id: Mapped[str | None] = mapped_column(Id)
    file_id: Mapped[str | None] = mapped_column(Id)
    undoing_id: Mapped[str | None] = mapped_column(ForeignKey("monitoring_bulk.id"))


class BulkRow(Base):
    """One instance of a run: what has become of it; `result` None as long as its turn has not come.

    `result`: done, failed, skipped; `why`: `[zh, en]` of the last two. `about`: the tasks or incidents it was chosen
    with. `from_id`, `to_id`: the versions of a migration. `revision`: the instance's, right after the verb; in a run
    that takes another back, what it must still be.
    """

    __tablename__ = "monitoring_bulk_row"
    __table_args__ = (Index("ix_monitoring_bulk_row_result", "bulk_id", "result", "instance_id"),)
    bulk_id: Mapped[str] = mapped_column(ForeignKey("monitoring_bulk.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey(Instance.id), primary_key=True)
    about: Mapped[list[str]] = mapped_column(Json)
    from_id: Mapped[str | None] = mapped_column(Id)
    to_id: Mapped[str | None] = mapped_column(Id)
    result: Mapped[str | None] = mapped_column(String(10))
    why: Mapped[list[str] | None] = mapped_column(SealedJson)
    revision: Mapped[int | None]
    at: Mapped[datetime | None] = mapped_column(Moment)
