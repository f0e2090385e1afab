"""How the rows of a register are found under a question: from the values asked for, along the index in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ColumnElement, and_, not_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import FunctionElement

from app.platform.lists import Asked, Filter, Rows
from app.platform.lists.walks import Walk
from app.platform.records import narrowing, scope
from app.platform.records.entities import Value
from app.platform.records.fields import Listed
from app.platform.records.narrowing import Seen
from app.platform.records.scope import Reach
from app.platform.registry import Acting
from app.platform.runtime.entities import Instance

if TYPE_CHECKING:
    from app.platform.records.chains import Chain

IN_ORDER: Final = ("choice", "yes")
"""Sorts of fields of whose equal values the index has the instances in the register's order."""
ALONG: Final = ("stage", "outcome", "region", "started")
"""Filters of the instance that its own index answers on the way."""


@dataclass(frozen=True)
class Asking:
    """A question to the register of a chain."""

    chain: Chain
    reach: Reach
    acting: Acting
    fields: Sequence[tuple[Listed, Seen]]
    others: Mapping[str, ColumnElement[bool]]


def walking(
    chain: Chain, filters: Sequence[Filter], rows: Callable[[Acting], Rows]
) -> Callable[[Session, Acting, datetime, Asked], Walk]:
    """The `walk` of the register of a chain; `rows` names its columns, without any scope."""
    by_filter = {f"f_{one.key}": one for one in chain.fields}

    def walk(session: Session, acting: Acting, now: datetime, asked: Asked) -> Walk:
        fields = [(by_filter[key], value) for key, value in asked.values.items() if key in by_filter]
        others = {
            one.key: one.where(asked.values[one.key], now)
            for one in filters
            if one.key in asked.values and one.key not in by_filter
        }
        asking = Asking(chain, scope.of(chain, acting), acting, fields, others)
        by, backwards = asked.sort.removeprefix("-"), asked.sort.startswith("-")
        sorted_by = by_filter.get(by)
        if sorted_by is not None and not (fields or others):
            return _by_a_field(asking, sorted_by, backwards, rows(acting))
        return _found(asking, by, sorted_by, backwards, rows(acting))

    return walk


class alike(FunctionElement[Any]):
    """That two moments of one instance are the same, said to SQLite alone: its index has the moment before the id.

    PostgreSQL takes it for one more thing that few rows meet, and joins them one by one.
    """

    inherit_cache = True


@compiles(alike)
def _alike(element: Any, compiler: Any, **more: Any) -> str:
    return "true"


@compiles(alike, "sqlite")
def _alike_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    one, other = element.clauses
    return f"{compiler.process(one, **more)} = {compiler.process(other, **more)}"


@dataclass(frozen=True)
class _Base:
    """The tables that are walked: the id of the instance, when it began, and what holds of them."""

    key: Any
    started_at: Any
    tables: Any
    conditions: tuple[ColumnElement[bool], ...]
    has_instances: bool


def _base(asking: Asking, *, instances: bool) -> _Base:
    """The values of the fields asked for, one beside the other; with the instances where something asks of them."""
    process = asking.chain.process
    keys: list[tuple[Any, Any, Any]] = []
    conditions: list[ColumnElement[bool]] = []
    if instances or not any(narrowing.is_one(one) for one, _ in asking.fields):
        keys, instances = [(Instance, Instance.id, Instance.started_at)], True
        conditions.append(Instance.process == process)
    for one, seen in asking.fields:
        if narrowing.is_one(one):
            at = aliased(Value)
            keys.append((at, at.instance_id, at.started_at))
            conditions += [narrowing.of(one, process, at), narrowing.meets(one, seen.value, at)]
    (_, key, started_at), *others = keys
    joined: Any = select(key)
    for table, other, began_at in others:
        joined = joined.join(table, and_(other == key, alike(began_at, started_at)))
    return _Base(key, started_at, joined, (*conditions, *_more(asking, key)), instances)


def _more(asking: Asking, key: Any) -> Iterator[ColumnElement[bool]]:
    """What else is asked: of fields with several values, where the reader sees each, and of the instance."""
    for one, seen in asking.fields:
        if not narrowing.is_one(one):
            yield narrowing.holds(one, seen.value, key, asking.chain.process)
        if not seen.is_everywhere:
            yield _visible(asking.reach, seen, key)
    yield from asking.others.values()


