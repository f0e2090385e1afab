"""The table of days that differ from the published calendar."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.data import Base


class CalendarDay(Base):
    """A day that is worked, or is not, whatever is published."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column("date", primary_key=True)
    is_working: Mapped[bool]
    note: Mapped[str] = mapped_column(String(100), default="")
