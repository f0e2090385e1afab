"""One process by its elements: what is there now, and how its steps went in a period; from the figures alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.platform.identity.places import bare, inside, is_whole
from app.platform.monitoring import durations, figures, overview

NOW = ("case", "task", "incident")
LIVE = ("running", "suspended")
PAST = ("started", "ended", "stay", "late", "returned")


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole process: instances, overdue tasks and incidents now (`stuck`: of these, nobody can answer).

    In the period: instances `started` and `ended`, of these the median and 90th percentile in working days.
    """

    running: int
    overdue: int
    incidents: int
    stuck: int
    started: int
    ended: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One element: open and overdue tasks and incidents now; of the tasks decided in the period how long and how.

    Times in working days; `late` and `returned` of the `decided`. `waiting`: what waits there for something that is no
    task (`process_waits`).
    """

    element: str
    open: int = 0
    overdue: int = 0
    incidents: int = 0
    decided: int = 0
    median: float | None = None
    p90: float | None = None
    late: int = 0
    returned: int = 0
    waiting: int = 0

    @property
    def late_share(self) -> float | None:
        """Which part of what was decided was late; None where nothing was."""
        return self.late / self.decided if self.decided else None

    @property
    def returned_share(self) -> float | None:
        """Which part of what was decided was a return; None where nothing was."""
        return self.returned / self.decided if self.decided else None


def of(
    session: Session,
    process: str,
    reach: Collection[str],
    now: datetime,
    days: tuple[date, date],
    version: str | None = None,
) -> tuple[Whole, Mapping[str, Measured]]:
    """The process within a reach, and its elements by id; four statements, whatever there is.

    `days`: from which to which day (of Shanghai) the past is counted. `version` narrows both: what was decided counts
    for the version its case ran on then.
    """
    here: Counter[tuple[str, ...]] = Counter()
    for (figure, of_version, element, detail), n in figures.tally(
        session, NOW, reach, ("figure", "version_id", "element", "detail"), process=process
    ).items():
        if version in (None, of_version):
            here[figure, element, detail] += n
    late: Counter[str] = Counter()
    for (of_version, element), n in overview.overdue(
        session, reach, now, ("version_id", "element"), process
    ).items():
        if version in (None, of_version):
            late[element] += n
    first, last = (day.isoformat() for day in days)
    by = ("figure", "version_id", "element", "detail")
    past: Counter[tuple[str, ...]] = Counter()
    for (figure, of_version, element, detail), n in figures.tally(
        session, PAST, reach, by, since=first, until=last, process=process
    ).items():
        if version in (None, of_version):
            past[figure, element, detail] += n
    return _whole(here, late, past), {
        element: _measured(element, here, late, past)
        for element in sorted({key[1] for key in (*here, *past)} | set(late))
        if element
    }


def _whole(here: Counter[tuple[str, ...]], late: Counter[str], past: Counter[tuple[str, ...]]) -> Whole:
    counts: Counter[str] = Counter()
    for (figure, _element, detail), n in (*here.items(), *past.items()):
        if figure != "case" or detail in LIVE:
            counts[figure] += n
    stuck = sum(n for (figure, _, kind), n in here.items() if (figure, kind) == ("incident", "nobody"))
    spent = _buckets(past, "")
    return Whole(
        *(counts["case"], late.total(), counts["incident"], stuck, counts["started"], counts["ended"]),
        *(_days(spent, 0.5), _days(spent, 0.9)),
    )


def _measured(
    element: str, here: Counter[tuple[str, ...]], late: Counter[str], past: Counter[tuple[str, ...]]
) -> Measured:
    spent = _buckets(past, element)
    failed = sum(n for (figure, at, _), n in here.items() if (figure, at) == ("incident", element))
    return Measured(
        element,
        *(here["task", element, ""], late[element], failed, spent.total()),
        *(_days(spent, 0.5), _days(spent, 0.9)),
        *(past["late", element, ""], past["returned", element, ""]),
    )


def _buckets(past: Counter[tuple[str, ...]], element: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for (figure, at, bucket), n in past.items():
        if (figure, at) == ("stay", element):
            found[bucket] += n
    return found


def _days(buckets: Counter[str], part: float) -> float | None:
    minutes = durations.share(buckets, part)
    return None if minutes is None else minutes / durations.DAY


def narrowed(reach: Collection[str], region: str | None) -> tuple[str, ...]:
    """Of a reach what lies in a region (a path): the region itself, or those places of the reach that lie in it."""
    if region is None:
        return tuple(reach)
    if inside(region, reach):
        return (region,) if is_whole(region, reach) else (f"{region}=",)
    return tuple(place for place in reach if bare(place).startswith(region))
