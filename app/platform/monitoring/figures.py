"""Reads the figures: what is kept and what is not folded in yet, in one statement and so at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.platform.identity.places import below
from app.platform.monitoring.entities import Delta, Figure

Key = tuple[str, ...]


def tally(
    session: Session,
    figures: Collection[str],
    places: Collection[str],
    by: Sequence[str] = ("figure", "process"),
    *,
    since: str = "",
    until: str = "9999",
    process: str | None = None,
    details: Collection[str] | None = None,
) -> Counter[Key]:
    """Return counts by the columns named (`figure`, `place`, `process`, `version_id`, `element`, `detail`, `day`).

    `places` are a reach, none of them inside another; `place` in `by` tells which of them. Of figures by day those
    from `since` to `until` (ISO days of Shanghai) count, of those with a detail only `details`. One statement,
    whatever lies below.
    """
    if not places or not figures:
        return Counter()
    narrowed = _Narrowed(since, until, process, details)
    asked = [_of_kept(figures, places, by, narrowed)]
    if any(figure not in BY_TIME for figure in figures):
        asked.append(_of_new(figures, places, by, narrowed))
    counts: Counter[Key] = Counter()
    for row in session.execute(union_all(*asked)):
        counts[tuple(row[:-1])] += int(row[-1])
    return Counter({key: count for key, count in counts.items() if count})


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """Which days, which process, which details."""

    since: str
    until: str
    process: str | None
    details: Collection[str] | None

    def over(self, of: Any) -> list[ColumnElement[bool]]:
        """As conditions over one of the tables."""
        where: list[ColumnElement[bool]] = []
        if self.since:
            where.append(or_(of.day == "", and_(of.day >= self.since, of.day <= self.until)))
        elif self.until != "9999":
            where.append(of.day <= self.until)
        if self.process is not None:
            where.append(of.process == self.process)
        if self.details is not None:
            where.append(of.detail.in_(("", *sorted(self.details))))
        return where


BY_TIME = frozenset({"stay", "late", "returned"})
"""What is counted when it is folded in, not before."""


def _of_kept(
    figures: Collection[str], places: Collection[str], by: Sequence[str], narrowed: _Narrowed
) -> Any:
    columns = [getattr(Figure, name) for name in by]
    where: list[ColumnElement[bool]] = [Figure.figure.in_(sorted(figures)), Figure.place.in_(sorted(places))]
    where += narrowed.over(Figure)
    return select(*columns, func.sum(Figure.n)).where(*where).group_by(*columns)


def _of_new(figures: Collection[str], places: Collection[str], by: Sequence[str], narrowed: _Narrowed) -> Any:
    reach = sorted(places)
    which = case(*((below(Delta.place, place), literal(place)) for place in reach)) if reach != [""] else None
    there = {"place": literal("") if which is None else which}
    columns = [there.get(name, getattr(Delta, name)) for name in by]
    where: list[ColumnElement[bool]] = [
        Delta.figure.in_(sorted(figures)),
        or_(*(below(Delta.place, place) for place in reach)),
    ]
    where += narrowed.over(Delta)
    inner = select(*(c.label(f"c{n}") for n, c in enumerate(columns)), Delta.n).where(*where).subquery()
    names = [inner.c[f"c{n}"] for n in range(len(columns))]
    return select(*names, func.sum(inner.c.n)).group_by(*names)
