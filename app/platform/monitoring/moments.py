"""An instance as it was after any row of its history, told from the history alone: no engine state is kept per step.

What can be told exactly: which tasks were open, since when, and whether it ran, was suspended or over; who had been
named for a task, as far as rows name people. What cannot: the stage, the variables, armed timers and awaited messages
(their rows are gone once they came), and whether an incident was still open. Nothing here guesses at those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from app.platform.registry import Words
from app.platform.runtime.history import HistoryRow

State = Literal["running", "suspended", "ended", "cancelled"]
CLOSING: Final = frozenset({"decided", "closed", "returned"})
"""Rows that end the task they name; a signature that leaves it open is `signed` or `advised`."""
NAMING: Final = frozenset({"claimed", "transferred"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that was open then: since when, and who had taken it or been given it, where the history says so."""

    task: str
    element: str
    name: Words
    since: datetime
    holder: Words | str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instance right after row `seq`. `passed`: elements its history had named by then and that were not open."""

    seq: int
    at: datetime
    state: State
    waiting: tuple[Waiting, ...]
    passed: frozenset[str]

    @property
    def here(self) -> frozenset[str]:
        """The elements at which tasks were open."""
        return frozenset(one.element for one in self.waiting)


def after(rows: Sequence[HistoryRow], seq: int) -> Moment | None:
    """How the instance was after row `seq` of its whole history `rows`, oldest first; None before the first row."""
    happened = [row for row in rows if row.seq <= seq]
    if not happened:
        return None
    state: State = "running"
    waiting: dict[str, Waiting] = {}
    for row in happened:
        state = _state(row, state)
        if state in ("ended", "cancelled"):
            waiting.clear()
        elif row.task is not None:
            _take(waiting, row)
    here = {one.element for one in waiting.values()}
    passed = frozenset(row.element for row in happened if row.element and row.element not in here)
    return Moment(happened[-1].seq, happened[-1].at, state, tuple(waiting.values()), passed)


def stops(rows: Iterable[HistoryRow]) -> tuple[int, ...]:
    """The rows after which somebody could have looked: the last of each verb, whose rows share one moment."""
    ends: list[int] = []
    last: HistoryRow | None = None
    for row in rows:
        if last is not None and row.at != last.at:
            ends.append(last.seq)
        last = row
    return (*ends, last.seq) if last is not None else ()


def _state(row: HistoryRow, before: State) -> State:
    match row.kind:
        case "suspended" | "ended" | "cancelled":
            return row.kind
        case "resumed":
            return "running"
    return before


def _take(waiting: dict[str, Waiting], row: HistoryRow) -> None:
    """Let one row about a task count."""
    task = row.task or ""
    if row.kind == "opened":
        waiting[task] = Waiting(task, row.element or "", Words(row.name_zh, row.name_en), row.at)
    elif row.kind in CLOSING:
        waiting.pop(task, None)
    elif task in waiting and row.kind in NAMING:
        waiting[task] = replace(waiting[task], holder=_named(row))
    elif task in waiting and row.kind == "unclaimed":
        waiting[task] = replace(waiting[task], holder="")


def _named(row: HistoryRow) -> Words | str:
    to = row.body.get("to")
    if isinstance(to, list):
        names = [str(one.get("name", "")) for one in to]
        return Words("、".join(names), ", ".join(names))
    return row.by_name if row.kind == "claimed" else ""
