"""The table of the generic record: one row for each value that a list may show, filter and add up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, Float, ForeignKey, Index, String, event, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Moment

LONGEST = 200


def _walked(column: str) -> Index:
    """The values of a field, of equal ones in the order of a register: a page stops where it is full."""
    there = text(f"{column} IS NOT NULL")
    columns = ("process", "form", "field", column, "started_at", "instance_id")
    return Index(f"ix_records_value_{column}", *columns, sqlite_where=there, postgresql_where=there)


class Value(Base):
    """What a field of a free form says now in one instance. Several answers of one field have several `position`s.

    `started_at`: when its instance began.

    `text`: a text (its first 200 characters), a code, an id, a day (YYYY-MM-DD), yes or no; `number`: a number.
    Sensitive and masked fields have no row: they stand in the sealed entries alone.
    """

    __tablename__ = "records_value"
    __table_args__ = (_walked("text"), _walked("number"))
    instance_id: Mapped[str] = mapped_column(ForeignKey("runtime_instance.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(100), primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    process: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str | None] = mapped_column(String(LONGEST))
    number: Mapped[float | None] = mapped_column(Float)


_OF_CODES = DDL(  # type: ignore[no-untyped-call]
    "CREATE STATISTICS st_records_value (mcv) ON form, field, text FROM records_value"
)
"""Which codes a field has: without it PostgreSQL takes all fields' codes together, and joins row by row."""
event.listen(Value.__table__, "after_create", _OF_CODES.execute_if(dialect="postgresql"))