def _visible(reach: Reach, seen: Seen, key: Any) -> ColumnElement[bool]:
    """That the reader sees a field in the instance whose id is `key`."""
    own: ColumnElement[bool] = key.in_(reach.own)
    if seen.others:
        return not_(own)
    if seen.own and not seen.managed:
        return own
    there = select(Instance.id).where(Instance.process == reach.process, narrowing.visible(seen))
    return cast(ColumnElement[bool], key.in_(there))


def _within(reach: Reach, base: _Base) -> tuple[ColumnElement[bool], ...]:
    """The reach, asked row by row."""
    if base.has_instances:
        return (reach.over_instances(),)
    held = reach.over(base.key)
    return () if held is None else (held,)


def _counted(asking: Asking, base: _Base) -> Rows:
    ids = asking.reach.gathered()
    if ids is not None and not asking.fields and not asking.others:
        return select(ids.subquery().c[0])
    return cast(Rows, base.tables.where(*base.conditions, *_within(asking.reach, base)))


def _found(asking: Asking, by: str, sorted_by: Listed | None, backwards: bool, rows: Rows) -> Walk:
    """The instances in the order they began, or in that of a column: walked to, or found at once and sorted."""
    base = _base(asking, instances=bool(asking.others) or by == "number")
    tables, order = base.tables, [base.started_at.desc(), base.key.desc()]
    if sorted_by is not None:
        at = aliased(Value)
        seen = narrowing.seen_by(asking.chain, sorted_by, asking.acting, None)
        shown = () if seen.is_everywhere else (_visible(asking.reach, seen, base.key),)
        of_it = narrowing.of(sorted_by, asking.chain.process, at)
        tables = tables.outerjoin(at, and_(at.instance_id == base.key, of_it, at.position == 0, *shown))
        order = [_of(sorted_by, at).is_(None), _directed(_of(sorted_by, at), backwards), *order]
    elif by == "number":
        order = [Instance.number.is_(None), _directed(Instance.number, backwards), *order]
    elif by == "started_at":
        order = [_directed(base.started_at, backwards), base.key.desc()]
    at_once = sorted_by is not None or not _has_order(asking)
    return Walk(
        base.key,
        tables.where(*base.conditions, *_within(asking.reach, base)),
        tuple(order),
        _counted(asking, base),
        rows,
        Instance.id,
        at_once,
    )


def _has_order(asking: Asking) -> bool:
    """Whether an index has the rows in their order: of nothing asked, of one choice, of what instances say."""
    if not asking.fields:
        return asking.others.keys() <= set(ALONG)
    (one, _), *more = asking.fields
    return not more and not asking.others and one.sort in IN_ORDER and narrowing.is_one(one)


def _by_a_field(asking: Asking, one: Listed, backwards: bool, rows: Rows) -> Walk:
    """All instances along a field's index, then those that have no value of it, or not for this reader."""
    at, process = aliased(Value), asking.chain.process
    seen = narrowing.seen_by(asking.chain, one, asking.acting, None)
    its = [narrowing.of(one, process, at), at.position == 0, _of(one, at).is_not(None)]
    its += [] if seen.is_everywhere else [_visible(asking.reach, seen, at.instance_id)]
    base = _Base(at.instance_id, at.started_at, select(at.instance_id), tuple(its), False)
    plain = _base(asking, instances=False)
    none = ~select(at.instance_id).where(at.instance_id == Instance.id, *its).exists()
    rest = Walk(
        Instance.id,
        plain.tables.where(*plain.conditions, none, *_within(asking.reach, plain)),
        (Instance.started_at.desc(), Instance.id.desc()),
        plain.tables,
        rows,
        Instance.id,
    )
    order = (_directed(_of(one, at), backwards), at.started_at.desc(), at.instance_id.desc())
    return Walk(
        at.instance_id,
        base.tables.where(*its, *_within(asking.reach, base)),
        order,
        _counted(asking, plain),
        rows,
        Instance.id,
        rest=rest,
    )


def _of(one: Listed, at: Any) -> Any:
    return at.number if one.sort == "number" else at.text


def _directed(column: Any, backwards: bool) -> Any:
    return column.desc() if backwards else column.asc()
