"""What holds an instance up: written down where a step cannot be taken, and looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime import seating, stepping
from app.platform.runtime.entities import Incident
from app.platform.runtime.errors import Unpublishable

BROKEN = (engine.Faulty, engine.Fuse, engine.Corrupt, engine.NoSuchToken, Unpublishable)


@contextmanager
def reporting(
    session: Session, by: Acting, now: datetime, *, instance: str | None = None, task: str | None = None
) -> Iterator[None]:
    """Open an incident where a verb of this instance, or task, meets what it cannot go on with; it is raised on."""
    joins = bool(session.info.get("verb"))
    try:
        yield
    except BROKEN as broken:
        if not joins:
            report(session, broken, by, now, instance=instance, task=task)
        raise


def report(
    session: Session,
    broken: Exception,
    by: Acting,
    now: datetime,
    *,
    instance: str | None = None,
    task: str | None = None,
) -> None:
    """Open an incident for a step that could not be taken, in a transaction of its own; once until it is closed.

    It stands at the task, where one is named, else where the engine says.
    """
    with transaction(session):
        held = stepping.hold(session, by, now, instance=instance, task=task)
        element = getattr(broken, "element", None)
        if task is not None:
            element = session.scalar(select(stepping.TASK.c.element).where(stepping.TASK.c.id == task))
        known = select(Incident.id).where(
            Incident.instance_id == held.id,
            Incident.kind == "engine",
            Incident.element == element,
            Incident.closed_at.is_(None),
        )
        if held.row.has_incident and session.scalar(known.limit(1)) is not None:
            return
        stepping.open_incident(held, "engine", element, f"{type(broken).__name__}: {broken}"[:2000])
        stepping.save(held)


def mind_again(held: stepping.Held, element: str) -> None:
    """Look once more whether the instance's open task at `element` has anybody, and say so if not."""
    rows = held.session.execute(
        select(stepping.TASK).where(
            stepping.TASK.c.instance_id == held.id,
            stepping.TASK.c.element == element,
            stepping.TASK.c.state == "open",
        )
    )
    for row in rows.all():
        if not seating.anybody(held, row):
            stepping.open_incident(held, "nobody", row.element, row.name_zh)
