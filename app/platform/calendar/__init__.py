"""Working days of China, periods counted in them, and what a place changes of them."""

from app.platform.calendar.days import Calendar, change, load
from app.platform.calendar.periods import ZONE, BadPeriod, due, parse

__all__ = ["ZONE", "BadPeriod", "Calendar", "change", "due", "load", "parse"]
