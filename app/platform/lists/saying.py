"""A cell, and a question, in plain words as a workbook says them: what the page says, without its looks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.platform.lists.asked import BETWEEN, Asked
from app.platform.lists.definition import Chip, Column, Due, Filter, Linked, List
from app.platform.registry import Words

SHANGHAI = ZoneInfo("Asia/Shanghai")
DIGITS = 15  # what a workbook's number keeps; a longer one is text (C-29)
YES, NO = Words("是", "Yes"), Words("否", "No")


def plain(column: Column, value: Any, language: str) -> str | int | float | None:
    """The value of a cell as text, or as a number where the column is one and none of its digits is lost."""
    if isinstance(value, Linked):
        value = value.value
    if isinstance(value, Chip):
        value = value.words
    if isinstance(value, Due):
        value = value.at
    if value is None or value == "":
        return None
    if isinstance(value, Words):
        return value.said(language)
    if isinstance(value, bool):
        return (YES if value else NO).said(language)
    if isinstance(value, date):
        return _moment(value, "day" if column.kind == "day" else "moment")
    if column.kind == "number" and isinstance(value, int | float | Decimal):
        return _number(value)
    return str(value)


def question(listing: List, asked: Asked) -> dict[str, Words]:
    """What was asked for in words, by the filter's key; of filters that narrow nothing there is none."""
    return {
        one.key: _asked_of(one, asked, asked.typed.get(one.key, ""))
        for one in listing.filters
        if one.key in asked.values
    }


def _asked_of(one: Filter, asked: Asked, typed: str) -> Words:
    if one.kind in ("period", "range"):
        ends = [asked.typed.get(f"{one.key}_{end}", "") for end in ("from", "to")]
        return Words("至".join(ends), " to ".join(ends).strip())
    if one.kind == "text":
        return Words(typed, typed)
    codes = typed.split(BETWEEN) if one.kind == "several" else [typed]
    chosen = [words for code, words in asked.choices.get(one.key, ()) if code in codes]
    return Words("、".join(each.zh.strip() for each in chosen), ", ".join(each.en.strip() for each in chosen))


def _moment(value: date, kind: str) -> str:
    if not isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    local = value.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d}" if kind == "day" else f"{local:%Y-%m-%d %H:%M}"


def _number(value: int | float | Decimal) -> str | int | float:
    if isinstance(value, int):
        return value if abs(value) < 10**DIGITS else str(value)
    if isinstance(value, Decimal):
        return float(value) if len(value.as_tuple().digits) <= DIGITS else str(value)
    return value
