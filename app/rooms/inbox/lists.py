"""The inbox's boxes as lists of what waits for me, what I may claim, have decided, and have started."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, null, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform import lists
from app.platform.identity.entities import Region, Unit
from app.platform.registry import Acting, Words
from app.platform.runtime import policy, waiting
from app.platform.runtime.entities import Instance, Process, Seat, Task
from app.rooms.inbox import cells, filters
from app.rooms.inbox.filters import Starter

COUNTED = 999


Earlier = aliased(Task)
BEFORE = select(Earlier.id).where(
    Earlier.instance_id == Task.instance_id,
    Earlier.state == "closed",
    Earlier.element == Task.element,
    Earlier.outcome.is_not(None),
)
"""An answer that the step has given already: what waits there now has come again."""


@lru_cache(maxsize=8)  # several boxes are put together in one request
def tasks_said(now: datetime) -> Select[Any]:
    """Tasks with what a row of the inbox says of them: one statement, a few look-ups by key per row."""
    return (
        select(
            Task.id,
            Task.instance_id,
            Task.process,
            Task.name_zh,
            Task.name_en,
            Task.role,
            Task.place,
            Task.subject,
            Task.assignee_id,
            Task.claimed_by_id,
            Task.seats,
            Task.avoided,
            Task.avoided_unit,
            Task.opened_at,
            Task.due_at,
            Task.closed_at,
            Task.outcome,
            Task.is_returned,
            Task.is_escalated,
            Task.summary,
            Task.paused_at,
            and_(filters.overdue(now), Task.due_at.is_not(None)).label("overdue"),
            Instance.title,
            Instance.number,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
            Starter.name.label("starter"),
            Region.name.label("region"),
            Unit.name.label("unit"),
            BEFORE.exists().label("is_again"),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .join(Process, Process.key == Task.process)
        .outerjoin(Starter, Starter.id == Instance.starter_id)
        .outerjoin(Region, Region.path == Task.place)
        .outerjoin(Unit, Unit.path == Instance.place)
    )


def _todo(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    return tasks_said(now).where(policy.workable(acting))


def _claimable(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """What waits for whoever of several takes it first, and nobody has."""
    return _todo(session, acting, now).where(
        Task.seats == "one",
        Task.assignee_id.is_(None),
        Task.claimed_by_id.is_(None),
        Instance.state == "running",
    )


def _todo_parts(session: Session, acting: Acting, now: datetime) -> lists.Parts:
    return lists.Parts(Task.id, waiting.parts(acting), tasks_said(now))


def _claimable_parts(session: Session, acting: Acting, now: datetime) -> lists.Parts:
    return lists.Parts(
        Task.id, tuple(and_(part, ~waiting.SUSPENDED) for part in waiting.free(acting)), tasks_said(now)
    )


def _done_parts(session: Session, acting: Acting, now: datetime) -> lists.Parts:
    return lists.Parts(Task.id, waiting.decided(acting.person), tasks_said(now))


def _done(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """Tasks the person has decided, alone or as one of several, once they are closed."""
    signed = select(Seat.task_id).where(Seat.decided_by_id == acting.person)
    return tasks_said(now).where(
        Task.state == "closed", or_(Task.closed_by_id == acting.person, Task.id.in_(signed))
    )


def _mine(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """Instances the person has started, with the open task that is his own, if there is one."""
    own = filters.OWN_TASK.order_by(Task.opened_at).limit(1).scalar_subquery()
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
            filters.SENT_BACK.exists().label("is_returned"),
            null().label("summary"),
        )
        .join(Process, Process.key == Instance.process)
        .where(Instance.starter_id == acting.person)
    )


WAITING = (
    cells.NUMBER, cells.TITLE, cells.STARTER, cells.UNIT, cells.REGION, cells.STEP, cells.PROCESS, cells.OPENED,
    cells.DUE, cells.MARKS, cells.SUMMARY,
)  # fmt: skip
NARROWED = (
    filters.SEARCH, filters.WHICH, filters.STEPS, filters.REGION, filters.DUE_WHEN, filters.ARRIVED, filters.DUE_ON,
    filters.MARKS,
)  # fmt: skip
SIZE = 20

TODO = lists.List(
    key="todo",
    title=Words("待办", "To do"),
    columns=WAITING,
    filters=NARROWED,
    query=_todo,
    parts=_todo_parts,
    exact=COUNTED,
    order=(Task.opened_at, Task.id),
    link=lambda row: lists.Link("task", row["id"]),
    row="id",
    size=SIZE,
    empty=Words("没有待办事项。", "Nothing waits for you."),
)
CLAIMABLE = lists.List(
    key="claimable",
    title=Words("待签收", "To claim"),
    columns=WAITING,
    filters=NARROWED,
    query=_claimable,
    parts=_claimable_parts,
    exact=COUNTED,
    order=(Task.opened_at, Task.id),
    link=lambda row: lists.Link("task", row["id"]),
    row="id",
    size=SIZE,
    empty=Words("没有待签收的事项。", "There is nothing to claim."),
)
DONE = lists.List(
    key="done",
    title=Words("已办", "Done"),
    columns=(
        cells.NUMBER, cells.TITLE, cells.STARTER, cells.UNIT, cells.REGION, cells.STEP, cells.PROCESS, cells.CLOSED,
        cells.STAGE, cells.SUMMARY,
    ),
    filters=(filters.SEARCH, filters.WHICH, filters.STEPS_DONE, filters.REGION, filters.CLOSED),
    query=_done,
    parts=_done_parts,
    exact=COUNTED,
    order=(Task.closed_at.desc(), Task.id.desc()),
    link=lambda row: lists.Link("task", row["id"]),
    row="id",
    size=SIZE,
    empty=Words("还没有办理过的事项。", "You have decided nothing yet."),
)  # fmt: skip
MINE = lists.List(
    key="mine",
    title=Words("我发起", "Started by me"),
    columns=(cells.NUMBER, cells.TITLE, cells.PROCESS_SHOWN, cells.STARTED, cells.ENDED, cells.STAGE),
    filters=(
        filters.OWN_SEARCH,
        filters.OWN_WHICH,
        filters.state({code: chip.words for code, chip in cells.STATES.items()}),
        filters.TURN,
        filters.STARTED,
    ),
    query=_mine,
    exact=COUNTED,
    order=(Instance.started_at.desc(), Instance.id.desc()),
    link=lambda row: (
        lists.Link("task", row["own_task"]) if row["own_task"] else lists.Link("instance", row["id"])
    ),
    row="id",
    size=SIZE,
    empty=Words("您还没有发起过事项。", "You have started nothing yet."),
)


def tally(box: lists.List, session: Session, acting: Acting, now: datetime) -> int:
    """How many a box holds, exact to 999; 1000 stands for more. One statement."""
    return lists.count(box, session, acting, now, COUNTED + 1)


def first_workable(session: Session, acting: Acting, now: datetime, tasks: Sequence[str]) -> str | None:
    """The first of `tasks` that this person may decide now."""
    if not tasks:
        return None
    mine = select(Task.id).where(Task.id.in_(tasks), policy.workable(acting)).order_by(Task.opened_at)
    return session.execute(mine.limit(1)).scalar_one_or_none()
