"""Drafts: what somebody has typed and not yet sent, kept through time-outs, refusals and second deciders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime.entities import Draft, Task

TABLE = Draft.__table__
KEPT = timedelta(days=90)
DELETE = delete(TABLE).where(  # type: ignore[arg-type]
    TABLE.c.about == bindparam("_about"), TABLE.c.person_id == bindparam("_person")
)


def keep(session: Session, about: str, values: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """Keep what `by` has typed about a task (its id) or a start (`start:<process>`). A transaction of its own."""
    row = {"about": about, "person_id": by.person, "values": dict(values), "saved_at": now}
    with transaction(session):
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        kept = insert(Draft).values(row)
        session.execute(
            kept.on_conflict_do_update(
                index_elements=["about", "person_id"],
                set_={"values": kept.excluded["values"], "saved_at": kept.excluded.saved_at},
            )
        )


def of(session: Session, about: str, by: Acting) -> tuple[Mapping[str, Any], datetime] | None:
    """What `by` has kept about it, and when."""
    row = session.execute(
        select(Draft.values, Draft.saved_at).where(Draft.about == about, Draft.person_id == by.person)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def sweep(session: Session, now: datetime) -> int:
    """Forget drafts older than 90 days about tasks that are not open any more (they keep what a late decider typed)."""
    over = select(Task.id).where(Task.id == Draft.about, Task.state != "open").exists()
    with transaction(session):
        gone = session.execute(delete(Draft).where(Draft.saved_at < now - KEPT, over))
        return int(gone.rowcount)  # type: ignore[attr-defined]


def drop(session: Session, about: str, person: str) -> None:
    """Forget a draft, inside the verb that made it moot. One statement."""
    session.execute(DELETE, {"_about": about, "_person": person})
