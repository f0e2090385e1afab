"""Old beside new: what has changed in a form since whoever decided this step last saw it (C4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.forms import Field, FileFacts, Given, StepForm, settle
from app.platform.forms.kinds.table import Table, asked_once
from app.platform.forms.kinds.uploads import File
from app.platform.runtime.entities import Entry
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import TaskView

EMPTY: tuple[Any, ...] = (None, "", [], (), {})
Mark = Literal["", "out", "in"]


@dataclass(frozen=True, slots=True)
class Before:
    """What the form said when its step was decided last, by whom, and when."""

    values: Mapping[str, Any]
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """A field as it was, or as it is. `words` are masked as the form masks them.

    `lines`: rows of a table that are not on the other side, each with its number; `rest` counts the others.
    `files`: each with whether it is on this side alone.
    """

    words: str = ""
    lines: tuple[tuple[int, str], ...] = ()
    rest: int = 0
    files: tuple[tuple[FileFacts, bool], ...] = ()
    is_empty: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A field with both its sides. `reason`: why it was sent back, if it was."""

    field: Field
    was: Side
    now: Side
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has changed, in the order of the form, and what has not. What was named and did not change stands with the
    changes: it is what a reader looks for."""

    changed: tuple[Change, ...] = ()
    same: tuple[Change, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def before(session: Session, view: TaskView, happened: Sequence[HistoryRow]) -> Before | None:
    """The entry that the last decision at this task's step was made on; None where it is decided for the first time.

    A decision leaves an entry with everything its form showed, also of a row of the system's that changes later. A
    free return leaves none: then it is the last entry of the same form before it. At most one statement.
    """
    opened = next((n for n, row in enumerate(happened) if row.kind == "opened" and row.task == view.id), None)
    earlier = happened[: len(happened) if opened is None else opened]
    decided = [
        n
        for n, row in enumerate(earlier)
        if row.element == view.element and row.kind in ("decided", "returned")
    ]
    if view.form is None or not decided:
        return None
    last = earlier[decided[-1]]
    entries = [row.entry for row in earlier[: decided[-1] + 1] if row.entry]
    values = session.scalar(
        select(Entry.values)
        .where(Entry.id.in_(entries), Entry.form == view.form.form.id)
        .order_by(Entry.id.desc())
        .limit(1)
    )
    return None if values is None else Before(values, last.by_name, last.at)


def compare(
    step: StepForm,
    was: Given,
    now: Given,
    language: str,
    *,
    in_full: bool = False,
    reasons: Mapping[str, str] | None = None,
) -> Comparison:
    """Lay two entries of one form side by side, as its reader at `step` sees them; `was` and `now` bring the values."""
    known = reasons or {}
    was, now = asked_once(was), asked_once(now)
    sides = [settle(step.form, given.values, given, computes=False) for given in (was, now)]
    changed: list[Change] = []
    same: list[Change] = []
    for one in step.visible:
        if not any(one.name in shown for shown, _ in sides):
            continue
        old, new = (settled.get(one.name) for _, settled in sides)
        found = Change(
            one,
            _side(one, old, new, was, language, in_full=in_full),
            _side(one, new, old, now, language, in_full=in_full),
            known.get(one.name, ""),
        )
        differs = old != new and not (old in EMPTY and new in EMPTY)
        (changed if differs or found.reason else same).append(found)
    return Comparison(tuple(changed), tuple(same), known)


def _side(one: Field, value: Any, other: Any, given: Given, language: str, *, in_full: bool) -> Side:
    if value in EMPTY:
        return Side()
    kind = one.kind
    if isinstance(kind, File):
        facts = kind.offers(one, value, given, language)
        alone = set(value) - set(other or ())
        return Side(files=tuple((each, each.id in alone) for each in facts), is_empty=False)
    if isinstance(kind, Table):
        left = Counter(_row(row) for row in other or ())
        lines = []
        for number, row in enumerate(value, 1):
            if left[_row(row)] > 0:
                left[_row(row)] -= 1
                continue
            cells = [
                each.kind.shown(each, row.get(each.name), given, language, in_full=in_full)
                for each in kind.columns(one)
            ]
            lines.append((number, " · ".join(cell or "—" for cell in cells)))
        return Side(lines=tuple(lines), rest=len(value) - len(lines), is_empty=False)
    return Side(kind.shown(one, value, given, language, in_full=in_full), is_empty=False)


def _row(row: Mapping[str, Any]) -> bytes:
    """A row so that equal ones are equal, whatever is empty in them and in which order."""
    kept = {name: cell for name, cell in row.items() if cell not in EMPTY}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
