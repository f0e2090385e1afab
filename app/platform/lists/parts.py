"""A list found in parts: each is walked along one index in the list's order, and no further than the page needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Select,
    Subquery,
    UnaryExpression,
    and_,
    false,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.util import ClauseAdapter

REACH = 10_000
DIRECTIONS = (operators.asc_op, operators.desc_op)


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows for which one of `conditions` holds: together they are the scope (C-11), and they may overlap.

    `key` is the id the rows are told apart by; `rows` names every column of the list, joined, without any scope.
    An OR of many ranges has to be sorted as a whole before its first row is known. Each of these gives its own first
    rows in order, and the first of all are among them.
    """

    key: Any
    conditions: tuple[ColumnElement[bool], ...]
    rows: Select[Any]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a reader asks of a list in parts.

    Conditions on the key's own table narrow each part. One that asks other tables cannot be walked along an index: it
    is looked for among the first `REACH` rows of each part; so is each of `texts`, which asks the key's own table, or
    one that it leads to by itself, and could be walked in vain to the end. What `pointed` says an index finds whole,
    wherever it lies.
    """

    conditions: tuple[ColumnElement[bool], ...] = ()
    texts: tuple[ColumnElement[bool], ...] = ()
    pointed: ColumnElement[bool] | None = None


def first(session: Session, parts: Parts, narrowed: Narrowed, order: Sequence[Any], bound: int) -> list[str]:
    """The keys of the first `bound` rows in `order`. One statement; `order` must end in something unique."""
    every = _united(_each(parts, narrowed, order, bound))
    return list(session.scalars(select(every.c.key).order_by(*_ordered(order, every)).limit(bound)))


def keys(parts: Parts, narrowed: Narrowed, order: Sequence[Any], bound: int) -> Select[Any]:
    """The query of the rows' keys, `bound` at most, looking at no more than `bound` of each part: to be counted.

    In `order` too, which an index has: told only to stop early, a database reads the table from its beginning, where
    the oldest rows lie and few that are wanted.
    """
    every = _united(_each(parts, narrowed, order, bound))
    return select(every.c.key).limit(bound)


def count(session: Session, parts: Parts, narrowed: Narrowed, order: Sequence[Any], bound: int) -> int:
    """How many rows there are, looking at no more than `bound` of each part. One statement."""
    found = keys(parts, narrowed, order, bound).subquery()
    return session.execute(select(func.count()).select_from(found)).scalar_one()


def read(session: Session, parts: Parts, keys: Sequence[str]) -> list[Any]:
    """The rows of `keys`, in their order. One statement, none where there are none."""
    if not keys:
        return []
    found = session.execute(parts.rows.add_columns(parts.key.label("_key")).where(parts.key.in_(keys)))
    rows = {row["_key"]: row for row in found.mappings()}
    return [rows[key] for key in keys if key in rows]


def is_cut(session: Session, parts: Parts, narrowed: Narrowed) -> bool:
    """Whether there are rows among which a condition on other tables was not looked for. At most one statement."""
    far = _far(parts, narrowed)
    near = tuple(one for one in narrowed.conditions if all(one is not other for other in far))
    return bool(far or narrowed.texts) and count(session, parts, Narrowed(near), (), REACH + 1) > REACH


def _far(parts: Parts, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    """The conditions that ask other tables than the key's own."""
    return [one for one in narrowed.conditions if not _tables([one]) <= {parts.key.expression.table}]


def _united(found: Iterable[Select[Any]]) -> Subquery:
    each = [select(part.subquery()) for part in found]
    return union(*each).subquery() if len(each) > 1 else each[0].subquery()


def _each(parts: Parts, narrowed: Narrowed, order: Sequence[Any], bound: int) -> Iterator[Select[Any]]:
    """The first rows of each part, as key and what is ordered by; of the own table alone, where that is enough."""
    far = _far(parts, narrowed)
    near = [one for one in narrowed.conditions if all(one is not other for other in far)]
    columns = [plain(each).label(f"by{place}") for place, each in enumerate(order)]
    columns.insert(0, parts.key.label("key"))
    is_alone = _tables(order) <= {parts.key.expression.table}
    base = select(*columns) if is_alone else parts.rows.with_only_columns(*columns)
    for condition in parts.conditions or (false(),):  # whoever holds no post any more has no part
        part = base.where(condition, *near).order_by(*order)
        part = _with_texts(parts, part, narrowed.texts, order) if narrowed.texts else part
        yield (_looked_through(parts, part, far, order) if far else part).limit(bound)
    if (far or narrowed.texts) and narrowed.pointed is not None:
        pointed = base.where(or_(false(), *parts.conditions), narrowed.pointed, *near)
        yield pointed.order_by(*order).limit(bound)


def _looked_through(
    parts: Parts, part: Select[Any], far: Sequence[ColumnElement[bool]], order: Sequence[Any]
) -> Select[Any]:
    """Of the first `REACH` rows of a part those for which `far` holds, asked row by row.

    As a join the database would begin at the other table, and read all of it.
    """
    among = part.limit(REACH).subquery()
    holds = parts.rows.with_only_columns(and_(*far)).where(parts.key == among.c.key)
    return select(among).where(holds.scalar_subquery()).order_by(*_ordered(order, among))


def _with_texts(
    parts: Parts, part: Select[Any], texts: Sequence[ColumnElement[bool]], order: Sequence[Any]
) -> Select[Any]:
    """Of the first `REACH` rows of a part those for which `texts` hold, as they were read."""
    table = parts.key.expression.table
    named = {
        one.key: one
        for each in texts
        for one in visitors.iterate(each)
        if isinstance(one, ColumnClause) and one.table is table
    }
    among = (
        part.add_columns(*(one.label(f"own_{name}") for name, one in named.items())).limit(REACH).subquery()
    )
    asked = (ClauseAdapter(among).traverse(each) for each in texts)
    kept = [among.c.key, *(among.c[f"by{place}"] for place in range(len(order)))]
    return select(*kept).where(*asked).order_by(*_ordered(order, among))


def _ordered(order: Sequence[Any], found: Subquery) -> list[Any]:
    """The same order over what was found."""
    return [like(each, found.c[f"by{place}"]) for place, each in enumerate(order)]


def turned(ordering: Any) -> Any:
    """The same order from its end."""
    column = plain(ordering)
    is_last_first = isinstance(ordering, UnaryExpression) and ordering.modifier is operators.desc_op
    return column.asc() if is_last_first else column.desc()


def _tables(asked: Iterable[Any]) -> set[Any]:
    """Every table whose columns are named."""
    return {
        one.table
        for each in asked
        for one in visitors.iterate(each)
        if isinstance(one, ColumnClause) and one.table is not None
    }


def plain(ordering: Any) -> Any:
    """What is ordered by, without its direction."""
    is_directed = isinstance(ordering, UnaryExpression) and ordering.modifier in DIRECTIONS
    return ordering.element if is_directed else ordering


def like(ordering: Any, column: Any) -> Any:
    """`column` in the direction of `ordering`."""
    is_last_first = isinstance(ordering, UnaryExpression) and ordering.modifier is operators.desc_op
    return column.desc() if is_last_first else column
