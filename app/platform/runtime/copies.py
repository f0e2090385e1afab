"""Copies (抄送): persons who are told of an instance and may read it, and whether they have."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.registry import Acting
from app.platform.runtime import naming, receipts, stepping
from app.platform.runtime.entities import Copy
from app.platform.runtime.errors import Unknown
from app.platform.runtime.history import Happening


def copy(
    session: Session,
    task: str,
    to: Sequence[str],
    revision: int,
    by: Acting,
    now: datetime,
    comment: str = "",
    key: str | None = None,
) -> None:
    """Let the persons `to` read the instance of a task, from this task on; once for each.

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadPerson`, `MissingOpinion`, `KeyReused`.
    """
    once = (key, receipts.body_of("copy", task, list(to), comment))
    with transaction(session):
        asked = naming.ask(session, task, "copy", revision, by, now, comment, once=once)
        if asked is None:
            return
        if not to:
            raise naming.bad("nobody")
        if len(to) > naming.MOST:
            raise naming.bad("many")
        people, held = naming.able(session, to), asked.held
        known = set(session.scalars(select(Copy.person_id).where(Copy.task_id == task)))
        new = [person for person in people if person not in known]
        if new:
            fixed = {"instance_id": held.id, "task_id": task, "by_id": by.person, "at": now}
            session.execute(insert(Copy), [{"id": new_id(), "person_id": each, **fixed} for each in new])
        said = naming.body(asked, comment, people)
        held.pen.write(Happening("copied", asked.row.element, task, by.person, body=said))
        stepping.save(held)
        naming.finish(asked, once)


def read_copy(session: Session, copy: str, by: Acting, now: datetime) -> None:
    """Mark one's copy as read; the first time counts. Raises `Unknown` for another's."""
    with transaction(session):
        mine = (Copy.id == copy, Copy.person_id == by.person)
        if session.scalar(select(Copy.id).where(*mine)) is None:
            raise Unknown(copy)
        session.execute(update(Copy).where(*mine, Copy.read_at.is_(None)).values(read_at=now))


def read_of(session: Session, instance: str, by: Acting, now: datetime) -> None:
    """Mark all of one's copies of an instance as read: it has been opened. One statement where there are none.

    Where others write, the page does not wait for it: they stay unread until he opens it again.
    """
    mine = (Copy.instance_id == instance, Copy.person_id == by.person, Copy.read_at.is_(None))
    if session.scalar(select(Copy.id).where(*mine).limit(1)) is None:
        return
    with suppress(OperationalError), transaction(session, in_passing=True):
        session.execute(update(Copy).where(*mine).values(read_at=now))
