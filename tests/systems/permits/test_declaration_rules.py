"""The three columns of a declaration are functions of its stage; deadlines are arithmetic (P-24, P-25, P-29, P-40)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.systems.permits import rules
from app.systems.permits.declaration_lists import CITY_STATES
from app.systems.permits.district_lists import BY_STATE

STAGES = (
    *("未提交", "已退回", "待区县审查", "待市级审查", "市级审核通过", "市级审核不通过"),
    *("未参赛", "区县审查不通过", "已撤销"),
)
DIAGRAM = Path("processes/permits/declaration_review.bpmn")


@pytest.mark.parametrize(
    ("stage", "submitted", "district", "city"),
    [
        ("未提交", False, "尚未审核", "尚未审核"),
        ("已退回", False, "审核不通过", "尚未审核"),
        ("待区县审查", True, "尚未审核", "尚未审核"),
        ("待市级审查", True, "审核通过", "尚未审核"),
        ("市级审核通过", True, "审核通过", "审核通过"),
        ("市级审核不通过", True, "审核通过", "审核不通过"),
        ("未参赛", False, "尚未审核", "尚未审核"),
        ("区县审查不通过", False, "审核不通过", "尚未审核"),
        ("已撤销", False, "尚未审核", "尚未审核"),
        (None, False, "尚未审核", "尚未审核"),
    ],
)
def test_the_columns_follow_from_the_stage(
    stage: str | None, submitted: bool, district: str, city: str
) -> None:
    """P-24, EN-P6."""
    assert rules.is_submitted(stage) is submitted
    assert rules.district_words(stage) == district
    assert rules.city_words(stage) == city


@given(st.one_of(st.none(), st.text(max_size=10), st.sampled_from(STAGES)))
def test_what_is_not_submitted_is_never_reviewed_by_the_city(stage: str | None) -> None:
    """P-25, and P-37: the city decides only what the district passed."""
    if not rules.is_submitted(stage):
        assert rules.city_words(stage) == "尚未审核"
    if rules.city_words(stage) != "尚未审核":
        assert rules.district_words(stage) == "审核通过"


@given(st.sampled_from(STAGES))
def test_the_selector_shows_each_declaration_under_its_own_word(stage: str) -> None:
    """P-27: every stage lies in exactly one of the three states, the one whose word the column shows."""
    assert [words for words, stages in BY_STATE.values() if stage in stages] == [rules.district_words(stage)]


def test_the_diagram_knows_no_other_stage() -> None:
    """A stage drawn anew must be given its words first."""
    drawn = {
        each.get("value").partition("|")[0]
        for each in etree.parse(DIAGRAM).iter("{*}property")
        if each.get("name") == "stage"
    }
    assert drawn == set(STAGES) - {"已撤销"}  # which the runtime writes
    assert drawn >= {stage for _, stages in CITY_STATES.values() for stage in stages}


@given(st.sampled_from(STAGES))
def test_only_what_waits_for_the_district_can_be_reviewed_there(stage: str) -> None:
    """P-29: for all that was not submitted there is a reason; what was reviewed is shown."""
    why = rules.why_not_reviewed(stage)
    assert (why is None) is (stage in rules.SUBMITTED | {"区县审查不通过"})


@given(st.sampled_from("RCU"), st.integers(2000, 2100), st.integers(1, 99_999))
def test_numbers_are_prefix_year_and_serial(prefix: str, year: int, serial: int) -> None:
    """P-40."""
    number = rules.project_number(prefix, year, serial)
    assert number.startswith(f"{prefix}{year}")
    assert int(number[5:]) == serial
    assert len(number) >= 9
    assert rules.project_number("R", 2024, 4) == "R20240004"


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_to_submit_by_ends_at_its_midnight_in_china(day: date) -> None:
    """C-18: the whole day counts."""
    end = rules.end_of(day)
    assert end + timedelta(microseconds=1) == datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
