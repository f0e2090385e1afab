"""How the inbox says times: relative where that helps to act, in Shanghai's days (C-18)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.platform.registry import Words

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Limit(NamedTuple):
    """A due date as a chip: its words and how urgent it is."""

    words: Words
    tone: Literal["plain", "soon", "late"]


def limit(due: datetime | None, now: datetime) -> Limit | None:
    """Say a due date: late by days, due today, tomorrow, or on a date."""
    if due is None:
        return None
    local, days = due.astimezone(SHANGHAI), _days(due, now)
    if due < now:
        late = -days
        return Limit(
            Words(f"已超期 {late} 天", f"{late} d overdue") if late else Words("已超期", "Overdue"), "late"
        )
    if days == 0:
        return Limit(Words(f"今天 {local:%H:%M} 到期", f"Due today {local:%H:%M}"), "soon")
    if days == 1:
        return Limit(Words("明天到期", "Due tomorrow"), "soon")
    if days <= 3:
        return Limit(Words(f"剩 {days} 天", f"{days} d left"), "soon")
    return Limit(Words(f"{local.month}月{local.day}日到期", f"Due {local:%d %b}"), "plain")


def waited(since: datetime, now: datetime) -> Words:
    """Say how long something has waited."""
    days = -_days(since, now)
    if days:
        return Words(f"已等 {days} 天", f"waiting {days} d")
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes >= 60:
        return Words(f"已等 {minutes // 60} 小时", f"waiting {minutes // 60} h")
    return Words(f"已等 {minutes} 分钟", f"waiting {minutes} min") if minutes else Words("刚到", "just arrived")


def moment(at: datetime | None, now: datetime) -> Words:
    """Say a moment: the time today, else the day, with the year only where it is another one."""
    if at is None:
        return Words("", "")
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return Words(f"今天 {clock}", f"today {clock}")
    if local.year == today.year:
        return Words(f"{local.month}月{local.day}日 {clock}", f"{local:%d %b} {clock}")
    return Words(f"{local.year}年{local.month}月{local.day}日 {clock}", f"{local:%d %b %Y} {clock}")


def _days(at: datetime, now: datetime) -> int:
    return (at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days


def size(count: int) -> str:
    """Say a file's size."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
