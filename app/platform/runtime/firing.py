"""Fires timers: in sweeps that may be many, and first thing in every verb, so that a deadline holds to the second.

A sweeper leases what is due, then fires each in a transaction of its own that also deletes the row, if the lease is
still its own: a sweeper stopped past its lease and woken writes nothing, and one that dies leaves a lease that runs
out. What fails is tried three times, then an incident.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import new_id, transaction
from app.platform.registry import Acting
from app.platform.runtime import instances, reminders, stepping, timers
from app.platform.runtime.entities import Incident, Process, Timer, Version
from app.platform.runtime.history import Happening

LEASE = timedelta(seconds=30)
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
)  # after the first and second failure; the third is final
BATCH = 20
MOST_OVERTAKEN = 20  # of one instance in one verb; the sweep does the rest
CLOCK = Acting("", "", "")
"""Who acts when time does."""

_log = logging.getLogger(__name__)
_timer = Timer.__table__


def fire_due(
    sessions: Callable[[], Session], now: Callable[[], datetime], worker: str, limit: int = 1_000
) -> int:
    """Fire what is due, at most `limit`; return how many were looked at (fired, failed or found gone)."""
    count = 0
    while count < limit:
        with sessions() as session:
            fence, due = take(session, now(), worker, min(BATCH, limit - count))
        if not due:
            break
        for timer in due:
            with sessions() as session:
                _attempt(session, timer, fence, now())
        count += len(due)
    return count


def take(session: Session, now: datetime, worker: str, limit: int) -> tuple[str, list[str]]:
    """Lease up to `limit` timers that are due; return the fence and their ids, the longest due first."""
    free = or_(_timer.c.lease_until.is_(None), _timer.c.lease_until <= now)
    due = select(_timer.c.id).where(_timer.c.next_at <= now, free)
    if session.scalar(due.limit(1)) is None:  # a cheap read: an idle sweep does not take SQLite's write lock
        session.rollback()
        return "", []
    fence = f"{worker[:90]}/{new_id()}"
    with transaction(session):
        found = session.scalars(
            due.order_by(_timer.c.next_at, _timer.c.id).limit(limit).with_for_update(skip_locked=True)
        ).all()
        session.execute(
            update(Timer).where(_timer.c.id.in_(found)).values(leased_by=fence, lease_until=now + LEASE)
        )
    return fence, list(found)


def fire(session: Session, timer: str, fence: str, now: datetime) -> bool:
    """Fire one leased timer, in one transaction; False, and nothing written, if the lease is somebody else's by now.

    Raises what the engine and its hooks raise; everything is rolled back then.
    """
    with transaction(session):
        row = session.execute(
            select(_timer).where(_timer.c.id == timer, _timer.c.leased_by == fence)
        ).one_or_none()
        if row is None:
            return False
        if row.kind == "start":
            return _take_down(session, row, fence) and _start(session, row, now)
        held = stepping.hold(session, CLOCK, now, instance=row.instance_id)
        if held.state == "suspended":
            timers.rest(held)
            return False
        return _take_down(session, row, fence) and held.state == "running" and _run(held, row)


def _take_down(session: Session, row: Any, fence: str | None = None) -> bool:
    """Delete the row under the lock of its instance; False if it is gone, or leased to another."""
    mine = [_timer.c.id == row.id]
    if fence is not None:
        mine.append(_timer.c.leased_by == fence)
    return session.execute(delete(Timer).where(*mine).returning(_timer.c.id)).first() is not None


def _run(held: stepping.Held, row: Any) -> bool:
    if row.kind == "event":
        return _fire_event(held, row)
    return reminders.remind(held, row) if row.kind == "remind" else reminders.escalate(held, row)


def _fire_event(held: stepping.Held, row: Any) -> bool:
    step, element = _step(held, row)
    if step is None:
        return False
    held.pen.write(Happening("fired", element))
    stepping.write(held, step)
    return True


def _step(held: stepping.Held, row: Any) -> tuple[engine.Step | None, str]:
    """What the engine makes of it, and where; nothing if the token is gone. Known by its visit: elements move."""
    definition = held.program.definition
    live = (each for each in engine.tokens(definition, held.tokens) if each.visit == row.visit)
    token = next(live, None)
    if token is None or token.kind != "timer":
        _log.warning("a timer at %s outlived its token: %s", row.element, held.id)
        return None, row.element
    call = stepping.caller(held)
    step = engine.fire(definition, held.tokens, token.element, token.visit, {}, call, held.now)
    return step, token.element


def _start(session: Session, row: Any, now: datetime) -> bool:
    """Begin an instance at a timer start, if the version is still current; in the name of whoever published it."""
    current = session.scalar(select(Process.current_id).where(Process.key == row.process))
    if current != row.version_id:
        return False
    publisher = session.scalar(select(Version.published_by_id).where(Version.id == row.version_id))
    by = Acting(publisher or "", "", "")
    instances.start_by_event(session, row.process, row.element, {}, by, now)
    return True


def overtake(held: stepping.Held) -> bool:
    """Fire the held instance's own due timers, oldest first, in the verb that holds it; True if any was fired.

    Called right after `hold`: a deadline that has passed counts before whatever the verb wants, however late the
    sweep is. Costs nothing where nothing is due. One that fails is left to the sweep.
    """
    due = held.row.next_event
    if due is None or due > held.now or held.state != "running":
        return False
    fired, by, held.by = False, held.by, CLOCK
    try:
        for _ in range(MOST_OVERTAKEN):
            row = _next(held)
            if row is None or not _overtake_one(held, row):
                break
            fired = True
    finally:
        held.by = by
    return fired


def _next(held: stepping.Held) -> Any:
    if held.state != "running":
        return None
    return held.session.execute(
        select(_timer)
        .where(_timer.c.instance_id == held.id, _timer.c.kind == "event", _timer.c.next_at <= held.now)
        .order_by(_timer.c.next_at, _timer.c.id)
        .limit(1)
    ).one_or_none()


def _overtake_one(held: stepping.Held, row: Any) -> bool:
    step, element = None, row.element
    try:
        with held.session.begin_nested():  # what a hook has written goes with the firing that failed
            if _take_down(held.session, row):
                step, element = _step(held, row)
    except Exception:
        _log.exception("a timer at %s failed in a verb: %s", row.element, held.id)
    if step is None:
        return False
    held.pen.write(Happening("fired", element))
    stepping.write(held, step)
    return True


def _attempt(session: Session, timer: str, fence: str, now: datetime) -> None:
    try:
        fire(session, timer, fence, now)
    except OperationalError:
        session.rollback()  # the database was busy or away: the lease runs out, and it is tried again
        _log.warning("a timer waits for the database: %s", timer)
    except Exception as error:
        session.rollback()
        _log.warning("timer failed: %s: %s", timer, type(error).__name__)
        _try_later(session, timer, fence, error, now)


def _try_later(session: Session, timer: str, fence: str, error: Exception, now: datetime) -> None:
    """Count the failure; after the third let it rest, and open an incident."""
    with transaction(session):
        mine = select(_timer).where(_timer.c.id == timer, _timer.c.leased_by == fence)
        row = session.execute(mine).one_or_none()
        if row is None:
            return
        held = stepping.hold(session, CLOCK, now, instance=row.instance_id) if row.instance_id else None
        given_up = row.tries + 1 >= timers.TRIES
        changed = session.execute(
            update(Timer)
            .where(_timer.c.id == timer, _timer.c.leased_by == fence)
            .values(
                tries=row.tries + 1,
                next_at=None if given_up else now + PAUSES[row.tries],
                leased_by=None,
                lease_until=None,
            )
        )
        if changed.rowcount != 1 or not given_up:  # type: ignore[attr-defined]
            return
        detail = f"{type(error).__name__}: {error}"[:2000]
        if held is not None:
            stepping.open_incident(held, "timer", row.element, detail)
            stepping.save(held)
        else:
            values = {"element": row.element, "kind": "timer", "detail": f"{row.process}: {detail}"[:2000]}
            session.execute(insert(Incident).values(id=new_id(), opened_at=now, **values))
