"""Working time is exact, and what is read from buckets is off by no more than is said."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.calendar import ZONE, Calendar
from app.platform.monitoring import durations

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=ZONE))


def plain(begin: datetime, end: datetime, days: Calendar) -> float:
    """Minute by minute would be slow: day by day."""
    total, day = 0.0, begin.date()
    while day <= end.date():
        first = max(begin, datetime(day.year, day.month, day.day, tzinfo=ZONE))
        last = min(end, datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1))
        if days.is_working(day) and last > first:
            total += (last - first).total_seconds() / 60
        day += timedelta(days=1)
    return total


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_working_minutes_are_what_lies_in_working_days(begin: datetime, length: timedelta) -> None:
    days = Calendar({date(2026, 3, 4): False, date(2026, 3, 7): True})
    found = durations.Clock(days).minutes(begin, begin + length)
    assert found == pytest.approx(plain(begin, begin + length, days), abs=0.05)


def test_days_on_which_the_deadline_stood_still_do_not_count() -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=ZONE)
    clock = durations.Clock(Calendar())
    assert clock.minutes(begin, begin + timedelta(days=2), 1) == durations.DAY
    assert clock.minutes(begin, begin + timedelta(days=2), 9) == 0
    assert clock.minutes(begin, begin - timedelta(days=1)) == 0


@given(st.lists(st.floats(1, 2_000_000), min_size=1, max_size=200), st.sampled_from((0.5, 0.9)))
def test_a_share_read_from_buckets_is_as_near_as_is_said(spent: list[float], part: float) -> None:
    found = durations.share(Counter(durations.bucket(each) for each in spent), part)
    assert found is not None
    exact = sorted(spent)[math.ceil(len(spent) * part - 1e-9) - 1]
    assert abs(found - exact) <= exact * durations.ERROR * 1.0001, (found, exact)


def test_of_nothing_there_is_no_median_and_below_a_minute_it_is_none() -> None:
    assert durations.share({}, 0.5) is None
    assert durations.share({durations.bucket(0.3): 4}, 0.9) == 0
