"""What an open page asks again and again, in one statement: how much waits, and whether what it shows still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, case, func, literal, select, true
from sqlalchemy.orm import Session

from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import policy, presence
from app.platform.runtime.entities import Instance, Presence, Task
from app.platform.runtime.presence import Reader
from app.platform.runtime.views import InstanceView, TaskView

Counts = Mapping[str, ScalarSelect[Any]]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What has been counted, and a mark of the open task or instance: another mark, another state.

    A mark is empty where the thing is gone, or none of the reader's business any more.
    """

    counts: Mapping[str, int]
    task: str = ""
    instance: str = ""
    others: tuple[Reader, ...] = field(default=())


def feel(
    session: Session,
    counts: Counts,
    by: Acting,
    now: datetime,
    *,
    task: str | None = None,
    instance: str | None = None,
) -> Pulse:
    """Everything in one statement; `counts` are bounded scalar counts by name.

    Whoever may work the open task is noted as having it open, which is a second statement once a minute.
    """
    rows = session.execute(_asking(counts, by, now, task, instance)).all()
    first = rows[0]
    counted = {name: getattr(first, f"n_{name}") or 0 for name in counts}
    mark_here = mark_there = ""
    others: tuple[Reader, ...] = ()
    if task and first.task_state is not None:
        can_work = bool(first.can_work)
        here = [row for row in rows if row.person_id is not None] if can_work else []
        others = presence.beside(here, by)
        mark_here = _mark(
            first.revision, first.task_state, first.claimed_by_id, first.state, can_work, people(others)
        )
        if can_work:
            presence.stay(session, task, here, by, now)
    if instance and first.instance_revision is not None:
        mark_there = _mark(first.instance_revision)
    return Pulse(counted, mark_here, mark_there, others)


def mark_of(view: TaskView, others: Sequence[Reader]) -> str:
    """The mark of a task as its page shows it."""
    return _mark(
        view.revision, view.state, view.claimed_by, view.instance_state, view.can_work, people(others)
    )


def mark_of_instance(view: InstanceView) -> str:
    """The mark of an instance as its page shows it."""
    return _mark(view.revision)


def people(others: Sequence[Reader]) -> str:
    """Who else is there, as a part of a mark."""
    return ",".join(f"{one.person}@{one.since.timestamp():.0f}" for one in others)


def _mark(*parts: Any) -> str:
    return sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:16]


def counting(rows: Select[Any], bound: int) -> ScalarSelect[Any]:
    """How many rows there are, looking at no more than `bound` of them."""
    return select(func.count()).select_from(rows.order_by(None).limit(bound).subquery()).scalar_subquery()


def _asking(counts: Counts, by: Acting, now: datetime, task: str | None, instance: str | None) -> Select[Any]:
    """One row of what was counted, and of the open task one for each who has it open."""
    one = select(literal(1).label("one")).subquery("one")
    columns: list[Any] = [count.label(f"n_{name}") for name, count in counts.items()]
    if not columns and not task and not instance:
        columns = [one.c.one]
    source: Any = one
    if task:
        read = and_(Instance.id == Task.instance_id, policy.readable(by))
        found = (
            select(
                Task.id.label("task_id"),
                Task.revision,
                Task.state.label("task_state"),
                Task.claimed_by_id,
                Instance.state,
                case((and_(policy.workable(by), Instance.state == "running"), 1), else_=0).label("can_work"),
            )
            .join(Instance, read)
            .where(Task.id == task)
            .subquery("found")
        )
        seen = and_(Presence.task_id == found.c.task_id, Presence.seen_at > now - presence.HERE)
        source = source.outerjoin(found, true()).outerjoin(Presence, seen)
        source = source.outerjoin(Person, Person.id == Presence.person_id)
        columns += [found, Presence.person_id, Presence.opened_at, Presence.seen_at, Person.name]
    if instance:
        there = (
            select(Instance.revision.label("instance_revision"))
            .where(Instance.id == instance, policy.readable(by))
            .subquery("there")
        )
        source = source.outerjoin(there, true())
        columns.append(there)
    asked = select(*columns).select_from(source)
    return asked.order_by(Presence.opened_at, Presence.person_id) if task else asked
