"""The inbox's three boxes as lists: what waits for me, what I have started, what I have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, null, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform import lists
from app.platform.identity.entities import Person, Region
from app.platform.registry import Acting, Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Process, Seat, Task

COUNTED = 999
STATES = {
    "running": lists.Chip(Words("办理中", "Running"), "waiting"),
    "ended": lists.Chip(Words("已办结", "Completed"), "good"),
    "cancelled": lists.Chip(Words("已撤销", "Cancelled"), "plain"),
    "suspended": lists.Chip(Words("已挂起", "Suspended"), "info"),
}
Starter = aliased(Person)


def _words(row: Mapping[str, Any], key: str) -> Words:
    return Words(row[f"{key}_zh"] or "", row[f"{key}_en"] or "")


def _tasks(now: datetime) -> Select[Any]:
    """Tasks with what two lines of the inbox say of them: one statement, three look-ups by key per row."""
    return (
        select(
            Task.id,
            Task.instance_id,
            Task.name_zh,
            Task.name_en,
            Task.opened_at,
            Task.due_at,
            Task.closed_at,
            Task.outcome,
            Task.is_returned,
            Task.claimed_by_id,
            Task.summary,
            and_(Task.due_at.is_not(None), Task.due_at < now).label("overdue"),
            Instance.title,
            Instance.number,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
            Starter.name.label("starter"),
            Region.name.label("region"),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .join(Process, Process.key == Task.process)
        .outerjoin(Starter, Starter.id == Instance.starter_id)
        .outerjoin(Region, Region.path == Task.place)
    )


def _todo(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    return _tasks(now).where(policy.workable(acting))


def _done(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """Tasks the person has decided, alone or as one of several, once they are closed."""
    signed = select(Seat.task_id).where(Seat.decided_by_id == acting.person)
    return _tasks(now).where(
        Task.state == "closed", or_(Task.closed_by_id == acting.person, Task.id.in_(signed))
    )


def _mine(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """Instances the person has started, with the open task that is his own, if there is one."""
    own = (
        select(Task.id)
        .where(Task.instance_id == Instance.id, Task.state == "open", Task.assignee_id == acting.person)
        .order_by(Task.opened_at)
        .limit(1)
        .scalar_subquery()
    )
    returned = (
        select(Task.id)
        .where(Task.instance_id == Instance.id, Task.state == "open", Task.is_returned)
        .exists()
    )
    return (
        select(
            Instance.id,
            Instance.title,
            Instance.number,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.started_at,
            Instance.ended_at,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
            own.label("own_task"),
            returned.label("is_returned"),
            null().label("region"),
        )
        .join(Process, Process.key == Instance.process)
        .where(Instance.starter_id == acting.person)
    )


def _summary(kept: Sequence[Mapping[str, str]] | None) -> list[tuple[Words, str]]:
    """Up to five fields of the form, as the diagram chose them: `{"zh", "en", "value"}` each."""
    return [(Words(one["zh"], one["en"]), one["value"]) for one in kept or ()]


def _stage(row: Mapping[str, Any]) -> Words:
    return _words(row, "stage") if row["stage_zh"] else STATES[row["state"]].words


def _processes(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    rows = session.execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


def _tone(row: Mapping[str, Any]) -> Any:
    """How a case stands, by its state: what it is called is the diagram's business."""
    return "bad" if row["state"] == "running" and row["is_returned"] else STATES[row["state"]].tone


FLAGS = (
    ("overdue", Words("已超期", "Overdue")),
    ("returned", Words("退回件", "Sent back")),
    ("claimed", Words("已签收", "Claimed")),
)


def _flag(code: str, now: datetime) -> ColumnElement[bool]:
    overdue = Task.due_at < now
    return {"overdue": overdue, "returned": Task.is_returned, "claimed": Task.claimed_by_id.is_not(None)}[
        code
    ]


def _column(key: str, zh: str, en: str, **more: Any) -> lists.Column:
    return lists.Column(key, Words(zh, en), **more)


TITLE = _column("title", "标题", "Title", card="title", value=lambda row: row["title"])
STEP = _column("step", "环节", "Step", value=lambda row: _words(row, "name"))
PROCESS = _column("process", "事项", "Matter", value=lambda row: _words(row, "process"))
NUMBER = _column("number", "编号", "Number")
STARTER = _column("starter", "申请人", "Applicant")
REGION = _column("region", "地区", "Region")
SUMMARY = _column("summary", "摘要", "Summary", card="none", value=lambda row: _summary(row["summary"]))
STAGE = _column("state", "状态", "State", card="mark", value=lambda row: lists.Chip(_stage(row), _tone(row)))
RETURNED = _column("is_returned", "退回件", "Sent back", card="none")

