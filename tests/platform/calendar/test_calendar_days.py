from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.platform import audit, calendar
from app.platform.calendar import Calendar
from app.platform.calendar.days import _LAST_PUBLISHED

PUBLISHED = Calendar()
NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)

# The State Council's schedules (国务院办公厅关于部分节假日安排的通知) of 2024, 2025 and 2026:
# free from, free until, weekend days worked in exchange.
SCHEDULES = {
    "2024 元旦": ("2024-01-01", "2024-01-01", []),
    "2024 春节": ("2024-02-10", "2024-02-17", ["2024-02-04", "2024-02-18"]),
    "2024 清明节": ("2024-04-04", "2024-04-06", ["2024-04-07"]),
    "2024 劳动节": ("2024-05-01", "2024-05-05", ["2024-04-28", "2024-05-11"]),
    "2024 端午节": ("2024-06-10", "2024-06-10", []),
    "2024 中秋节": ("2024-09-15", "2024-09-17", ["2024-09-14"]),
    "2024 国庆节": ("2024-10-01", "2024-10-07", ["2024-09-29", "2024-10-12"]),
    "2025 元旦": ("2025-01-01", "2025-01-01", []),
    "2025 春节": ("2025-01-28", "2025-02-04", ["2025-01-26", "2025-02-08"]),
    "2025 清明节": ("2025-04-04", "2025-04-06", []),
    "2025 劳动节": ("2025-05-01", "2025-05-05", ["2025-04-27"]),
    "2025 端午节": ("2025-05-31", "2025-06-02", []),
    "2025 国庆节、中秋节": ("2025-10-01", "2025-10-08", ["2025-09-28", "2025-10-11"]),
    "2026 元旦": ("2026-01-01", "2026-01-03", ["2026-01-04"]),
    "2026 春节": ("2026-02-15", "2026-02-23", ["2026-02-14", "2026-02-28"]),
    "2026 清明节": ("2026-04-04", "2026-04-06", []),
    "2026 劳动节": ("2026-05-01", "2026-05-05", ["2026-05-09"]),
    "2026 端午节": ("2026-06-19", "2026-06-21", []),
    "2026 中秋节": ("2026-09-25", "2026-09-27", []),
    "2026 国庆节": ("2026-10-01", "2026-10-07", ["2026-09-20", "2026-10-10"]),
}


def days(first, last):
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_published_holidays_are_free_and_their_make_up_days_are_worked(schedule):
    first, last, made_up = schedule
    assert not any(PUBLISHED.is_working(day) for day in days(first, last))
    assert all(PUBLISHED.is_working(date.fromisoformat(day)) for day in made_up)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_other_day_of_a_published_year_follows_the_week(year):
    free = {day for first, last, _ in SCHEDULES.values() for day in days(first, last)}
    worked = {date.fromisoformat(day) for _, _, made_up in SCHEDULES.values() for day in made_up}
    for day in days(f"{year}-01-01", f"{year}-12-31"):
        assert PUBLISHED.is_working(day) == (day in worked or (day not in free and day.weekday() < 5)), day


def test_a_make_up_day_in_december_for_the_new_year_is_worked():
    assert PUBLISHED.is_working(date(2006, 12, 30))


@given(st.dates())
def test_no_year_raises(day):
    assert PUBLISHED.is_working(day) in (True, False)
    PUBLISHED.is_provisional(day.year)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(1, 60))
def test_the_nth_working_day_is_one_and_n_lie_up_to_it(start, count):
    last = PUBLISHED.working_day(start, count)
    assert PUBLISHED.is_working(last)
    assert PUBLISHED.working_days(start + timedelta(days=1), last) == count


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(0, 60), st.integers(0, 60))
def test_working_days_add_up(start, one, other):
    assert PUBLISHED.working_day(PUBLISHED.working_day(start, one), other) == PUBLISHED.working_day(
        start, one + other
    )


def test_the_end_of_time_stops_the_count():
    assert PUBLISHED.working_day(date(9999, 12, 1), 500) == date.max


def test_backwards_is_negative():
    assert PUBLISHED.working_days(date(2026, 5, 12), date(2026, 5, 11)) == -2


def test_a_year_whose_schedule_is_not_out_is_provisional_until_it_is_entered():
    assert not PUBLISHED.is_provisional(2026)
    coming = _LAST_PUBLISHED + 1
    assert PUBLISHED.is_provisional(coming)
    assert not Calendar({date(coming, 2, 1): True}).is_provisional(coming)


def test_a_local_day_lies_on_top_of_what_is_published(session):
    flood, sunday = date(2026, 7, 8), date(2026, 7, 12)
    calendar.change(session, {flood: (False, "防汛停工"), sunday: (True, "补班")}, "admin", NOW)
    changed = calendar.load(session)
    assert not changed.is_working(flood)
    assert changed.is_working(sunday)
    calendar.change(session, {flood: None, sunday: (False, "")}, "admin", NOW)
    assert calendar.load(session) == Calendar({sunday: False})
    assert audit.verify(session) is None
    assert session.execute(text("SELECT count(*) FROM audit_row")).scalar() == 2
