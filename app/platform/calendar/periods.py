"""Periods as diagrams write them (`P3WD`, `P2D`, `PT4H`), and the moment they run out."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone

from app.platform.calendar.days import Calendar

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No summer time since 1991, so the offset says all, and no machine needs a time zone database for it."""

LONGEST = timedelta(days=36_600)
MOST_WORKING_DAYS = 2_500

_WORKING = re.compile(r"P(\d{1,4})WD", re.ASCII)
_PLAIN = re.compile(
    r"P(?=\d|T\d)(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,10})S)?)?",
    re.ASCII,
)
_END_OF_DAY = time(23, 59, 59)
_MORNING = time(9)


class BadPeriod(ValueError):
    """A text is no period of ours: not ISO 8601 in weeks, days and smaller, or `PnWD`, or too long."""


@dataclass(frozen=True, slots=True)
class Period:
    """So many working days, or so much time."""

    working_days: int = 0
    time: timedelta = timedelta()


def parse(text: str) -> Period:
    """Read a period. Raises `BadPeriod`: `P0WD`, months and years are none, their length is not fixed."""
    working = _WORKING.fullmatch(text)
    if working:
        count = int(working.group(1))
        if not 1 <= count <= MOST_WORKING_DAYS:
            raise BadPeriod(text)
        return Period(working_days=count)
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        raise BadPeriod(text)
    length = timedelta(**{unit: int(count) for unit, count in plain.groupdict().items() if count})
    if length > LONGEST:
        raise BadPeriod(text)
    return Period(time=length)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment (UTC), provisional where a year on the way has no published schedule yet."""

    at: datetime
    is_provisional: bool = False


def deadline(start: datetime, duration: str, calendar: Calendar, more: int = 0) -> Deadline:
    """Return when a period that begins at `start` runs out, and how sure that is. Raises `BadPeriod`.

    `more`: so many working days on top of one that is counted in them.
    """
    at = due(start, duration, calendar, more)
    if not parse(duration).working_days:
        return Deadline(at)
    years = range(start.astimezone(ZONE).year, at.astimezone(ZONE).year + 1)
    return Deadline(at, any(calendar.is_provisional(year) for year in years))


def before(end: datetime, duration: str, calendar: Calendar) -> datetime:
    """Return the moment (UTC) a period before `end`. Raises `BadPeriod`.

    Working days: nine in the morning (Asia/Shanghai) of the n-th working day before the day of `end`, when there
    is somebody to read a reminder. Anything else: `end` less that time.
    """
    period = parse(duration)
    if not period.working_days:
        return end.astimezone(UTC) - period.time
    day = calendar.working_day_before(end.astimezone(ZONE).date(), period.working_days)
    return datetime.combine(day, _MORNING, ZONE).astimezone(UTC)


def due(start: datetime, duration: str, calendar: Calendar, more: int = 0) -> datetime:
    """Return the moment (UTC) a period that begins at `start` runs out. Raises `BadPeriod`.

    Working days: the end (23:59:59, Asia/Shanghai) of the n-th working day after the day of `start`, and of `more`
    after it. Anything else: `start` plus that time.
    """
    period = parse(duration)
    if not period.working_days:
        return start.astimezone(UTC) + period.time
    last = calendar.working_day(start.astimezone(ZONE).date(), period.working_days + more)
    return datetime.combine(last, _END_OF_DAY, ZONE).astimezone(UTC)
