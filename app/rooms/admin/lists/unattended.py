"""Tasks that nobody can answer now (无人办理), with why and since when, within one's reach."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.lists import Act, Column, Filter, Link, List, Rows, contains
from app.platform.registry import Acting, Words
from app.platform.runtime import unattended, unattended_rows
from app.platform.runtime.entities import Instance, Process, Task
from app.rooms.admin import sections

ASSIGN = Words("处理", "See to it")


def _unattended(session: Session, acting: Acting, now: datetime) -> Rows:
    rows: Rows = unattended_rows.asked(now).where(unattended.reached(roles.reach_of(acting, roles.PEOPLE)))
    return rows


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
        Column(
            "where",
            Words("单位或地区", "Where"),
            value=unattended_rows.where,
            card="none",
            hidden_at_first=True,
        ),
        Column("why", Words("原因", "Why"), value=unattended_rows.sentence, fixed=True),
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
