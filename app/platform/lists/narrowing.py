"""How filters become conditions: text, places and periods, each written so that an index can serve it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import Session

from app.platform.identity import regions
from app.platform.registry import Acting, Words

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST = "\U0010ffff"


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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def contains(text: str, *columns: Any) -> ColumnElement[bool]:
    """Say that one of `columns` contains `text`, taken literally."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def within(column: Any, path: str) -> ColumnElement[bool]:
    """Say that the place in `column` is `path` or lies below it, as an index range."""
    return true() if not path else and_(column >= path, column < path + LAST)


def during(column: Any, period: Period) -> ColumnElement[bool]:
    """Say that the moment in `column` lies in `period`."""
    conditions = []
    if period.from_at is not None:
        conditions.append(column >= period.from_at)
    if period.before_at is not None:
        conditions.append(column < period.before_at)
    return and_(true(), *conditions)


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
