"""What a register's rows come to: by stage, outcome, region and month, how long they took, and by the fields' values.

Every number is of the rows a register shows under a question, and carries the question whose list is as long as it
says. Children of a region add up to it, with those of the region itself on a line of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from app.platform import calendar
from app.platform.calendar.days import Calendar
from app.platform.identity import places
from app.platform.identity.entities import Region
from app.platform.lists import Asked, List
from app.platform.lists.fetch import narrow
from app.platform.records import narrowing, registers
from app.platform.records.chains import Chain
from app.platform.records.entities import Value
from app.platform.records.fields import Listed
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance

Question = Mapping[str, str]
RUNNING_WORDS = Words("办理中", "Running")


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and the question whose list it counts."""

    count: int
    asked: Question


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: what it is about, how deep it lies in a tree, and its number."""

    words: Words
    cell: Cell
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its heading, what its lines are about, and the lines. The bars are of `most`."""

    key: str
    title: Words
    about: Words
    lines: Sequence[Line]

    @property
    def most(self) -> int:
        """The largest number, at least one."""
        return max((line.cell.count for line in self.lines), default=1) or 1


@dataclass(frozen=True, slots=True)
class Amount:
    """What the numbers of a field come to, over the rows that have one."""

    field: Listed
    cell: Cell
    total: float
    mean: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Month:
    """A month of starting: how many, how many of them have ended, and how many working days half and nine in ten took.

    A matter that ends on the day it starts took one day.
    """

    words: Words
    cell: Cell
    ended: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is said of a register under a question."""

    whole: Cell
    running: Cell
    ended: int
    median: int | None
    p90: int | None
    months: Sequence[Month]
    tables: Sequence[Table]
    amounts: Sequence[Amount]


class day_of(FunctionElement[str]):
    """The day (YYYY-MM-DD) of a moment in Shanghai, as text."""

    inherit_cache = True


@compiles(day_of)
def _day_of(element: Any, compiler: Any, **more: Any) -> str:
    inner = compiler.process(element.clauses, **more)
    return f"to_char({inner} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"


@compiles(day_of, "sqlite")
def _day_of_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)}, '+8 hours')"


def of(chain: Chain, listing: List, session: Session, acting: Acting, asked: Asked, now: datetime) -> Figures:
    """The figures of what `listing` shows `acting` under `asked`. As many statements for any number of rows."""
    return _Counting(chain, listing, session, acting, asked, now).all()


class _Counting:
    def __init__(
        self, chain: Chain, listing: List, session: Session, acting: Acting, asked: Asked, now: datetime
    ) -> None:
        self.chain, self.session, self.acting, self.asked = chain, session, acting, asked
        self.question = {key: text for key, text in asked.typed.items() if text}
        found = narrow(session, listing.query(session, acting, now), listing, asked, now).order_by(None)
        self.rows = found.with_only_columns(
            Instance.id,
            Instance.starter_id,
            Instance.place,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.ended,
            Instance.started_at,
            Instance.ended_at,
            maintain_column_froms=True,
        ).subquery()

    def all(self) -> Figures:
        """Ask everything."""
        spans = self._spans()
        whole = sum(sum(found.values()) for found in spans.values())
        ended = Counter[int]()
        for found in spans.values():
            ended.update({took: count for took, count in found.items() if took})
        outcomes = self._outcomes()
        running = next(
            (line.cell.count for line in outcomes if line.cell.asked["outcome"] == narrowing.RUNNING), 0
        )
        tables = [
            Table("stage", Words("按状态", "By state"), Words("状态", "State"), self._stages()),
            Table("outcome", Words("按办理结果", "By outcome"), Words("办理结果", "Outcome"), outcomes),
            Table("region", Words("按地区", "By region"), Words("地区", "Region"), self._regions()),
            *self._choices(),
        ]
        return Figures(
            Cell(whole, self.question),
            Cell(running, self._with(outcome=narrowing.RUNNING)),
            sum(ended.values()),
            share(ended, 0.5),
            share(ended, 0.9),
            [self._month(month, found) for month, found in sorted(spans.items())],
            [table for table in tables if table.lines],
            list(self._amounts()),
        )

    def _with(self, **more: str) -> Question:
        return {**self.question, **more}

    def _grouped(self, *columns: Any) -> Sequence[Any]:
        return self.session.execute(select(*columns, func.count().label("rows")).group_by(*columns)).all()

    def _stages(self) -> list[Line]:
        order = {code: place for place, (code, _) in enumerate(narrowing.stages(self.chain))}
        rows = self._grouped(self.rows.c.stage_zh)
        english = {words.zh: words for _, words in narrowing.stages(self.chain)}
        found = [
            Line(
                english.get(row[0], Words(row[0], row[0])) if row[0] else narrowing.UNSTAGED,
                Cell(row.rows, self._with(stage=row[0] or narrowing.NO_STAGE)),
            )
            for row in sorted(rows, key=lambda row: (order.get(row[0], len(order)), row[0] or ""))
        ]
        return found

    def _outcomes(self) -> list[Line]:
        order = {code: place for place, (code, _) in enumerate(narrowing.outcomes(self.chain))}
        rows = sorted(
            self._grouped(self.rows.c.ended),
            key=lambda row: (order.get(row[0] or narrowing.RUNNING, len(order)), row[0] or ""),
        )
        return [
            Line(
                RUNNING_WORDS
                if row[0] is None
                else narrowing.outcome_named(self.chain, row[0]) or Words(row[0], row[0]),
                Cell(row.rows, self._with(outcome=row[0] or narrowing.RUNNING)),
            )
            for row in rows
        ]

    def _regions(self) -> list[Line]:
        own: Counter[str] = Counter()
        for row in self._grouped(self.rows.c.place):
            own[places.region_of(row[0])] += row.rows
        paths = {path for place in own if place for path in places.above(place) if path}
        names = {
            row.path: (row.code, row.name)
            for row in self.session.execute(
                select(Region.path, Region.code, Region.name).where(Region.path.in_(sorted(paths)))
            )
        }
        chosen = self.asked.values.get("region", "")
        found = [
            line
            for path in sorted(paths)
            for line in self._region(path, own, paths, names.get(path), str(chosen))
        ]
        if own[""]:
            found.append(Line(narrowing.UNPLACED, Cell(own[""], self._with(region=narrowing.NOWHERE))))
        return found

    def _region(
        self, path: str, own: Counter[str], paths: set[str], named: tuple[str, str] | None, chosen: str
    ) -> Iterator[Line]:
        code, name = named or (path.rstrip("/").rpartition("/")[2], path)
        depth = path.count("/") - 1
        whole = sum(count for place, count in own.items() if place.startswith(path))
        is_outside = chosen.startswith(path) or chosen.endswith(narrowing.ITSELF)
        asked = self.question if chosen and is_outside else self._with(region=code)
        yield Line(Words(name, name), Cell(whole, asked), depth)
        below = any(other != path and other.startswith(path) for other in paths)
        if below and own[path]:
            itself = self._with(region=code + narrowing.ITSELF)
            yield Line(Words("本级", "Itself"), Cell(own[path], itself), depth + 1)

    def _spans(self) -> dict[str, Counter[int]]:
        """By month of starting: how many took how many working days; 0 stands for what has not ended."""
        calendar_of = _Spans(calendar.days.load(self.session))
        start, end = day_of(self.rows.c.started_at).label("start"), day_of(self.rows.c.ended_at).label("end")
        each = select(start, end).select_from(self.rows).subquery()
        found: dict[str, Counter[int]] = defaultdict(Counter)
        for row in self._grouped(each.c.start, each.c.end):
            found[row[0][:7]][calendar_of.took(row[0], row[1]) if row[1] else 0] += row.rows
        return found

    def _month(self, month: str, found: Counter[int]) -> Month:
        year, number = int(month[:4]), int(month[5:])
        first = date(year, number, 1)
        last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        if (days := self.asked.values.get("started")) is not None:
            first, last = max(first, days.first or first), min(last, days.last or last)
        ended = Counter({took: count for took, count in found.items() if took})
        asked = self._with(started_from=first.isoformat(), started_to=last.isoformat())
        return Month(
            Words(f"{year}年{number}月", month),
            Cell(sum(found.values()), asked),
            sum(ended.values()),
            share(ended, 0.5),
            share(ended, 0.9),
        )

    def _values(self, one: Listed, *columns: Any) -> Any:
        """A statement over the values of a field in the rows, where the reader sees it."""
        seen = narrowing.seen_by(self.chain, one, self.acting, None)
        shown = narrowing.visible(seen, self.rows.c.starter_id, self.rows.c.place)
        found = select(*columns).join(self.rows, self.rows.c.id == Value.instance_id)
        return found.where(narrowing.of(one, self.chain.process), shown)

    def _asked_fields(self, *sorts: str) -> Iterator[Listed]:
        filtered = {one.key for one in registers.filtered(self.chain)}
        for one in self.chain.fields:
            if one.sort in sorts and one.key in filtered:
                yield one

    def _choices(self) -> Iterator[Table]:
        for one in self._asked_fields("choice", "yes"):
            rows = self.session.execute(
                self._values(
                    one, Value.text, func.count(Value.instance_id.distinct()).label("rows")
                ).group_by(Value.text)
            )
            counts = {row[0]: row.rows for row in rows if row[0]}
            key = f"f_{one.key}"
            if key in self.question:  # of several answers the others would not be what its list shows
                counts = {code: count for code, count in counts.items() if code == self.question[key]}
            lines = [
                Line(words, Cell(counts[code], self._with(**{key: code})))
                for code, words in narrowing.codes(one, list(counts))
            ]
            title = Words(f"按{one.title.zh}", f"By {one.title.en}")
            yield Table(key, title, one.title, lines)

    def _amounts(self) -> Iterator[Amount]:
        number = Value.number
        for one in self._asked_fields("number"):
            row = self.session.execute(
                self._values(
                    one,
                    func.count(number).label("rows"),
                    func.sum(number),
                    func.avg(number),
                    func.min(number),
                    func.max(number),
                )
            ).one()
            if row.rows:
                key = f"f_{one.key}"
                has = {f"{key}_from": plain(row[3], 6)}
                asked = self.question if f"{key}_from" in self.question else self._with(**has)
                values = [round(float(value), one.decimals + 2) for value in row[1:]]
                yield Amount(one, Cell(row.rows, asked), *values)


class _Spans:
    """Working days between two days, both counted; each day is looked at once."""

    def __init__(self, days: Calendar) -> None:
        self.days = days
        self.known: dict[tuple[str, str], int] = {}

    def took(self, first: str, last: str) -> int:
        """At least one, also where both are free days."""
        if (first, last) not in self.known:
            found = self.days.working_days(date.fromisoformat(first), date.fromisoformat(last))
            self.known[first, last] = max(1, found)
        return self.known[first, last]


def share(found: Counter[int], part: float) -> int | None:
    """The fewest working days within which `part` of them ended; None of nothing."""
    wanted, passed = part * sum(found.values()), 0
    for took in sorted(found):
        passed += found[took]
        if passed >= wanted:
            return took
    return None


def plain(value: float, decimals: int) -> str:
    """A number as an address has it: no exponent, no needless zeros."""
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") or "0"
