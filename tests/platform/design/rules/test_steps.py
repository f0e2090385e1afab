"""Steps that look back, lanes without work, deadlines without a reminder, years without a calendar, and naming."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.platform.design.drafting import check, codes
from tests.platform.engine.drawing import Drawing


def steps(*tasks: tuple[str, dict[str, str]], **more: str) -> Drawing:
    """Tasks one after the other."""
    drawing = Drawing(**more).start()
    for name, given in tasks:
        drawing = drawing.task(name, **given)
    return drawing.end().line("begin", *(name for name, _ in tasks), "done")


def test_whoever_did_a_step_is_asked_only_where_that_step_comes_before() -> None:
    early = steps(("first", {"assignee": "last:second"}), ("second", {}))
    late = steps(("first", {}), ("second", {"assignee": "last:first"}))
    assert codes(check(early), "last_not_before") == [("last_not_before", "first")]
    assert codes(check(late), "last_not_before") == []


def test_a_first_step_has_nothing_to_be_returned_to() -> None:
    found = check(steps(("first", {"allow": "return transfer"}), ("second", {"allow": "return"})))
    (one,) = [one for one in found if one.code == "nothing_to_return_to"]
    assert one.element == "first"
    assert [(fix["name"], fix["value"]) for fix in one.fixes] == [("allow", "transfer")]


def test_a_lane_in_which_nobody_works_is_a_hint() -> None:
    drawing = steps(("first", {})).lane("city", name="市", role="permits.city_admin", at="starter.region")
    (one,) = [one for one in check(drawing) if one.code == "lane_without_tasks"]
    assert (one.level, one.element, one.fixes[0]["fix"]) == ("hint", "city", "remove_element")


def test_who_is_asked_in_his_own_unit_cannot_be_kept_out_of_it() -> None:
    asked = {"assignee": "", "avoid": "own_unit starter"}
    drawing = steps(("first", asked)).lane(
        "unit", "first", name="单位", role="delegates.liaison", at="starter.unit"
    )
    (one,) = [one for one in check(drawing) if one.code == "keeps_all_out"]
    assert one.fixes[0]["value"] == "starter"


@pytest.mark.parametrize(
    ("given", "is_told"),
    [
        ({"due": "P5WD"}, True),
        ({"due": "P5WD", "remind": "P1WD"}, False),
        ({"due": "P1WD"}, False),
        ({}, False),
    ],
)
def test_a_deadline_of_some_length_deserves_a_reminder(given: dict[str, str], is_told: bool) -> None:
    assert bool(codes(check(steps(("first", given))), "due_without_remind")) is is_told


def test_working_days_that_reach_into_a_year_without_a_schedule_are_named_with_it() -> None:
    drawing = steps(("first", {"due": "P30WD"}))
    late = datetime(2098, 12, 20, 2, tzinfo=UTC)
    (one,) = [one for one in check(drawing, now=late) if one.code == "no_calendar"]
    assert "2099" in one.words.zh
    assert codes(check(drawing, now=datetime(2025, 3, 3, 2, tzinfo=UTC)), "no_calendar") == []
    assert codes(check(drawing), "no_calendar") == []  # without a moment nothing is said of days


def test_a_chain_that_people_start_wants_a_title_and_a_number() -> None:
    found = check(steps(("first", {})))
    assert codes(found, "no_title", "no_number") == [
        ("no_number", "permits_test"),
        ("no_title", "permits_test"),
    ]
    (title,) = [one.fixes[0]["value"] for one in found if one.code == "no_title"]
    named = steps(("first", {}), title=title, number="T{year}{serial:04}")
    assert codes(check(named), "no_title", "no_number", "unknown_variable", "expression") == []
