"""Who else has a task open on his screen: told to those who may work it, and nobody is kept out by it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime.entities import Presence

HERE = timedelta(seconds=90)
WRITTEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who has the task open, and since when."""

    person: str
    name: str
    since: datetime


def look(session: Session, task: str, by: Acting, now: datetime) -> tuple[Reader, ...]:
    """Note that `by` has the task open; return who else has. Only for one who may work it: the caller has asked.

    Not a verb: nothing is locked but this row. One statement, and once a minute a second one in a transaction of its
    own, so call it between verbs and hold no rows over it.
    """
    here = _here(session, task, now)
    stay(session, task, here, by, now)
    return beside(here, by)


def others(session: Session, task: str, by: Acting, now: datetime) -> tuple[Reader, ...]:
    """Who else has had the task open within the last 90 seconds, the first comer first. One statement."""
    return beside(_here(session, task, now), by)


def stay(session: Session, task: str, here: Sequence[Any], by: Acting, now: datetime) -> None:
    """Write that `by` has the task open still, unless it was written within the last minute; `here`: rows as read."""
    mine = next((row for row in here if row.person_id == by.person), None)
    if mine is None or now - mine.seen_at >= WRITTEN_EVERY:
        _write(session, task, by, now, mine.opened_at if mine is not None else now)


def beside(here: Sequence[Any], by: Acting) -> tuple[Reader, ...]:
    """Everybody of these rows but `by` himself."""
    return tuple(Reader(row.person_id, row.name, row.opened_at) for row in here if row.person_id != by.person)


def sweep(session: Session, now: datetime) -> None:
    """Forget whoever left more than an hour ago."""
    with transaction(session):
        session.execute(delete(Presence).where(Presence.seen_at < now - KEPT))


def _here(session: Session, task: str, now: datetime) -> Sequence[Any]:
    return (
        session.execute(
            select(Presence.person_id, Person.name, Presence.opened_at, Presence.seen_at)
            .join(Person, Person.id == Presence.person_id)
            .where(Presence.task_id == task, Presence.seen_at > now - HERE)
            .order_by(Presence.opened_at, Presence.person_id)
        )
    ).all()


def _write(session: Session, task: str, by: Acting, now: datetime, since: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(Presence).values(task_id=task, person_id=by.person, opened_at=since, seen_at=now)
    fresh = {"opened_at": row.excluded.opened_at, "seen_at": row.excluded.seen_at}
    with (
        suppress(
            OperationalError
        ),  # others write: the page does not wait for this, the next question notes it
        transaction(session, in_passing=True),
    ):
        session.execute(row.on_conflict_do_update(index_elements=["task_id", "person_id"], set_=fresh))
