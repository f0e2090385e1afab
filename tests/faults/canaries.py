"""Builds broken on purpose: a suite that has never failed proves nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.platform.jobs import Job, running
from app.platform.runtime import history, receipts

if TYPE_CHECKING:
    from tests.faults.rig import Rig


def autocommit(rig: Rig) -> None:
    """Every statement is its own transaction."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(rig.file, timeout=10, isolation_level=None)

    rig.engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT")
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
    flush = history.Pen.flush
    waiting: list[tuple[history.Pen, list[Any]]] = []

    def later(pen: history.Pen, _session: Session) -> None:
        waiting.append((pen, pen.rows))
        pen.rows = []

    def write(complete: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **more: Any) -> Any:
            done = complete(*given, **more)
            while waiting:
                pen, rows = waiting.pop(0)
                pen.rows = rows
                with Session(rig.engine) as session, session.begin():
                    flush(pen, session)
            return done

        return run

    history.Pen.flush = later  # type: ignore[method-assign]
    World = type(rig.world)
    for name in ("apply", "complete", "work"):
        setattr(World, name, write(getattr(World, name)))


BUILDS: dict[str, Callable[[Any], None]] = {
    "autocommit": autocommit,
    "forgetful": forgetful,
    "hasty": hasty,
    "beside": beside,
}
