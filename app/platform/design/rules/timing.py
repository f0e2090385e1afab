"""Deadlines nobody is reminded of, and working days of a year whose schedule is not known yet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.platform.calendar import ZONE
from app.platform.design.finding import Finding, fix
from app.platform.design.rules.drawn import Drawn, note
from app.platform.registry import Words

_WORKING = re.compile(r"P(\d+)WD")
_LONG = 3
"""So many working days and more deserve a reminder."""


def reminders(drawn: Drawn) -> Iterator[Finding]:
    """A step with a deadline and no reminder before it."""
    for chart, node in drawn.steps():
        due = getattr(node.detail, "due", None)
        days = _WORKING.fullmatch(due or "")
        if due is None or node.detail.remind is not None or (days and int(days[1]) < _LONG):
            continue
        words = Words("到期前1个工作日提醒", "Remind a working day before")
        yield note(
            "hint",
            "due_without_remind",
            chart,
            node,
            "有办理时限，但到期前不提醒",
            "it has a deadline, and nobody is reminded before",
            fix("set_property", words, element=node.id, name="remind", value="P1WD"),
        )


def calendars(drawn: Drawn) -> Iterator[Finding]:
    """Working days that reach into a year without a schedule of holidays; only where a moment is given."""
    calendar, now = drawn.known.calendar, drawn.known.now
    if calendar is None or now is None:
        return
    today = now.astimezone(ZONE).date()
    for chart in drawn.charts:
        for node in chart.nodes.values():
            timer = node.event.timer if node.event is not None else None
            texts = [getattr(node.detail, "due", None), timer if isinstance(timer, str) else None]
            for text in filter(None, texts):
                days = _WORKING.fullmatch(text)
                fixed = re.match(r"(\d{4})-\d\d-\d\d", text)
                if days:
                    year = calendar.working_day(today, min(int(days[1]), 300)).year
                elif fixed:
                    year = int(fixed[1])
                else:
                    continue
                if calendar.is_provisional(year):
                    yield note(
                        "warning",
                        "no_calendar",
                        chart,
                        node,
                        f"时限会算到{year}年，而{year}年的节假日安排还没有公布或录入",
                        f"it reaches into {year}, whose holidays are neither published nor entered yet",
                    )


RULES = (reminders, calendars)
