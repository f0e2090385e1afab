"""Tasks: one with its form, and everything that can be done at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.platform import documents, engine
from app.platform.runtime import moving, tasks, versions
from app.platform.runtime.drafts import Window
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import InstanceChanged
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from app.rooms.api import filling
from app.rooms.api.operations import once, operation
from app.rooms.api.problems import bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.saying import decided, moment, person, spoken
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
    said,
    shape,
)
from app.rooms.web.acting import me, now, session

AFTER: Schema = shape({"instance": TEXT, "next_tasks": many(TEXT)})
ON_BEHALF: Schema = said(
    ID,
    "既可本人办理又可代人办理时，注明代谁办理",
    "in whose stead, where one may decide as oneself and for another",
)
DONE: Schema = shape({"task": TEXT, "instance": TEXT})
ITEMS: Schema = said(
    many(
        shape(
            {"reason": {"type": "string", "minLength": 1, "maxLength": 500}},
            {"field": KEY, "file": ID},
        ),
        50,
    ),
    "退回时需要修改的字段、文件及原因",
    "fields and files to be put right, with reasons, when the outcome sends back",
)


@operation("GET", "/tasks/<task>", "tasks", "查看一件事项", "Read one task", named("Task"))
def show_task(asked: Asked, task: str) -> dict[str, Any]:
    """Form, entry so far, outcomes allowed, why it is the caller's, and who may come next."""
    view = tasks.get(session(), task, me(), now())
    program = versions.of_instance(session(), view.instance)
    coming = engine.people_after(program.definition, view.element)
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
        "paused_at": moment(view.paused_at),
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
        "verbs": sorted(view.verbs),
        "seats": [_seat(one) for one in view.seats],
        "return_to": _places(view),
        "next": [{"element": one, "name": spoken(drawn[one].name)} for one in coming if one in drawn],
        "form": filling.shown_form(view.form, given) if view.form else None,
        "data": filling.shown_values(view),
        "draft": _draft(view),
        "draft_saved_at": moment(view.draft_saved_at),
        "to_correct": _to_correct(view),
        "returned": decided(view.returned),
        "decided": decided(view.decided),
    }


def _seat(one: Any) -> dict[str, Any]:
    return {
        "person": person(one.person, one.name),
        "state": one.state,
        "outcome": spoken(one.outcome),
        "on_behalf_of": one.on_behalf_of,
        "decided_by": one.decided_by,
        "decided_at": moment(one.decided_at),
        "added_by": one.added_by,
        "reason": one.reason,
        "is_advice": one.is_advice,
    }


def _places(view: TaskView) -> list[dict[str, Any]]:
    """The steps it may be sent back to, and of the others why not."""
    if not view.can_work or "return" not in view.allow:
        return []
    return [
        {"element": one.element, "name": spoken(one.name), "because": spoken(one.because)}
        for one in moving.places_to_return(session(), view.id, me(), now())
    ]


def _to_correct(view: TaskView) -> list[dict[str, str]]:
    """What a return has named that is to be put right at this task."""
    found = view.items
    if found is None or found.element == view.element:
        return []
    return [
        {
            "field": name,
            "label": spoken(found.labels[name]) or name if name in found.labels else name,
            "reason": reason,
        }
        for name, reason in found.named.fields.items()
    ]


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
    """Keep data and comment as the caller's draft; values need not be complete. A page's own is set aside for it."""
    view = tasks.get(session(), task, me(), now())
    if view.can_work and view.revision != asked.body["revision"]:
        raise InstanceChanged()
    entry = filling.draft_of(view, asked.body.get("data", {}))
    decision = Decision("", asked.body.get("comment", ""))
    typed = {**tasks.as_draft(entry, decision), "sent": dict(entry.sent) if entry else {}}
    window = Window(
        "api", int(now().timestamp() * 1000)
    )  # what a program saved before is its own: nothing to keep
    more: dict[str, Any] = {"read": 0, "anew": True, "window": window}
    return _at(asked, task, "draft", lambda: tasks.save_draft(session(), task, typed, me(), now(), **more))


@operation(
    "POST",
    "/tasks/<task>/complete",
    "tasks",
    "办理",
    "Decide a task",
    AFTER,
    body=shape(
        {"outcome": KEY, "revision": REVISION},
        {"data": DATA, "comment": COMMENT, "items": ITEMS, "on_behalf_of": ON_BEHALF},
    ),
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
    more = {"items": _named(body["items"])} if "items" in body else {}
    decision = decision_of(body, asked.key, **more)
    done = tasks.complete(session(), task, entry, decision, me(), now())
    return {"instance": done.instance, "next_tasks": list(done.next_tasks)}


def decision_of(body: Any, key: str | None, **more: Any) -> Decision:
    """What was decided, as the verb takes it."""
    given = {**more, **({"on_behalf_of": body["on_behalf_of"]} if "on_behalf_of" in body else {})}
    kept = {name: value for name, value in given.items() if name in Decision.__dataclass_fields__}
    return Decision(body["outcome"], body.get("comment", "").strip(), body["revision"], key, **kept)


def _at(asked: Asked, task: str, name: str, run: Callable[[], object]) -> dict[str, Any]:
    """Run a verb at a task that keeps no receipt of its own."""

    def answer() -> dict[str, Any]:
        run()
        return {"task": task, "instance": _instance_of(task)}

    return once(asked, name, (task, asked.body), answer)


def _instance_of(task: str) -> str:
    return str(session().scalar(select(Task.instance_id).where(Task.id == task)) or "")


@operation(
    "POST",
    "/tasks/<task>/return",
    "tasks",
    "退回到指定环节",
    "Send back to a step the instance has passed",
    AFTER,
    body=shape(
        {"to": KEY, "comment": COMMENT, "revision": REVISION},
        {"items": ITEMS, "then": {"enum": ["step_by_step", "straight_back"]}},
    ),
)
def return_task(asked: Asked, task: str) -> dict[str, Any]:
    """Send back; `then` says whether the answer comes straight back here."""
    body = asked.body
    done = moving.send_back(
        session(),
        task,
        body["to"],
        body["revision"],
        me(),
        now(),
        body["comment"],
        items=_named(body.get("items", [])),
        then=body.get("then", "step_by_step"),
        key=asked.key,
    )
    return {"instance": done.instance, "next_tasks": list(done.next_tasks)}


def _named(items: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What is to be put right, by field or file. Raises `Problem` where one names neither."""
    named_items = {}
    for one in items:
        name = one.get("field") or one.get("file")
        if name is None:
            raise bad_field(
                "items", "required", "每一项应注明字段或文件", "Each item names a field or a file"
            )
        named_items[name] = one["reason"]
    return named_items


TO: Schema = shape({"to": said(ID, "人员编号", "a person's id"), "revision": REVISION}, {"comment": COMMENT})
SEVERAL: Schema = said(many(ID, MOST_ROWS), "人员编号列表", "ids of persons")


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
            "position": {"enum": ["before", "after", "parallel"]},
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
        body.get("position", "after"),
        body["revision"],
        me(),
        now(),
        comment=body.get("comment", ""),
        key=asked.key,
    )
    return {"task": task, "instance": _instance_of(task)}
