from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.calendar import ZONE, BadPeriod, Calendar, due, parse

PUBLISHED = Calendar()


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-05-11 09:00", "P1WD", "2026-05-12 23:59:59"),  # Monday
        ("2026-05-11 23:59", "P1WD", "2026-05-12 23:59:59"),
        ("2026-05-12 00:00", "P1WD", "2026-05-13 23:59:59"),
        ("2026-05-15 09:00", "P3WD", "2026-05-20 23:59:59"),  # over a weekend
        ("2026-05-16 09:00", "P1WD", "2026-05-18 23:59:59"),  # from a Saturday
        ("2024-09-27 10:00", "P3WD", "2024-10-08 23:59:59"),  # 国庆 with Sunday the 29th worked
        ("2024-10-08 10:00", "P4WD", "2024-10-12 23:59:59"),  # up to a worked Saturday
        ("2025-09-30 17:00", "P1WD", "2025-10-09 23:59:59"),  # 国庆 and 中秋 together
        ("2026-09-30 17:00", "P3WD", "2026-10-10 23:59:59"),
        ("2024-02-09 10:00", "P1WD", "2024-02-18 23:59:59"),  # 春节, back on a Sunday
        ("2025-01-24 10:00", "P3WD", "2025-02-05 23:59:59"),
        ("2026-02-13 10:00", "P2WD", "2026-02-24 23:59:59"),
        ("2026-05-11 09:30", "P2D", "2026-05-13 09:30"),
        ("2026-09-30 09:30", "P1W", "2026-10-07 09:30"),
        ("2026-05-11 22:00", "PT4H", "2026-05-12 02:00"),
        ("2026-05-11 22:00", "P1DT2H30M", "2026-05-13 00:30"),
        ("2026-05-11 22:00", "PT90S", "2026-05-11 22:01:30"),
        ("2026-05-11 22:00", "PT0S", "2026-05-11 22:00"),
    ],
)
def test_a_period_runs_out_when_the_published_calendar_says(start, duration, end):
    assert due(local(start), duration, PUBLISHED) == local(end)


def test_the_day_is_counted_in_shanghai_and_not_in_utc():
    start = datetime(2026, 5, 11, 17, tzinfo=UTC)  # Tuesday, one in the morning
    assert due(start, "P1WD", PUBLISHED) == local("2026-05-13 23:59:59")
    assert due(start, "P1WD", PUBLISHED).tzinfo is UTC


def test_a_local_day_moves_the_end():
    closed = Calendar({date(2026, 5, 12): False})
    assert due(local("2026-05-11 09:00"), "P1WD", closed) == local("2026-05-13 23:59:59")


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "3WD", "P0WD", "P2501WD", "P-1WD", "P1.5D", "P1M", "P1Y", "P1WDT2H", "PT1D", "P1DT",
     "p1d", "P1D ", "P99999W", "P１D", "PT9999999H"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text):
    with pytest.raises(BadPeriod):
        parse(text)


@given(st.text(alphabet="P0123456789WDTHMS", max_size=12))
def test_any_text_is_a_period_or_refused(text):
    try:
        end = due(local("2026-05-11 09:00"), text, PUBLISHED)
    except BadPeriod:
        return
    assert end >= local("2026-05-11 09:00")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)), st.integers(1, 40))
def test_a_later_start_is_never_due_earlier(start, count):
    start = start.replace(tzinfo=ZONE)
    assert due(start + timedelta(hours=7), f"P{count}WD", PUBLISHED) >= due(start, f"P{count}WD", PUBLISHED)
