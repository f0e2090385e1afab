"""An errand that goes through many rows, a transaction each: it rests, is stopped, is killed, and goes on.

What has a result is done, what has none is still to do, whoever does it and however often the job is begun anew. The
tables are the caller's: the run's has `id`, `state`, `ended_at`, `errand_id` and `file_id`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.jobs import errands
from app.platform.jobs.entities import Errand
from app.platform.registry import Acting, Words

GRAIN: Final = 10  # seconds by which the moment of the rows moves on


class Settled(Exception):
    """It is not in the state that the verb is for: somebody was faster, or it is over."""


class NoLonger(Exception):
    """Whoever has asked for it may not do it any more: what is left is left as it is."""


def set_going(
    session: Session,
    run: Any,
    identifier: str,
    kind: str,
    title: Words,
    arguments: Mapping[str, Any],
    done: int,
    total: int,
    by: Acting,
    now: datetime,
) -> None:
    """Begin the errand that works at a run (`run`: its entity); joins the open transaction."""
    with transaction(session):
        errand = errands.begin(session, kind, title, arguments, by, now, total)
        errands.step(session, errand, done)
        values = {"errand_id": errand, "state": "running"}
        session.execute(update(run).where(run.id == identifier).values(**values))


def hold(session: Session, run: Any, identifier: str) -> Any:
    """A run's row under lock, or None."""
    asked = select(run.__table__).where(run.id == identifier).with_for_update()
    return session.execute(asked).one_or_none()


def rests(state: str, errand: str | None) -> str:
    """The state of a run: one whose errand was stopped or given up on its own page rests."""
    return "paused" if state == "running" and errand in ("stopped", "failed") else state


def standing(session: Session, row: Any) -> str:
    """The same of a run's row. At most one statement."""
    if row.state != "running":
        return str(row.state)
    return rests(row.state, session.scalar(select(Errand.state).where(Errand.id == row.errand_id)))


def turn(session: Session, run: Any, row: Any, states: Collection[str], to: str, now: datetime) -> None:
    """Let a held run be `paused` or `stopped`; joins the open transaction. Raises `Settled`."""
    if standing(session, row) not in states:
        raise Settled()
    values: dict[str, Any] = {"state": to} | ({"ended_at": now} if to == "stopped" else {})
    session.execute(update(run).where(run.id == row.id).values(**values))


def walk(
    session: Session,
    errand: str,
    now: datetime,
    *,
    goes_on: Callable[[], bool],
    waiting: Callable[[], Sequence[str]],
    one: Callable[[str, datetime], None],
    done: Callable[[], int],
) -> bool:
    """Do one row after the other until none waits, and tell how far it is; False where it was told to rest.

    `waiting` gives a few rows at a time; `one` does a row at its moment, which is `now` and what has passed since.
    Raises `Stopped`, and what these raise.
    """
    begun = time.monotonic()
    while goes_on():
        rows = waiting()
        if not rows:
            return True
        for row in rows:
            passed = int(time.monotonic() - begun) // GRAIN * GRAIN
            one(row, now + timedelta(seconds=passed))
        errands.step(session, errand, done())
    return False


def end(session: Session, run: Any, identifier: str, file: str, now: datetime) -> None:
    """A run has come to its end, with the `file` of its results; joins the open transaction."""
    _close(session, run, identifier, state="ended", ended_at=now, file_id=file)


def fail(session: Session, run: Any, identifier: str, errand: str, why: Words, now: datetime) -> None:
    """Nobody may do the rest of a run: it and its errand are over; joins the open transaction."""
    _close(session, run, identifier, state="failed", ended_at=now)
    errands.refuse(session, errand, why, now)


def _close(session: Session, run: Any, identifier: str, **values: Any) -> None:
    session.execute(update(run).where(run.id == identifier).values(**values))
