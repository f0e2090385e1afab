"""Seats, minimums and ages, by the cases of the requirements (D-09…D-13, D-30…D-32, D-41…D-43)."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.systems.delegates import rules
from app.systems.delegates.rules import Allotment, Standing

SAMPLES = Path(__file__).parent / "samples"
CODES = {zh: code for code, (zh, _) in rules.IDENTITIES.items()}
KINDS = {zh: code for code, (zh, _) in rules.MINIMUMS.items()}
QUOTA = {
    "member": Allotment(1, {"grassroots": 1, "young": 1, "minority": 0, "party": 1, "women": 0}),
    "delegate": Allotment(2, {"grassroots": 2, "young": 1, "minority": 0, "party": 1, "women": 0}),
}


def rows(name: str) -> list[dict[str, str]]:
    """A table of the requirements."""
    with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def people(text: str) -> list[Standing]:
    """The people of a case: identity, grass-roots, age, ethnicity, party and sex, parted by slashes."""
    found = []
    for one in text.split(";"):
        identity, grassroots, age, ethnicity, party, gender = one.strip().split("/")
        found.append(Standing(CODES[identity], grassroots == "是", int(age), ethnicity, (party,), gender))
    return found


def quota_of_the_sample() -> dict[str, Allotment]:
    """The quota table of the sample."""
    found = {}
    for row in rows("d_quota.csv"):
        least = {code: int(row[f"{zh}不少于"] or 0) for zh, code in KINDS.items() if row[f"{zh}不少于"]}
        found[CODES[row["身份"]]] = Allotment(int(row["名额"]), least)
    return found


def test_the_sample_quota_is_the_one_of_the_cases() -> None:
    found = quota_of_the_sample()
    assert found["member"] == QUOTA["member"]
    assert found["delegate"] == QUOTA["delegate"]
    assert all(found[each].seats == 0 for each in ("special", "observer", "guest", "staff"))


@pytest.mark.parametrize("case", rows("d_quota_cases.csv"), ids=lambda case: case["用例"].split()[0])
def test_every_case_of_the_quota_table(case: dict[str, str]) -> None:
    """D-09, D-11, D-12, D-31, D-32, D-41 (2.7)."""
    slate = people(next(value for key, value in case.items() if key.startswith("人员")))
    counts_45 = "不含本数" not in case["用例"]
    used = rules.seats_used(person.identity for person in slate)
    assert f"{used['delegate']}/2" == case["代表(已占/名额)"]
    assert f"{used['member']}/1" == case["委员(已占/名额)"]
    if case["结果"] == "分配时拒绝":
        *there, last = [person.identity for person in slate]
        assert rules.exceeded(QUOTA, there, [last]) == [("delegate", 2)]
        return
    assert rules.exceeded(QUOTA, [], [person.identity for person in slate]) == []
    red = [each for each in rules.indicators(QUOTA, slate, counts_45=counts_45) if not each.is_met]
    named = [
        rules.IDENTITIES[each.identity][0]
        + ("名额" if each.minimum is None else "-" + rules.MINIMUMS[each.minimum][0])
        for each in red
    ]
    wanted = [name.strip() for name in case["红色指标"].split(";") if name.strip()]
    assert sorted(named) == sorted(wanted)
    assert (case["结果"] == "可全部上报") == (not red)


def test_a_committee_member_takes_a_delegate_seat() -> None:
    """D-11: one member of the sample leaves one delegate seat."""
    assert rules.seats_used(["member"])["delegate"] == 1
    assert rules.exceeded(QUOTA, ["member"], ["delegate"]) == []
    assert rules.exceeded(QUOTA, ["member"], ["delegate", "delegate"]) == [("delegate", 2)]
    assert rules.limit_words("member", 1)[0] == "委员名额已超出上限，最多1位"


def test_other_identities_take_no_delegate_seat_and_nobody_fits_into_none() -> None:
    """D-13."""
    assert rules.seats_used(["guest"])["delegate"] == 0
    assert rules.exceeded(QUOTA, [], ["guest"]) == [("guest", 0)]


def test_a_kind_that_was_overrun_before_does_not_forbid_another() -> None:
    """2.8 answer 6: a quota lowered below its use is red at the report, and does not stop a guest."""
    lowered = {"member": Allotment(0), "delegate": Allotment(0), "guest": Allotment(1)}
    assert rules.exceeded(lowered, ["member"], ["guest"]) == []


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1980, 1, 2), datetime(2022, 11, 11, 16, 46), 42),
        (date(1996, 7, 11), datetime(2022, 10, 28, 17, 55), 26),
        (date(2022, 10, 4), datetime(2022, 10, 28), 0),
        (date(2015, 11, 4), datetime(2022, 11, 6), 7),
    ],
)
def test_age_is_in_full_years_at_submission(born: date, day: datetime, years: int) -> None:
    """D-42."""
    assert rules.age_of(born, None, day) == years


def test_the_reference_day_goes_before_the_day_of_submission() -> None:
    """D-41, 2.8 answer 7; a leap day counts from 1 March on."""
    assert rules.age_of(date(1980, 1, 2), date(2023, 1, 2), date(2022, 11, 11)) == 43
    assert rules.age_at(date(2000, 2, 29), date(2001, 2, 28)) == 0
    assert rules.age_at(date(2000, 2, 29), date(2001, 3, 1)) == 1


def test_45_counts_as_45_or_under_unless_the_congress_says_otherwise() -> None:
    """D-41."""
    person = Standing("delegate", age=45)
    assert rules.satisfies("young", person)
    assert not rules.satisfies("young", person, counts_45=False)
    assert not rules.satisfies("young", Standing("delegate", age=46))
    assert not rules.satisfies("young", Standing("delegate"))


def test_one_person_may_satisfy_several_minimums() -> None:
    """D-43."""
    person = Standing("delegate", True, 30, "藏族", ("群众", "民盟"), "女")
    assert all(rules.satisfies(each, person) for each in rules.MINIMUMS)
    plain = Standing("delegate", False, 60, "汉族", ("中国共产党党员",), "男")
    assert not any(rules.satisfies(each, plain) for each in rules.MINIMUMS)


def test_fewer_may_be_reported_where_the_congress_only_caps() -> None:
    """D-32: 不超额."""
    one = [Standing("delegate", True, 30, "汉族", ("民盟",), "女")]
    quota = {"delegate": Allotment(2)}
    full = rules.indicators(quota, one)
    assert [each.key for each in full if not each.is_met] == ["delegate"]
    assert all(each.is_met for each in rules.indicators(quota, one, must_fill=False))
    over = [*one, *one, *one]
    red = [each for each in rules.indicators(quota, over, must_fill=False) if not each.is_met]
    assert rules.refusal(red[0], must_fill=False)[0] == "代表名额最多2位，当前3位，不允许上报"


def test_a_red_indicator_is_named_in_words() -> None:
    """D-31, PG-D3."""
    red = rules.Indicator("delegate", "women", 0, 1, is_met=False)
    assert rules.refusal(red)[0] == "代表：女性工作者不少于1位，当前0位，不允许上报"
    assert rules.quota_words("delegate", "women", 1) == "不少于1位"
    assert rules.quota_words("delegate", None, 1) == "1位"


IDENTITY = st.sampled_from(sorted(rules.IDENTITIES))


@given(there=st.lists(IDENTITY, max_size=12), added=st.lists(IDENTITY, max_size=12), seats=st.integers(0, 9))
def test_whoever_fits_never_overruns_and_who_is_refused_would(
    there: list[str], added: list[str], seats: int
) -> None:
    """D-09, D-11: asked one by one or at once, the limit is the same."""
    quota = {identity: Allotment(seats) for identity in rules.IDENTITIES}
    if rules.exceeded(quota, [], there):
        return
    together = rules.exceeded(quota, there, added)
    seated = list(there)
    for one in added:
        if rules.exceeded(quota, seated, [one]):
            assert together
            return
        seated.append(one)
    assert together == []
