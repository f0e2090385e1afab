"""Tasks: the caller's boxes, one task with its form, and everything that can be done at it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.platform import documents
from app.platform.identity.entities import Person, Region
from app.platform.runtime import diagram, policy, tasks, versions
from app.platform.runtime.entities import Instance, Process, Task
from app.platform.runtime.errors import InstanceChanged
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from app.rooms.api import filling, narrowing
from app.rooms.api.operations import once, operation
from app.rooms.api.paging import ARGUMENTS, page
from app.rooms.api.reading import Asked
from app.rooms.api.saying import decided, moment, person, spoken, words
from app.rooms.api.schemas import (
    COMMENT,
    DATA,
    ID,
    KEY,
    MOST_ROWS,
    REVISION,
    TEXT,
    Schema,
    many,
    named,
    page_of,
    said,
    shape,
)
from app.rooms.web.acting import me, now, session

BOXES = ("todo", "claimable", "done", "copied", "started")
AFTER: Schema = shape({"instance": TEXT, "next_tasks": many(TEXT)})
DONE: Schema = shape({"task": TEXT, "instance": TEXT})
ITEMS: Schema = said(
    many(
        shape(
            {"reason": {"type": "string", "minLength": 1, "maxLength": 500}},
            {"field": KEY, "file": ID},
        ),
        50,
    ),
    "fields and files to be put right, with reasons, when the outcome sends back",
)
Starter = aliased(Person)


@operation(
    "GET",
    "/tasks",
    "tasks",
    "列出本人的事项",
    "List the caller's tasks",
    page_of("TaskRow"),
    query={
        "box": said({"enum": list(BOXES)}, "todo unless told"),
        **narrowing.ARGUMENTS,
        "due": said({"type": "string", "maxLength": 10}, "overdue, today, week, or a last day YYYY-MM-DD"),
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
        rows = rows.where(Task.assignee_id.is_(None), Task.claimed_by_id.is_(None))
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
    from app.platform.runtime import entities

    copies = getattr(entities, "Copy", None)
    if copies is None:
        return Task.id.is_(None)
    return select(copies.task_id).where(copies.task_id == Task.id, copies.person_id == me().person).exists()


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


@operation("GET", "/tasks/<task>", "tasks", "查看一件事项", "Read one task", named("Task"))
def show_task(asked: Asked, task: str) -> dict[str, Any]:
    """Form, entry so far, outcomes allowed, why it is the caller's, and who may come next."""
    view = tasks.get(session(), task, me(), now())
    program = versions.of_instance(session(), view.instance)
    coming = diagram.next_steps(diagram.plan_of(program), view.element)
    drawn = program.definition.tasks
    given = filling.given_of(view)
    return {
        "id": view.id,
        "instance": view.instance,
        "process": view.process,
        "process_name": spoken(view.process_name),
        "title": view.title,
        "number": view.number,
        "element": view.element,
        "name": spoken(view.name),
        "state": view.state,
        "stage": spoken(view.stage),
        "revision": view.revision,
        "opened_at": moment(view.opened_at),
        "due_at": moment(view.due_at),
        "overdue": view.overdue,
        "claimed_by": person(view.claimed_by, view.claimed_by_name),
        "starter": person(view.starter, view.starter_name),
        "region_name": view.region_name,
        "can_work": view.can_work,
        "why": spoken(view.why),
        "outcomes": [
            {
                "key": one.key,
                "name": spoken(one.words),
                "needs_comment": one.opinion,
                "negative": one.negative,
            }
            for one in view.outcomes
        ],
        "verbs": sorted(str(verb) for verb in getattr(view, "verbs", ())),
        "next": [{"element": one, "name": spoken(drawn[one].name)} for one in coming if one in drawn],
        "form": filling.shown_form(view.form, given) if view.form else None,
        "data": filling.shown_values(view),
        "draft": _draft(view),
        "draft_saved_at": moment(view.draft_saved_at),
        "returned": decided(view.returned),
        "decided": decided(view.decided),
    }


def _draft(view: TaskView) -> dict[str, Any] | None:
    if view.draft is None:
        return None
    return {"data": view.draft.get("values", {}), "comment": view.draft.get("comment", "")}


@operation(
    "POST", "/tasks/<task>/claim", "tasks", "签收", "Claim a task", DONE, body=shape({"revision": REVISION})
)
def claim_task(asked: Asked, task: str) -> dict[str, Any]:
    """Take a task so that no one else does."""
    return _at(
        asked, task, "claim", lambda: tasks.claim(session(), task, asked.body["revision"], me(), now())
    )


@operation(
    "POST",
    "/tasks/<task>/unclaim",
    "tasks",
    "放回",
    "Put a claimed task back",
    DONE,
    body=shape({"revision": REVISION}),
)
def unclaim_task(asked: Asked, task: str) -> dict[str, Any]:
    """Put a claimed task back for the others."""
    return _at(
        asked, task, "unclaim", lambda: tasks.unclaim(session(), task, asked.body["revision"], me(), now())
    )


