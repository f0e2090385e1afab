"""Tables of imports: the record everybody of the place sees, and the rows that were refused, sealed (C-25)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Id, Json, Moment, SealedJson, new_id
from app.platform.identity.places import Place


class Import(Base):
    """One import. `handled` counts the rows of the workbook that are through: where a killed job goes on.

    `state`: running, done, stopped or failed. `layout` names the column at each place of the workbook.
    """

    __tablename__ = "sheets_import"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    sheet: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[str] = mapped_column(Id)
    post_id: Mapped[str] = mapped_column(Id)
    role: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(Place)
    file_id: Mapped[str] = mapped_column(Id)
    heads: Mapped[Any] = mapped_column(Json)
    layout: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int]
    handled: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    failures_id: Mapped[str | None] = mapped_column(Id)
    errand_id: Mapped[str] = mapped_column(Id, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (Index("ix_sheets_import_sheet_place", "sheet", "place", "id"),)


class Failure(Base):
    """A row that was refused: its cells as they came, and what is wrong with which of them."""

    __tablename__ = "sheets_failure"

    import_id: Mapped[str] = mapped_column(ForeignKey("sheets_import.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    said: Mapped[Any] = mapped_column(SealedJson)
