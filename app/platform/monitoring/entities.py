"""The tables of the figures: what has changed and is not folded in yet, what is kept, and what was noted last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment

Where = String(200).with_variant(String(200, collation="C"), "postgresql")
"""A place as it was when something was counted: no path that follows what moves, since counts move by themselves."""
Number = BigInteger().with_variant(Integer, "sqlite")


class Delta(Base):
    """One change of a count, appended by a trigger in the transaction that made it; gone once folded in.

    `figure`: `case` and `task` (what is there now), `due` (open tasks by the day they are due), `incident`, `started`
    and `ended` (by day). `detail`: the state of a case, the kind of an incident. Days are those of Shanghai.
    """

    __tablename__ = "monitoring_delta"
    id: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    figure: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(Where)
    process: Mapped[str] = mapped_column(String(100))
    version_id: Mapped[str] = mapped_column(String(26), default="")
    element: Mapped[str] = mapped_column(String(100), default="")
    detail: Mapped[str] = mapped_column(String(30), default="")
    day: Mapped[str] = mapped_column(String(10), default="")
    n: Mapped[int] = mapped_column(Integer)


class Stay(Base):
    """A step that was decided, or a whole case that ended (no element), whose time is not counted yet.

    `n` is 1, or -1 where such a decision was taken back.
    """

    __tablename__ = "monitoring_stay"
    id: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    place: Mapped[str] = mapped_column(Where)
    process: Mapped[str] = mapped_column(String(100))
    version_id: Mapped[str] = mapped_column(String(26), default="")
    element: Mapped[str] = mapped_column(String(100), default="")
    from_at: Mapped[datetime] = mapped_column(Moment)
    to_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_days: Mapped[int] = mapped_column(Integer, default=0)
    is_return: Mapped[int] = mapped_column(Integer, default=0)
    n: Mapped[int] = mapped_column(Integer)


class Figure(Base):
    """A count that is kept, for a place and everything below it (`place` ending in `=`: for that place alone).

    Besides the figures of `Delta`: `stay` (detail: the bucket of its working time), `late`, `returned`, by day.
    """

    __tablename__ = "monitoring_figure"
    __table_args__ = (Index("ix_monitoring_figure_day", "figure", "place", "day"),)
    figure: Mapped[str] = mapped_column(String(10), primary_key=True)
    place: Mapped[str] = mapped_column(Where, primary_key=True)
    process: Mapped[str] = mapped_column(String(100), primary_key=True)
    version_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    element: Mapped[str] = mapped_column(String(100), primary_key=True)
    detail: Mapped[str] = mapped_column(String(30), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class Mark(Base):
    """When something was last done: figures counted anew, a backup written, a restore tried."""

    __tablename__ = "monitoring_mark"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    said: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    by_id: Mapped[str | None] = mapped_column(Id)
