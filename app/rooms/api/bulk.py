"""One verb at many tasks: per task done, or why not."""

from __future__ import annotations

from typing import Any

from app.platform.forms import Entry
from app.platform.runtime import bulk
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from app.rooms.api import filling
from app.rooms.api.operations import operation
from app.rooms.api.problems import bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import (
    COMMENT,
    COUNT,
    DATA,
    FLAG,
    ID,
    KEY,
    REVISION,
    SAID,
    TEXT,
    Schema,
    many,
    said,
    shape,
)
from app.rooms.web.acting import me, now, session
from app.rooms.web.errors import said_of_any

VERBS = ("complete", "claim", "unclaim", "transfer", "copy")
MOST_PEOPLE = 200
RESULT: Schema = shape(
    {"id": TEXT, "done": FLAG},
    {
        "instance": TEXT,
        "next_tasks": many(TEXT),
        "status": said(COUNT, "单独办理时的响应状态", "what the verb alone would have answered"),
        "code": TEXT,
        "detail": TEXT,
        "problems": many(SAID),
    },
)


@operation(
    "POST",
    "/tasks/bulk",
    "tasks",
    "批量办理",
    "One verb at many tasks",
    shape({"items": many(RESULT), "done": COUNT, "refused": COUNT}),
    body=shape(
        {"ids": {**many(ID, bulk.MOST), "minItems": 1}, "verb": {"enum": list(VERBS)}},
        {
            "outcome": KEY,
            "comment": COMMENT,
            "comments": said(
                {"type": "object", "additionalProperties": COMMENT},
                "事项 → 单独意见；未列出的用 comment",
                "task → an opinion of its own instead of “comment”",
            ),
            "to": said(
                many(ID, MOST_PEOPLE), "转办、抄送的对象", "whom to transfer to (one) or send copies to"
            ),
            "data": DATA,
            "revisions": said(
                {"type": "object", "additionalProperties": REVISION},
                "事项 → 修订号；未列出的按当前状态办理",
                "task → revision as read; a task without one is taken as it stands",
            ),
        },
    ),
)
def do_many(asked: Asked) -> dict[str, Any]:
    """Do the same at each task; one that cannot be done holds up no other."""
    body = asked.body
    if body["verb"] == "complete":
        if "outcome" not in body:
            raise bad_field("outcome", "required", "缺少“outcome”", "“outcome” is missing")
        results = _complete(asked)
    else:
        results = _each(asked)
    items = [_said(result) for result in results]
    done = sum(item["done"] for item in items)
    return {"items": items, "done": done, "refused": len(items) - done}


def _complete(asked: Asked) -> list[bulk.Result]:
    body = asked.body
    decision = Decision(body["outcome"], body.get("comment", "").strip(), 0, asked.key)

    def read(view: TaskView) -> Entry | None:
        return filling.read_task(view, body.get("data", {}), body["outcome"])

    revisions = body.get("revisions", {})
    return bulk.complete(session(), body["ids"], revisions, decision, read, me(), now(), _own(asked))


def _each(asked: Asked) -> list[bulk.Result]:
    body = asked.body
    to = tuple(body.get("to", ()))
    if (body["verb"] == "transfer" and len(to) != 1) or (body["verb"] == "copy" and not to):
        raise bad_field(
            "to", "required", "请指定“to”：转办一人，抄送至少一人", "“to”: one, or for copies some"
        )
    act = bulk.Act(body["verb"], to, body.get("comment", "").strip(), asked.key, _own(asked))
    return bulk.each(session(), body["ids"], body.get("revisions", {}), act, me(), now())


def _own(asked: Asked) -> dict[str, str]:
    return {task: comment.strip() for task, comment in asked.body.get("comments", {}).items()}


def _said(result: bulk.Result) -> dict[str, Any]:
    if result.done is not None:
        next_tasks = list(result.done.next_tasks)
        return {"id": result.task, "done": True, "instance": result.done.instance, "next_tasks": next_tasks}
    assert result.refusal is not None
    what = said_of_any(result.refusal)
    told = {"status": what.status, "code": what.code, "detail": what.detail}
    return {"id": result.task, "done": False, **told, "problems": list(what.problems)}
