"""An instance's history as a tree: each visit of a step with what happened during it, and the rest between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.platform.calendar import Calendar
from app.platform.monitoring import wording
from app.platform.monitoring.moments import CLOSING
from app.platform.registry import Words
from app.platform.runtime.history import HistoryRow


@dataclass(slots=True)
class Visit:
    """One visit of a step by the matter, or, without a task, one thing that happened to the whole.

    `number`: which visit of its element it is; `first` and `last`: the rows it begins and ends with; `ended`: the row
    that closed it; `during`: what happened between, oldest first; `spent`: how long it took, or has taken until now.
    """

    seq: int
    element: str
    name: Words
    since: datetime
    number: int = 1
    until: datetime | None = None
    task: str | None = None
    ended: HistoryRow | None = None
    during: list[HistoryRow] = field(default_factory=list)
    spent: Words | None = None
    row: HistoryRow | None = None

    @property
    def entry(self) -> str | None:
        """What was filled in at it, if it was."""
        return self.ended.entry if self.ended else self.row.entry if self.row else None


def of(rows: Sequence[HistoryRow], days: Calendar, now: datetime) -> list[Visit]:
    """The history in the order in which things began."""
    found: list[Visit] = []
    by_task: dict[str, Visit] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        if row.kind == "opened" and row.task:
            counts[row.element or ""] += 1
            name = Words(row.name_zh, row.name_en)
            visit = Visit(row.seq, row.element or "", name, row.at, counts[row.element or ""], task=row.task)
            by_task[row.task] = visit
            found.append(visit)
            continue
        visit_of = by_task.get(row.task or "")
        if visit_of is None or row.kind == "withdrawn":
            name = Words(row.name_zh, row.name_en) if row.name_zh else Words("", "")
            found.append(Visit(row.seq, row.element or "", name, row.at, until=row.at, row=row))
            if row.kind in ("ended", "cancelled"):
                _close_all(by_task, row)
        elif row.kind in CLOSING:
            visit_of.ended, visit_of.until = row, row.at
        else:
            visit_of.during.append(row)
    for visit in by_task.values():
        visit.spent = wording.spent(visit.since, visit.until or now, days)
    return found


def _close_all(by_task: dict[str, Visit], row: HistoryRow) -> None:
    """What is over takes its open tasks with it."""
    for visit in by_task.values():
        visit.until = visit.until or row.at
