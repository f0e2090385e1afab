"""Sets open deadlines anew when the working days turn out otherwise than they were counted.

A deadline in working days is counted when its task opens, or its timer is armed. When local days are entered, or a
new release of the calendar brings a year's schedule, what is still open is counted again from where it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, calendar
from app.platform.data import transaction
from app.platform.engine import Definition, Faulty
from app.platform.jobs import enqueue, two_phase
from app.platform.registry import Acting, house
from app.platform.runtime import stepping, timers, versions
from app.platform.runtime.entities import Instance, Task, Timer
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.history import Happening

JOB = "runtime/deadlines"
RECOUNTED = "deadlines.recounted"
"""The audit row that says how many tasks were due at another moment afterwards: `moved`."""

CHUNK = 500
LIVE = ("running", "suspended")
NOBODY = Acting("", "", "")

_task, _timer = Task.__table__, Timer.__table__
_SET_TASK = (
    update(_task)  # type: ignore[arg-type]
    .where(_task.c.id == bindparam("_id"))
    .values(due_at=bindparam("_due"), is_due_provisional=bindparam("_provisional"))
)
_SET_TIMER = (
    update(_timer)  # type: ignore[arg-type]
    .where(_timer.c.id == bindparam("_id"))
    .values(due_at=bindparam("_due"), is_provisional=bindparam("_provisional"), next_at=bindparam("_next"))
)


@dataclass(frozen=True, slots=True)
class _Change:
    """A deadline that is another one now."""

    table: str
    id: str
    element: str
    task: str | None
    before: datetime
    at: datetime
    is_provisional: bool
    next_at: datetime | None = None


@house.job(calendar.CHANGED)
def days_changed(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Have the open deadlines counted again, once the change is committed."""
    enqueue(session, JOB, {}, now)


@house.job(JOB)
@two_phase
def recount(
    session: Session, arguments: Mapping[str, Any], now: datetime
) -> Callable[[datetime], object] | None:
    """Count open deadlines in working days again, instance by instance, each in a transaction of its own.

    A chunk at a time, those whose id comes `after`, so that no job outlasts its lease; the next is another job.
    May be repeated: what is right already is left alone, and an instance without a change is not locked.
    """
    instances = session.scalars(
        select(Instance.id)
        .where(
            Instance.state.in_(LIVE),
            Instance.id > arguments.get("after", ""),
            or_(
                select(_task.c.id)
                .where(
                    _task.c.instance_id == Instance.id, _task.c.state == "open", _task.c.due_at.is_not(None)
                )
                .exists(),
                select(_timer.c.id)
                .where(_timer.c.instance_id == Instance.id, _timer.c.text.like("P%WD"))
                .exists(),
            ),
        )
        .order_by(Instance.id)
        .limit(CHUNK)
    ).all()
    days, moved = calendar.load(session), int(arguments.get("moved", 0))
    for instance in instances:
        version = session.scalar(select(Instance.version_id).where(Instance.id == instance))
        try:
            definition = versions.program(session, str(version)).definition
        except Unpublishable:
            continue  # its hooks went missing: `flask check` tells, and nothing moves there anyway
        if any(True for _ in _changes(session, instance, definition, days)):
            moved += _set(session, instance, days, now)
    if len(instances) == CHUNK:
        return lambda moment: enqueue(session, JOB, {"after": instances[-1], "moved": moved}, moment)
    _set_starts(session, days)
    return lambda moment: audit.log(
        session, "calendar", RECOUNTED, None, moment, {"moved": moved}, calendar.ABOUT
    )


def _changes(
    session: Session, instance: str, definition: Definition, days: calendar.Calendar
) -> Iterator[_Change]:
    """What of an instance's deadlines is not as `days` say."""
    tasks = session.execute(
        select(
            _task.c.id,
            _task.c.element,
            _task.c.opened_at,
            _task.c.due_at,
            _task.c.is_due_provisional,
            _task.c.paused_days,
        ).where(_task.c.instance_id == instance, _task.c.state == "open", _task.c.due_at.is_not(None))
    ).all()
    due_of = {row.id: calendar.Deadline(row.due_at, row.is_due_provisional) for row in tasks}
    for row in tasks:
        drawn = definition.tasks.get(row.element)
        if drawn is None or not drawn.due or not calendar.parse(drawn.due).working_days:
            continue
        due = due_of[row.id] = calendar.deadline(row.opened_at, drawn.due, days, row.paused_days)
        if (due.at, due.is_provisional) != (row.due_at, row.is_due_provisional):
            yield _Change("task", row.id, row.element, row.id, row.due_at, due.at, due.is_provisional)
    for row in session.execute(select(_timer).where(_timer.c.instance_id == instance)).all():
        found = _timer_due(row, due_of, days)
        if found is not None and (found.at, found.is_provisional) != (row.due_at, row.is_provisional):
            next_at = None if row.next_at is None else found.at
            yield _Change(
                "timer", row.id, row.element, row.task_id, row.due_at, found.at, found.is_provisional, next_at
            )


def _timer_due(
    row: Any, due_of: Mapping[str, calendar.Deadline], days: calendar.Calendar
) -> calendar.Deadline | None:
    """When a timer is due by `days`; None where they do not matter. What has failed already is left alone."""
    if row.tries:
        return None
    if row.kind == "event":
        return timers.read(row.element, row.text, row.armed_at, days) if row.text.endswith("WD") else None
    due = due_of.get(row.task_id)
    if due is None or row.kind == "escalate":
        return due
    return calendar.Deadline(calendar.before(due.at, row.text, days), due.is_provisional)


def _set(session: Session, instance: str, days: calendar.Calendar, now: datetime) -> int:
    """Lock the instance, look again, and write; one history row for each task or timer. Return how many tasks moved."""
    with transaction(session):
        held = stepping.hold(session, NOBODY, now, instance=instance)
        if held.state not in LIVE:
            return 0
        found = list(_changes(session, instance, held.program.definition, days))
        for statement, table in ((_SET_TASK, "task"), (_SET_TIMER, "timer")):
            rows = [
                {"_id": each.id, "_due": each.at, "_provisional": each.is_provisional}
                | ({"_next": each.next_at} if table == "timer" else {})
                for each in found
                if each.table == table
            ]
            if rows:
                session.execute(statement, rows)
        for each in found:
            if each.table == "task" or each.task is None:
                body = {"before": each.before.isoformat(), "after": each.at.isoformat()}
                held.pen.write(Happening("rescheduled", each.element, each.task, body=body))
        if found:
            stepping.save(held)
        return sum(each.table == "task" for each in found)


def _set_starts(session: Session, days: calendar.Calendar) -> None:
    """Count the timer starts of processes again."""
    starts = select(_timer).where(
        _timer.c.kind == "start",
        _timer.c.text.like("P%WD"),
        _timer.c.next_at.is_not(None),
        _timer.c.tries == 0,
    )
    with transaction(session):
        for row in session.execute(starts.with_for_update(skip_locked=True)).all():
            try:
                due = timers.read(row.element, row.text, row.armed_at, days)
            except Faulty:
                continue
            if due.at != row.due_at:
                session.execute(
                    _SET_TIMER,
                    [{"_id": row.id, "_due": due.at, "_provisional": due.is_provisional, "_next": due.at}],
                )
