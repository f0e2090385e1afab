"""上报记录: the reports of a unit or to a congress, each with its number, its letter and its roster (D-33, D-40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Unit
from app.platform.lists import Column, Link, List, Rows
from app.platform.registry import Acting, Words, house
from app.systems.delegates import rosters, stages
from app.systems.delegates.entities import Congress, Slate
from app.systems.delegates.roles import CONVENER, LIAISON

SLATES_TAB = Words("上报记录", "Reports")
REPORTED_TAB = Words("审核通过已上报", "Reported")
FINAL_TAB = Words("终审", "Final review")


def of_own_congresses(acting: Acting) -> ColumnElement[bool]:
    """What belongs to the congresses that one's units convene."""
    return or_(false(), *(Congress.place == post.place for post in acting.holds(CONVENER)))


def seen(acting: Acting) -> ColumnElement[bool]:
    """Reports that were sent by one's own units, or to one's own congresses (D-44)."""
    own = (Unit.path == post.place for post in acting.holds(LIAISON))
    return or_(of_own_congresses(acting), *own)


def tabs(acting: Acting) -> Sequence[tuple[Words, str]]:
    """The list of people beside that of reports."""
    held = house.permissions(acting.posts)
    return [
        *([(REPORTED_TAB, "/delegates/lists/reported")] if "d.slate.report" in held else []),
        *([(FINAL_TAB, "/delegates/lists/final_review")] if "d.person.decide" in held else []),
        (SLATES_TAB, "/delegates/lists/slates"),
    ]


def _slates(session: Session, acting: Acting, now: datetime) -> Rows:
    return (
        select(
            Slate.id,
            Slate.number,
            Slate.serial,
            Slate.roster,
            Slate.reported_at,
            Unit.name.label("unit"),
            Congress.name.label("congress"),
        )
        .join(Unit, Unit.id == Slate.unit_id)
        .join(Congress, Congress.id == Slate.congress_id)
        .where(Slate.reported_at.is_not(None), seen(acting))
    )


def _kind(row: Mapping[str, Any]) -> Words:
    if row["serial"] == 1:
        return Words("第1次上报", "First report")
    return Words(f"第{row['serial']}次上报", f"Report {row['serial']}")


SLATES = List(
    key="slates",
    title=SLATES_TAB,
    search=stages.SEARCH,
    columns=(
        Column("number", Words("上报单编号", "Number"), card="title", fixed=True),
        Column("congress", Words("代表大会", "Congress"), card="named"),
        Column("unit", Words("推荐单位", "Unit"), card="named"),
        Column("kind", Words("上报次数", "Report"), value=_kind),
        Column(
            "count",
            Words("上报人数", "People"),
            value=lambda row: rosters.newly(row["roster"]),
            kind="number",
            card="named",
        ),
        Column("reported_at", Words("上报时间", "Reported"), kind="moment", sort=Slate.reported_at),
    ),
    query=_slates,
    order=(Slate.reported_at.desc(), Slate.id),
    permission="d.person.view",
    tabs=tabs,
    row="id",
    link=lambda row: Link("page", f"/delegates/slates/{row['id']}"),
    empty=Words("还没有上报记录。", "Nothing has been reported yet."),
)
LISTS = (SLATES,)