SEARCH = lists.Filter(
    "q",
    Words("标题、编号或申请人", "Title, number or applicant"),
    "text",
    lambda text, now: lists.contains(text, Instance.title, Instance.number, Starter.name),
)
WHICH = lists.Filter(
    "process",
    Words("事项", "Matter"),
    "choice",
    lambda key, now: Task.process == key,
    _processes,
    all=Words("全部事项", "All matters"),
)

TODO = lists.List(
    key="todo",
    title=Words("待办", "To do"),
    columns=(
        TITLE,
        _column(
            "due",
            "时限",
            "Due",
            card="mark",
            sort=case((Task.due_at.is_(None), 1), else_=0),
            value=lambda row: lists.Due(row["due_at"], bool(row["overdue"])),
        ),
        STEP,
        PROCESS,
        NUMBER,
        STARTER,
        REGION,
        _column("opened_at", "到达", "Arrived", kind="moment", sort=Task.opened_at),
        SUMMARY,
        RETURNED,
    ),
    filters=(
        SEARCH,
        WHICH,
        lists.Filter(
            "flag",
            Words("标记", "Flag"),
            "choice",
            _flag,
            lambda *_: FLAGS,
            all=Words("全部状态", "Any state"),
        ),
    ),
    query=_todo,
    order=(Task.opened_at, Task.id),
    link=lambda row: lists.Link("task", row["id"]),
    empty=Words("没有待办事项。", "Nothing waits for you."),
)
DONE = lists.List(
    key="done",
    title=Words("已办", "Done"),
    columns=(
        TITLE,
        STAGE,
        STEP,
        PROCESS,
        NUMBER,
        STARTER,
        REGION,
        _column("closed_at", "办理时间", "Decided", kind="moment", sort=Task.closed_at),
        SUMMARY,
        RETURNED,
    ),
    filters=(
        SEARCH,
        WHICH,
        lists.Filter(
            "closed",
            Words("办理日期", "Decided"),
            "period",
            lambda period, now: lists.during(Task.closed_at, period),
        ),
    ),
    query=_done,
    order=(Task.closed_at.desc(), Task.id.desc()),
    link=lambda row: lists.Link("task", row["id"]),
    empty=Words("还没有办理过的事项。", "You have decided nothing yet."),
)
MINE = lists.List(
    key="mine",
    title=Words("我发起", "Started by me"),
    columns=(
        TITLE,
        STAGE,
        PROCESS, NUMBER,
        _column("started_at", "发起时间", "Started", kind="moment", sort=Instance.started_at),
        _column("ended_at", "办结时间", "Completed", kind="moment"),
        RETURNED,
    ),
    filters=(
        lists.Filter("q", Words("标题或编号", "Title or number"), "text",
                     lambda text, now: lists.contains(text, Instance.title, Instance.number)),
        lists.Filter("process", Words("事项", "Matter"), "choice", lambda key, now: Instance.process == key,
                     _processes, all=Words("全部事项", "All matters")),
        lists.Filter("state", Words("状态", "State"), "choice", lambda code, now: Instance.state == code,
                     lambda *_: [(code, chip.words) for code, chip in STATES.items()],
                     all=Words("全部状态", "Any state")),
    ),
    query=_mine,
    order=(Instance.started_at.desc(), Instance.id.desc()),
    link=lambda row: (
        lists.Link("task", row["own_task"]) if row["own_task"] else lists.Link("instance", row["id"])
    ),
    empty=Words("您还没有发起过事项。", "You have started nothing yet."),
)  # fmt: skip
LISTS = (TODO, MINE, DONE)


def tally(box: lists.List, session: Session, acting: Acting, now: datetime) -> int:
    """How many a box holds, exact to 999; 1000 stands for more. One statement."""
    inner = box.query(session, acting, now).with_only_columns(Instance.id if box is MINE else Task.id)
    return lists.tally(session, inner, COUNTED + 1)


def first_workable(session: Session, acting: Acting, now: datetime, tasks: Sequence[str]) -> str | None:
    """The first of `tasks` that this person may decide now."""
    if not tasks:
        return None
    mine = select(Task.id).where(Task.id.in_(tasks), policy.workable(acting)).order_by(Task.opened_at)
    return session.execute(mine.limit(1)).scalar_one_or_none()
