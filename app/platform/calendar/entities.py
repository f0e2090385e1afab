"""The days that differ from the published calendar, and which publication was used last."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base, Moment


class CalendarDay(Base):
    """A day that is worked, or is not, whatever is published."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column("date", primary_key=True)
    is_working: Mapped[bool]
    note: Mapped[str] = mapped_column(String(100), default="")


class CalendarSource(Base):
    """What the published days rested on at the last look: one row."""

    __tablename__ = "calendar_source"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    known: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime] = mapped_column(Moment)
