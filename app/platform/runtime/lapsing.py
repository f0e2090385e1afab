"""What waits for who can do it no more: his claims are given back to all, at tasks named for him an incident says so.

So nothing is silently stuck. An incident of this kind is closed by whoever hands the task on (`transferring`,
`handing_on`, `personnel/leaving`), or by itself where the account is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.identity.eligibility import covering
from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.places import below
from app.platform.jobs import two_phase
from app.platform.registry import Acting, house
from app.platform.runtime import policy, seating, stepping
from app.platform.runtime.entities import Incident, Instance, Seat, Task
from app.platform.runtime.errors import Unknown
from app.platform.runtime.history import Happening
from app.platform.runtime.waiting import ALONE, OPEN

NOBODY = Acting("", "", "")
AT_ONCE = 500  # claims of one run of the chore


@house.job(posts.LAPSED)
@two_phase
def lapsed(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """See to what waits for `arguments["person"]`: a post of his has ended, or his account was shut or opened.

    With a `role` or a `place` instead: claims made by a role that has changed or is off, or lying in what has moved.
    """
    if "person" not in arguments:
        of = Task.role == arguments["role"] if "role" in arguments else below(Task.place, arguments["place"])
        while release(session, now, None, of) == AT_ONCE:
            pass
        return
    release(session, now, arguments["person"])
    report(session, now, arguments["person"])
    recover(session, now, arguments["person"])


def sweep(session: Session, now: datetime) -> int:
    """The same for everybody, five hundred of each at most (a chore): a role was switched off, say."""
    return release(session, now) + report(session, now)


def release(
    session: Session, now: datetime, person: str | None = None, of: ColumnElement[bool] | None = None
) -> int:
    """Give back the claims (of `person` or everybody, at the tasks `of`) that no post answers for; return how many.

    Each in a transaction of its own, which asks again under the lock.
    """
    mine = [] if person is None else [Task.claimed_by_id == person]
    mine += [] if of is None else [of]
    found = session.scalars(
        select(Task.id).where(without_right(now), *mine).order_by(Task.instance_id).limit(AT_ONCE)
    ).all()
    session.rollback()
    return sum(_give_back(session, task, now) for task in found)


def without_right(now: datetime) -> ColumnElement[bool]:
    """The SQL of a claim with no right behind it any more: what `policy` asks of posts, and an account that opens."""
    answers = (
        select(HeldPost.id)
        .where(
            HeldPost.person_id == Task.claimed_by_id,
            posts.live(now),
            *covering(policy.COLUMNS),
        )
        .exists()
    )
    shut = (
        select(Account.person_id)
        .where(Account.person_id == Task.claimed_by_id, Account.is_disabled.is_(True))
        .exists()
    )
    return and_(OPEN, ALONE, Task.assignee_id.is_(None), Task.claimed_by_id.is_not(None), or_(~answers, shut))


def report(session: Session, now: datetime, person: str | None = None) -> int:
    """Open an incident at each task that waits for somebody by name (`person`, or anybody) whose account is shut.

    Once until it is closed; return how many. Each in a transaction of its own, which asks again under the lock.
    """
    where = [left_alone(person), ~_is_known()]
    found = session.scalars(
        select(Task.id).join(Instance).where(*where).order_by(Task.instance_id).limit(AT_ONCE)
    ).all()
    session.rollback()
    return sum(_report(session, task, where, now) for task in found)


def left_alone(person: str | None = None) -> ColumnElement[bool]:
    """The SQL of an open task of a running instance that only somebody could answer whose account is shut.

    Over `Task` and `Instance`. It is assigned to him, or a seat on turn is his; a substitute cannot act for him either.
    """
    his = select(Account.person_id).where(Account.is_disabled.is_(True))
    seated = select(Seat.task_id).join(Account, Account.person_id == Seat.person_id)
    seated = seated.where(Seat.state == "open", Account.is_disabled.is_(True))
    if person is not None:
        his = his.where(Account.person_id == person)
        seated = seated.where(Seat.person_id == person)
    alone = and_(ALONE, Task.assignee_id.is_not(None), Task.assignee_id.in_(his))
    return and_(OPEN, Instance.state == "running", or_(alone, and_(~ALONE, Task.id.in_(seated))))


def _is_known() -> ColumnElement[bool]:
    """Whether an incident says already that nobody can answer the step of a task."""
    return (
        select(Incident.id)
        .where(
            Incident.instance_id == Task.instance_id,
            Incident.element == Task.element,
            Incident.kind == "nobody",
            Incident.closed_at.is_(None),
        )
        .exists()
    )


def _report(session: Session, task: str, where: list[ColumnElement[bool]], now: datetime) -> bool:
    with transaction(session):
        try:
            held = stepping.hold(session, NOBODY, now, task=task)
        except Unknown:
            return False
        row = session.execute(
            select(Task.element, Task.name_zh).join(Instance).where(Task.id == task, *where)
        ).first()
        if row is None:
            return False
        stepping.open_incident(held, "nobody", row.element, row.name_zh)
        stepping.save(held)
    return True


def recover(session: Session, now: datetime, person: str) -> int:
    """Close the incidents at tasks named for `person`, where his account opens (again); return how many."""
    opens = select(Account.person_id).where(Account.person_id == person, Account.is_disabled.is_(False))
    seated = select(Seat.task_id).where(Seat.person_id == person, Seat.state == "open")
    mine = or_(and_(ALONE, Task.assignee_id == person), and_(~ALONE, Task.id.in_(seated)))
    found = session.scalars(
        select(Task.id)
        .where(opens.exists(), OPEN, mine, _is_known())
        .order_by(Task.instance_id)
        .limit(AT_ONCE)
    ).all()
    session.rollback()
    return sum(_recover(session, task, now) for task in found)


def _recover(session: Session, task: str, now: datetime) -> bool:
    with transaction(session):
        try:
            held = stepping.hold(session, NOBODY, now, task=task)
        except Unknown:
            return False
        row = session.execute(select(Task.__table__).where(Task.id == task, OPEN, _is_known())).first()
        others = (Task.instance_id == held.id, Task.id != task)
        still = row is not None and session.scalar(
            select(Task.id).join(Instance).where(*others, Task.element == row.element, left_alone()).limit(1)
        )
        if row is None or still or not seating.anybody(held, row):
            return False
        stepping.close_incidents(held, Incident.kind == "nobody", Incident.element == row.element)
        stepping.save(held)
    return True


def _give_back(session: Session, task: str, now: datetime) -> bool:
    with transaction(session):
        try:
            held = stepping.hold(session, NOBODY, now, task=task)
        except Unknown:
            return False
        row = session.execute(select(Task.element).where(Task.id == task, without_right(now))).first()
        if row is None:
            return False
        session.execute(
            update(Task)
            .where(Task.id == task)
            .values(claimed_by_id=None, claimed_at=None, revision=Task.revision + 1)
        )
        held.pen.write(Happening("unclaimed", row.element, task, body={"reason": "lapsed"}))
        stepping.save(held)
    return True
