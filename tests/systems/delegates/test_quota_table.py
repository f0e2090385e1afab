"""The decision table of the report says what the rule module says, whatever is submitted and allotted (D-30…D-32)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.engine.decision_files import read_decisions
from app.platform.engine.decisions import Decision, evaluate
from app.systems.delegates import rules
from app.systems.delegates.rules import Allotment, Indicator, Standing
from app.systems.delegates.slate_hooks import COUNTED, counted
from tests.empty_world import MONDAY, ROOT
from tests.systems.delegates.test_rules import QUOTA, people, rows


def table() -> Decision:
    """The table of the repository."""
    found, problems = read_decisions("quota.dmn", (ROOT / "processes/delegates/quota.dmn").read_bytes())
    assert problems == []
    return found["delegates_quota"]


TABLE = table()


def red_of(indicators: list[Indicator], *, must_fill: bool) -> list[str]:
    """What the table calls red."""
    told = evaluate(TABLE, counted(indicators, must_fill=must_fill), MONDAY)["red"]
    return str(told).split(", ") if told is not None else []


PEOPLE = st.builds(
    Standing,
    identity=st.sampled_from(sorted(rules.IDENTITIES)),
    is_grassroots=st.booleans(),
    age=st.none() | st.integers(0, 90),
    ethnicity=st.sampled_from(["", rules.HAN, "回族"]),
    parties=st.lists(st.sampled_from(["群众", "民盟", "九三学社"]), max_size=2).map(tuple),
    gender=st.sampled_from(["", "male", "female"]),
)
ALLOTMENTS = st.builds(
    Allotment,
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(sorted(rules.MINIMUMS)), st.integers(0, 3)),
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(rules.IDENTITIES)), ALLOTMENTS),
    st.lists(PEOPLE, max_size=6),
    st.booleans(),
    st.booleans(),
)
def test_table_and_rules_agree(
    quota: dict[str, Allotment], slate: list[Standing], must_fill: bool, counts_45: bool
) -> None:
    """D-30, D-31, D-32, D-41: whichever way the settings stand."""
    found = rules.indicators(quota, slate, must_fill=must_fill, counts_45=counts_45)
    assert red_of(found, must_fill=must_fill) == [one.key for one in found if not one.is_met]


@pytest.mark.parametrize("case", rows("d_quota_cases.csv"), ids=lambda case: case["用例"].split()[0])
def test_every_case_of_the_requirements_comes_out_of_the_table(case: dict[str, str]) -> None:
    """D-09…D-12, D-31, D-32, D-41: the red ones, named as the cases name them."""
    slate = people(next(value for key, value in case.items() if key.startswith("人员")))
    found = rules.indicators(QUOTA, slate, counts_45="不含本数" not in case["用例"])
    words = {
        one.key: rules.IDENTITIES[one.identity][0]
        + ("名额" if one.minimum is None else "-" + rules.MINIMUMS[one.minimum][0])
        for one in found
    }
    wanted = [each.strip() for each in case["红色指标"].split(";") if each.strip()]
    assert sorted(words[key] for key in red_of(found, must_fill=True)) == sorted(wanted)


def test_a_slate_over_its_quota_is_red_in_either_setting() -> None:
    """D-32, 2.8 answer 6: a quota lowered afterwards."""
    slate = [Standing("guest"), Standing("delegate"), Standing("delegate")]
    quota = {"delegate": Allotment(1)}
    for must_fill in (True, False):
        found = rules.indicators(quota, slate, must_fill=must_fill)
        assert red_of(found, must_fill=must_fill) == ["delegate", "guest"]


def test_the_table_asks_for_nothing_that_the_count_does_not_give() -> None:
    assert TABLE.names == set(COUNTED)


def test_a_designer_reads_each_rule_in_words() -> None:
    """Each column has a heading, each rule a sentence."""
    text = (ROOT / "processes/delegates/quota.dmn").read_text(encoding="utf-8")
    assert all(column.label for column in TABLE.inputs)
    assert text.count("<description>") == len(TABLE.rules)


def test_counts_are_handed_over_by_name() -> None:
    found: dict[str, Any] = counted(
        rules.indicators({"member": Allotment(1, {"women": 1})}, [Standing("member", gender="female")]),
        must_fill=True,
    )
    assert (found["member"], found["member_seats"], found["member_women"], found["member_women_least"]) == (
        1, 1, 1, 1,
    )  # fmt: skip
    assert found["must_fill"] is True
