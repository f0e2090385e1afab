"""How filters become conditions: text, places and periods, each written so that an index can serve it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from app.platform.identity import places, regions
from app.platform.identity.entities import Region
from app.platform.registry import Acting, Words

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOST_REGIONS = 400
STEP = "\u3000"  # one level of a region tree in a list of choices


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of Shanghai, both ends included (C-18). An open end is None."""

    first: date | None
    last: date | None

    @property
    def from_at(self) -> datetime | None:
        """The first moment of the period."""
        return _midnight(self.first) if self.first else None

    @property
    def before_at(self) -> datetime | None:
        """The first moment after the period."""
        return _midnight(self.last + timedelta(days=1)) if self.last else None


@dataclass(frozen=True, slots=True)
class Range:
    """From one number to another, both included. An open end is None."""

    least: float | None
    most: float | None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def contains(text: str, *columns: Any) -> ColumnElement[bool]:
    """Say that one of `columns` contains `text`, taken literally; small and capital letters are alike.

    What has no such letters (Chinese, digits) is compared as it stands, and Latin letters by their bytes: lowering the
    text of every row by the rules of a language costs PostgreSQL four times as much as looking for it.
    """
    if text.lower() == text.upper():
        return or_(*(column.contains(text, autoescape=True) for column in columns))
    if all(letter.isascii() or letter.lower() == letter.upper() for letter in text):
        return or_(*(small(column).contains(text.lower(), autoescape=True) for column in columns))
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


class small(FunctionElement[str]):
    """A text with its Latin letters small, other letters as they are."""

    type = String()
    inherit_cache = True


@compiles(small)
def _small(element: Any, compiler: Any, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(small, "postgresql")
def _small_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **more)}) COLLATE "C")'


def within(column: Any, path: str) -> ColumnElement[bool]:
    """Say that the place in `column` is `path` or lies below it, as an index range."""
    return places.below(column, path)


def during(column: Any, period: Period) -> ColumnElement[bool]:
    """Say that the moment in `column` lies in `period`."""
    conditions = []
    if period.from_at is not None:
        conditions.append(column >= period.from_at)
    if period.before_at is not None:
        conditions.append(column < period.before_at)
    return and_(true(), *conditions)


def between(column: Any, asked: Range) -> ColumnElement[bool]:
    """Say that the number in `column` lies in a range; there must be one."""
    conditions = [column.is_not(None)]
    if asked.least is not None:
        conditions.append(column >= asked.least)
    if asked.most is not None:
        conditions.append(column <= asked.most)
    return and_(*conditions)


class latest(FunctionElement[datetime]):
    """To sort by a moment as its index does; what has none comes last, on every database."""

    inherit_cache = True


@compiles(latest)
def _latest(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(latest, "sqlite")
def _latest_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"coalesce({compiler.process(element.clauses, **more)}, '9999')"


def regions_below(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    """Regions to choose from: those directly below the places of the acting person's posts.

    A place with nothing below it stands for itself; posts held nowhere count only where there are no others.
    """
    codes = {_region_code(post.place) for post in acting.posts}
    found = {}
    for code in sorted(codes - {None} or codes, key=str):
        below = regions.children(session, code)
        itself = regions.get(session, code) if code and not below else None
        found.update({region.code: region for region in (*below, *((itself,) if itself else ()))})
    return [(code, Words(region.name, region.name)) for code, region in sorted(found.items())]


def _region_code(place: str) -> str | None:
    parts = [part for part in place.split("/") if part and not part.startswith("u")]
    return parts[-1] if parts else None


def region_tree(session: Session, acting: Acting, chosen: str = "") -> Sequence[tuple[str, Words]]:
    """All regions at and below one's posts and those of whom one stands in for, indented by their level.

    Of more than 400 the lowest level is left out, of posts held everywhere all but the provinces; what lies below
    `chosen` (a code) and beside the way to it is there all the same. One statement, two more to open such a way.
    """
    posts = [*acting.posts, *(post for one in acting.substitutes_for for post in one.posts)]
    roots = _outermost({places.region_of(post.place) for post in posts})
    found, is_whole = _tree(session, roots)
    if chosen and not is_whole:
        path = session.scalar(select(Region.path).where(Region.code == chosen))
        if path and any(path.startswith(root) for root in roots):
            way = [step for step in path.split("/") if step]
            beside = session.execute(_REGIONS.where(Region.parent.in_(way)).limit(MOST_REGIONS))
            inside = (row for row in beside if any(row.path.startswith(root) for root in roots))
            found |= {row.path: (row.code, row.name) for row in inside}
    top = min((path.count("/") for path in found), default=0)
    return [
        (code, Words(*[STEP * (path.count("/") - top) + name] * 2))
        for path, (code, name) in sorted(found.items())
    ]


_REGIONS = select(Region.code, Region.name, Region.path)


def _tree(session: Session, roots: Sequence[str]) -> tuple[dict[str, tuple[str, str]], bool]:
    """Regions by path, and whether they are all there are below `roots`."""
    everywhere = list(roots) in ([], [""])
    if everywhere:
        asked = _REGIONS.where(Region.parent.is_(None))
    else:
        asked = _REGIONS.where(or_(*(within(Region.path, root) for root in roots)))
    rows = session.execute(asked.order_by(Region.path).limit(MOST_REGIONS + 1)).all()
    is_whole = not everywhere and len(rows) <= MOST_REGIONS
    if len(rows) > MOST_REGIONS:
        higher = asked.where(Region.level != "district").order_by(Region.path).limit(MOST_REGIONS)
        rows = session.execute(higher).all()
    return {row.path: (row.code, row.name) for row in rows}, is_whole


def _outermost(paths: set[str]) -> list[str]:
    """Leave out every place that lies under another; held everywhere counts only where there is nothing else."""
    kept: list[str] = []
    for path in sorted(paths - {""}):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept or sorted(paths)
