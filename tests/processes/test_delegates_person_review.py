"""PR-D2 walked over every way out, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.platform.notices.entities import Notice
from app.platform.runtime import doctor, errors, history
from app.platform.runtime.entities import Instance
from app.systems.delegates import recommending
from app.systems.delegates.roles import LIAISON, PARTICIPANT
from tests.platform.jobs.databases import KINDS
from tests.systems.delegates import filling
from tests.systems.delegates.filling import (
    final_review,
    first_review,
    passed,
    recommend,
    report,
    submit,
    withdraw,
)
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, LIAISON_TWO, PHONES, World

on_both = pytest.mark.parametrize("world", KINDS, indirect=True)
NAME = "李海"


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def told(world: World, name: str) -> list[str]:
    with world.session() as session:
        return [
            row.said["title"][0]
            for row in session.scalars(
                select(Notice).where(Notice.person_id == world.people[name]).order_by(Notice.id)
            )
        ]


@on_both
def test_a_candidate_fills_in_is_reviewed_reported_and_passes(world: World) -> None:
    """D-16…D-18, D-26, D-34, D-38, D-39: every state of PR-D2 in its order."""
    instance = recommend(world, NAME, "member")
    assert world.stage(instance) == "待填写"
    assert world.open_elements(instance) == ["fill"]
    submit(world, instance, NAME)
    assert world.stage(instance) == "初审待审核"
    assert world.candidate(NAME).submitted_at == world.now
    first_review(world, instance)
    assert world.stage(instance) == "初审通过待上报"
    assert world.open_elements(instance) == []
    assert report(world, instance) == 1
    assert world.stage(instance) == "初审通过已上报/终审待审核"
    final_review(world, instance)
    assert world.stage(instance) == "终审审核通过"
    with world.session() as session:
        done = session.get_one(Instance, instance)
        assert (done.state, done.title) == ("ended", "李海 · 委员 · 邯郸市科学技术协会第九次代表大会")
        assert history.first_bad_row(session, instance) is None
    assert "李海：终审审核通过" in told(world, NAME)
    assert "李海：终审审核通过" in told(world, LIAISON_ONE)
    sound(world)


@on_both
def test_a_rejected_candidate_corrects_and_submits_again(world: World) -> None:
    """D-24: the opinion is required, the form comes back, 初审待审核 again."""
    instance = recommend(world, NAME)
    submit(world, instance, NAME)
    with pytest.raises(errors.MissingOpinion):
        world.decide(instance, "first_review", "reject", LIAISON_ONE)
    first_review(world, instance, "reject")
    assert world.stage(instance) == "初审审核不通过"
    assert world.open_elements(instance) == ["correct"]
    assert "李海：初审不通过，请按意见修改后重新提交" in told(world, NAME)
    submit(world, instance, NAME, technical_post=["研究员"])
    assert world.stage(instance) == "初审待审核"
    facts = world.candidate(NAME).facts or {}
    assert (facts["technical_post"], facts["full_time_school"]) == ("研究员", "演示大学")
    sound(world)


@on_both
def test_a_rejection_is_withdrawn_while_nobody_has_resubmitted(world: World) -> None:
    """D-25: back to 初审待审核; once the person has resubmitted nobody hears a withdrawal any more."""
    instance = recommend(world, NAME)
    submit(world, instance, NAME)
    assert withdraw(world, instance) == 0  # nothing to withdraw yet
    first_review(world, instance, "reject")
    assert withdraw(world, instance) == 1
    assert world.stage(instance) == "初审待审核"
    assert world.open_elements(instance) == ["first_review"]
    assert told(world, NAME)[-1] == "李海：初审结果已撤销，重新审核中"
    first_review(world, instance, "reject")
    submit(world, instance, NAME)
    assert withdraw(world, instance) == 0
    sound(world)


@on_both
def test_a_passed_candidate_is_taken_back_and_reviewed_again(world: World) -> None:
    """D-27, D-34: 撤销 before the report; after it nobody hears it."""
    instance = passed(world, NAME)
    assert withdraw(world, instance) == 1
    assert world.stage(instance) == "初审待审核"
    first_review(world, instance)
    report(world, instance)
    assert withdraw(world, instance) == 0
    assert world.stage(instance) == "初审通过已上报/终审待审核"
    sound(world)


@on_both
def test_a_final_rejection_is_edited_and_resubmitted(world: World) -> None:
    """D-36, D-39: 终审审核不通过, 编辑, 重新提交, passed in the second round."""
    instance = passed(world, NAME)
    report(world, instance)
    final_review(world, instance, "fail")
    assert world.stage(instance) == "终审审核不通过"
    assert world.open_elements(instance) == ["edit"]
    world.decide(instance, "edit", "resubmit", LIAISON_ONE, {"employer": ["演示大学教授"]})
    assert world.stage(instance) == "初审通过已上报/终审待审核"
    final_review(world, instance)
    assert world.stage(instance) == "终审审核通过"
    assert (world.candidate(NAME).facts or {})["employer"] == "演示大学教授"
    sound(world)


@on_both
@pytest.mark.parametrize(
    "until", ["待填写", "初审待审核", "初审审核不通过", "初审通过待上报", "终审审核不通过"]
)
def test_a_candidate_is_removed_at_any_stage_before_the_report(world: World, until: str) -> None:
    """D-14, D-40: the chain ends as 已注销 and its tasks with it."""
    instance = recommend(world, NAME)
    if until != "待填写":
        submit(world, instance, NAME)
    if until in ("初审审核不通过", "初审通过待上报", "终审审核不通过"):
        first_review(world, instance, "reject" if until == "初审审核不通过" else "pass")
    if until == "终审审核不通过":
        report(world, instance)
        final_review(world, instance, "fail")
    assert world.stage(instance) == until
    with world.session() as session:
        recommending.remove(session, world.candidate(NAME).id, world.acting(LIAISON_ONE), world.now)
    assert world.stage(instance) == "已注销"
    assert world.open_elements(instance) == []
    assert world.candidate(NAME).removed_at == world.now
    sound(world)


def test_the_liaison_may_fill_in_the_form_too(world: World) -> None:
    """D-17."""
    instance = recommend(world, NAME)
    submit(world, instance, NAME, by=LIAISON_ONE)
    assert world.stage(instance) == "初审待审核"


def test_the_liaison_corrects_fields_while_he_reviews(world: World) -> None:
    """D-23, D-42: a corrected birthday is counted at the day of submission."""
    instance = recommend(world, NAME)
    submit(world, instance, NAME)
    first_review(
        world, instance, born_on=["1990-12-31"], id_number=[filling.id_number(datetime(1990, 12, 31).date())]
    )
    row = world.candidate(NAME)
    assert (str(row.born_on), row.age) == ("1990-12-31", 35)


@pytest.mark.parametrize(
    ("born", "submitted", "age"),
    [
        ("1980-01-02", (2022, 11, 11), 42),
        ("1996-07-11", (2022, 10, 28), 26),
        ("2015-11-04", (2022, 11, 6), 7),
    ],
)
def test_the_age_is_counted_in_full_years_at_submission(
    world: World, born: str, submitted: tuple[int, int, int], age: int
) -> None:
    """D-42: the rows of the manual, at the day in China."""
    instance = recommend(world, NAME)
    world.now = datetime(*submitted, 9, tzinfo=UTC)
    world.appoint(LIAISON_ONE, PARTICIPANT, world.unit)
    day = datetime.fromisoformat(born).date()
    submit(world, instance, NAME, by=LIAISON_ONE, born_on=[born], id_number=[filling.id_number(day)])
    assert world.candidate(NAME).age == age


def test_others_do_not_see_a_candidate(world: World) -> None:
    """D-44: neither the other unit's liaison, nor another candidate, nor the convening unit before its turn."""
    instance = recommend(world, NAME)
    recommend(world, "王倩")
    for name in (LIAISON_TWO, "王倩", CONVENING):
        with pytest.raises((errors.Unknown, errors.Forbidden)):
            submit(world, instance, NAME, by=name)
    submit(world, instance, NAME)
    for name in (NAME, LIAISON_TWO, CONVENING):
        with pytest.raises((errors.Unknown, errors.Forbidden)):
            first_review(world, instance, by=name)
    first_review(world, instance)
    report(world, instance)
    with pytest.raises((errors.Unknown, errors.Forbidden)):
        final_review(world, instance, by=LIAISON_ONE)


def test_a_liaison_who_is_recommended_does_not_review_himself(world: World) -> None:
    """2.2: his form is his own; another liaison of the unit reviews it."""
    instance = recommend(world, LIAISON_ONE, phone=PHONES[LIAISON_ONE])
    submit(world, instance, LIAISON_ONE)
    with pytest.raises(errors.HookRefused) as refused:
        first_review(world, instance)
    assert refused.value.words.zh == "不能审核本人的登记表"
    world.appoint("邯山联络员二", LIAISON, world.unit)
    first_review(world, instance, by="邯山联络员二")
    assert world.stage(instance) == "初审通过待上报"
