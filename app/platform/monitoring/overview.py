"""What the monitor shows first: how much runs, is late, failed and ended, by process and by region."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.platform.calendar import ZONE
from app.platform.identity import regions
from app.platform.identity.entities import Region, Unit
from app.platform.identity.places import begins, below, inside, is_whole
from app.platform.monitoring import durations, figures, stalls, wording
from app.platform.registry import Words
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance, Process, Task
from app.platform.runtime.waiting import OPEN

Late = Counter[tuple[str, ...]]
TREND = 30  # days
LIVE = ("running", "suspended")  # the states of cases that run; others are counted among them too
MOST_STALLS = 200


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers at the top. `stalls`: `MOST_STALLS` where there are as many or more."""

    running: int
    ended_today: int
    overdue: int
    incidents: int
    stalls: int


@dataclass(frozen=True, slots=True)
class Line:
    """One process. Times in working days of the cases ended in thirty days; `trend`: those started, ended, by day."""

    process: str
    name: Words
    running: int
    overdue: int
    incidents: int
    started: int
    ended: int
    median: float | None
    p90: float | None
    slowest: Words | None
    slowest_days: float | None
    trend: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """How much of a process runs in a region, and how much of it is late."""

    running: int
    overdue: int

    @property
    def share(self) -> int:
        """How many of a hundred are late."""
        return round(100 * self.overdue / self.running) if self.running else 0


