"""A task's deadline stands still while it waits for the answer to a question, and goes on from there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.platform import calendar
from app.platform.calendar import ZONE, Deadline
from app.platform.engine import UserTask
from app.platform.runtime import timers
from app.platform.runtime.history import Happening

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held


def applies(row: Any, drawn: UserTask) -> bool:
    """Whether a question at this task stops its deadline: there is one, and the diagram says so."""
    return row.due_at is not None and "asking" in drawn.pause


def stop(held: Held, row: Any) -> dict[str, Any]:
    """Let the deadline stand still from now on, its reminder and escalation too; what the task's row says then."""
    if row.paused_at is not None:
        return {}
    timers.rest(held, row.id)
    return {"paused_at": held.now}


def go_on(held: Held, row: Any, drawn: UserTask | None) -> dict[str, Any]:
    """Let the deadline go on, later by what it has stood still; what the task's row says then."""
    if row.paused_at is None:
        return {}
    stood = days_between(row.paused_at, held.now, held.days)
    values: dict[str, Any] = {"paused_at": None, "paused_days": row.paused_days + stood}
    if row.due_at is None:
        return values
    due = later(row, drawn.due if drawn is not None else None, stood, held)
    timers.put_off(held, row, due)
    if due.at != row.due_at:
        body = {"before": row.due_at.isoformat(), "after": due.at.isoformat(), "stood": stood}
        held.pen.write(Happening("rescheduled", row.element, row.id, body=body))
    return values | {"due_at": due.at, "is_due_provisional": due.is_provisional}


def days_between(began: datetime, ended: datetime, days: calendar.Calendar) -> int:
    """How many working days a deadline has stood still: those after the day it stopped, the day it goes on with them.

    As a deadline counts them, so that as many are left afterwards as there were before.
    """
    first, last = began.astimezone(ZONE).date(), ended.astimezone(ZONE).date()
    return days.working_days(first, last) - days.is_working(first) if last > first else 0


def later(row: Any, duration: str | None, stood: int, held: Held) -> Deadline:
    """The deadline after it has stood still: by working days where it is counted in them, else by the time gone by."""
    if duration is not None and calendar.parse(duration).working_days:
        return calendar.deadline(row.opened_at, duration, held.days, row.paused_days + stood)
    return Deadline(row.due_at + (held.now - row.paused_at), row.is_due_provisional)
