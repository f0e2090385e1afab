"""What pages are shown of an instance: where it stands, who can answer its open tasks, and whether the reader may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.jobs import Job
from app.platform.registry import Acting, Words
from app.platform.runtime import places, policy, seats
from app.platform.runtime.entities import Incident, Instance, Process, Task, Timer
from app.platform.runtime.errors import Unknown


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of an instance: who can answer it, and whether the reader may."""

    id: str
    element: str
    name: Words
    who: Words
    can_work: bool
    opened_at: datetime
    due_at: datetime | None
    revision: int
    is_due_provisional: bool = False
    is_returned: bool = False
    signed: tuple[int, int] | None = None  # where several sign: how many have, of how many
    paused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance as one person sees it.

    With no task open and nothing wrong it is either worked on (`is_working`), or waits for a message or a moment:
    `until`, if one is known.
    """

    id: str
    process: str
    process_name: Words
    system: str
    title: str
    number: str | None
    state: str
    stage: Words | None
    starter: str
    starter_name: str
    business_key: str | None
    started_at: datetime
    ended_at: datetime | None
    open_tasks: tuple[OpenTask, ...]
    is_working: bool
    until: datetime | None
    incidents: tuple[str, ...]
    variables: Mapping[str, Any]
    revision: int = 0
    place: str = ""


def instance(session: Session, instance_id: str, by: Acting, now: datetime) -> InstanceView:
    """One instance for one reader. Raises `Unknown`."""
    found = session.execute(
        select(Instance, Process, Person.name)
        .join(Process, Process.key == Instance.process)
        .outerjoin(Person, Person.id == Instance.starter_id)
        .where(Instance.id == instance_id, policy.readable(by))
    ).one_or_none()
    if found is None:
        raise Unknown(instance_id)
    row, process = found.Instance, found.Process
    open_rows = session.execute(
        select(Task, Person.name)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.instance_id == instance_id, Task.state == "open")
        .order_by(Task.opened_at)
    ).all()
    sitting = seats.of(session, (t for t, _ in open_rows))
    incidents = session.scalars(
        select(Incident.kind).where(and_(Incident.instance_id == instance_id, Incident.closed_at.is_(None)))
    ).all()
    named = places.offices_of(session, (t.place for t, _ in open_rows))
    is_idle = row.state == "running" and not open_rows and not incidents
    return InstanceView(
        id=row.id,
        process=process.key,
        process_name=Words(process.name_zh, process.name_en),
        system=process.system,
        title=row.title,
        number=row.number,
        state=row.state,
        stage=stage_of(row),
        starter=row.starter_id,
        starter_name=found.name or "",
        business_key=row.business_key,
        started_at=row.started_at,
        ended_at=row.ended_at,
        open_tasks=tuple(
            OpenTask(
                t.id,
                t.element,
                Words(t.name_zh, t.name_en),
                _who(t, name, named),
                row.state == "running" and policy.may_work(by, t, sitting.get(t.id, ())),
                t.opened_at,
                t.due_at,
                t.revision,
                t.is_due_provisional,
                t.is_returned,
                _signed(sitting[t.id]) if t.id in sitting else None,
                t.paused_at,
            )
            for t, name in open_rows
        ),
        is_working=is_idle and _is_working(session, instance_id),
        until=_next_due(session, instance_id) if is_idle else None,
        incidents=tuple(incidents),
        variables=row.variables,
        revision=row.revision,
        place=row.place,
    )


def _is_working(session: Session, instance: str) -> bool:
    """Whether a job is doing something for an instance right now, or soon."""
    live = select(Job.id).where(Job.instance_id == instance, Job.state.in_(("waiting", "running")))
    return session.scalar(live.limit(1)) is not None


def _next_due(session: Session, instance: str) -> datetime | None:
    """When the next of an instance's own timers is due."""
    return session.scalar(select(func.min(Timer.due_at)).where(Timer.instance_id == instance))


def _signed(sitting: list[Any]) -> tuple[int, int]:
    counted = [seat for seat in sitting if seat.seat_id is None and seat.state != "closed"]
    return sum(seat.state == "decided" for seat in counted), len(counted)


def _who(row: Any, name: str | None, named: Mapping[str, str]) -> Words:
    """Who can answer a task: a person by name, or a role at a place."""
    if row.assignee_id:
        return Words(name or "", name or "")
    if row.role is None:
        return Words("", "")
    role, place = roles.title_of(row.role), named.get(row.place, "")
    return Words(f"{place}{role.zh}", f"{role.en}{', ' + place if place else ''}")


def stage_of(instance: Any) -> Words | None:
    """What the diagram calls where an instance stands."""
    return None if instance.stage_zh is None else Words(instance.stage_zh, instance.stage_en)
