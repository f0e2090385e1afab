"""How the queue stands, for the health page and the monitor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select, text
from sqlalchemy.orm import Session

from app.platform.jobs.entities import Job

LATE = timedelta(seconds=60)  # whatever happens to workers and brokers, work is taken up again within this


@dataclass(frozen=True, slots=True)
class Health:
    """How many jobs wait (later ones too), run, are late by more than a minute, and were given up."""

    waiting: int
    running: int
    overdue: int
    failed: int


def _count(state: str, *more: ColumnElement[bool]) -> ScalarSelect[int]:
    """Count one state; spelled out and not bound, so that its partial index answers."""
    return select(func.count()).select_from(Job).where(text(f"state = '{state}'"), *more).scalar_subquery()


def health(session: Session, now: datetime) -> Health:
    """Count. One statement; jobs that are done are not read."""
    late = _count("waiting", Job.due_at < now - LATE) + _count("running", Job.lease_until < now - LATE)
    counts = session.execute(select(_count("waiting"), _count("running"), late, _count("failed"))).one()
    return Health(*(int(count) for count in counts))
