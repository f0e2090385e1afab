"""The period a process's page counts the past in: days back from today, this year, or two dates; from the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask_babel import gettext as _

CHOICES: Final = ("7", "30", "90", "year", "dates")
USUAL: Final = "30"


@dataclass(frozen=True, slots=True)
class Asked:
    """A period: from which to which day. `typed` are the two dates as they were typed, `wrong` says why not."""

    choice: str
    first: date
    last: date
    typed: tuple[str, str] = ("", "")
    wrong: str = ""


def read(sent: Mapping[str, str], today: date) -> Asked:
    """Read `period`, `from` and `to`. What cannot be read counts as thirty days, and says what is wrong."""
    choice = sent.get("period", USUAL)
    typed = (sent.get("from", "").strip()[:20], sent.get("to", "").strip()[:20])
    if choice == "year":
        return Asked(choice, date(today.year, 1, 1), today, typed)
    if choice == "dates":
        return _dates(typed, today)
    back = int(choice) if choice in CHOICES else int(USUAL)
    return Asked(str(back), today - timedelta(days=back - 1), today, typed)


def _dates(typed: tuple[str, str], today: date) -> Asked:
    first, last = (_day(text) for text in typed)
    usual = (today - timedelta(days=int(USUAL) - 1), today)
    if first is None:
        return Asked("dates", *usual, typed, _("请填写开始日期，如 2026-01-31。"))
    if last is None:
        return Asked("dates", *usual, typed, _("请填写结束日期，如 2026-01-31。"))
    if last < first:
        return Asked("dates", *usual, typed, _("结束日期不能早于开始日期。"))
    return Asked("dates", first, last, typed)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None
