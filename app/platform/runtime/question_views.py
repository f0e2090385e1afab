"""What pages and programs are shown of questions: those of an instance, and those that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Person
from app.platform.registry import Acting, Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Process, Question, Task
from app.platform.runtime.errors import Unknown

Asker, Asked = aliased(Person), aliased(Person)

_QUESTIONS = (
    select(Question, Task.name_zh, Task.name_en, Asker.name.label("asker"), Asked.name.label("asked"))
    .join(Task, Task.id == Question.task_id)
    .outerjoin(Asker, Asker.id == Question.asked_by_id)
    .outerjoin(Asked, Asked.id == Question.to_id)
)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question: who has asked whom what, at which step, and what came of it."""

    id: str
    instance: str
    task: str
    step: Words
    asked_by: str
    asked_by_name: str
    to: str
    to_name: str
    text: str
    asked_at: datetime
    is_pausing: bool
    answer: str | None
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.closed_at is None


def of(session: Session, instance: str) -> tuple[QuestionView, ...]:
    """The questions of an instance in the order they were asked; for whoever may read it. One statement."""
    found = _QUESTIONS.where(Question.instance_id == instance).order_by(Question.asked_at, Question.id)
    return tuple(_view(row) for row in session.execute(found))


def one(session: Session, question: str, by: Acting) -> QuestionView:
    """One question, for whoever was asked or may read its instance. Raises `Unknown`. One statement."""
    row = session.execute(
        _QUESTIONS.join(Instance, Instance.id == Question.instance_id).where(
            Question.id == question, or_(Question.to_id == by.person, policy.readable(by))
        )
    ).one_or_none()
    if row is None:
        raise Unknown(question)
    return _view(row)


def _view(row: Any) -> QuestionView:
    one = row.Question
    return QuestionView(
        one.id,
        one.instance_id,
        one.task_id,
        Words(row.name_zh, row.name_en),
        one.asked_by_id,
        row.asker or "",
        one.to_id,
        row.asked or "",
        one.text,
        one.asked_at,
        one.is_pausing,
        one.answer,
        one.closed_at,
    )


def waiting(acting: Acting) -> Select[Any]:
    """The questions that wait for a person's answer: `id` and `instance_id`; a range of one index."""
    found = select(Question.id, Question.instance_id)
    return cast(Select[Any], found.where(Question.to_id == acting.person, Question.closed_at.is_(None)))


def count(session: Session, acting: Acting, most: int = 1_000) -> int:
    """How many questions wait for a person, counted to `most`. One statement."""
    bounded = waiting(acting).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def box(acting: Acting, *, answered: bool = False) -> Select[Any]:
    """The questions asked of a person with what a list says of them: those that wait, or those he has answered."""
    closed = Question.answer.is_not(None) if answered else Question.closed_at.is_(None)
    found = (
        select(
            Question.id,
            Question.instance_id,
            Question.task_id,
            Question.text,
            Question.answer,
            Question.asked_at,
            Question.closed_at,
            Question.is_pausing,
            Question.asked_by_id,
            Asker.name.label("asker"),
            Task.name_zh,
            Task.name_en,
            Instance.title,
            Instance.number,
            Instance.state,
            Instance.process,
            Process.name_zh.label("process_zh"),
            Process.name_en.label("process_en"),
        )
        .join(Task, Task.id == Question.task_id)
        .join(Instance, Instance.id == Question.instance_id)
        .join(Process, Process.key == Instance.process)
        .outerjoin(Asker, Asker.id == Question.asked_by_id)
        .where(Question.to_id == acting.person, closed)
    )
    return cast(Select[Any], found)


def in_order(*, answered: bool = False) -> tuple[Any, ...]:
    """How such a list is ordered: what waits longest first, of those answered the last one."""
    if answered:
        return Question.closed_at.desc(), Question.id.desc()
    return Question.asked_at, Question.id