@dataclass(frozen=True, slots=True)
class Row:
    """A region of the matrix: its path, whether one may look further down, and a cell for each process."""

    place: str
    name: Words
    opens: bool
    cells: tuple[Cell, ...]
    whole: Cell


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the reader looks: the path and its name."""

    place: str
    name: Words


def tiles(
    session: Session,
    reach: Collection[str],
    now: datetime,
    late: Late | None = None,
    standing: int | None = None,
) -> Tiles:
    """The numbers at the top, for a reach. Four statements, and those of `stalls.count`.

    `late`, `standing` (how many stand still): if they are known.
    """
    today = now.astimezone(ZONE).date().isoformat()
    counted = figures.tally(session, ("case", "incident"), reach, ("figure", "detail"))
    ended = figures.tally(session, ("ended",), reach, ("figure",), since=today, until=today)
    late = overdue(session, reach, now) if late is None else late
    return Tiles(
        sum(counted["case", state] for state in LIVE),
        ended[("ended",)],
        sum(late.values()),
        sum(count for (figure, _detail), count in counted.items() if figure == "incident"),
        stalls.count(session, reach, now, MOST_STALLS) if standing is None else standing,
    )


def overdue(
    session: Session,
    reach: Collection[str],
    now: datetime,
    by: Sequence[str] = ("process",),
    process: str | None = None,
) -> Late:
    """Open tasks past their deadline, by `process`, `place` (of the reach), `version_id` and `element`.

    Days that are over, and today's; of all processes, or of one.

    Two statements: what is kept by day, and an index for what became late since midnight.
    """
    if not reach:
        return Counter()
    local = now.astimezone(ZONE)
    midnight = datetime.combine(local.date(), time(), ZONE)
    before = (local.date() - timedelta(days=1)).isoformat()
    counts = figures.tally(session, ("due",), reach, by, since="0001-01-01", until=before, process=process)
    places = sorted(reach)
    here = Task.instance_place
    which: Any = (
        literal("") if places == [""] else case(*((below(here, one), literal(one)) for one in places))
    )
    known = {
        "process": Task.process,
        "place": which,
        "version_id": Instance.version_id,
        "element": Task.element,
    }
    columns = [known[name] for name in by]
    asked = select(*(column.label(f"c{n}") for n, column in enumerate(columns)))
    if "version_id" in by:
        asked = asked.join(Instance, Instance.id == Task.instance_id)
    inner = asked.where(
        *(OPEN, Task.due_at.is_not(None), Task.paused_at.is_(None)),
        *(Task.due_at >= midnight, Task.due_at < now),
        or_(*(begins(here, one) for one in places)),
        *(() if process is None else (Task.process == process,)),
    ).subquery()
    for row in session.execute(select(*inner.c, func.count()).group_by(*inner.c)):
        counts[tuple(row[:-1])] += row[-1]
    return counts


def lines(session: Session, reach: Collection[str], now: datetime, late: Late | None = None) -> list[Line]:
    """One line for each process that runs or ran here in thirty days, the most overdue first."""
    today = now.astimezone(ZONE).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(TREND - 1, -1, -1)]
    running = figures.tally(session, ("case",), reach, details=LIVE) + figures.tally(
        session, ("incident",), reach
    )
    moved = figures.tally(session, ("started", "ended"), reach, ("figure", "process", "day"), since=days[0])
    spent = figures.tally(session, ("stay",), reach, ("process", "element", "detail"), since=days[0])
    late = overdue(session, reach, now) if late is None else late
    times: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for (process, element, bucket), count in spent.items():
        times[process][element][bucket] += count
    found = []
    for row in session.execute(select(Process.key, Process.name_zh, Process.name_en, Process.current_id)):
        begun = tuple(moved["started", row.key, day] for day in days)
        ended = sum(moved["ended", row.key, day] for day in days)
        numbers = (running["case", row.key], late[row.key,], running["incident", row.key])
        if not (any(numbers) or any(begun) or ended):
            continue
        of_it = times.get(row.key, {})
        slowest, slowest_days = _slowest(session, row.current_id, of_it)
        whole = of_it.get("", Counter())
        found.append(
            Line(
                *(row.key, Words(row.name_zh, row.name_en), *numbers, sum(begun), ended),
                *(_days(whole, 0.5), _days(whole, 0.9), slowest, slowest_days, begun),
            )
        )
    return sorted(found, key=lambda line: (-line.overdue, -line.running, line.process))


def _days(buckets: Counter[str], part: float) -> float | None:
    minutes = durations.share(buckets, part)
    return None if minutes is None else minutes / durations.DAY


def _slowest(
    session: Session, version: str | None, of_it: dict[str, Counter[str]]
) -> tuple[Words | None, float | None]:
    """The step whose median is the longest, by its name in the version of today."""
    medians = {element: _days(buckets, 0.5) for element, buckets in of_it.items() if element}
    known = [(days, element) for element, days in medians.items() if days is not None]
    if not known:
        return None, None
    days, element = max(known)
    return versions.name_of(session, version, element), days


def matrix(
    session: Session,
    reach: Collection[str],
    place: str | None,
    now: datetime,
    late_in_all: Late | None = None,
) -> tuple[list[Line | Words], list[Row]]:
    """Processes across, regions one level below `place` (of the reach) down; then what lies in none of them."""
    there = _below(session, reach, place)
    places = [one.place for one in there]
    root = _root(reach, place)
    running = figures.tally(session, ("case",), places, ("place", "process"), details=LIVE)
    late = overdue(session, places, now, ("place", "process"))
    named = names(session)
    seen: Counter[str] = Counter()
    if root is None:
        for (_place, process), count in running.items():
            seen[process] += count
    else:
        whole = figures.tally(session, ("case",), (root,), ("process",), details=LIVE)
        seen.update({process: count for (process,), count in whole.items()})
    across = [key for key, _count in seen.most_common() if key in named]
    rows = [
        Row(
            *(one.place, one.name, not one.place.endswith("=") and one.place.count("/") < 3),
            tuple(Cell(running[one.place, key], late[one.place, key]) for key in across),
            Cell(sum(running[one.place, key] for key in across), sum(late[one.place, key] for key in across)),
        )
        for one in there
    ]
    if root is not None:
        known = overdue(session, (root,), now) if late_in_all is None else late_in_all
        rows.append(_beside(root, across, rows, seen, known))
    return [named[key] for key in across], [row for row in rows if row.whole.running]


def _root(reach: Collection[str], place: str | None) -> str | None:
    """The one place whose regions are compared, if it is one."""
    if place is not None:
        return place
    return next(iter(reach)) if len(reach) == 1 else None


def _beside(
    root: str, across: Sequence[str], rows: Sequence[Row], running: Mapping[str, int], late: Late
) -> Row:
    """What lies at a place itself, and in none of the regions below it."""
    cells = tuple(
        Cell(
            running[key] - sum(row.cells[number].running for row in rows),
            late[(key,)] - sum(row.cells[number].overdue for row in rows),
        )
        for number, key in enumerate(across)
    )
    whole = Cell(sum(cell.running for cell in cells), sum(cell.overdue for cell in cells))
    return Row(root, Words("不属于下级地区", "In no region below"), False, cells, whole)


def _below(session: Session, reach: Collection[str], place: str | None) -> list[Trail]:
    """The places to compare: those of a reach of several, else the regions one level below the one place."""
    if place is None and len(reach) > 1:
        named = _named(session, reach)
        return [Trail(one, named.get(one, Words(one, one))) for one in sorted(reach)]
    root = place if place is not None else next(iter(reach), "")
    code = root.rstrip("/").rpartition("/")[2] or None
    return [Trail(one.path, Words(one.name, one.name)) for one in regions.children(session, code)]


def _named(session: Session, paths: Collection[str]) -> dict[str, Words]:
    regions_of = select(Region.path, Region.full_name).where(Region.path.in_(list(paths)))
    units_of = select(Unit.path, Unit.name).where(Unit.path.in_(list(paths)))
    return {path: Words(name, name) for path, name in session.execute(union_all(regions_of, units_of))}


def trail_name(session: Session, place: str) -> Words:
    """What a place is called."""
    if not place:
        return wording.EVERYWHERE
    return _named(session, [place.removesuffix("=")]).get(place.removesuffix("="), Words(place, place))


def narrowed(reach: Collection[str], place: str | None) -> tuple[str, ...]:
    """The reach, or of it the place asked for. Raises `LookupError` for a place outside it."""
    if place is None:
        return tuple(reach)
    if not inside(place, reach) or (place and not is_whole(place, reach)):
        raise LookupError(place)
    return (place,)


def trail(session: Session, reach: Collection[str], place: str | None) -> list[Trail]:
    """The way from the outermost place of the reach down to `place`."""
    if place is None:
        return []
    steps = place.split("/")[:-1]
    paths = ["".join(step + "/" for step in steps[:end]) for end in range(len(steps) + 1)]
    ours = [path for path in paths if path in reach or (inside(path, reach) and path not in ("",))]
    return [Trail(path, trail_name(session, path)) for path in ours]


def names(session: Session) -> dict[str, Words]:
    """What the processes are called, by their keys."""
    rows = session.execute(select(Process.key, Process.name_zh, Process.name_en))
    return {row.key: Words(row.name_zh, row.name_en) for row in rows}


def ended_days(today: date) -> tuple[str, str]:
    """From which to which day the trend goes, as an address says it."""
    return (today - timedelta(days=TREND - 1)).isoformat(), today.isoformat()
