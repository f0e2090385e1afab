"""Questions at a task that stays where it is: ask, answer, take back, and what waits for the caller's answer."""

from __future__ import annotations

from typing import Any

from app.platform.runtime import questions
from app.platform.runtime.entities import Question
from app.platform.runtime.questions import LONGEST
from app.rooms.api.operations import operation
from app.rooms.api.paging import ARGUMENTS, page
from app.rooms.api.reading import Asked
from app.rooms.api.saying import moment, person, words
from app.rooms.api.schemas import FLAG, ID, MOMENT, PERSON, REVISION, TEXT, Schema, many, maybe, said, shape
from app.rooms.web.acting import me, now, session

SAID: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
DONE: Schema = shape({"question": TEXT, "task": TEXT, "instance": TEXT})
ROW: Schema = shape(
    {
        "id": TEXT,
        "instance": TEXT,
        "task": TEXT,
        "process": TEXT,
        "process_name": maybe(TEXT),
        "title": TEXT,
        "number": maybe(TEXT),
        "name": said(maybe(TEXT), "提出询问的环节", "the step that asks"),
        "state": said(TEXT, "流程实例的状态", "of the instance"),
        "asked_by": maybe(PERSON),
        "text": TEXT,
        "asked_at": MOMENT,
        "pauses": said(
            FLAG, "等待答复期间该环节时限暂停", "the step's deadline stands still until it is closed"
        ),
        "answer": maybe(TEXT),
        "closed_at": maybe(MOMENT),
    }
)


@operation(
    "POST",
    "/tasks/<task>/ask",
    "questions",
    "询问",
    "Ask somebody at a task that stays where it is",
    DONE,
    body=shape({"to": said(ID, "人员编号", "a person's id"), "text": SAID, "revision": REVISION}),
)
def ask_at_task(asked: Asked, task: str) -> dict[str, Any]:
    """Ask the starter or a colleague; he may read the instance while it waits, and once he answered."""
    body = asked.body
    made = questions.ask(
        session(), task, body["to"], body["text"], body["revision"], me(), now(), key=asked.key
    )
    return _done(made)


@operation(
    "POST",
    "/questions/<question>/answer",
    "questions",
    "答复",
    "Answer a question one was asked",
    DONE,
    body=shape({"text": SAID}),
)
def answer_question(asked: Asked, question: str) -> dict[str, Any]:
    """Answer; who asked is told, and a deadline that stood still goes on."""
    questions.answer(session(), question, asked.body["text"], me(), now(), key=asked.key)
    return _done(question)


@operation(
    "POST",
    "/questions/<question>/take-back",
    "questions",
    "收回询问",
    "Take a question back",
    DONE,
    body=shape({}),
)
def take_back_question(asked: Asked, question: str) -> dict[str, Any]:
    """Take back what is not answered yet."""
    questions.take_back(session(), question, me(), now(), key=asked.key)
    return _done(question)


@operation(
    "GET",
    "/questions",
    "questions",
    "列出向本人提出的询问",
    "List the questions asked of the caller",
    shape({"items": many(ROW), "next_cursor": maybe(TEXT)}, {"total": {"type": "integer", "minimum": 0}}),
    query={
        "box": said({"enum": ["waiting", "answered"]}, "默认 waiting", "waiting unless told"),
        **ARGUMENTS,
    },
)
def list_questions(asked: Asked) -> dict[str, Any]:
    """One page of those that wait, the oldest first; or of those answered, the latest first."""
    answered = asked.query.get("box") == "answered"
    at = Question.closed_at if answered else Question.asked_at
    name = "answered" if answered else "asked"
    rows = questions.box(me(), answered=answered)
    return page(f"questions:{name}", rows, at, Question.id, asked, _row, latest_first=answered)


def _done(question: str) -> dict[str, Any]:
    one = questions.one(session(), question, me())
    return {"question": one.id, "task": one.task, "instance": one.instance}


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "instance": row.instance_id,
        "task": row.task_id,
        "process": row.process,
        "process_name": words(row.process_zh, row.process_en),
        "title": row.title,
        "number": row.number,
        "name": words(row.name_zh, row.name_en),
        "state": row.state,
        "asked_by": person(row.asked_by_id, row.asker),
        "text": row.text,
        "asked_at": moment(row.asked_at),
        "pauses": bool(row.is_pausing),
        "answer": row.answer,
        "closed_at": moment(row.closed_at),
    }
