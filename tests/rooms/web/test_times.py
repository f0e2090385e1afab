"""Times as pages say them: in Shanghai's days, relative where that helps to act (C-18)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.rooms.web import times

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.mark.parametrize(
    ("after", "said", "tone"),
    [
        (timedelta(hours=3), "今天 15:00 到期", "soon"),
        (timedelta(hours=13), "明天到期", "soon"),  # one in the night in Shanghai, still today in UTC
        (timedelta(days=3), "剩 3 天", "soon"),
        (timedelta(days=9), "3月11日到期", "plain"),
        (-timedelta(minutes=1), "已超期", "late"),
        (-timedelta(days=2), "已超期 2 天", "late"),
    ],
)
def test_a_due_date_says_how_urgent_it_is(after: timedelta, said: str, tone: str) -> None:
    limit = times.limit(NOON + after, NOON)
    assert limit is not None
    assert (limit.words.zh, limit.tone) == (said, tone)


def test_nothing_due_says_nothing() -> None:
    assert times.limit(None, NOON) is None
    assert times.moment(None, NOON).zh == ""
    assert times.day(None) == ""


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=5), "刚到"),
        (timedelta(minutes=50), "已等 50 分钟"),
        (timedelta(hours=5), "已等 5 小时"),
        (timedelta(hours=13), "已等 1 天"),
        (-timedelta(minutes=5), "刚到"),
    ],
)
def test_waiting_is_said_in_the_largest_unit(before: timedelta, said: str) -> None:
    assert times.waited(NOON - before, NOON).zh == said


def test_a_moment_names_the_year_only_where_it_is_another_one() -> None:
    assert times.moment(NOON, NOON).zh == "今天 12:00"
    assert times.moment(NOON - timedelta(days=3), NOON).zh == "2月27日 12:00"
    assert times.moment(datetime(2025, 12, 31, 17, tzinfo=UTC), NOON).zh == "1月1日 01:00"
    assert times.moment(datetime(2025, 12, 1, 4, tzinfo=UTC), NOON).zh == "2025年12月1日 12:00"


def test_a_day_is_the_day_in_shanghai() -> None:
    assert times.day(datetime(2026, 3, 1, 17, tzinfo=UTC)) == "2026-03-02"
    assert times.day(date(2026, 3, 2)) == "2026-03-02"
