"""The tables of what belongs to a person and not to the course of an instance: drafts, phrases, copies, substitutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, Sealed, SealedJson, new_id


class Draft(Base):
    """What one person has typed at one task, or at one process's start, and not yet sent."""

    __tablename__ = "runtime_draft"
    __table_args__ = (Index("ix_runtime_draft_person", "person_id", "saved_at"),)
    about: Mapped[str] = mapped_column(String(120), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    saved_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class Phrase(Base):
    """A sentence that a person often uses as his opinion."""

    __tablename__ = "runtime_phrase"
    __table_args__ = (Index("ix_runtime_phrase_person", "person_id", "position"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Sealed)
    position: Mapped[int]


class Presence(Base):
    """Who has a task open on his screen: since when, and when his page was last heard of."""

    __tablename__ = "runtime_presence"
    task_id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Substitute(Base):
    """Who stands in for whom (代理), from when to when; for some processes or for all."""

    __tablename__ = "runtime_substitute"
    __table_args__ = (Index("ix_runtime_substitute_substitute", "substitute_id", "until_at"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(Id, index=True)
    substitute_id: Mapped[str] = mapped_column(Id)
    from_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime] = mapped_column(Moment)
    processes: Mapped[list[str] | None] = mapped_column(Json)
    appointed_by_id: Mapped[str | None] = mapped_column(Id)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Copy(Base):
    """A person told of an instance (抄送): he may read it, and has or has not."""

    __tablename__ = "runtime_copy"
    __table_args__ = (
        UniqueConstraint("task_id", "person_id"),
        Index("ix_runtime_copy_person", "person_id", "read_at", "at"),
        Index("ix_runtime_copy_instance", "instance_id", "person_id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("runtime_task.id"))
    person_id: Mapped[str] = mapped_column(Id)
    by_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
