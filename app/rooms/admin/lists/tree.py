"""The list of organisations, within the reader's reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity import places, roles
from app.platform.identity.entities import Region, Unit
from app.platform.lists import Chip, Column, Filter, Link, List, Rows, contains, within
from app.platform.registry import Acting, Words
from app.rooms.admin.sections import tabs_of

Above = aliased(Unit)


def _units(session: Session, acting: Acting, now: datetime) -> Rows:
    """Units at and below the places the reader manages organisations of."""
    reach = roles.reach_of(acting, roles.UNITS)
    return (
        select(
            Unit.id,
            Unit.name,
            Unit.is_closed,
            Unit.merged_into_id,
            Region.full_name.label("region"),
            func.coalesce(Above.name, "").label("parent"),
        )
        .join(Region, Region.code == Unit.region_code)
        .outerjoin(Above, Above.id == Unit.parent_id)
        .where(places.within(Unit.path, reach))
    )


def _state(row: Mapping[str, Any]) -> Chip:
    if row["merged_into_id"]:
        return Chip(Words("已合并", "Merged"))
    return (
        Chip(Words("已停用", "Closed"), "bad") if row["is_closed"] else Chip(Words("使用中", "Open"), "good")
    )


def _states(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    return (("open", Words("使用中", "Open")), ("closed", Words("已停用", "Closed")))


UNITS = List(
    key="units",
    title=Words("组织机构", "Organisations"),
    columns=(
        Column("name", Words("名称", "Name"), card="title", fixed=True, sort=Unit.name),
        Column("region", Words("所在地区", "Region")),
        Column("parent", Words("上级单位", "Under"), card="named"),
        Column("state", Words("状态", "State"), value=_state, card="mark"),
    ),
    query=_units,
    order=(Unit.path,),
    filters=(
        Filter(
            "q",
            Words("单位名称", "Name"),
            "text",
            lambda text, now: contains(text, Unit.name),
        ),
        Filter("region", Words("地区", "Region"), "tree", lambda path, now: within(Unit.path, path)),
        Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Unit.is_closed.is_(code == "closed"),
            _states,
        ),
    ),
    permission=roles.UNITS,
    row="id",
    size=20,
    link=lambda row: Link("page", f"/admin/units/{row['id']}", Words("查看", "Open")),
    tabs=tabs_of("people"),
    empty=Words("您的管辖范围内还没有单位。", "There are no organisations within your area yet."),
)
LISTS = (UNITS,)
