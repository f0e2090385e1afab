"""Working days of China, periods counted in them, and what a place changes of them."""

from app.platform.calendar import saying
from app.platform.calendar.days import (
    ABOUT,
    CHANGED,
    Calendar,
    change,
    load,
    mind_published,
    notes,
    published,
)
from app.platform.calendar.periods import ZONE, BadPeriod, Deadline, before, deadline, due, parse

__all__ = [
    "ABOUT",
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
    "notes",
    "parse",
    "published",
    "saying",
]
