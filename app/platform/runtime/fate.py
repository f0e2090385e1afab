"""What became of a task that somebody still has before him: who was quicker, took it back, or stopped it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.platform.registry import Acting, Words
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import SeatView, TaskView

ENDS: Final = (
    "withdrawn",
    "returned",
    "cancelled",
    "moved",
    "taken_away",
    "migrated",
    "fired",
    "decided",
    "worked",
    "ended",
)
"""What can close a task that nobody has decided."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Why its reader cannot decide a task now.

    `kind`: decided, signed, not_needed, claimed, transferred, suspended, withdrawn, returned, cancelled, moved, fired,
    closed. `by` is None where nobody did it in person.
    """

    kind: str
    by: str | None = None
    by_name: str = ""
    at: datetime | None = None
    outcome: Words | None = None
    comment: str = ""


def of(view: TaskView, happened: Sequence[HistoryRow], by: Acting) -> Fate | None:
    """Why `by` cannot decide the task; None where he can, or never could. Asks the database nothing."""
    if view.can_work:
        return None
    if view.state == "closed" and view.decided is not None:
        one = view.decided
        return Fate("decided", one.by, one.by_name, one.at, one.outcome, one.comment)
    if view.state != "open":
        return _closed(view, happened)
    if not view.may_keep:
        return None
    if view.instance_state == "suspended":
        return _of_row(_last(happened, "suspended"), "suspended")
    return _held(view, happened, by)


def _held(view: TaskView, happened: Sequence[HistoryRow], by: Acting) -> Fate | None:
    """An open task that is in another's hands, or at which one's own seat is done with."""
    own = next((seat for seat in view.seats if seat.person == by.person), None)
    if own is not None:
        return _seated(own, _last(happened, "transferred", view.id), by)
    if view.claimed_by:
        row = _last(happened, "claimed", view.id)
        return Fate("claimed", view.claimed_by, view.claimed_by_name, row.at if row else None)
    given = _last(happened, "transferred", view.id)
    return _of_row(given, "transferred") if given is not None else None


def _seated(own: SeatView, given: HistoryRow | None, by: Acting) -> Fate | None:
    if own.state == "decided":
        return Fate("signed", by.person, own.decided_by or own.name, own.decided_at, own.outcome)
    if own.state != "closed":
        return None
    return _of_row(given, "transferred") if own.reason == "transferred" else Fate(own.reason or "closed")


def _closed(view: TaskView, happened: Sequence[HistoryRow]) -> Fate:
    """What took the task away: its own row, or the one nearest to its closing in the same verb."""
    own = next((row for row in reversed(happened) if row.task == view.id and row.kind in ENDS), None)
    if own is not None:
        return _of_row(own, own.kind)
    closing = next((row for row in reversed(happened) if row.task == view.id and row.kind == "closed"), None)
    if closing is None:  # ended with its instance
        row = _last(happened, "cancelled")
        return _of_row(row, "cancelled") if row is not None else Fate("closed")
    near = [row for row in happened if row.at == closing.at and row.kind in ENDS]
    cause = min(near, key=lambda row: abs(row.seq - closing.seq), default=None)
    if cause is None or cause.kind in ("decided", "worked", "ended"):
        return Fate("closed", at=closing.at)
    return _of_row(cause, cause.kind)


def _last(happened: Sequence[HistoryRow], kind: str, task: str | None = None) -> HistoryRow | None:
    return next(
        (row for row in reversed(happened) if row.kind == kind and task in (None, row.task)),
        None,
    )


def _of_row(row: HistoryRow | None, kind: str) -> Fate:
    if row is None:
        return Fate(kind)
    words = Words(row.body["zh"], row.body["en"]) if kind == "decided" and "zh" in row.body else None
    name = row.by_name or str(row.body.get("name", ""))
    return Fate(kind, row.by, name, row.at, words, str(row.body.get("comment", "")))
