"""工作日历: the year's working days, local days on top, and what that does to running deadlines."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform import audit, calendar
from app.platform.calendar import pasting
from app.platform.identity import roles
from app.platform.registry import Refused, Words
from app.platform.runtime.deadlines import RECOUNTED
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

FIRST, LAST = 2000, 2100
sections.enter(
    sections.Section(
        "holidays",
        Words("工作日历", "Working days"),
        Words(
            "法定节假日、调休和本地放假，时限按它计算",
            "Holidays and make-up days, by which deadlines are counted",
        ),
        "admin.holidays",
        frozenset({roles.SETTINGS}),
        "settings",
        40,
    )
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as drawn: `kind` is work, weekend, off (a free weekday) or extra (a worked weekend)."""

    number: int
    kind: str
    is_local: bool
    note: str


@blueprint.get("/holidays")
@needs(roles.SETTINGS)
def holidays() -> str:
    """Show a year's days."""
    return _page()


@blueprint.post("/holidays")
@needs(roles.SETTINGS)
def set_days() -> Response | tuple[str, int]:
    """Make days free or worked, with a note; or take them back to what is published."""
    given = request.form
    try:
        first = _day(given.get("from", ""), "from")
        last = _day(given["to"], "to") if given.get("to") else first
        days = pasting.span(first, last)
        kind = given.get("kind", "")
        if kind not in ("off", "work", "published"):
            raise Refused("请选择", "Please choose one", "kind")
        note = given.get("note", "").strip()
        if len(note) > pasting.LONGEST_NOTE:
            raise Refused("说明最多100个字", "A note has at most 100 characters", "note")
    except Refused as no:
        return _page(given, no), 422
    entered = None if kind == "published" else (kind == "work", note)
    calendar.change(session(), dict.fromkeys(days, entered), me(), now())
    return _saved(first.year)


@blueprint.post("/holidays/paste")
@needs(roles.SETTINGS)
def paste_days() -> Response | tuple[str, int]:
    """Enter a pasted table of days."""
    try:
        found = pasting.read(request.form.get("table", ""))
    except Refused as no:
        return _page(request.form, no), 422
    calendar.change(session(), found, me(), now())
    return _saved(min(found).year)


def _saved(year: int) -> Response:
    flash(_("工作日历已保存，运行中事项的时限正在重新计算。"), "success")
    return redirect(url_for("admin.holidays", year=year), 303)


def _page(typed: Any = None, no: Refused | None = None) -> str:
    year, days = _year(), calendar.load(session())
    notes = calendar.notes(session(), year)
    return render_template(
        "admin/holidays.html",
        year=year,
        first=FIRST,
        last=LAST,
        month_names=months.month_name[1:],
        months=[list(_weeks(year, month, days, notes)) for month in range(1, 13)],
        local=[(day, *said) for day, said in notes.items()],
        provisional=days.is_provisional(year),
        total=days.working_days(date(year, 1, 1), date(year, 12, 31)),
        published=calendar.published(),
        counted=_counted(),
        typed=typed or {},
        wrong={no.field or "": no.words.said(language.current())} if no else {},
    )


def _weeks(
    year: int, month: int, days: calendar.Calendar, notes: dict[date, tuple[bool, str]]
) -> Iterator[list[Day | None]]:
    for week in months.Calendar().monthdatescalendar(year, month):
        yield [_drawn(day, days, notes) if day.month == month else None for day in week]


def _drawn(day: date, days: calendar.Calendar, notes: dict[date, tuple[bool, str]]) -> Day:
    is_weekend, is_working = day.weekday() >= 5, days.is_working(day)
    kind = ("extra" if is_weekend else "work") if is_working else ("weekend" if is_weekend else "off")
    return Day(day.day, kind, day in notes, notes[day][1] if day in notes else "")


def _counted() -> dict[str, Any] | None:
    """The last time deadlines were counted again, and how many tasks moved; whether that is still to come."""
    rows = audit.read(session(), calendar.ABOUT)
    if not rows:
        return None
    counts = [row for row in rows if row.kind == RECOUNTED]
    last = counts[-1] if counts else None
    is_waiting = rows[-1].kind != RECOUNTED
    moved = last.body["moved"] if last and last.body else None
    return {"at": last.at if last else None, "moved": moved, "is_waiting": is_waiting}


def _year() -> int:
    text = request.args.get("year", "")
    found = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else 0
    return found if FIRST <= found <= LAST else now().astimezone(calendar.ZONE).year


def _day(text: str, field: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("请填写日期，如 2027-02-06", "Please enter a date such as 2027-02-06", field) from error
    if not FIRST <= found.year <= LAST:
        raise Refused("日期须在2000年至2100年之间", "The date lies between 2000 and 2100", field)
    return found
