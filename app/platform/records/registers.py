"""The register of a chain: one list made from its diagram and its forms, with their columns, filters and scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, literal, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Person
from app.platform.identity.places import within
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, during
from app.platform.records import narrowing, scope, walking, wording
from app.platform.records.entities import Value
from app.platform.records.fields import Listed
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance

if TYPE_CHECKING:
    from app.platform.records.chains import Chain

SHOWN = 6  # fields that are columns at first
FILTERED = 12  # fields that have a filter
SORTED = ("number", "day", "moment")
STATES: Mapping[str, Chip] = {
    "running": Chip(Words("办理中", "Running"), "waiting"),
    "suspended": Chip(Words("已挂起", "Suspended"), "waiting"),
    "cancelled": Chip(Words("已撤销", "Cancelled"), "bad"),
    "withdrawn": Chip(Words("已撤回", "Withdrawn"), "bad"),
    "ended": Chip(Words("已办结", "Completed"), "plain"),
}
EMPTY = Words("还没有人发起过。", "Nobody has started one yet.")
OFFICE = "office"


def of(chain: Chain) -> List:
    """The register of a chain, called `office/<process>`."""
    seen = chain.starter_sees
    sorting = {
        one.key: aliased(Value)
        for one in chain.fields
        if one.sort in SORTED and not one.is_retired and one.key in seen
    }
    rows = _rows(chain)
    filters = (*narrowing.of_instances(chain), *_field_filters(chain), *_periods())
    return List(
        key=chain.process,
        title=chain.name,
        columns=(*_columns(), *field_columns(chain, sorting), *_times()),
        query=_query(chain, rows, sorting),
        walk=walking.walking(chain, filters, rows),
        order=(Instance.started_at.desc(), Instance.id.desc()),
        filters=filters,
        admits=chain.is_open_to,
        instance="id",
        row="id",
        link=lambda row: Link("instance", row["id"]),
        empty=EMPTY,
        more=lambda session, rows: wording.told(session, chain.fields, rows),
        tabs=lambda acting: tabs(chain),
        size=20,
        keeps_views=True,
    )


def tabs(chain: Chain) -> Sequence[tuple[Words, str]]:
    """The pages a register stands among."""
    return (
        (Words("台账", "Register"), f"/{OFFICE}/lists/{chain.process}"),
        (Words("统计", "Statistics"), f"/{OFFICE}/statistics/{chain.process}"),
    )


def sees(chain: Chain, acting: Acting) -> Any:
    """Over `Instance`: which fields the reader sees there, a bit for each; `wording.told` wants it as `sees`."""
    bits = {one.key: 1 << place for place, one in enumerate(chain.fields)}
    own, others = (sum(bits[key] for key in keys) for keys in (chain.starter_sees, chain.sees(acting)))
    managed = within(Instance.place, chain.managed(acting))
    return case(
        (Instance.starter_id == acting.person, literal(own)),
        (managed, literal(sum(bits.values()))),
        else_=literal(others),
    ).label("sees")


def _rows(chain: Chain) -> Callable[[Acting], Rows]:
    """The columns of a register, without any scope."""

    def rows(acting: Acting) -> Rows:
        return select(
            Instance.id,
            Instance.number,
            Instance.title,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.started_at,
            Instance.ended_at,
            Instance.place,
            Person.name.label("starter"),
            sees(chain, acting),
        ).outerjoin(Person, Person.id == Instance.starter_id)

    return rows


def _query(
    chain: Chain, rows: Callable[[Acting], Rows], sorting: Mapping[str, Any]
) -> Callable[[Session, Acting, datetime], Rows]:
    found = {one.key: one for one in chain.fields}

    def query(session: Session, acting: Acting, now: datetime) -> Rows:
        asked: Any = rows(acting).where(scope.of(chain, acting).over_instances())
        for key, value in sorting.items():  # one that is not sorted by is no join: its key is unique
            one = found[key]
            asked = asked.outerjoin(
                value,
                and_(
                    value.instance_id == Instance.id,
                    value.form == one.form,
                    value.field == one.field.name,
                    value.position == 0,
                    narrowing.visible(narrowing.seen_by(chain, one, acting, None)),
                ),
            )
        return asked  # type: ignore[no-any-return]

    return query


def stage(row: Mapping[str, Any]) -> Chip:
    """Where an instance stands: its stage, else its state."""
    known = STATES.get(row["state"], STATES["running"])
    words = Words(row["stage_zh"] or known.words.zh, row["stage_en"] or row["stage_zh"] or known.words.en)
    return Chip(words, known.tone) if row["state"] != "cancelled" else known


def _columns() -> Iterator[Column]:
    yield Column("number", Words("编号", "Number"), sort=Instance.number)
    yield Column("title", Words("标题", "Title"), card="title", fixed=True)
    yield Column("stage", Words("状态", "State"), value=stage, card="mark")
    yield Column("starter", Words("发起人", "Started by"))
    yield Column("unit", Words("单位", "Organisation"), hidden_at_first=True)
    yield Column("region", Words("地区", "Region"))


def _times() -> Iterator[Column]:
    yield Column(
        "started_at", Words("发起时间", "Started"), kind="moment", card="named", sort=Instance.started_at
    )
    yield Column("ended_at", Words("办结时间", "Ended"), kind="moment", card="named", hidden_at_first=True)


def field_columns(chain: Chain, sorting: Mapping[str, Any], first: int = SHOWN) -> Iterator[Column]:
    """A column for each field, of which the `first` are shown at first; `sorting` has what one may sort by.

    Their rows are those that `wording.told` gives.
    """
    shown = [one.key for one in chain.fields if not one.is_retired][:first]
    for one in chain.fields:
        value = sorting.get(one.key)
        kind: Any = {"number": "number", "day": "day"}.get(one.sort, "text")
        yield Column(
            f"f_{one.key}",
            one.title,
            value=_cell(one.key),
            kind=kind,
            card="named",
            sort=None if value is None else value.number if one.sort == "number" else value.text,
            hidden_at_first=one.key not in shown,
        )


def _cell(key: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row["record"].get(key)


def _field_filters(chain: Chain) -> Iterator[Filter]:
    return (narrowing.of_field(chain, one) for one in filtered(chain))


def filtered(chain: Chain) -> Sequence[Listed]:
    """The fields that have a filter: the first of the present ones."""
    return [one for one in chain.fields if not one.is_retired][:FILTERED]


def _periods() -> Iterator[Filter]:
    yield Filter(
        "started", Words("发起日期", "Started"), "period", lambda days, now: during(Instance.started_at, days)
    )


__all__ = ["Listed", "field_columns", "of", "sees", "stage", "tabs"]
