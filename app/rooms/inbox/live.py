"""Keeps an open page true: who else has the task open, what became of it meanwhile, and how much waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import ScalarSelect

from app.platform import lists, notices
from app.platform.data import new_id
from app.platform.data.ids import LENGTH
from app.platform.lists import parts
from app.platform.registry import Acting, Words
from app.platform.runtime import fate, history, presence, pulse
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import TaskTaken
from app.platform.runtime.views import TaskView
from app.rooms.inbox import overtaken
from app.rooms.inbox.lists import COUNTED, TODO
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said

if TYPE_CHECKING:
    from app.rooms.inbox.answering import Answer

EVERY = 15  # seconds between two questions of a page that is looked at
NEW = 99  # new ones are counted no further


def attach(app: Flask) -> None:
    """Hand templates what a page tells its scripts, so that they know what to ask and when."""
    app.add_template_global(EVERY, "live_every")
    app.add_template_global(new_id, "live_since")  # ids rise with time: what is made later has a greater one
    app.add_template_global(pulse.mark_of_instance, "instance_mark")
    app.add_template_global(lambda since: said(ago(since, now())), "ago")


def ago(since: datetime, now: datetime) -> Words:
    """How long ago somebody has come: he comes and goes within the hour."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return Words("刚刚", "just now")
    if minutes < 60:
        return Words(f"{minutes} 分钟前", f"{minutes} min ago")
    return Words(f"{minutes // 60} 小时前", f"{minutes // 60} h ago")


def shown(answer: Answer, known: Mapping[str, Any]) -> dict[str, Any]:
    """Who else is there, what became of the task, and the mark by which the page knows that it still holds."""
    view = answer.view
    others = presence.look(session(), view.id, me(), now()) if view.can_work else ()
    return {
        **_state(view, known["happened"], others, is_sudden=answer.taken is not None, taken=answer.taken),
        "revision_read": view.revision,
    }


def state_of(view: TaskView) -> dict[str, Any]:
    """The same for the piece of the page that is asked for when the mark is another one."""
    others = presence.others(session(), view.id, me(), now()) if view.can_work else ()
    read = request.args.get("revision", view.revision, int)
    return {
        "task": view,
        **_state(view, history.of(session(), view.instance), others, is_sudden="live" in request.args),
        "is_changed": view.can_work and (read != view.revision or "late" in request.args),
        "revision_read": read,
    }


def _state(
    view: TaskView, happened: Any, others: Any, *, is_sudden: bool, taken: TaskTaken | None = None
) -> dict[str, Any]:
    return {
        "others": others,
        "fate": what_became(view, happened, taken, is_sudden=is_sudden),
        "mark": pulse.mark_of(view, others),
    }


def what_became(
    view: TaskView, happened: Any, taken: TaskTaken | None, *, is_sudden: bool
) -> overtaken.Banner | None:
    """Why the task cannot be decided any more, if that is so; `taken`: what a verb has just refused him with."""
    found = fate.of(view, happened, me())
    if found is None and taken is not None:  # his right has ended too, but he has just been refused
        kind = "decided" if taken.outcome else "claimed" if taken.by_name else "closed"
        found = fate.Fate(kind, None, taken.by_name, taken.at, taken.outcome)
    return found and overtaken.banner(found, is_sudden=is_sudden)


def beat() -> Response:
    """Answer a page that asks whether anything is new; 304 where nothing is."""
    task, instance = _id("task"), _id("instance")
    felt = pulse.feel(session(), _counts(me()), me(), now(), task=task, instance=instance)
    told: dict[str, Any] = {"counts": dict(felt.counts)}
    if task:
        told["task"] = felt.task
    if instance:
        told["instance"] = felt.instance
    answer = jsonify(told)
    answer.add_etag()
    return answer.make_conditional(request)


def _counts(by: Acting) -> dict[str, ScalarSelect[Any]]:
    """What is counted, each no further than anybody reads; `new`: what came since the page was made."""
    waiting = lists.keys(TODO, session(), by, now(), COUNTED + 1)
    found = {
        "todo": pulse.counting(waiting, COUNTED + 1),
        "unread": notices.counting(by.person).scalar_subquery(),
    }
    if (since := _id("since")) and TODO.parts is not None:
        later = parts.Narrowed((Task.id > since,))
        found["new"] = pulse.counting(
            parts.keys(TODO.parts(session(), by, now()), later, (), NEW + 1), NEW + 1
        )
    return found


def _id(name: str) -> str | None:
    given = request.args.get(name, "")
    return given if len(given) == LENGTH and given.isascii() and given.isalnum() else None
