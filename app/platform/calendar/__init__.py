"""Working days of China, periods counted in them, and what a place changes of them."""

from app.platform.calendar.days import CHANGED, Calendar, change, load, mind_published, published
from app.platform.calendar.periods import ZONE, BadPeriod, Deadline, before, deadline, due, parse

__all__ = [
    "CHANGED",
    "ZONE",
    "BadPeriod",
    "Calendar",
    "Deadline",
    "before",
    "change",
    "deadline",
    "due",
    "load",
    "mind_published",
    "parse",
    "published",
]
