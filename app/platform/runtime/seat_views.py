"""What pages are shown of a task's signers, and which verbs a reader has at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.engine import UserTask
from app.platform.identity.entities import Person
from app.platform.registry import Words
from app.platform.runtime import policy
from app.platform.runtime.seats import Bench


@dataclass(frozen=True, slots=True)
class SeatView:
    """One of several signers: who, what he decided, in whose stead he sits there, and why his seat closed.

    `state`: open (on turn), waiting, decided, closed. `decided_by` is another one where a substitute decided.
    """

    person: str
    name: str
    state: str
    outcome: Words | None
    on_behalf_of: str
    decided_by: str
    decided_at: datetime | None
    added_by: str
    reason: str
    is_advice: bool


def shown(session: Session, bench: Bench, drawn: UserTask) -> tuple[SeatView, ...]:
    """The signers of a task; those who were removed are left out. At most one statement."""
    rows = [seat for seat in bench.rows if seat.closed_reason != "removed"]
    others = {
        person
        for seat in rows
        for person in (seat.decided_by_id, seat.added_by_id, seat.delegated_by_id)
        if person
    }
    names: dict[str | None, str] = {}
    if others:
        rows_of = session.execute(select(Person.id, Person.name).where(Person.id.in_(sorted(others))))
        names = {row.id: row.name for row in rows_of}
    words = {outcome.key: outcome.words for outcome in drawn.outcomes}
    return tuple(
        SeatView(
            seat.person_id,
            seat.name or "",
            seat.state,
            words.get(seat.outcome),
            names.get(seat.delegated_by_id, ""),
            names.get(seat.decided_by_id, ""),
            seat.decided_at,
            names.get(seat.added_by_id, ""),
            seat.closed_reason or "",
            seat.seat_id is not None,
        )
        for seat in rows
    )


def verbs(row: Any, drawn: UserTask, standing: policy.Standing | None, *, managed: bool) -> frozenset[str]:
    """What the reader may do at the task now, in the words of the API."""
    found = {"transfer", "signers", "copy"} if managed else set()
    if standing is not None:
        found |= {"complete", *drawn.allow}
        if row.seats == "one" and row.claimed_by_id is not None:
            found.add("unclaim")
        elif row.seats == "one" and row.assignee_id is None:
            found.add("claim")
    return frozenset(found)
