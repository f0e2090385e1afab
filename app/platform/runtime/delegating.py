"""Delegate and return (委托): another one advises, then the task comes back to him who decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime import naming, receipts, signing
from app.platform.runtime.history import Happening


def delegate(
    session: Session,
    task: str,
    to: str,
    revision: int,
    by: Acting,
    now: datetime,
    comment: str = "",
    key: str | None = None,
) -> None:
    """Ask the person `to` for his decision on a task, or on one's seat; it counts as advice, and comes back.

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadPerson`, `KeyReused`.
    """
    once = (key, receipts.body_of("delegate", task, to, comment))
    with transaction(session):
        asked = naming.ask(session, task, "delegate", revision, by, now, comment, once=once, managed=False)
        if asked is None:
            return
        people, bench, standing = naming.named(asked, [to]), asked.bench, asked.standing
        assert standing is not None  # only who may decide it himself delegates
        if to in (standing.person, by.person):
            raise naming.bad("oneself" if to == by.person else "holds")
        if bench.has(to):
            raise naming.bad("already")
        seat = standing.seat or naming.seat_a_single(asked)
        bench.add(
            to,
            people[to],
            seat.position,
            is_personal=True,
            added_by=by.person,
            delegated_by=standing.person,
            seat=seat.id,
        )
        said = naming.body(asked, comment, people)
        asked.held.pen.write(Happening("delegated", asked.row.element, task, by.person, body=said))
        naming.store(asked, seats=bench.rule, claimed_by_id=None, claimed_at=None)
        signing.go_round(asked.held, asked.row, bench)
        naming.finish(asked, once)
