"""Putting a job into the table, in the transaction of the verb that wants it, and waking the worker after."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import event, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.jobs import hints
from app.platform.jobs.entities import Job
from app.platform.jobs.worker import poke

_WOKEN = "jobs.enqueued"
_table = Job.__table__
_INSERT = insert(_table)  # type: ignore[arg-type]


def enqueue(
    session: Session,
    name: str,
    arguments: Mapping[str, Any],
    now: datetime,
    *,
    key: str | None = None,
    instance: str | None = None,
    due: datetime | None = None,
) -> str:
    """Write the job `name` and return its id; with a `key` already known, the id of the job that has it.

    `arguments` hold ids and small scalars, never personal data: they are not encrypted. Joins the open
    transaction; the worker is woken when that commits.
    """
    row = _row(name, arguments, now) | {"key": key, "due_at": due or now, "instance_id": instance}
    identifier = str(row["id"])
    with transaction(session):
        insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        written = session.scalar(
            insert_or(Job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(_table.c.id)
        )
        _wake(session, identifier if due is None or due <= now else None)
        if written is None:
            return str(session.scalars(select(_table.c.id).where(_table.c.key == key)).one())
    return identifier


def enqueue_each(session: Session, name: str, each: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """Write one job `name` for each of the arguments, all in one statement; return their ids in that order."""
    rows = [_row(name, arguments, now) for arguments in each]
    if rows:
        with transaction(session):
            session.execute(_INSERT, rows)
            _wake(session, *(str(row["id"]) for row in rows))
    return [str(row["id"]) for row in rows]


def _row(name: str, arguments: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": name,
        "arguments": dict(arguments),
        "key": None,
        "state": "waiting",
        "due_at": now,
        "tries": 0,
        "losses": 0,
        "instance_id": None,
        "created_at": now,
    }


def asked_for(session: Session) -> list[str]:
    """The ids of the jobs due now that the open transaction has asked for so far."""
    return list(session.info.get(_WOKEN, ()))


def _wake(session: Session, *jobs: str | None) -> None:
    """Remember to wake the worker here and to hint at `jobs` elsewhere, once all this is committed."""
    session.info.setdefault(_WOKEN, []).extend(job for job in jobs if job is not None)


def retry(session: Session, job: str, now: datetime) -> bool:
    """Give a failed job its three tries again; False if it is not failed (any more)."""
    with transaction(session):
        changed = session.execute(
            update(Job)
            .where(_table.c.id == job, _table.c.state == "failed")
            .values(state="waiting", due_at=now, tries=0, losses=0)
            .returning(_table.c.id)
        ).first()
        _wake(session, job)
    return changed is not None


def free(session: Session, job: str, now: datetime) -> bool:
    """Take a job from a worker whose lease has run out, to be done anew now; False if it is nobody's to take."""
    with transaction(session):
        changed = session.execute(
            update(Job)
            .where(_table.c.id == job, _table.c.state == "running", _table.c.lease_until <= now)
            .values(state="waiting", due_at=now, leased_by=None, lease_until=None)
            .returning(_table.c.id)
        ).first()
        _wake(session, job)
    return changed is not None


def again(session: Session, keys: Collection[str], now: datetime) -> None:
    """Let the jobs of these keys be done once more where they are done; joins the open transaction."""
    if not keys:
        return
    with transaction(session):
        session.execute(
            update(Job)
            .where(_table.c.key.in_(keys), _table.c.state == "done")
            .values(state="waiting", due_at=now, done_at=None, tries=0, losses=0)
        )
        _wake(session)


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    woken = session.info.pop(_WOKEN, None)
    if woken is not None:
        poke()
        hints.give(woken)


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_WOKEN, None)
