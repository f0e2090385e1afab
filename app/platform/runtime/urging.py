"""Urging (催办): whoever waits reminds those who are to decide, at most once on a working day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import calendar
from app.platform.calendar import ZONE
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.registry import Acting
from app.platform.runtime import policy, receipts, stepping, telling
from app.platform.runtime.entities import History, Instance, Question, Task
from app.platform.runtime.errors import Forbidden, InstanceChanged, Unknown, UrgedAlready
from app.platform.runtime.history import Happening


def urge(session: Session, instance: str, by: Acting, now: datetime, key: str | None = None) -> None:
    """Remind those an instance waits for; recorded, and told them where notices are sent.

    By its starter or an administrator. Raises `Unknown`, `Forbidden`, `InstanceChanged` when it is not running,
    `UrgedAlready` when no working day has begun since the last time, `KeyReused`.
    """
    body = receipts.body_of("urge", instance)
    with transaction(session):
        held = stepping.hold(session, by, now, instance=instance)
        if receipts.answered(session, by.person, key, body) is not None:
            return
        if not policy.may_read(session, by, instance):
            raise Unknown(instance)
        if by.person != held.row.starter_id and not policy.may_manage(by, held.row.place):
            raise Forbidden("instance.urge")
        people = waited_for(session, instance, now)
        if held.state != "running" or not people:
            raise InstanceChanged()
        _mind_last(session, instance, now)
        held.pen.write(Happening("urged", by=by.person, body={"name": by.name}))
        telling.urged(held, people)
        stepping.save(held)
        receipts.give(session, by.person, key, body, {"instance": instance}, now)


def _mind_last(session: Session, instance: str, now: datetime) -> None:
    last = last_today(session, instance, now)
    if last is not None:
        raise UrgedAlready(last)


def last_today(session: Session, instance: str, now: datetime) -> datetime | None:
    """When an instance was urged last, if no working day has begun since: it cannot be urged again yet."""
    return urged(session, [instance], now).get(instance)


def urged(session: Session, instances: Collection[str], now: datetime) -> dict[str, datetime]:
    """The same of many instances: those that cannot be urged again yet. Two statements at most."""
    rows = session.execute(
        select(History.instance_id, func.max(History.at).label("last"))
        .where(History.instance_id.in_(instances), History.kind == "urged")
        .group_by(History.instance_id)
    ).all()
    today = now.astimezone(ZONE).date()
    began = {row.instance_id: row.last.astimezone(ZONE).date() + timedelta(days=1) for row in rows}
    days = calendar.load(session) if any(day <= today for day in began.values()) else None
    return {
        row.instance_id: row.last
        for row in rows
        if days is None or days.working_days(began[row.instance_id], today) < 1
    }


def may_urge(session: Session, instance: str, starter: str, by: Acting) -> bool:
    """Whether `by` may urge an instance: its starter, or whoever looks after it. At most one statement."""
    if by.person == starter:
        return True
    if not roles.places(by.posts, roles.MANAGE):
        return False
    place = session.scalar(select(Instance.place).where(Instance.id == instance))
    return place is not None and policy.may_manage(by, place)


def waited_for(session: Session, instance: str, now: datetime) -> list[str]:
    """The persons an instance's open tasks wait for, and those who owe an answer there."""
    rows = session.execute(
        select(Task.__table__).where(Task.instance_id == instance, Task.state == "open")
    ).all()
    owing = session.scalars(
        select(Question.to_id)
        .where(Question.instance_id == instance, Question.closed_at.is_(None))
        .order_by(Question.asked_at, Question.id)
    )
    return list(dict.fromkeys([*telling.answering(session, rows, now), *owing]))
