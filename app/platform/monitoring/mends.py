"""What mends something that stands still: for each the verb there is for it, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import new_id
from app.platform.jobs import Job
from app.platform.registry import Acting
from app.platform.runtime import control, errors, firing, messages, migrating, remains, stepping
from app.platform.runtime.entities import Incident, Instance, Process, Subscription, Timer, Version
from app.platform.runtime.history import Happening
from app.platform.runtime.moving import hold_to_manage

Verb = Callable[[Session, str, str, Acting, datetime], None]


def instance_of(session: Session, verb: str, key: str) -> str:
    """The instance of what a verb is done to. Raises `Unknown`."""
    column = _WHOSE.get(verb)
    found = None if column is None else session.scalar(select(column[0]).where(column[1] == key))
    if found is None:
        raise errors.Unknown(key)
    return str(found)


def _fire(session: Session, key: str, _reason: str, by: Acting, now: datetime) -> None:
    """Fire a timer that was given up, or that nobody looks at."""
    row = session.execute(select(Timer.instance_id, Timer.element).where(Timer.id == key)).one_or_none()
    if row is None or row.instance_id is None:
        raise errors.Unknown(key)
    held = hold_to_manage(session, row.instance_id, by, now)
    if held.state != "running":
        raise errors.InstanceChanged()
    fence = f"monitor/{new_id()}"
    free = or_(Timer.lease_until.is_(None), Timer.lease_until <= now)
    session.execute(
        update(Timer)
        .where(Timer.id == key, free)
        .values(leased_by=fence, lease_until=now + firing.LEASE, next_at=now, tries=0)
    )
    if not firing.fire(session, key, fence, now):
        raise errors.InstanceChanged()
    _note(session, row.instance_id, row.element, by, now, "timer")


def _note(session: Session, instance: str, element: str, by: Acting, now: datetime, kind: str) -> None:
    """Close the incident that spoke of it, and write down who has seen to it."""
    held = stepping.hold(session, by, now, instance=instance)
    if held.row.has_incident:
        stepping.close_incidents(held, Incident.kind == kind, Incident.element == element)
    held.pen.write(Happening("retried", element, by=by.person, body={"name": by.name}))
    stepping.save(held)


def _deliver(session: Session, key: str, _reason: str, by: Acting, now: datetime) -> None:
    """Let an instance go on as if the message it waits for had come, without data."""
    row = session.execute(
        select(Subscription.instance_id, Subscription.element).where(Subscription.id == key)
    ).one_or_none()
    if row is None or row.instance_id is None:
        raise errors.Unknown(key)
    held = hold_to_manage(session, row.instance_id, by, now)
    if held.state != "running":
        raise errors.InstanceChanged()
    messages.receive(session, {"by": by.person, "subscription": key, "data": {}, "correlation": None}, now)


def _free(session: Session, key: str, _reason: str, by: Acting, now: datetime) -> None:
    """Take a job from the worker that died over it, so that another one does it."""
    instance = session.scalar(select(Job.instance_id).where(Job.id == key))
    if instance is None:
        raise errors.Unknown(key)
    held = hold_to_manage(session, instance, by, now)
    if not jobs.free(session, key, now):
        raise errors.InstanceChanged()
    held.pen.write(Happening("retried", by=by.person, body={"name": by.name}))
    stepping.save(held)


def _resume(session: Session, key: str, reason: str, by: Acting, now: datetime) -> None:
    """Let a suspended instance go on."""
    control.resume(session, key, reason, by, now)


def _migrate(session: Session, key: str, _reason: str, by: Acting, now: datetime) -> None:
    """Carry an instance away from a version that cannot be read any more, to the current one."""
    hold_to_manage(session, key, by, now)
    row = session.execute(
        select(Instance.version_id, Version.number)
        .join(Process, Process.key == Instance.process)
        .join(Version, Version.id == Process.current_id)
        .where(Instance.id == key)
    ).one_or_none()
    if row is None:
        raise errors.Unknown(key)
    with remains.read_as_it_was(session, row.version_id):
        migrating.migrate(session, key, row.number, {}, by, now)


VERBS: Final[Mapping[str, Verb]] = {
    "fire": _fire,
    "deliver": _deliver,
    "free": _free,
    "resume": _resume,
    "migrate": _migrate,
}
"""By name: done to a key, for a reason, by whoever looks after the instance. Raise `Unknown`, `InstanceChanged`, …"""
_WHOSE: Final[Mapping[str, tuple[Any, Any]]] = {
    "fire": (Timer.instance_id, Timer.id),
    "deliver": (Subscription.instance_id, Subscription.id),
    "retry": (Incident.instance_id, Incident.id),
    "free": (Job.instance_id, Job.id),
    "resume": (Instance.id, Instance.id),
    "migrate": (Instance.id, Instance.id),
}