@operation(
    "POST",
    "/tasks/<task>/draft",
    "tasks",
    "保存草稿",
    "Keep what is not sent yet",
    DONE,
    body=shape({"revision": REVISION}, {"data": DATA, "comment": COMMENT}),
)
def save_task_draft(asked: Asked, task: str) -> dict[str, Any]:
    """Keep data and comment as the caller's draft; values need not be complete."""
    view = tasks.get(session(), task, me(), now())
    if view.can_work and view.revision != asked.body["revision"]:
        raise InstanceChanged()
    entry = filling.draft_of(view, asked.body.get("data", {}))
    decision = Decision("", asked.body.get("comment", ""))
    typed = {**tasks.as_draft(entry, decision), "sent": dict(entry.sent) if entry else {}}
    return _at(asked, task, "draft", lambda: tasks.save_draft(session(), task, typed, me(), now()))


@operation(
    "POST",
    "/tasks/<task>/complete",
    "tasks",
    "办理",
    "Decide a task",
    AFTER,
    body=shape({"outcome": KEY, "revision": REVISION}, {"data": DATA, "comment": COMMENT, "items": ITEMS}),
)
def complete_task(asked: Asked, task: str) -> dict[str, Any]:
    """Decide a task with one of its outcomes."""
    body = asked.body
    view = tasks.get(session(), task, me(), now())
    entry = None
    if view.can_work or view.state == "closed":  # else the verb says why not
        entry = filling.read_task(view, body.get("data", {}), body["outcome"])
    for file in filling.loose_files(view.form, entry) if view.can_work else ():
        documents.attach(session(), file, view.instance)
    more = {"items": body["items"]} if "items" in body else {}
    decision = decision_of(body, asked.key, **more)
    done = tasks.complete(session(), task, entry, decision, me(), now())
    return {"instance": done.instance, "next_tasks": list(done.next_tasks)}


def decision_of(body: Any, key: str | None, **more: Any) -> Decision:
    """What was decided, as the verb takes it."""
    kept = {name: value for name, value in more.items() if name in Decision.__dataclass_fields__}
    return Decision(body["outcome"], body.get("comment", "").strip(), body["revision"], key, **kept)


def _at(asked: Asked, task: str, verb: str, run: Callable[[], object]) -> dict[str, Any]:
    """Run a verb at a task that keeps no receipt of its own."""

    def answer() -> dict[str, Any]:
        run()
        return {"task": task, "instance": _instance_of(task)}

    return once(asked, verb, (task, asked.body), answer)


def _instance_of(task: str) -> str:
    return str(session().scalar(select(Task.instance_id).where(Task.id == task)) or "")


@operation(
    "POST",
    "/tasks/<task>/return",
    "tasks",
    "退回到指定环节",
    "Send back to a step the instance has passed",
    DONE,
    body=shape(
        {"to": KEY, "comment": COMMENT, "revision": REVISION},
        {"items": ITEMS, "then": {"enum": ["step_by_step", "straight_back"]}},
    ),
)
def return_task(asked: Asked, task: str) -> dict[str, Any]:
    """Send back; `then` says whether the answer comes straight back here."""
    moving, body = importlib.import_module("app.platform.runtime.moving"), asked.body
    moving.send_back(
        session(),
        task,
        body["to"],
        body["revision"],
        me(),
        now(),
        body["comment"],
        items=body.get("items"),
        then=body.get("then", "step_by_step"),
        key=asked.key,
    )
    return {"task": task, "instance": _instance_of(task)}


TO: Schema = shape({"to": said(ID, "a person's id"), "revision": REVISION}, {"comment": COMMENT})
SEVERAL: Schema = said(many(ID, MOST_ROWS), "ids of persons")


@operation(
    "POST", "/tasks/<task>/transfer", "tasks", "转办", "Give the task to another for good", DONE, body=TO
)
def transfer_task(asked: Asked, task: str) -> dict[str, Any]:
    """Another one decides in the caller's place."""
    return _hand(tasks.transfer, asked, task)


@operation(
    "POST",
    "/tasks/<task>/delegate",
    "tasks",
    "委托办理",
    "Let another prepare it; it comes back",
    DONE,
    body=TO,
)
def delegate_task(asked: Asked, task: str) -> dict[str, Any]:
    """Another one works first, then it comes back."""
    return _hand(tasks.delegate, asked, task)


@operation(
    "POST",
    "/tasks/<task>/copy",
    "tasks",
    "抄送",
    "Send copies to read",
    DONE,
    body=shape({"to": SEVERAL, "revision": REVISION}, {"comment": COMMENT}),
)
def copy_task(asked: Asked, task: str) -> dict[str, Any]:
    """Let others read it."""
    return _hand(tasks.copy, asked, task)


def _hand(verb: Callable[..., object], asked: Asked, task: str) -> dict[str, Any]:
    body = asked.body
    verb(
        session(),
        task,
        body["to"],
        body["revision"],
        me(),
        now(),
        comment=body.get("comment", ""),
        key=asked.key,
    )
    return {"task": task, "instance": _instance_of(task)}


@operation(
    "POST",
    "/tasks/<task>/signers",
    "tasks",
    "加签、减签",
    "Add and remove signers",
    DONE,
    body=shape(
        {"revision": REVISION},
        {
            "add": SEVERAL,
            "remove": SEVERAL,
            "position": {"type": "string", "maxLength": 20},
            "comment": COMMENT,
        },
    ),
)
def change_signers(asked: Asked, task: str) -> dict[str, Any]:
    """Change who signs with the caller, and where the new ones stand."""
    body = asked.body
    tasks.signers(
        session(),
        task,
        body.get("add", []),
        body.get("remove", []),
        body.get("position"),
        body["revision"],
        me(),
        now(),
        comment=body.get("comment", ""),
        key=asked.key,
    )
    return {"task": task, "instance": _instance_of(task)}
