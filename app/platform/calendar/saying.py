"""How moments and what is left until them are said, in Shanghai's days (C-18)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.platform.calendar.days import Calendar
from app.platform.calendar.periods import ZONE
from app.platform.registry import Words


def moment(at: datetime | None, now: datetime) -> Words:
    """Say a moment: the time today, else the day, with the year only where it is another one."""
    if at is None:
        return Words("", "")
    local, today = at.astimezone(ZONE), now.astimezone(ZONE)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return Words(f"今天 {clock}", f"today {clock}")
    if local.year == today.year:
        return Words(f"{local.month}月{local.day}日 {clock}", f"{local.day} {local:%b} {clock}")
    return Words(f"{local.year}年{local.month}月{local.day}日 {clock}", f"{local.day} {local:%b %Y} {clock}")


def left(due: datetime, now: datetime, days: Calendar) -> int:
    """How many working days are left after today, the day of `due` counted; overdue, how many have passed, negative.

    Overdue on the same day, or by free days only, counts as one: -1.
    """
    end, today = due.astimezone(ZONE).date(), now.astimezone(ZONE).date()
    if due < now:
        return -max(1, _passed(due, now, days))
    return days.working_days(today + timedelta(days=1), end) if end > today else 0


def limit(due: datetime, now: datetime, days: Calendar) -> Words:
    """Say how long there is until `due`, in working days, or by how many it has passed."""
    if due < now:
        passed = _passed(due, now, days)
        if passed == 0:
            return Words("已超期", "overdue")
        return Words(f"已超期 {passed} 个工作日", f"{_days(passed)} overdue")
    number = left(due, now, days)
    if due.astimezone(ZONE).date() == now.astimezone(ZONE).date():
        return Words("今天到期", "due today")
    if number == 0:  # free days only: a deadline that is not counted in working days
        return Words("下一个工作日前到期", "due before the next working day")
    return Words(f"还剩 {number} 个工作日", f"{_days(number)} left")


def _passed(due: datetime, now: datetime, days: Calendar) -> int:
    """How many working days have begun since the day of `due`."""
    end, today = due.astimezone(ZONE).date(), now.astimezone(ZONE).date()
    return days.working_days(end + timedelta(days=1), today) if today > end else 0


def _days(number: int) -> str:
    return f"{number} working day" if number == 1 else f"{number} working days"
