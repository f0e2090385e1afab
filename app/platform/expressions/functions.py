"""The functions an expression may call; each answers with a bounded value or fails in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.platform.expressions.errors import EvaluationFailed

LARGEST_NUMBER = 10**15
LONGEST_TEXT = 2_000
LONGEST_LIST = 10_000
HOUSE_TIME = ZoneInfo("Asia/Shanghai")  # C-18: times are Asia/Shanghai


def number(value: Any, operation: str) -> Any:
    """Return `value` if it is a number of bounded size, else fail."""
    if type(value) not in (int, float):
        raise EvaluationFailed("type", {"operation": operation})
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise EvaluationFailed("result")
    return value


def text(value: Any, operation: str) -> str:
    """Return `value` if it is a text of bounded length, else fail."""
    if type(value) is not str:
        raise EvaluationFailed("type", {"operation": operation})
    if len(value) > LONGEST_TEXT:
        raise EvaluationFailed("result")
    return value


def _items(value: Any, operation: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise EvaluationFailed("type", {"operation": operation})
    if len(value) > LONGEST_LIST:
        raise EvaluationFailed("result")
    return value


def _len(now: datetime, value: Any) -> int:
    if not isinstance(value, str | list | tuple | dict):
        raise EvaluationFailed("type", {"operation": "len"})
    return len(value)


def _extreme(operation: str, choose: Callable[..., Any]) -> Callable[..., Any]:
    def run(now: datetime, *values: Any) -> Any:
        items = _items(values[0], operation) if len(values) == 1 else values
        kinds = {float if type(item) is int else type(item) for item in items}
        if kinds not in ({str}, {float}):
            raise EvaluationFailed("type", {"operation": operation})
        return choose(items)

    return run


def _sum(now: datetime, value: Any) -> Any:
    total: Any = 0
    for item in _items(value, "sum"):
        total = number(total + number(item, "sum"), "sum")
    return total


def _any(now: datetime, value: Any) -> bool:
    return any(_items(value, "any"))


def _all(now: datetime, value: Any) -> bool:
    return all(_items(value, "all"))


def _abs(now: datetime, value: Any) -> Any:
    return abs(number(value, "abs"))


def _round(now: datetime, value: Any, digits: Any = 0) -> Any:
    if type(digits) is not int or not 0 <= digits <= 10:
        raise EvaluationFailed("type", {"operation": "round"})
    return round(number(value, "round"), digits or None)


def _today(now: datetime) -> str:
    return now.astimezone(HOUSE_TIME).date().isoformat()


def _now(now: datetime) -> str:
    return now.astimezone(HOUSE_TIME).isoformat(timespec="seconds")


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(text(value, "days")[:10])
    except ValueError as error:
        if isinstance(error, EvaluationFailed):
            raise
        raise EvaluationFailed("date", {"value": value[:40]}) from None


def _days(now: datetime, start: Any, end: Any) -> int:
    return (_date(end) - _date(start)).days


def _upper(now: datetime, value: Any) -> str:
    return text(text(value, "upper").upper(), "upper")


def _lower(now: datetime, value: Any) -> str:
    return text(text(value, "lower").lower(), "lower")


def _contains(now: datetime, whole: Any, part: Any) -> bool:
    if isinstance(whole, list | tuple):
        return part in _items(whole, "contains")
    return text(part, "contains") in text(whole, "contains")


def _starts_with(now: datetime, whole: Any, part: Any) -> bool:
    return text(whole, "starts_with").startswith(text(part, "starts_with"))


def _ends_with(now: datetime, whole: Any, part: Any) -> bool:
    return text(whole, "ends_with").endswith(text(part, "ends_with"))


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language: what it runs, and how few and how many arguments it takes."""

    run: Callable[..., Any]
    least: int
    most: int


FUNCTIONS: Mapping[str, Function] = {
    "len": Function(_len, 1, 1),
    "min": Function(_extreme("min", min), 1, 20),
    "max": Function(_extreme("max", max), 1, 20),
    "sum": Function(_sum, 1, 1),
    "any": Function(_any, 1, 1),
    "all": Function(_all, 1, 1),
    "abs": Function(_abs, 1, 1),
    "round": Function(_round, 1, 2),
    "today": Function(_today, 0, 0),
    "now": Function(_now, 0, 0),
    "days": Function(_days, 2, 2),
    "upper": Function(_upper, 1, 1),
    "lower": Function(_lower, 1, 1),
    "contains": Function(_contains, 2, 2),
    "starts_with": Function(_starts_with, 2, 2),
    "ends_with": Function(_ends_with, 2, 2),
}
