"""Ending an instance before its time: what is open of it ends with it."""

from __future__ import annotations

from sqlalchemy import update

from app.platform.registry import Words
from app.platform.runtime import seats, stepping, subscriptions, timers, unanswered
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import InstanceChanged
from app.platform.runtime.history import Happening


def early(held: stepping.Held, reason: str) -> None:
    """Call off an instance held by who may. Raises `InstanceChanged` when it is not running any more."""
    if held.state not in ("running", "suspended"):
        raise InstanceChanged()
    timers.disarm_all(held)
    held.session.execute(
        update(Task)
        .where(Task.instance_id == held.id, Task.state == "open")
        .values(state="cancelled", closed_at=held.now, paused_at=None, revision=Task.revision + 1)
    )
    seats.close_of(held, "cancelled")
    unanswered.of_gone(held)
    stepping.close_incidents(held)
    subscriptions.end(held)
    held.state, held.ended = "cancelled", "cancelled"
    held.stage = Words("已撤销", "Cancelled")
    held.pen.write(Happening("cancelled", by=held.by.person, body={"comment": reason, "name": held.by.name}))
    stepping.save(held)
