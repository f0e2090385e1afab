"""The list of open tasks past their deadline, the longest first: walked by when they are due, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.places import within
from app.platform.lists import Column, Due, List, Parts, Rows
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.waiting import OPEN
from app.rooms.monitor.lists import rows
from app.rooms.monitor.lists.rows import Claimer, Holder


def _told() -> Any:
    asked = rows.joined(
        select(
            Task.id,
            *(Task.name_zh, Task.name_en, Task.opened_at, Task.due_at, Task.role),
            func.coalesce(Holder.name, Claimer.name).label("holder"),
            *rows.OF_INSTANCE,
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
    )
    return asked.outerjoin(Holder, Holder.id == Task.assignee_id).outerjoin(
        Claimer, Claimer.id == Task.claimed_by_id
    )


def _late(now: datetime) -> rows.Condition:
    return and_(OPEN, Task.due_at.is_not(None), Task.paused_at.is_(None), Task.due_at < now)


def _overdue(_session: Session, acting: Acting, now: datetime) -> Rows:
    found: Rows = _told().where(_late(now), within(Task.instance_place, rows.reach_of(acting)))
    return found


def _parts(_session: Session, acting: Acting, now: datetime) -> Parts:
    here = rows.places_of(acting, Task.instance_place)
    return Parts(Task.id, tuple(and_(_late(now), place) for place in here), _told())


def _with(row: Mapping[str, Any]) -> Words:
    return Words(row["holder"], row["holder"]) if row["holder"] else roles.title_of(row["role"] or "")


OVERDUE = List(
    key="overdue",
    keeps_views=True,
    title=rows.TITLES["overdue"],
    columns=(
        rows.NUMBER,
        rows.TITLE,
        rows.OF_PROCESS,
        rows.STARTER,
        rows.UNIT,
        rows.WHERE,
        Column("step", Words("环节", "Step"), value=lambda row: Words(row["name_zh"], row["name_en"])),
        Column("holder", Words("当前办理", "With"), value=_with, card="named"),
        Column("opened_at", Words("到达时间", "In step since"), kind="moment", card="none"),
        Column(
            "due",
            Words("时限", "Due"),
            value=lambda row: Due(row["due_at"], overdue=True),
            sort=Task.due_at,
            card="mark",
        ),
        rows.VERSION,
    ),
    query=_overdue,
    parts=_parts,
    order=(Task.due_at, Task.id),
    filters=(rows.TASK_SEARCH, rows.TASK_PROCESS, rows.TASK_REGION),
    permission=roles.MANAGE,
    row="id",
    link=rows.link,
    size=20,
    tabs=rows.tabs,
    exact=1_000,
    empty=Words("管辖范围内没有超期的任务。", "Nothing is overdue in your area."),
)
