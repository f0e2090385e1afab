"""Ask and answer: a question to one person at an open task, which stays where it is until he answers, or it is closed.

Whoever may work the task asks, where its step allows `ask`; the starter, or any other person who can sign in. While
it waits the person asked may read the instance, and answer; nothing else. Once he has answered he may read it for
good. Neither is recusal a bar: an answer decides nothing, and often it is the one connected with the matter who knows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.engine import UserTask
from app.platform.forms import Wrong
from app.platform.forms.typed import tidy
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import (
    firing,
    naming,
    pausing,
    policy,
    receipts,
    seats,
    stepping,
    telling,
    unanswered,
)
from app.platform.runtime.entities import Question, Task
from app.platform.runtime.errors import BadQuestion, Forbidden, InstanceChanged, QuestionClosed, Unknown
from app.platform.runtime.history import Happening
from app.platform.runtime.question_views import QuestionView as QuestionView
from app.platform.runtime.question_views import box as box
from app.platform.runtime.question_views import count as count
from app.platform.runtime.question_views import in_order as in_order
from app.platform.runtime.question_views import of as of
from app.platform.runtime.question_views import one as one
from app.platform.runtime.question_views import waiting as waiting

MOST_OPEN = 20
"""So many questions of one task may wait for their answer at once."""

LONGEST = 2_000
QUESTION, TASK = Question.__table__, Task.__table__
FIND = select(QUESTION)


def ask(
    session: Session,
    task: str,
    to: str,
    text: str,
    revision: int,
    by: Acting,
    now: datetime,
    key: str | None = None,
) -> str:
    """Ask the person `to` something at an open task; the question's id. He is told, and may read the instance.

    The task's deadline stands still until he answers, if its step says `pause` = `asking`. Raises `Unknown`,
    `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadPerson`, `BadQuestion`, `KeyReused`.
    """
    once = (key, receipts.body_of("ask", task, to, text))
    with transaction(session):
        asked = naming.ask(session, task, unanswered.ASK, revision, by, now, "", once=once, managed=False)
        if asked is None:
            before = receipts.answered(session, by.person, *once) or {}
            return str(before["question"])
        held, row = asked.held, asked.row
        words = _tidied(text)
        if to == by.person:
            raise naming.bad("oneself")
        people = naming.able(session, [to])
        _mind_number(session, task)
        is_pausing, question = pausing.applies(row, asked.drawn), new_id()
        session.execute(
            insert(Question).values(
                id=question,
                instance_id=held.id,
                task_id=task,
                asked_by_id=by.person,
                to_id=to,
                text=words,
                asked_at=now,
                is_pausing=is_pausing,
            )
        )
        said = naming.body(asked, words, people, question=question, pauses=is_pausing)
        held.pen.write(Happening("asked", row.element, task, by.person, body=said))
        naming.store(asked, **(pausing.stop(held, row) if is_pausing else {}))
        telling.asked(held, to)
        stepping.save(held)
        receipts.give(session, by.person, *once, {"task": task, "question": question}, now)
        return question


def answer(
    session: Session, question: str, text: str, by: Acting, now: datetime, key: str | None = None
) -> None:
    """Answer a question, by him who was asked; who asked is told.

    Raises `Unknown`, `Forbidden`, `QuestionClosed`, `InstanceChanged` where the instance is suspended, `BadQuestion`,
    `KeyReused`.
    """
    once = (key, receipts.body_of("answer", question, text))
    with transaction(session):
        held, row = _hold(session, question, by, now)
        if receipts.answered(session, by.person, *once) is not None:
            return
        if row.to_id != by.person:
            raise Forbidden("question.answer")
        task, drawn = _mind_open(held, row)
        words = _tidied(text)
        _close(held, row, task, drawn, answer=words)
        said = {"comment": words, "name": by.name, "question": question, "asker": row.asked_by_id}
        held.pen.write(Happening("answered", task.element, task.id, by.person, body=said))
        people = (row.asked_by_id, task.claimed_by_id, task.assignee_id)
        telling.answered(held, [one for one in dict.fromkeys(people) if one not in (None, by.person)])
        stepping.save(held)
        receipts.give(session, by.person, *once, {"task": task.id, "question": question}, now)


def take_back(session: Session, question: str, by: Acting, now: datetime, key: str | None = None) -> None:
    """Take a question back before it is answered, by whoever asked it, may work its task now, or looks after it.

    An administrator ends so a pause that nobody else ends: whoever was asked may be away for good.
    Raises as `answer` does.
    """
    once = (key, receipts.body_of("take_back", question))
    with transaction(session):
        held, row = _hold(session, question, by, now)
        if receipts.answered(session, by.person, *once) is not None:
            return
        task, drawn = _mind_open(held, row)
        if not (
            row.asked_by_id == by.person
            or policy.may_manage(by, held.row.place, held.row.starter_id)
            or policy.may_work(by, task, seats.bench(session, task).rows)
        ):
            raise Forbidden("question.take_back")
        _close(held, row, task, drawn)
        said = {"name": by.name, "question": question, "why": "taken_back"}
        held.pen.write(Happening("unasked", task.element, task.id, by.person, body=said))
        stepping.save(held)
        receipts.give(session, by.person, *once, {"task": task.id, "question": question}, now)


def _hold(session: Session, question: str, by: Acting, now: datetime) -> tuple[stepping.Held, Any]:
    """Lock the question's instance, then read the question. Raises `Unknown` to who may not read it.

    Whoever was asked learns what came of his question, even where he may read the instance no more.
    """
    found = session.execute(
        select(QUESTION.c.instance_id, QUESTION.c.to_id).where(QUESTION.c.id == question)
    ).one_or_none()
    if found is None:
        raise Unknown(question)
    held = stepping.hold(session, by, now, instance=found.instance_id)
    if found.to_id != by.person and not policy.may_read(session, by, held.id):
        raise Unknown(question)
    firing.overtake(held)
    return held, session.execute(FIND.where(QUESTION.c.id == question)).one()


def _mind_open(held: stepping.Held, row: Any) -> tuple[Any, UserTask]:
    """Whether the question still waits; its task, and how that is drawn."""
    if row.closed_at is not None:
        name = held.session.scalar(select(Person.name).where(Person.id == row.closed_by_id)) or ""
        raise QuestionClosed("closed" if row.answer is None else "answered", name, row.closed_at)
    if held.state != "running":
        raise InstanceChanged()
    task = held.session.execute(select(TASK).where(TASK.c.id == row.task_id)).one()
    return task, held.program.asked(task)


def _close(held: stepping.Held, row: Any, task: Any, drawn: UserTask, answer: str | None = None) -> None:
    """Close one question; with the last that pauses it, the task's deadline goes on.

    The task's revision rises: whoever was about to decide reads first what has come.
    """
    session = held.session
    closed = {"answer": answer, "closed_at": held.now, "closed_by_id": held.by.person}
    session.execute(update(Question).where(Question.id == row.id).values(**closed))
    left = (QUESTION.c.task_id == task.id, QUESTION.c.closed_at.is_(None), QUESTION.c.is_pausing)
    goes_on = task.paused_at is not None and session.scalar(select(func.count()).where(*left)) == 0
    values = pausing.go_on(held, task, drawn) if goes_on else {}
    session.execute(update(Task).where(Task.id == task.id).values(revision=task.revision + 1, **values))


def _mind_number(session: Session, task: str) -> None:
    waiting = (QUESTION.c.task_id == task, QUESTION.c.closed_at.is_(None))
    if (session.scalar(select(func.count()).select_from(QUESTION).where(*waiting)) or 0) >= MOST_OPEN:
        raise BadQuestion("too_many", MOST_OPEN)


def _tidied(text: str) -> str:
    """A question or an answer as it is kept. Raises `BadQuestion`."""
    try:
        words = tidy(text, lines=True).strip()
    except Wrong as wrong:
        raise BadQuestion(wrong.code) from wrong
    if not words:
        raise BadQuestion("required")
    if len(words) > LONGEST:
        raise BadQuestion("too_long", LONGEST, len(words))
    return words
