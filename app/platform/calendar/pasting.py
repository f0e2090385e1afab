"""Reads a year's table of days as it is pasted: a day or a span, 休 or 班, and what for, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from app.platform.registry import Refused

OFF = frozenset({"休", "放假", "休息", "off", "holiday"})
WORKED = frozenset({"班", "上班", "补班", "work", "working"})
MOST_DAYS = 800
LONGEST_NOTE = 100
_LINE = re.compile(r"\s*(\S+?)(?:\s*(?:~|～|至|—|－)\s*(\S+?))?[\s,，;；]+(\S+?)(?:[\s,，;；]+(.*))?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)


def read(text: str) -> dict[date, tuple[bool, str]]:
    """Return the days as `calendar.change` takes them. Raises `Refused("table")`, naming the line."""
    found: dict[date, tuple[bool, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = _LINE.fullmatch(line.rstrip())
        word = parts[3].lower() if parts else ""
        if parts is None or word not in OFF | WORKED:
            raise Refused(
                f"第{number}行无法识别，应为“2027-02-06至2027-02-12 休 春节”",
                f"Line {number} is not understood; write: 2027-02-06~2027-02-12 off Spring Festival",
                "table",
            )
        for day in _span(parts[1], parts[2], number):
            found[day] = (word in WORKED, (parts[4] or "").strip()[:LONGEST_NOTE])
        if len(found) > MOST_DAYS:
            raise Refused(f"一次最多{MOST_DAYS}天", f"At most {MOST_DAYS} days at once", "table")
    if not found:
        raise Refused("请粘贴放假安排", "Please paste a table of days", "table")
    return found


def span(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both counted, a year at most. Raises `Refused("to")`."""
    if not first <= last <= first + timedelta(days=366):
        raise Refused(
            "结束日期不能早于开始日期，且最多一年",
            "The end does not lie before the beginning, nor more than a year after it",
            "to",
        )
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _span(first: str, last: str | None, number: int) -> Iterator[date]:
    try:
        yield from span(_day(first), _day(last or first))
    except (ValueError, Refused) as error:
        raise Refused(
            f"第{number}行的日期有误", f"A date in line {number} does not exist", "table"
        ) from error


def _day(text: str) -> date:
    parts = _DAY.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in parts.groups())
    if not 2000 <= year <= 2100:
        raise ValueError(text)
    return date(year, month, day)
