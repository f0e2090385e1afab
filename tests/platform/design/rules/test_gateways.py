"""Ways out of gateways: what never holds, what the default alone takes, and that cases are told exactly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.design.rules.cases import Domain, cases, holds
from app.platform.expressions import EvaluationFailed, parse
from tests.platform.design.drafting import branching, check, choice, codes, form, number

DAYS = form(number("length", decimals=1))
WHOLE = form(number("length"))
OURS = ("overlap", "never_taken", "default_never", "gap_at", "choice_by_default")


def test_a_number_between_two_conditions_takes_the_default_alone_and_a_fix_lets_one_include_it() -> None:
    (found,) = [one for one in check(branching("length > 3", "length < 3"), DAYS) if one.code == "gap_at"]
    assert found.element == "parted"
    assert "恰为 3 时" in found.words.zh
    assert [one["value"] for one in found.fixes] == ["length >= 3", "length <= 3"]
    fixed = branching("length >= 3", "length < 3")
    assert codes(check(fixed, DAYS), *OURS) == [("default_never", "parted")]


def test_of_whole_numbers_nothing_lies_between_two_neighbours() -> None:
    assert codes(check(branching("length > 3 and length < 4"), WHOLE), *OURS) == [("never_taken", "way0")]
    assert codes(check(branching("length > 3 and length < 4"), DAYS), *OURS) == []


def test_a_condition_that_contradicts_itself_is_named() -> None:
    (found,) = [
        one for one in check(branching("length > 5 and length < 2"), DAYS) if one.code == "never_taken"
    ]
    assert (found.level, found.element) == ("warning", "way0")


def test_conditions_that_hold_together_are_refused_by_publication_and_not_told_twice() -> None:
    found = check(branching("length > 3", "length > 5"), DAYS)
    assert codes(found, "overlap") == [("overlap", "parted")]
    assert [one.level for one in found if one.code == "overlap"] == ["error"]


def test_a_choice_that_nothing_names_is_a_hint_where_several_are_named() -> None:
    kinds = form(choice("kind", "sick", "annual", "wedding", "other"))
    found = check(branching('kind == "sick"', 'kind in ["annual", "wedding"]'), kinds)
    assert codes(found, *OURS) == [("choice_by_default", "parted")]
    assert "other" in next(one for one in found if one.code == "choice_by_default").words.zh
    assert codes(check(branching('kind == "sick"'), kinds), *OURS) == []


def test_a_choice_that_the_form_does_not_offer_never_holds() -> None:
    found = check(branching('kind == "sik"'), form(choice("kind", "sick", "annual")))
    assert codes(found, *OURS) == [("never_taken", "way0")]


def test_what_cannot_be_told_is_not_told() -> None:
    for condition in (
        "length * 2 > 3",
        "length > other",
        "len(text) > 3",
        "length > 3 if length < 9 else length > 7",
    ):
        assert cases([parse(condition)], {}) is None, condition


NUMBERS = st.sampled_from([-2, 0, 1, 1.5, 3, 10])
ATOMS = st.one_of(
    st.builds(
        lambda sign, n: f"length {sign} {n}", st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS
    ),
    st.builds(lambda low, high: f"{low} < length <= {high}", NUMBERS, NUMBERS),
    st.builds(lambda few: f"length in {sorted(set(few))}", st.lists(NUMBERS, min_size=1, max_size=3)),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(
            lambda one, two, word: f"({one} {word} {two})", inner, inner, st.sampled_from(["and", "or"])
        ),
        st.builds(lambda one: f"not ({one})", inner),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(condition=CONDITIONS, whole=st.booleans(), value=st.floats(-20, 20).map(lambda one: round(one, 2)))
def test_every_value_agrees_with_the_case_it_falls_into(condition: str, whole: bool, value: float) -> None:
    read = parse(condition)
    value = round(value) if whole else value
    every = cases([read], {"length": Domain(whole=whole)})
    assert every is not None
    mine = [
        case
        for case in every
        if (case["length"].is_point and case["length"].value == value)
        or (not case["length"].is_point and case["length"].low < value < case["length"].high)
    ]
    assert len(mine) == 1
    assert holds(read, mine[0]) == bool(read.evaluate({"length": value}, datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("condition", ["yes and not no", "yes == True", "not yes"])
def test_a_yes_or_no_is_either(condition: str) -> None:
    every = cases([parse(condition)], {})
    assert every is not None
    assert {one["yes"].value for one in every} == {True, False}


def test_a_condition_that_fails_in_a_case_does_not_hold_there() -> None:
    every = cases([parse('kind == "a"')], {"kind": Domain(("a", "b"))})
    assert every is not None
    assert [holds(parse("kind > 3"), one) for one in every] == [False, False]
    with pytest.raises(EvaluationFailed):
        parse("kind > 3").evaluate({"kind": "a"}, datetime(2026, 1, 1, tzinfo=UTC))
