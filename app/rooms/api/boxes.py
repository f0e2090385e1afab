"""The caller's boxes as lists: what waits, may be taken, is done, was copied, was started, is typed and not sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.platform.identity.entities import Person, Region
from app.platform.runtime import policy
from app.platform.runtime.entities import Copy, Draft, Instance, Process, Task
from app.rooms.api import narrowing
from app.rooms.api.operations import operation
from app.rooms.api.paging import ARGUMENTS, page
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment, words
from app.rooms.api.schemas import KEY, page_of, said
from app.rooms.web.acting import me

BOXES = ("todo", "claimable", "done", "copied", "started", "drafts")
Starter = aliased(Person)


@operation(
    "GET",
    "/tasks",
    "tasks",
    "列出本人的事项",
    "List the caller's tasks",
    page_of("TaskRow"),
    query={
        "box": said({"enum": list(BOXES)}, "默认 todo", "todo unless told"),
        **narrowing.ARGUMENTS,
        "element": said(KEY, "环节标识", "key of a step"),
        "due": said(
            {"type": "string", "maxLength": 10},
            "overdue、today、week，或截止日期 YYYY-MM-DD",
            "overdue, today, week, or a last day YYYY-MM-DD",
        ),
        **ARGUMENTS,
    },
)
def list_tasks(asked: Asked) -> dict[str, Any]:
    """One page of one box."""
    box = asked.query.get("box", "todo")
    if box == "started":
        return page(
            box, _started(asked), Instance.started_at, Instance.id, asked, _started_row, latest_first=True
        )
    rows = narrowing.tasks(_rows(), asked, Starter)
    if box == "done":
        rows = rows.where(Task.closed_by_id == me().person, Task.state == "closed")
        return page(box, rows, Task.closed_at, Task.id, asked, _row, latest_first=True)
    if box == "copied":
        return page(box, rows.where(_copied()), Task.opened_at, Task.id, asked, _row, latest_first=True)
    rows = rows.where(policy.workable(me()), Instance.state == "running")
    if box == "claimable":
        rows = rows.where(Task.seats == "one", Task.assignee_id.is_(None), Task.claimed_by_id.is_(None))
    if box == "drafts":
        rows = rows.where(Task.id.in_(select(Draft.about).where(Draft.person_id == me().person)))
    return page(box, rows, Task.opened_at, Task.id, asked, _row)


def _rows() -> Select[Any]:
    return (
        select(
            Task.id,
            Task.instance_id,
            Task.process,
            Task.element,
            Task.name_zh,
            Task.name_en,
            Task.opened_at,
            Task.due_at,
            Task.closed_at,
            Task.outcome,
            Task.is_returned,
            Task.claimed_by_id,
            Task.revision,
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


def _started(asked: Asked) -> Select[Any]:
    """The instances the caller has started."""
    rows = (
        select(
            Instance.id,
            Instance.process,
            Instance.title,
            Instance.number,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.started_at,
            Instance.ended_at,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
        )
        .join(Process, Process.key == Instance.process)
        .where(Instance.starter_id == me().person)
    )
    return narrowing.instances(rows, asked)


def _copied() -> Any:
    """Tasks the caller has been given a copy of."""
    return select(Copy.id).where(Copy.task_id == Task.id, Copy.person_id == me().person).exists()


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "instance": row.instance_id,
        "process": row.process,
        "process_name": words(row.process_zh, row.process_en),
        "title": row.title,
        "number": row.number,
        "element": row.element,
        "name": words(row.name_zh, row.name_en),
        "state": row.state,
        "stage": words(row.stage_zh, row.stage_en),
        "starter_name": row.starter or "",
        "region_name": row.region,
        "opened_at": moment(row.opened_at),
        "due_at": moment(row.due_at),
        "closed_at": moment(row.closed_at),
        "outcome": row.outcome,
        "is_returned": bool(row.is_returned),
        "is_claimed": row.claimed_by_id is not None,
        "revision": row.revision,
    }


def _started_row(row: Any) -> dict[str, Any]:
    return {
        "id": None,
        "instance": row.id,
        "process": row.process,
        "process_name": words(row.process_zh, row.process_en),
        "title": row.title,
        "number": row.number,
        "element": None,
        "name": None,
        "state": row.state,
        "stage": words(row.stage_zh, row.stage_en),
        "starter_name": me().name,
        "region_name": None,
        "opened_at": moment(row.started_at),
        "due_at": None,
        "closed_at": moment(row.ended_at),
        "outcome": None,
        "is_returned": False,
        "is_claimed": False,
        "revision": None,
    }
