"""Instances: start one, list, look at one, its history and its drawing, and what is done to it as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.platform import documents
from app.platform.identity.entities import Person
from app.platform.registry import Words
from app.platform.runtime import (
    asides,
    control,
    diagram,
    history,
    instances,
    moving,
    policy,
    urging,
    versions,
)
from app.platform.runtime.entities import Instance, Process, Version
from app.platform.runtime.errors import Forbidden
from app.platform.runtime.instances import LONGEST_TITLE
from app.rooms.api import filling, narrowing, whereabouts
from app.rooms.api.operations import once, operation
from app.rooms.api.paging import ARGUMENTS, page
from app.rooms.api.problems import Problem
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment, named_items, person, spoken, words
from app.rooms.api.schemas import (
    COMMENT,
    DATA,
    HAPPENING,
    KEY,
    OBJECT,
    REASON,
    TEXT,
    Schema,
    many,
    named,
    page_of,
    said,
    shape,
)
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current

SVG = "image/svg+xml"
DONE: Schema = shape({"instance": TEXT, "state": TEXT})
Starter = aliased(Person)


@operation(
    "POST",
    "/processes/<key>/instances",
    "instances",
    "发起流程",
    "Start a process",
    shape({"id": TEXT, "state": TEXT, "tasks": many(TEXT)}),
    status=201,
    body=shape(
        {},
        {
            "business_key": KEY,
            "title": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
            "data": DATA,
        },
    ),
)
def start_instance(asked: Asked, key: str) -> dict[str, Any]:
    """Start an instance; `data` is what the start form asks for."""
    body = asked.body

    def run() -> dict[str, Any]:
        program = versions.current(session(), key)
        if policy.may_start(me(), program.definition) is False:
            raise Forbidden("process.start")
        drawn = program.definition.form
        form = program.forms[drawn].at("start") if drawn else None
        entry = filling.read_start(form, body.get("data", {}), key)
        started = instances.start(
            session(),
            key,
            by=me(),
            post=me().post,
            now=now(),
            data=entry if entry is not None else {},
            business_key=body.get("business_key"),
            title=body.get("title"),
        )
        for file in list(filling.loose_files(form, entry)):
            documents.attach(session(), file, started.instance)
        return {"id": started.instance, "state": _state(started.instance), "tasks": list(started.tasks)}

    return once(asked, "start", (key, body), run)


def _state(instance: str) -> str:
    return str(session().scalar(select(Instance.state).where(Instance.id == instance)))


@operation(
    "GET",
    "/instances",
    "instances",
    "列出可以查看的流程实例",
    "List the instances the caller may read",
    page_of("InstanceRow"),
    query={
        **narrowing.ARGUMENTS,
        "state": {"enum": list(narrowing.STATES)},
        "element": said(KEY, "在此环节有待办事项", "with an open task at this element"),
        **ARGUMENTS,
    },
)
def list_instances(asked: Asked) -> dict[str, Any]:
    """One page, the latest first."""
    rows = (
        select(
            Instance.id,
            Instance.process,
            Instance.title,
            Instance.number,
            Instance.business_key,
            Instance.state,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.starter_id,
            Instance.started_at,
            Instance.ended_at,
            Process.name_zh,
            Process.name_en,
            Version.number.label("version"),
            Starter.name.label("starter"),
        )
        .join(Process, Process.key == Instance.process)
        .join(Version, Version.id == Instance.version_id)
        .outerjoin(Starter, Starter.id == Instance.starter_id)
        .where(policy.readable(me()))
    )
    rows = narrowing.instances(rows, asked)
    return page("instances", rows, Instance.started_at, Instance.id, asked, _row, latest_first=True)


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "process": row.process,
        "process_name": words(row.name_zh, row.name_en),
        "version": row.version,
        "title": row.title,
        "number": row.number,
        "business_key": row.business_key,
        "state": row.state,
        "stage": words(row.stage_zh, row.stage_en),
        "starter": person(row.starter_id, row.starter),
        "started_at": moment(row.started_at),
        "ended_at": moment(row.ended_at),
    }


@operation(
    "GET", "/instances/<instance>", "instances", "查看一个流程实例", "Read one instance", named("Instance")
)
def show_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Where it stands: its open tasks, who can answer them, and what holds it up."""
    view = instances.view(session(), instance, me(), now())
    return {
        "id": view.id,
        "process": view.process,
        "process_name": spoken(view.process_name),
        "title": view.title,
        "number": view.number,
        "business_key": view.business_key,
        "state": view.state,
        "stage": spoken(view.stage),
        "starter": person(view.starter, view.starter_name),
        "started_at": moment(view.started_at),
        "ended_at": moment(view.ended_at),
        "tasks": [
            {
                "id": task.id,
                "element": task.element,
                "name": spoken(task.name),
                "who": spoken(task.who),
                "can_work": task.can_work,
                "opened_at": moment(task.opened_at),
                "due_at": moment(task.due_at),
                "revision": task.revision,
            }
            for task in view.open_tasks
        ],
        "incidents": list(view.incidents),
        "where": whereabouts.shown(view),
    }


