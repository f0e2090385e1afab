"""What the two lines of a row say: title and deadline, step, region, how long it waited, and what it is marked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.platform import calendar, lists
from app.platform.registry import Words
from app.platform.runtime import history, moving, policy
from app.platform.runtime.entities import Seat
from app.rooms.inbox import cells
from app.rooms.inbox.filters import FLAGS
from app.rooms.web import times
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said

RAW = lists.Column("_row", Words("", ""), value=lambda row: row)
"""The row as it came, beside the cells: asked for with `fetch(columns=(…, RAW))`."""
OPEN = ("todo", "claimable", "drafts")  # boxes of tasks that are open
TICKED = ("todo", "claimable")
TONES = {"returned": "late", "behalf": "run", "suspended": "run", "claimed": "ok"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row as drawn. `ticks` is what a tick on it names, where the box has ticks."""

    line: lists.Line
    title: str
    facts: Sequence[Words | str]
    flags: Sequence[tuple[Words | str, str]]
    due: times.Limit | None
    left: str
    state: lists.Chip | None
    summary: Sequence[tuple[Words, Words]]
    ticks: str = ""
    is_new: bool = False
    opinion: str = ""


def of(page: lists.Page, *, wide: bool = False) -> list[Row]:
    """The rows of a page. `wide`, as a table shows them: with the working days left and the last opinion."""
    raw = [line.cells[RAW.key] for line in page.rows]
    is_open = page.list.key in OPEN
    seats = _seats([row["id"] for row in raw if is_open and row["seats"] != "one"])
    days = calendar.load(session()) if wide and is_open and raw else None
    back = moving.withdrawable(session(), [row["id"] for row in raw], me()) if page.list.key == "done" else ()
    said_last = history.last_opinions(session(), {row["instance_id"] for row in raw}) if days else {}
    return [
        Row(
            line=line,
            title=row["title"],
            facts=[fact for fact in _facts(page.list.key, row) if fact],
            flags=_flags(row, seats.get(row["id"], ()))
            if is_open
            else [(_("可撤回"), "plain")] * (row["id"] in back),
            due=times.limit(row["due_at"], now(), row["paused_at"]) if is_open else None,
            left=_left(days, row) if days else "",
            state=None if is_open else lists.Chip(cells.stage(row), cells.tone(row)),
            summary=cells.summary(row["summary"]),
            ticks=line.row or "" if page.list.key in TICKED else "",
            is_new=page.list.key == "copies" and row["read_at"] is None,
            opinion=said_last.get(row["instance_id"], "") if said_last else "",
        )
        for line, row in zip(page.rows, raw, strict=True)
    ]


def _facts(box: str, row: Mapping[str, Any]) -> list[Words | str]:
    """What the second line says."""
    if box == "mine":
        return [cells.words(row, "process"), row["number"] or "", times.moment(row["started_at"], now())]
    step, region = cells.words(row, "name"), row["region"] or ""
    if box == "copies":
        by = _("%(name)s抄送", name=row["copied_by"]) if row["copied_by"] else ""
        return [step, by, times.moment(row["copied_at"], now())]
    if box == "done":
        return [step, region, times.moment(row["closed_at"], now())]
    if box == "drafts":
        return [step, region, _("保存于%(at)s", at=said(times.moment(row["saved_at"], now())))]
    return [step, region, times.waited(row["opened_at"], now())]


def _flags(row: Mapping[str, Any], seats: Sequence[Any]) -> list[tuple[Words | str, str]]:
    found: list[tuple[Words | str, str]] = []
    for code in cells.marks(row):
        words: Words | str = FLAGS[code]
        if code == "seated" and seats:
            signers = [seat for seat in seats if seat.seat_id is None]
            done = sum(seat.state == "decided" for seat in signers)
            words = _("会签 %(done)s/%(all)s", done=done, all=len(signers))
        found.append((words, TONES.get(code, "plain")))
    if row.get("is_again") and not row["is_returned"]:
        found.insert(0, (_("再次送审"), TONES["returned"]))
    if row["is_escalated"]:
        found.append((_("超期已上报"), "late"))
    if me().substitutes_for:
        standing = policy.standing(me(), SimpleNamespace(**row), seats)
        if standing is not None and standing.principal is not None:
            found.insert(0, (_("代 %(name)s", name=standing.principal.name), TONES["behalf"]))
    return found


def _seats(tasks: Sequence[str]) -> dict[str, list[Any]]:
    """The seats of those tasks of a page that several sign, without those removed. At most one statement."""
    found: dict[str, list[Any]] = {}
    if tasks:
        asked = select(
            Seat.task_id, Seat.person_id, Seat.state, Seat.is_personal, Seat.seat_id, Seat.closed_reason
        ).where(Seat.task_id.in_(tasks))
        for seat in session().execute(asked):
            if seat.closed_reason != "removed":
                found.setdefault(seat.task_id, []).append(seat)
    return found


def _left(days: calendar.Calendar, row: Mapping[str, Any]) -> str:
    """How long there is in working days, as the case's own page says it."""
    if row["due_at"] is None:
        return ""
    if row["paused_at"] is not None:
        return said(times.PAUSED.words)
    return said(calendar.saying.limit(row["due_at"], now(), days))
