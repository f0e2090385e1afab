"""How pages say times: relative where that helps to act, in Shanghai's days (C-18)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask

from app.platform.calendar.saying import moment as moment
from app.platform.registry import Words
from app.rooms.web.acting import now
from app.rooms.web.language import said

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Limit(NamedTuple):
    """A due date as a chip: its words and how urgent it is."""

    words: Words
    tone: Literal["plain", "soon", "late"]


def attach(app: Flask) -> None:
    """Hand templates the filters `when` (a moment), `day` and `last_day`."""
    app.add_template_filter(lambda at: said(moment(at, now())), "when")
    app.add_template_filter(day, "day")
    app.add_template_filter(last_day, "last_day")


PAUSED = Limit(Words("时限已暂停", "Deadline paused"), "plain")


def limit(due: datetime | None, now: datetime, paused: datetime | None = None) -> Limit | None:
    """Say a due date: late by days, due today, tomorrow, or on a date; that it stands still where it is `paused`."""
    if due is None:
        return None
    if paused is not None:
        return PAUSED
    local, days = due.astimezone(SHANGHAI), _days(due, now)
    if due < now:
        words = Words(f"已超期 {-days} 天", f"{-days} d overdue") if days else Words("已超期", "Overdue")
        return Limit(words, "late")
    if days == 0:
        return Limit(Words(f"今天 {local:%H:%M} 到期", f"Due today {local:%H:%M}"), "soon")
    if days == 1:
        return Limit(Words("明天到期", "Due tomorrow"), "soon")
    if days <= 3:
        return Limit(Words(f"剩 {days} 天", f"{days} d left"), "soon")
    return Limit(Words(f"{local.month}月{local.day}日到期", f"Due {local.day} {local:%b}"), "plain")


def waited(since: datetime, now: datetime) -> Words:
    """Say how long something has waited."""
    if days := -_days(since, now):
        return Words(f"已等 {days} 天", f"waiting {days} d")
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes >= 60:
        return Words(f"已等 {minutes // 60} 小时", f"waiting {minutes // 60} h")
    return (
        Words(f"已等 {minutes} 分钟", f"waiting {minutes} min") if minutes else Words("刚到", "just arrived")
    )


def day(on: date | datetime | None) -> str:
    """Say a day as 2026-03-02; a moment by its day in Shanghai."""
    return "" if on is None else f"{on.astimezone(SHANGHAI) if isinstance(on, datetime) else on:%Y-%m-%d}"


def last_day(until: datetime | None) -> str:
    """Say the last day of what ends at a moment: the day before, where that is midnight."""
    return day(until - timedelta(seconds=1)) if until else ""


def _days(at: datetime, now: datetime) -> int:
    return (at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