@operation(
    "GET",
    "/instances/<instance>/history",
    "instances",
    "查看办理过程",
    "Read what has happened",
    shape({"items": many(HAPPENING)}),
)
def show_history(asked: Asked, instance: str) -> dict[str, Any]:
    """Everything, oldest first; not to the starter what was asked between others."""
    view = instances.view(session(), instance, me(), now())
    rows = asides.happened(session(), view.id, history.of(session(), view.id), view.starter, me())
    return {"items": [_happening(row) for row in rows]}


def _happening(row: history.HistoryRow) -> dict[str, Any]:
    body = row.body
    return {
        "seq": row.seq,
        "at": moment(row.at),
        "kind": row.kind,
        "element": row.element,
        "task": row.task,
        "name": words(row.name_zh or None, row.name_en),
        "by": person(row.by, row.by_name),
        "outcome": row.outcome,
        "outcome_name": words(body.get("zh"), body.get("en")),
        "comment": str(body.get("comment") or ""),
        "items": named_items(body.get("items") or {}),
    }


@operation(
    "GET",
    "/instances/<instance>/diagram",
    "instances",
    "查看流程图（SVG，标出当前环节）",
    "The diagram as SVG, with its tokens",
    media={SVG: TEXT},
)
def show_diagram(asked: Asked, instance: str) -> Response:
    """The drawing with where the instance stands and what it has passed."""
    view = instances.view(session(), instance, me(), now())
    drawn = diagram.of(session(), instance, spoken(view.process_name) or "", current())
    if drawn is None:
        raise Problem(404, "no-drawing", Words("该流程文件没有图形", "This process has no drawing"))
    response = Response(drawn, mimetype=SVG)
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def _whole(
    path: str, zh: str, en: str, needs: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An operation on an instance as a whole; `needs` a reason."""
    body = shape({"reason": REASON}) if needs else shape({}, {"comment": COMMENT})
    return operation("POST", f"/instances/<instance>/{path}", "instances", zh, en, DONE, body=body)


@_whole("withdraw", "撤回", "Take back what was sent, while nobody has decided since")
def withdraw_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Take the instance back to its sender."""
    comment = asked.body.get("comment", "")
    moving.withdraw(session(), instance, me(), now(), comment=comment, key=asked.key)
    return {"instance": instance, "state": _state(instance)}


@_whole("urge", "催办", "Urge whoever it waits for")
def urge_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Remind those who hold it up."""
    urging.urge(session(), instance, me(), now(), key=asked.key)
    return {"instance": instance, "state": _state(instance)}


@_whole("cancel", "撤销", "End an instance before its time", needs=True)
def cancel_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """End it; its open tasks end with it."""
    return _controlled(control.cancel, asked, instance)


@_whole("suspend", "挂起", "Let nothing happen to it for a while", needs=True)
def suspend_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Stop its tasks and timers."""
    return _controlled(control.suspend, asked, instance)


@_whole("resume", "恢复", "Let it go on", needs=True)
def resume_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Go on where it stopped."""
    return _controlled(control.resume, asked, instance)


def _controlled(verb: Callable[..., object], asked: Asked, instance: str) -> dict[str, Any]:
    verb(session(), instance, asked.body["reason"], me(), now(), key=asked.key)
    return {"instance": instance, "state": _state(instance)}


@operation(
    "POST",
    "/instances/<instance>/variables",
    "instances",
    "修改变量",
    "Change variables",
    DONE,
    body=shape({"values": OBJECT, "reason": REASON}),
)
def change_variables(asked: Asked, instance: str) -> dict[str, Any]:
    """Repair what its gateways read."""
    body = asked.body
    control.set_variables(session(), instance, body["values"], body["reason"], me(), now(), key=asked.key)
    return {"instance": instance, "state": _state(instance)}


@operation(
    "POST",
    "/instances/<instance>/move",
    "instances",
    "移动到其他环节（修复）",
    "Repair: move a token",
    DONE,
    body=shape({"from": KEY, "to": KEY, "reason": REASON}),
)
def move_instance(asked: Asked, instance: str) -> dict[str, Any]:
    """Take a token from one element and set it down at another."""
    body = asked.body
    moving.move(session(), instance, body["from"], body["to"], body["reason"], me(), now(), key=asked.key)
    return {"instance": instance, "state": _state(instance)}
