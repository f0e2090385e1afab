"""The tables of what comes after drawing: publications, forecasts, and instances carried over to another version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, SealedJson, new_id
from app.platform.runtime.entities import Instance, Version

OPEN = "state IN ('waiting', 'planned')"


class Publication(Base):
    """A state of a draft that somebody wants published, or an earlier version (`of_id`) published again.

    `state`: waiting (for another pair of eyes), planned, published, declined, failed, taken_back. `reason` says why it
    was declined or has failed, as `{"zh", "en"}`. `carries`: what runs is carried over too, by `mapping`.
    """

    __tablename__ = "design_publication"
    __table_args__ = (
        Index("ix_design_publication_process", "process", "asked_at"),
        Index("ix_design_publication_version", "version_id"),
        Index(
            "ux_design_publication_open",
            "draft_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(String(100))
    draft_id: Mapped[str | None] = mapped_column(Id)  # it outlives the draft, which is thinned out some day
    revision: Mapped[int | None]
    of_id: Mapped[str | None] = mapped_column(ForeignKey(Version.id))
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    asked_by_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    planned_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[dict[str, str] | None] = mapped_column(Json)
    version_id: Mapped[str | None] = mapped_column(ForeignKey(Version.id))
    carries: Mapped[bool]
    mapping: Mapped[dict[str, str]] = mapped_column(Json)


class Study(Base):
    """A forecast over many instances, made as an errand: for a draft's revision or a version, and a mapping.

    `facts` are its counts; None until it is done. The newest of a draft counts.
    """

    __tablename__ = "design_study"
    __table_args__ = (Index("ix_design_study_about", "about", "asked_at"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    about: Mapped[str] = mapped_column(String(64))
    process: Mapped[str] = mapped_column(String(100))
    errand_id: Mapped[str | None] = mapped_column(Id)
    asked_by_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    facts: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Studied(Base):
    """What is forecast for one instance: its class, and why in a code with the elements concerned."""

    __tablename__ = "design_studied"
    __table_args__ = (Index("ix_design_studied_becomes", "study_id", "becomes", "instance_id"),)
    study_id: Mapped[str] = mapped_column(ForeignKey("design_study.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey(Instance.id), primary_key=True)
    becomes: Mapped[str] = mapped_column(String(14))
    version_id: Mapped[str] = mapped_column(Id)
    why: Mapped[list[Any]] = mapped_column(SealedJson)
    waits: Mapped[list[str]] = mapped_column(Json)


class Carrying(Base):
    """Many instances carried over to `version_id`, as an errand with its rows in `design_carried`.

    `state`: running, paused, stopped, ended, failed. `undoing_id`: the carrying that this one takes back.
    """

    __tablename__ = "design_carrying"
    __table_args__ = (
        Index("ix_design_carrying_process", "process", "asked_at"),
        Index("ux_design_carrying_undoing", "undoing_id", unique=True),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    process: Mapped[str] = mapped_column(String(100))
    version_id: Mapped[str | None] = mapped_column(ForeignKey(Version.id))
    mapping: Mapped[dict[str, str]] = mapped_column(Json)
    asked_by_id: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    total: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    errand_id: Mapped[str | None] = mapped_column(Id)
    file_id: Mapped[str | None] = mapped_column(Id)
    undoing_id: Mapped[str | None] = mapped_column(ForeignKey("design_carrying.id"))


class Carried(Base):
    """One instance of a carrying: what has become of it; `result` None as long as its turn has not come.

    `result`: carried, refused, gone (it has ended, or is on the version already), forbidden, touched (somebody has
    acted since; only where a carrying is taken back). `revision`: the instance's, right after it was carried.
    """

    __tablename__ = "design_carried"
    __table_args__ = (Index("ix_design_carried_result", "carrying_id", "result", "instance_id"),)
    carrying_id: Mapped[str] = mapped_column(ForeignKey("design_carrying.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey(Instance.id), primary_key=True)
    from_id: Mapped[str] = mapped_column(Id)
    to_id: Mapped[str] = mapped_column(Id)
    before: Mapped[list[str] | None] = mapped_column(Json)
    after: Mapped[list[str] | None] = mapped_column(Json)
    result: Mapped[str | None] = mapped_column(String(10))
    why: Mapped[list[Any] | None] = mapped_column(SealedJson)
    revision: Mapped[int | None]
    at: Mapped[datetime | None] = mapped_column(Moment)
