"""Builds broken on purpose: a suite that has never failed proves nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.platform.data import sealing, transaction
from app.platform.documents import DiskStorage
from app.platform.jobs import Job, running
from app.platform.runtime import history, receipts, stepping

if TYPE_CHECKING:
    from tests.faults.rig import Rig

Later = list[Callable[[Session], object]]


def autocommit(rig: Rig) -> None:
    """Every statement is its own transaction."""
    rig.engine = create_engine(
        rig.dialect, creator=rig.connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    rig.world.engine = rig.engine


def forgetful(_rig: Rig) -> None:
    """No request is recognised when it comes again."""
    receipts.answered = lambda *_: None  # type: ignore[assignment]
    receipts.give = lambda *_: None  # type: ignore[assignment]


def hasty(_rig: Rig) -> None:
    """A job is done before its work is (acknowledged early)."""
    take = running._take

    def taken(session: Session, now: Any, worker: str, job: str | None) -> Any:
        found = take(session, now, worker, job)
        if found is not None:
            with session.begin():
                session.execute(update(Job).where(Job.id == found.id).values(state="done", done_at=now))
        return found

    running._take = taken
    running._finish = lambda *_: None  # type: ignore[assignment]


def beside(rig: Rig) -> None:
    """History is written beside the verb's transaction, after it."""
    flush, later = history.Pen.flush, _after(rig)

    def kept(pen: history.Pen, _session: Session) -> None:
        rows, pen.rows = pen.rows, []

        def write(session: Session) -> None:
            pen.rows = rows
            flush(pen, session)

        later.append(write)

    history.Pen.flush = kept  # type: ignore[method-assign]


def late(rig: Rig) -> None:
    """The receipt of a request is written after its commit."""
    give, later = receipts.give, _after(rig)
    receipts.give = lambda _session, *given: later.append(lambda session: give(session, *given))  # type: ignore[assignment,misc]


def unheard(rig: Rig) -> None:
    """The job that a decision wants is written after its commit."""
    enqueue, later = stepping.enqueue, _after(rig)

    def kept(_session: Session, *given: Any, **more: Any) -> str:
        later.append(lambda session: enqueue(session, *given, **more))
        return ""

    stepping.enqueue = kept


def rows_first(rig: Rig) -> None:
    """A file is written after the row that points to it."""
    put, later = DiskStorage.put, _after(rig)

    def kept(storage: DiskStorage, content: bytes) -> str:
        later.append(lambda _session: put(storage, content))
        return sealing.digest("documents.content", hashlib.sha256(content).hexdigest())

    DiskStorage.put = kept  # type: ignore[method-assign]


def _after(rig: Rig) -> Later:
    """What is put in here is done when the verb is over, each in a transaction of its own."""
    later: Later = []

    def then(run: Callable[..., Any]) -> Callable[..., Any]:
        def both(*given: Any, **more: Any) -> Any:
            done = run(*given, **more)
            while later:
                with Session(rig.engine) as session, transaction(session):
                    later.pop(0)(session)
            return done

        return both

    world = type(rig.world)
    for name in ("apply", "complete", "work"):
        setattr(world, name, then(getattr(world, name)))
    return later


BUILDS: dict[str, Callable[[Any], None]] = {
    build.__name__: build for build in (autocommit, forgetful, hasty, beside, late, unheard, rows_first)
}
