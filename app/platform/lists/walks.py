"""A list's rows found before any of them is read: along an index in the order asked for, or all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.platform.lists.parts import like, plain


@dataclass(frozen=True, slots=True)
class Walk:
    """The rows a reader asks for, as keys. `found` names every table and condition; `order` ends in something unique.

    `at_once`: no index has the order, or what is asked for costs much: rows are found once, counted and sorted. Else
    the page is walked to and the count made apart, `counted` by what is quickest. `rest` are rows that come after all
    others, in an order of their own (what has no value of a field that is sorted by).
    `rows` names every column of the list, joined, without any scope.
    """

    key: Any
    found: Select[Any]
    order: tuple[Any, ...]
    counted: Select[Any]
    rows: Select[Any]
    rows_key: Any
    at_once: bool = False
    rest: Walk | None = None

    @property
    def keys(self) -> Select[Any]:
        """The keys with what they are ordered by, in no order."""
        by = (plain(each).label(f"by{place}") for place, each in enumerate(self.order))
        return self.found.with_only_columns(self.key.label("key"), *by, maintain_column_froms=True)


def first(session: Session, walk: Walk, page: int, size: int, exact: int) -> tuple[list[str], int, int]:
    """The keys of a page, how many rows come before it, and how many there are (`exact` + 1 at most).

    A page past the end is the last one. One statement, or two; two more where rows stand in `rest`.
    """
    start = (max(1, page) - 1) * size
    if walk.at_once and start < exact:
        keys, total = _at_once(session, walk, start, size, exact + 1)
        if keys or not start:
            return keys, start, total
    total = session.execute(
        select(func.count()).select_from(walk.counted.limit(exact + 1).subquery())
    ).scalar_one()
    pages = max(1, -(-min(total, exact) // size))
    start = (min(max(1, page), pages) - 1) * size
    return (_walked(session, walk, start, size) if total else []), start, total


def read(session: Session, walk: Walk, keys: Sequence[str]) -> list[Any]:
    """The rows of `keys`, in their order. One statement, none where there are none."""
    if not keys:
        return []
    asked = walk.rows.add_columns(walk.rows_key.label("_key")).where(walk.rows_key.in_(keys))
    rows = {row["_key"]: row for row in session.execute(asked).mappings()}
    return [rows[key] for key in keys if key in rows]


def _at_once(session: Session, walk: Walk, start: int, size: int, bound: int) -> tuple[list[str], int]:
    found = walk.keys.cte("found")
    some = select(found.c.key).limit(bound).subquery()
    tally = select(func.count()).select_from(some).scalar_subquery().label("total")
    order = [like(each, found.c[f"by{place}"]) for place, each in enumerate(walk.order)]
    rows = session.execute(select(found.c.key, tally).order_by(*order).offset(start).limit(size)).all()
    return [row.key for row in rows], rows[0].total if rows else 0


def _walked(session: Session, walk: Walk, start: int, size: int) -> list[str]:
    asked = walk.found.with_only_columns(walk.key, maintain_column_froms=True).order_by(*walk.order)
    keys = list(session.scalars(asked.offset(start).limit(size)))
    if len(keys) < size and walk.rest is not None:
        before = start + len(keys) if keys or not start else _count(session, walk, start)
        keys += _walked(session, walk.rest, start + len(keys) - before, size - len(keys))
    return keys


def _count(session: Session, walk: Walk, bound: int) -> int:
    """How many rows stand before those of `rest`, which are fewer than `bound`."""
    some = walk.found.with_only_columns(walk.key, maintain_column_froms=True).limit(bound).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()
