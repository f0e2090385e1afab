"""Why somebody may not decide a task after all: another one has, holds it, or his seat is not on turn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.engine import UserTask
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Words
from app.platform.runtime import policy, stepping
from app.platform.runtime.errors import Forbidden, RuntimeRefusal, TaskTaken, Unknown
from app.platform.runtime.seats import LEFT, Bench

NOT_ON_TURN = Words("还没有轮到您办理。", "It is not your turn yet.")
DELEGATED = Words(
    "您已委托他人，等对方提出意见后由您办理。", "You have delegated this; it comes back to you."
)
RECUSED = Words("您与此事项有关联，应当回避。", "You are connected with this matter and must not decide it.")


def task(session: Session, row: Any, bench: Bench, drawn: UserTask, by: Acting) -> TaskTaken:
    """Who has decided a closed task, or holds an open one: name, outcome, moment; and why one's seat closed."""
    seat = bench.of(by.person)
    who = row.closed_by_id or row.claimed_by_id
    reason = seat.closed_reason if seat is not None and seat.closed_reason else ""
    return TaskTaken(
        _name(session, who), _words(drawn, row.outcome), row.closed_at or row.claimed_at, reason or ""
    )


def refusal(session: Session, held: stepping.Held, row: Any, bench: Bench, drawn: UserTask) -> RuntimeRefusal:
    """The refusal of a person who may not decide this open task now. `Unknown` if he may not even see it."""
    seat = bench.of(held.by.person)
    if seat is not None and seat.closed_reason != "removed":
        if seat.state == "decided":
            words = _words(drawn, seat.outcome)
            return TaskTaken(_name(session, seat.decided_by_id), words, seat.decided_at)
        if seat.state == "closed":
            return TaskTaken(_name(session, seat.closed_by_id), None, seat.closed_at, seat.closed_reason)
        if seat.state == "waiting":
            asked = any(each.seat_id == seat.id and each.state in LEFT for each in bench.rows)
            return Forbidden("task.turn", DELEGATED if asked else NOT_ON_TURN)
    if row.claimed_by_id and policy.is_candidate(held.by, row):
        return task(session, row, bench, drawn, held.by)
    if not policy.may_read(session, held.by, held.id):
        return Unknown(row.id)
    is_his = row.assignee_id == held.by.person or bench.of(held.by.person) is not None
    if policy.is_recused(held.by, row) and (is_his or policy.is_candidate(held.by, row)):
        return Forbidden("task.recused", RECUSED)
    return Forbidden("task.work")


def _name(session: Session, person: str | None) -> str:
    name = session.scalar(select(Person.name).where(Person.id == person)) if person else None
    return name or ""


def _words(drawn: UserTask, outcome: str | None) -> Words | None:
    return next((each.words for each in drawn.outcomes if each.key == outcome), None)
