"""Which days are working days: the published schedules with their make-up days, and local days on top."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version

from holidays import country_holidays
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.calendar.entities import CalendarDay, CalendarSource
from app.platform.data import transaction
from app.platform.registry import Acting, house

CHANGED = "runtime/days_changed"
"""The name under which the registry knows whoever must hear of other working days."""

ABOUT = "calendar:days"
"""The record that audit rows of changed days, and of the deadlines counted again, speak of."""

_SATURDAY = 5
_LAST_PUBLISHED: int = max(country_holidays("CN").special_public_holidays)
"""The last year whose schedule (调休) is known; of later years only the statutory days are."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days, with `local` ones on top. Frozen: load it once per verb or page."""

    local: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Return whether offices work on `day`. Never raises, whatever the year."""
        if day in self.local:
            return self.local[day]
        free, made_up = _published(day.year)
        return day in made_up or (day.weekday() < _SATURDAY and day not in free)

    def is_provisional(self, year: int) -> bool:
        """Return whether the year's schedule is not known yet, neither published nor entered."""
        return year > _LAST_PUBLISHED and all(day.year != year for day in self.local)

    def working_day(self, start: date, count: int) -> date:
        """Return the `count`-th working day after `start`, which itself does not count."""
        day = start
        while count > 0 and day < date.max:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def working_day_before(self, end: date, count: int) -> date:
        """Return the `count`-th working day before `end`, which itself does not count."""
        day = end
        while count > 0 and day > date.min:
            day -= timedelta(days=1)
            count -= self.is_working(day)
        return day

    def working_days(self, first: date, last: date) -> int:
        """Return how many working days there are from `first` to `last`, both counted; negative backwards."""
        if last < first:
            return -self.working_days(last, first)
        return sum(self.is_working(first + timedelta(days=n)) for n in range((last - first).days + 1))


@lru_cache(maxsize=64)
def _published(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return the free days of a year and the weekend days worked in exchange.

    The year after is asked, too: its New Year takes working weekends from this December.
    """
    known = country_holidays("CN", years=[y for y in (year, year + 1) if y <= date.max.year], expand=False)
    made_up = frozenset(day for day in known.weekend_workdays if day.year == year)
    return frozenset(day for day in known if day.year == year), made_up


def load(session: Session) -> Calendar:
    """Return the calendar with the local days of this installation."""
    return Calendar(dict(session.execute(select(CalendarDay.on, CalendarDay.is_working)).all()))


def change(
    session: Session,
    days: Mapping[date, tuple[bool, str] | None],
    by: Acting | str | None,
    now: datetime,
) -> None:
    """Enter local days as `(is working, note)`; None takes one back to what is published."""
    with transaction(session):
        there = select(CalendarDay.on, CalendarDay.is_working).where(CalendarDay.on.in_(days))
        before = dict(session.execute(there.with_for_update()).all())
        session.execute(delete(CalendarDay).where(CalendarDay.on.in_(days)))
        entered = [
            {"on": day, "is_working": given[0], "note": given[1]} for day, given in days.items() if given
        ]
        if entered:
            session.execute(insert(CalendarDay), entered)
        after = {day.isoformat(): given and given[0] for day, given in days.items()}
        body = {"before": {day: before.get(date.fromisoformat(day)) for day in after}, "after": after}
        audit.log(session, "calendar", "calendar.changed", by, now, body, ABOUT)
        _tell(session, now)


def _tell(session: Session, now: datetime) -> None:
    """Let the runtime set its open deadlines anew, in the same transaction."""
    tell = house.jobs.get(CHANGED)
    if tell is not None:
        tell(session, {}, now)


def notes(session: Session, year: int) -> dict[date, tuple[bool, str]]:
    """The local days of a year: whether they are worked, and the note."""
    rows = session.execute(
        select(CalendarDay.on, CalendarDay.is_working, CalendarDay.note)
        .where(CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31))
        .order_by(CalendarDay.on)
    )
    return {row.on: (row.is_working, row.note) for row in rows}


def published() -> str:
    """What the published days rest on: the package's version and the last year whose schedule is known."""
    return f"holidays {version('holidays')}, {_LAST_PUBLISHED}"


def mind_published(session: Session, now: datetime) -> bool:
    """Notice when the published days are others than at the last look (a chore); True if they were.

    The first look only remembers.
    """
    found = session.scalar(select(CalendarSource.known).where(CalendarSource.id == 1))
    session.rollback()
    if found == published():
        return False
    with transaction(session):
        known = session.scalar(select(CalendarSource.known).where(CalendarSource.id == 1).with_for_update())
        if known == published():
            return False  # another worker was faster
        if known is None:
            session.execute(insert(CalendarSource).values(id=1, known=published(), since=now))
            return False
        session.execute(update(CalendarSource).values(known=published(), since=now))
        audit.log(
            session, "calendar", "calendar.published", None, now, {"before": known, "after": published()}
        )
        _tell(session, now)
    return True
