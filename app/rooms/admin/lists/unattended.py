"""Tasks that nobody can answer now (无人办理), with why and since when, within one's reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity import roles
from app.platform.identity.entities import Person, Region, Unit
from app.platform.lists import Act, Column, Filter, Link, List, Rows, contains
from app.platform.registry import Acting, Words
from app.platform.runtime import unattended
from app.platform.runtime.entities import Instance, Process, Task
from app.rooms.admin import sections

UnitRegion = aliased(Region)
EVERYWHERE = Words("全部地区", "Everywhere")
ASSIGN = Words("处理", "See to it")


def _unattended(session: Session, acting: Acting, now: datetime) -> Rows:
    return (
        select(
            Task.id,
            Task.name_zh,
            Task.name_en,
            Task.role,
            Task.subject,
            Task.opened_at,
            Task.due_at,
            Instance.title,
            Instance.number,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
            unattended.ASKED_AT.label("asked_at"),
            func.coalesce(Unit.name, Region.full_name, "").label("place"),
            UnitRegion.full_name.label("region"),
            Person.name.label("assignee"),
            unattended.why(now).label("why"),
            unattended.lost_at(now).label("lost_at"),
            unattended.shut_at().label("shut_at"),
            unattended.reported_at().label("reported_at"),
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Process, Process.key == Task.process)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .outerjoin(Unit, Unit.path == unattended.ASKED_AT)
        .outerjoin(Region, Region.path == unattended.ASKED_AT)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(
            unattended.reached(roles.reach_of(acting, roles.PEOPLE)),
            unattended.unattended(now),
        )
    )


def where(row: Mapping[str, Any]) -> Words:
    """Where a task is asked, in words."""
    if not row["asked_at"]:
        return EVERYWHERE
    named = " · ".join(part for part in (row["place"], row["region"]) if part)
    return Words(named, named)


def sentence(row: Mapping[str, Any]) -> Words:
    """Why nobody can answer a task."""
    role, place = roles.title_of(row["role"] or ""), where(row)
    zh, en = unattended.WHY[row["why"]]
    name = row["assignee"] or ""
    return Words(
        zh.format(role=f"“{role.zh}”", place=place.zh, name=name),
        en.format(role=role.en, place=place.en, name=name),
    )


def _by_title(text: str, now: datetime) -> ColumnElement[bool]:
    return contains(text, Instance.title, Instance.number)


def _processes(session: Session, acting: Acting) -> list[tuple[str, Words]]:
    rows = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


UNATTENDED = List(
    key="unattended",
    title=Words("无人办理", "Unattended"),
    columns=(
        Column("title", Words("事项", "Matter"), card="title", fixed=True),
        Column("number", Words("编号", "Number"), card="none", hidden_at_first=True),
        Column(
            "process",
            Words("流程", "Process"),
            value=lambda row: Words(row["process_zh"], row["process_en"]),
            hidden_at_first=True,
        ),
        Column("step", Words("环节", "Step"), value=lambda row: Words(row["name_zh"], row["name_en"])),
        Column("where", Words("单位或地区", "Where"), value=where, card="none", hidden_at_first=True),
        Column("why", Words("原因", "Why"), value=sentence, fixed=True),
        Column(
            "since",
            Words("无人办理起", "Unattended since"),
            value=unattended.since,
            kind="moment",
            card="named",
        ),
        Column("opened_at", Words("送达", "Opened"), kind="moment", sort=Task.opened_at, card="named"),
        Column("due_at", Words("时限", "Due"), kind="moment", sort=Task.due_at, card="named"),
    ),
    query=_unattended,
    order=(Task.opened_at, Task.id),
    filters=(
        Filter("q", Words("事项或编号", "Matter or number"), "text", _by_title),
        Filter(
            "region",
            Words("地区", "Region"),
            "tree",
            lambda path, now: unattended.reached([path]),
            all=Words("全部地区", "All regions"),
        ),
        Filter(
            "process",
            Words("流程", "Process"),
            "choice",
            lambda key, now: Task.process == key,
            _processes,
        ),
    ),
    permission=roles.PEOPLE,
    row="id",
    link=lambda row: Link("page", f"/admin/unattended/{row['id']}", ASSIGN),
    tabs=sections.tabs_of("people"),
    acts=(Act(Words("通知流程管理员", "Tell the process's administrators"), "/admin/unattended/send/of"),),
    empty=Words(
        "管辖范围内的任务都有人可以办理。", "Every task in your area has somebody who can answer it."
    ),
)
LISTS = (UNATTENDED,)

sections.enter(
    sections.Section(
        "unattended",
        Words("无人办理", "Unattended"),
        Words(
            "没有人可以办理的任务，授予岗位或改派", "Tasks nobody can answer: give a post, or hand them on"
        ),
        "list:unattended",
        frozenset({roles.PEOPLE}),
        "people",
        42,
    ),
)
