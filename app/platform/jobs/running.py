"""Taking a job with a lease, running it, and finishing it in the same transaction as what it did.

Exactly once: the UPDATE that finishes a job carries its fence (`leased_by`, new at each taking) and stands in
the same transaction as the job's effects. A worker that lost its lease therefore writes nothing at all, and
one that dies leaves a lease that runs out, after which the job is taken again.
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.jobs import errands
from app.platform.jobs.entities import Job
from app.platform.jobs.leases import LEASE, renewed
from app.platform.registry import house

PAUSES = (timedelta(seconds=5), timedelta(seconds=30))  # after the first and second error; the third is final
LOSSES = 5  # so many leases lost, and the job itself is taken for the killer
KEEP = timedelta(days=7)

_log = logging.getLogger(__name__)
_first: list[Callable[[Session], None]] = []
_job = Job.__table__
_Run = TypeVar("_Run", bound=Callable[..., Any])


class LeaseLost(Exception):
    """Somebody else has the job by now; nothing of this run may be written."""


class PutOff(Exception):
    """Raised by a job's function: not now, try again in a while. It counts neither as a try nor as an error."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__(pause)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Failed:
    """A job given up, as handed to `runtime/failed`."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    instance: str | None
    tries: int


@dataclass(frozen=True, slots=True)
class _Taken:
    id: str
    name: str
    arguments: Mapping[str, Any]
    instance: str | None
    tries: int
    fence: str


def before_each(run: Callable[[Session], None]) -> None:
    """Register what is done with the session of each job before it is run: to hear of changed settings, say."""
    if run not in _first:
        _first.append(run)


def two_phase(run: _Run) -> _Run:
    """Mark a job that works before it writes: called outside a transaction, it returns `write(now)` or None.

    It may read, render and ask outside: its lease is renewed meanwhile (`leases`). What it returns runs in the
    one transaction that also finishes the job. Work that commits on its own before that (chunks) may be repeated
    and needs keys. An unmarked function `run(session, arguments, now)` runs in that transaction as a whole.
    """
    run.two_phase = True  # type: ignore[attr-defined]
    return run


def run_due(
    sessions: Callable[[], Session],
    now: Callable[[], datetime],
    worker: str,
    *,
    until: Callable[[], bool] = lambda: False,
) -> int:
    """Run what is due, one job after the other, and return how many were run (well or badly)."""
    count = 0
    while not until() and run_one(sessions, now, worker):
        count += 1
    return count


def run_one(
    sessions: Callable[[], Session], now: Callable[[], datetime], worker: str, job: str | None = None
) -> bool:
    """Take one due job (or just `job`, if it is due: what a broker's message asks for) and run it."""
    with sessions() as session:
        taken = _take(session, now(), worker, job)
        if taken is None:
            return False
        try:
            for first in _first:
                first(session)
            session.rollback()  # ends the reads
            _run(session, taken, now, sessions)
        except LeaseLost:
            _log.warning("lease lost: %s %s", taken.name, taken.id)
        except errands.Stopped:
            session.rollback()
            _call_off(session, taken, now())
        except PutOff as asked:
            session.rollback()
            _put_off(session, taken, now() + asked.pause)
        except Exception as error:
            session.rollback()
            _log.warning("job failed: %s %s: %s", taken.name, taken.id, _where(error))
            _try_later(session, taken, error, now())
    return True


def forget_done(session: Session, now: datetime) -> int:
    """Delete jobs done more than a week ago (a chore); failed ones stay."""
    with transaction(session):
        gone = session.execute(
            delete(Job).where(_job.c.state == "done", _job.c.done_at < now - KEEP).returning(_job.c.id)
        )
        return len(gone.all())


def _run(
    session: Session, taken: _Taken, now: Callable[[], datetime], sessions: Callable[[], Session]
) -> None:
    run = house.jobs.get(taken.name)
    if run is None:
        raise LookupError(f"no job is called {taken.name}")
    if getattr(run, "two_phase", False):
        with renewed(sessions, taken.id, taken.fence, now):
            write = run(session, taken.arguments, now())
        moment = now()
        with transaction(session):
            _finish(session, taken, moment)
            if write is not None:
                write(moment)
    else:
        moment = now()
        with transaction(session):
            _finish(session, taken, moment)
            run(session, taken.arguments, moment)


def _take(session: Session, now: datetime, worker: str, job: str | None) -> _Taken | None:
    if not _anything(session, now, job):
        return None
    wanted = [_job.c.state == "waiting", _job.c.due_at <= now]
    if job is not None:
        wanted.append(_job.c.id == job)
    with transaction(session):
        _reclaim(session, now)
        found = session.execute(
            select(_job.c.id, _job.c.name, _job.c.arguments, _job.c.instance_id, _job.c.tries)
            .where(*wanted)
            .order_by(_job.c.due_at, _job.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite leaves it out: there the write lock is held already
        ).first()
        if found is None:
            return None
        taken = _Taken(*found, fence=f"{worker[:90]}/{new_id()}")
        session.execute(
            update(Job)
            .where(_job.c.id == taken.id)
            .values(state="running", leased_by=taken.fence, lease_until=now + LEASE)
        )
        return taken


def _anything(session: Session, now: datetime, job: str | None) -> bool:
    """A cheap read, so that an idle sweep does not take SQLite's write lock."""
    waiting = select(_job.c.id).where(_job.c.state == "waiting", _job.c.due_at <= now)
    if job is not None:
        waiting = waiting.where(_job.c.id == job)
    lost = select(_job.c.id).where(_job.c.state == "running", _job.c.lease_until <= now)
    found = session.scalar(waiting.limit(1)) or session.scalar(lost.limit(1))
    session.rollback()
    return found is not None


def _reclaim(session: Session, now: datetime) -> None:
    """Take back what was leased to workers that died."""
    lost = session.execute(
        select(_job.c.id, _job.c.name, _job.c.arguments, _job.c.instance_id, _job.c.tries, _job.c.losses)
        .where(_job.c.state == "running", _job.c.lease_until <= now)
        .limit(100)
        .with_for_update(skip_locked=True)
    ).all()
    for row in lost:
        given_up = row.losses + 1 >= LOSSES
        session.execute(
            update(Job)
            .where(_job.c.id == row.id)
            .values(
                state="failed" if given_up else "waiting",
                losses=row.losses + 1,
                leased_by=None,
                lease_until=None,
                error="lease lost",
            )
        )
        if given_up:
            failed = Failed(row.id, row.name, row.arguments, row.instance_id, row.tries)
            _tell(session, failed, "lease lost", now)


def _finish(session: Session, taken: _Taken, now: datetime) -> None:
    """Mark the job done, first thing in its transaction: the row lock keeps the next taker away meanwhile."""
    finished = session.execute(
        update(Job)
        .where(_job.c.id == taken.id, _job.c.state == "running", _job.c.leased_by == taken.fence)
        .values(state="done", done_at=now, lease_until=None, error=None)
        .returning(_job.c.id)
    ).first()
    if finished is None:
        raise LeaseLost(taken.id)


def _try_later(session: Session, taken: _Taken, error: Exception, now: datetime) -> None:
    tries = taken.tries + 1
    given_up = tries > len(PAUSES)
    with transaction(session):
        still_ours = session.execute(
            update(Job)
            .where(_job.c.id == taken.id, _job.c.state == "running", _job.c.leased_by == taken.fence)
            .values(
                state="failed" if given_up else "waiting",
                due_at=now if given_up else now + PAUSES[tries - 1],
                tries=tries,
                error=_where(error),
                leased_by=None,
                lease_until=None,
            )
            .returning(_job.c.id)
        ).first()
        if still_ours is not None and given_up:
            failed = Failed(taken.id, taken.name, taken.arguments, taken.instance, tries)
            _tell(session, failed, _describe(error), now)


def _call_off(session: Session, taken: _Taken, now: datetime) -> None:
    """Nothing more is to be done: the errand was stopped, and what this run would have written is not."""
    try:
        with transaction(session):
            _finish(session, taken, now)
    except LeaseLost:
        _log.warning("lease lost: %s %s", taken.name, taken.id)


def _put_off(session: Session, taken: _Taken, due: datetime) -> None:
    with transaction(session):
        session.execute(
            update(Job)
            .where(_job.c.id == taken.id, _job.c.state == "running", _job.c.leased_by == taken.fence)
            .values(state="waiting", due_at=due, leased_by=None, lease_until=None)
        )


def _tell(session: Session, failed: Failed, error: str, now: datetime) -> None:
    """Let the runtime open an incident; a failure of its own must not keep the job running forever."""
    errands.fail(session, failed.id, now)
    tell = house.jobs.get("runtime/failed")
    if tell is None or failed.name == "runtime/failed":
        return
    try:
        with session.begin_nested():
            tell(session, failed, error, now)
    except Exception:
        _log.exception("runtime/failed failed for job %s", failed.id)


def _describe(error: Exception) -> str:
    """What went wrong and where, in one line, to be kept sealed; a database error's parameters stay out."""
    if isinstance(error, DBAPIError):
        said = type(error.orig).__name__
    else:
        said = str(error).splitlines()[0][:300] if str(error) else ""
    return f"{type(error).__name__}: {said}{_place(error)}"


def _where(error: Exception) -> str:
    """The kind of an error and its place: what may be logged, and stored as it is."""
    return f"{type(error).__name__}{_place(error)}"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({frames[-1].name}:{frames[-1].lineno})" if frames else ""
