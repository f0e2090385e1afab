"""Taking over (接任): what nobody could answer is offered at once to whoever is given the post it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import jobs, notices
from app.platform.data import transaction
from app.platform.identity import authority
from app.platform.identity.eligibility import eligible_clause
from app.platform.identity.entities import HeldPost
from app.platform.identity.posts import live
from app.platform.registry import Acting, Post, Words, house
from app.platform.runtime import handing_on, policy, seating, stepping, unattended
from app.platform.runtime.entities import Incident, Instance, Task
from app.platform.runtime.notice_kinds import ARRIVED

KIND: Final = "personnel/taking_over"
NOBODY: Final = Acting("", "", "")
AT_ONCE: Final = 500
"""So many matters at a time are looked at again; the tasks of the others stand in the inbox all the same."""


@dataclass(frozen=True, slots=True)
class Given:
    """A post that was given, and how many tasks nobody could answer before it was."""

    post: str
    offered: int


def give(
    session: Session, person: str, wanted: authority.Wanted, by: Acting, now: datetime, *, anew: bool = False
) -> Given:
    """Give a post as `authority.give` does, and offer what waits for it; a post that begins later does so then."""
    with transaction(session):
        post = authority.give(session, person, wanted, by, now, anew=anew)
        if wanted.from_at is not None and wanted.from_at > now:
            jobs.enqueue(session, KIND, {"post": post}, now, due=wanted.from_at)
            return Given(post, 0)
        return Given(post, offer(session, post, by, now))


def offer(session: Session, post: str, by: Acting, now: datetime) -> int:
    """Offer the holder of a post what nobody could answer without it; return how many tasks, of which he is told.

    Incidents that said so are closed, and seats that were never filled are filled. Joins the open transaction.
    """
    return offer_all(session, [post], by, now)


def offer_all(session: Session, given: Sequence[str], by: Acting, now: datetime) -> int:
    """The same of many posts at once: one statement finds what waits for all of them, and each holder is told his."""
    rows = session.execute(select(HeldPost.__table__).where(HeldPost.id.in_(given), live(now))).all()
    waiting = session.execute(left_without(rows, now)).all() if rows else []
    if not waiting:
        return 0
    instances = sorted({each.instance_id for each in waiting})[:AT_ONCE]
    held = handing_on.hold(session, instances, by, now)
    answered = [
        each for each in waiting if each.instance_id not in held or _offer(held[each.instance_id], each.id)
    ]
    for one in held.values():
        if one.pen.rows:
            stepping.save(one)
    if answered:
        _tell_each(session, rows, [each.id for each in answered], by, now)
    return len(answered)


def left_without(rows: Sequence[Any], now: datetime) -> Any:
    """Ask for the tasks that posts (their rows) cover and nobody could answer without them: `id`, `instance_id`."""
    held = [_post(row) for row in rows]
    return (
        select(Task.id, Task.instance_id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(eligible_clause(held, policy.COLUMNS), unattended.unattended(now, [row.id for row in rows]))
        .where(Task.assignee_id.is_(None))
        .order_by(Task.opened_at, Task.id)
    )


def _offer(held: stepping.Held, task: str) -> bool:
    """Look once more whether a task has anybody, and close the incident that said it had not."""
    row = held.session.execute(select(Task.__table__).where(Task.id == task, Task.state == "open")).first()
    if row is None or not seating.anybody(held, row):
        return False
    others = (Task.instance_id == held.id, Task.element == row.element, unattended.unattended(held.now))
    still = select(Task.id).join(Instance, Instance.id == Task.instance_id).where(*others).limit(1)
    if held.row.has_incident and held.session.scalar(still) is None:
        stepping.close_incidents(held, Incident.kind == "nobody", Incident.element == row.element)
    return True


def _post(row: Any) -> Post:
    return Post(row.id, row.role, row.place, row.subject)


def _tell_each(
    session: Session, rows: Sequence[Any], answered: Sequence[str], by: Acting, now: datetime
) -> None:
    """Tell each holder of how many of the tasks his post answers; equal posts are counted once."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        alike = (row.role, row.place, row.subject)
        if alike not in counts:
            his = eligible_clause([_post(row)], policy.COLUMNS)
            found = select(func.count()).select_from(Task).join(Instance, Instance.id == Task.instance_id)
            counts[alike] = session.scalar(found.where(his, Task.id.in_(answered))) or 0
        if counts[alike] and row.person_id != by.person:
            _tell(session, row, counts[alike], now)


def _tell(session: Session, row: Any, count: int, now: datetime) -> None:
    role = house.roles[row.role].title
    title = Words(f"接任{role.zh}：有待办任务", f"{role.en}: tasks wait for you")
    text = Words(
        f"您已担任{role.zh}，此前无人办理的{count}项任务现由您办理，请到待办中查看。",
        f"You are {role.en} now. Tasks that nobody could answer and that wait in your inbox: {count}.",
    )
    notices.post(session, [notices.Letter((row.person_id,), title, text, ARRIVED)], now)


@house.job(KIND)
def begun(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """A post that was given for later has begun."""
    offer(session, arguments["post"], NOBODY, now)


def sweep(session: Session, now: datetime) -> int:
    """Close incidents that say that nobody can answer where somebody can by now (a chore); return how many tasks."""
    found = session.execute(
        select(Task.id, Task.instance_id)
        .join(Instance, Instance.id == Task.instance_id)
        .join(Incident, Incident.instance_id == Instance.id)
        .where(
            Incident.kind == "nobody",
            Incident.element == Task.element,
            Incident.closed_at.is_(None),
            Task.state == "open",
            Instance.state == "running",
            ~unattended.unattended(now),
        )
        .order_by(Task.instance_id)
        .limit(AT_ONCE)
    ).all()
    session.rollback()
    count = 0
    for each in found:
        with transaction(session):
            held = stepping.hold(session, NOBODY, now, task=each.id)
            if _offer(held, each.id):
                stepping.save(held)
                count += 1
    return count
