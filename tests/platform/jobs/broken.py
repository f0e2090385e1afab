"""Jobs broken on purpose, each as somebody might have written it: a check that has never failed proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.jobs import Job, hints, running, waiting

Break = Callable[[pytest.MonkeyPatch], None]


def unfenced(patch: pytest.MonkeyPatch) -> None:
    """Whoever comes last finishes the job, whether it is his any more or not."""

    def finish(session: Session, taken: Any, now: datetime) -> None:
        session.execute(update(Job).where(Job.id == taken.id).values(state="done", done_at=now))

    patch.setattr(running, "_finish", finish)


def unlocked(patch: pytest.MonkeyPatch) -> None:
    """A lease is looked at and then taken, in two transactions: two may look at once."""
    take = running._take

    def taken(session: Session, now: datetime, worker: str, job: str | None) -> Any:
        found = take(session, now, worker, job)
        if found is not None:
            with transaction(session):
                session.execute(update(Job).where(Job.id == found.id).values(state="waiting"))
        return found

    patch.setattr(running, "_take", taken)
    unfenced(patch)


def early(patch: pytest.MonkeyPatch) -> None:
    """A job is done as soon as it is taken, as a queue that acknowledges early has it."""
    take = running._take

    def taken(session: Session, now: datetime, worker: str, job: str | None) -> Any:
        found = take(session, now, worker, job)
        if found is not None:
            with transaction(session):
                session.execute(update(Job).where(Job.id == found.id).values(state="done", done_at=now))
        return found

    patch.setattr(running, "_take", taken)
    patch.setattr(running, "_finish", lambda *_: None)


def beside(patch: pytest.MonkeyPatch) -> None:
    """What a job does is committed first, and that it is done in a transaction after it."""
    patch.setattr(running, "_run", _run_beside)


def _run_beside(session: Session, taken: Any, now: Callable[[], datetime], _sessions: Any) -> None:
    run = running.house.jobs[taken.name]
    write = run(session, taken.arguments, now())
    with transaction(session):
        if write is not None:
            write(now())
    with transaction(session):
        running._finish(session, taken, now())


def unreclaimed(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks for the leases of the dead."""
    patch.setattr(running, "_reclaim", lambda *_: None)


def rowless(patch: pytest.MonkeyPatch) -> None:
    """The message is the job: no row, only a hint, which a broker may forget."""

    def enqueue(session: Session, name: str, *_: Any, **__: Any) -> str:
        hints.give([name])
        return name

    patch.setattr(waiting, "enqueue", enqueue)
    patch.setattr("app.platform.jobs.enqueue", enqueue)


BUILDS: dict[str, Break] = {
    build.__name__: build for build in (unfenced, unlocked, early, beside, unreclaimed, rowless)
}


@contextmanager
def built(name: str) -> Iterator[None]:
    """Run the body on a broken build."""
    with pytest.MonkeyPatch.context() as patch:
        BUILDS[name](patch)
        yield
