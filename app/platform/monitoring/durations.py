"""Working time, and buckets of it: medians over any period and region are sums of buckets.

Working time is what lies in working days, a whole one being 24 hours, as deadlines count them. The bounds of the
buckets grow by the fourth root of two, and a bucket stands for the middle of its bounds: what is read from them is at
most 9.1 % off (2 to the power of 1/8), and exact to the minute below one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache

from app.platform.calendar import ZONE, Calendar

STEPS = 4  # buckets from one power of two to the next
DAY = 24 * 60
ERROR = 2 ** (1 / (2 * STEPS)) - 1
"""By how much of itself a value read from a bucket may be off."""


class Clock:
    """Counts working minutes; remembers how many working days lie before each day it has met."""

    def __init__(self, days: Calendar) -> None:
        self._is_working = cache(days.is_working)
        self._before: dict[date, int] = {}

    def minutes(self, begin: datetime, end: datetime, paused_days: int = 0) -> float:
        """Return the working minutes from `begin` to `end` less the working days it stood still; never below 0."""
        if end <= begin:
            return 0.0
        first, last = begin.astimezone(ZONE), end.astimezone(ZONE)
        whole = self._working_before(last.date()) - self._working_before(first.date())
        spent = whole * DAY - self._part(first) + self._part(last)
        return max(0.0, spent - paused_days * DAY)

    def _part(self, at: datetime) -> float:
        if not self._is_working(at.date()):
            return 0.0
        return at.hour * 60 + at.minute + at.second / 60

    def _working_before(self, day: date) -> int:
        """Return how many working days there were before `day` (since 1990): a running sum, month by month."""
        found = self._before.get(day)
        if found is None:
            first = day.replace(day=1)
            count = self._months_before(first)
            for number in range((day - first).days):
                count += self._is_working(first + timedelta(days=number))
            found = self._before[day] = count
        return found

    def _months_before(self, first: date) -> int:
        if first.year < 1990:
            return 0
        known = self._before.get(first)
        if known is None:
            before = (first - timedelta(days=1)).replace(day=1)
            month = sum(
                self._is_working(before + timedelta(days=number)) for number in range((first - before).days)
            )
            known = self._before[first] = month + self._months_before(before)
        return known


def bucket(minutes: float) -> str:
    """Return the bucket of a duration, as text that sorts as the durations do."""
    return f"{0 if minutes < 1 else 1 + math.floor(STEPS * math.log2(minutes)):03}"


def middle(name: str) -> float:
    """Return the minutes a bucket stands for."""
    number = int(name)
    return 0.0 if number == 0 else float(2 ** ((number - 0.5) / STEPS))


def share(buckets: Mapping[str, int], part: float) -> float | None:
    """Return the minutes below which `part` of the durations lie (0.5: the median); None where there are none."""
    left = sum(buckets.values()) * part
    if left <= 0:
        return None
    for name in sorted(buckets):
        left -= buckets[name]
        if left <= 1e-9:
            return middle(name)
    return middle(max(buckets))
