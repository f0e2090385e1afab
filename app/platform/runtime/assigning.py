"""Assigning (改派): an administrator gives a task that nobody can answer to a named person, after a preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import authority, posts, roles
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Words
from app.platform.runtime import (
    firing,
    handable,
    letters,
    naming,
    receipts,
    seats,
    signing,
    stepping,
    unattended,
)
from app.platform.runtime.entities import Instance, Seat, Task
from app.platform.runtime.errors import Attended, Forbidden, InstanceChanged, MissingReason, Unknown
from app.platform.runtime.history import Happening

LONGEST_REASON = 500
OWN = Words(
    "这件事项由您本人发起，请由其他管理员改派。",
    "You have started this matter: another administrator has to do it.",
)


@dataclass(frozen=True, slots=True)
class Lonely:
    """A task that nobody can answer. `seat_of`: whose seat it is that would be handed on, of a task several sign."""

    task: str
    instance: str
    title: str
    step: Words
    process: str
    role: str | None
    place: str | None
    subject: str | None
    asked_at: str
    assignee_name: str
    revision: int
    why: str
    since: datetime
    seat_of: str | None = None


def find(session: Session, task: str, by: Acting, now: datetime) -> Lonely:
    """The task, as somebody sees it who looks after people where it is asked. One statement, two of seats.

    Raises `Unknown` (also outside his reach, or where it is not open), `Attended`.
    """
    row = session.execute(
        _looked_at(now).where(Task.id == task, unattended.reached(_reach(session, by, now)))
    ).first()
    if row is None:
        raise Unknown(task)
    if not row.is_lonely:
        raise Attended()
    found = row._mapping
    seat_of = _stuck(session, task, now) if row.seats != "one" else None
    return Lonely(
        row.id,
        row.instance_id,
        row.title,
        Words(row.name_zh, row.name_en),
        row.process,
        row.role,
        row.place,
        row.subject,
        row.asked_at,
        row.assignee or "",
        row.revision,
        row.why,
        unattended.since(found),
        None if seat_of is None else seat_of.name or "",
    )


def why_not(session: Session, task: str, people: list[str], by: Acting, now: datetime) -> dict[str, Words]:
    """Why persons whom a page offers cannot be given the task, by id. Three statements, whatever their number."""
    told = dict(handable.why_not(session, task, "transfer", people, by, now))
    return {
        person: naming.TELL["own"] if person == by.person else told[person] for person in {*told, by.person}
    }


def assign(
    session: Session,
    task: str,
    to: str,
    revision: int,
    reason: str,
    by: Acting,
    now: datetime,
    key: str | None = None,
) -> None:
    """Give the task, or the seat that nobody fills any more, to the person `to`; recorded with the reason.

    By who looks after people where it is asked, and has not started it; to somebody within his reach, who is not
    himself. Raises `Unknown`, `Attended`, `Forbidden`, `BadPerson`, `MissingReason`, `InstanceChanged`, `KeyReused`.
    """
    once = (key, receipts.body_of("assign", task, to, reason))
    if not reason.strip():
        raise MissingReason()
    with transaction(session):
        held = stepping.hold(session, by, now, task=task)
        firing.overtake(held)
        if receipts.answered(session, by.person, *once) is not None:
            return
        lonely = find(session, task, by, now)
        if held.row.starter_id == by.person:
            raise Forbidden("task.assign", OWN)
        if lonely.revision != revision:
            raise InstanceChanged()
        row = session.execute(select(Task.__table__).where(Task.id == task)).one()
        asked = naming.Asked(held, row, seats.bench(session, row), held.program.asked(row), None)
        people = _able(asked, to)
        naming.overcome(asked)
        said = naming.body(asked, reason, people)
        held.pen.write(Happening("transferred", row.element, task, by.person, body=said))
        if row.seats == "one":
            naming.store(asked, assignee_id=to, claimed_by_id=None, claimed_at=None)
            letters.arrive(held, {**row._mapping, "is_returned": False}, [to])
            stepping.save(held)
        else:
            _seat(asked, to, people[to])
        audit.log(
            session, "runtime", "task.assigned", by, now, {"instance": held.id, "to": to, "reason": reason}
        )
        naming.finish(asked, once)


def _able(asked: naming.Asked, to: str) -> dict[str, str]:
    """The name of somebody who can be given the task; one outside the reach is answered like one there is not."""
    held = asked.held
    if to == held.by.person:
        raise naming.bad("own")
    reach = _reach(held.session, held.by, held.now)
    seen = select(Person.id).where(Person.id == to, authority.seen_within(reach, held.now))
    if held.session.scalar(seen) is None:
        raise naming.bad("no_account")
    return naming.named(asked, [to])


def _seat(asked: naming.Asked, to: str, name: str) -> None:
    """Let somebody sit where nobody can answer any more, or first of all where nobody sits."""
    held, bench = asked.held, asked.bench
    if bench.has(to):
        raise naming.bad("already")
    stuck = _stuck(held.session, asked.row.id, held.now)
    old = next((one for one in bench.rows if stuck is not None and one.id == stuck.id), None)
    if old is None:
        bench.add(to, name, 1, is_personal=True)
        bench.settle()
    else:
        bench.add(
            to,
            name,
            old.position,
            is_personal=True,
            added_by=old.added_by_id,
            delegated_by=old.delegated_by_id,
            seat=old.seat_id,
        )
        bench.close([old], "transferred", held.by.person, held)
    naming.store(asked)
    signing.go_round(held, asked.row, bench)


def _stuck(session: Session, task: str, now: datetime) -> Any:
    return session.execute(
        select(Seat.id, Person.name)
        .join(Task, Task.id == Seat.task_id)
        .outerjoin(Person, Person.id == Seat.person_id)
        .where(Seat.task_id == task, Seat.state == "open", unattended.stuck(now))
        .order_by(Seat.position, Seat.id)
        .limit(1)
    ).first()


def _looked_at(now: datetime) -> Any:
    return (
        select(
            Task.__table__,
            Instance.title,
            unattended.ASKED_AT.label("asked_at"),
            Person.name.label("assignee"),
            unattended.unattended(now).label("is_lonely"),
            unattended.why(now).label("why"),
            unattended.lost_at(now).label("lost_at"),
            unattended.shut_at().label("shut_at"),
            unattended.reported_at().label("reported_at"),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.state == "open", Instance.state == "running")
    )


def _reach(session: Session, by: Acting, now: datetime) -> tuple[str, ...]:
    """Where `by` looks after people at this moment, not when he came to the door."""
    held = posts.of(session, by.person, now)
    working = [post for post in held if by.post is not None and post.id == by.post.id]
    if by.post is not None and not working:
        return ()
    return roles.reach_of(replace(by, posts=held, post=working[0] if working else None), roles.PEOPLE)
