"""PR-P1 walked once per way out, through the engine and the runtime, without HTTP."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform.identity import posts
from app.platform.runtime import errors, history, instances, tasks
from app.platform.runtime.entities import Instance
from app.systems.permits.entities import Application
from tests.world import World, profile


def stage(world: World, instance: str) -> str | None:
    with world.session() as session:
        return session.scalar(select(Instance.stage_zh).where(Instance.id == instance))


def test_an_application_without_a_profile_begins_with_basic_profile(world: World) -> None:
    """P-08."""
    instance = world.apply()
    assert world.open_elements(instance) == ["file_profile"]
    assert stage(world, instance) == "未建档"


def test_an_application_passes_and_gives_the_management_of_one_district(world: World) -> None:
    """P-13, P-14, P-16, P-18, P-20: every state of PR-P1 in its order."""
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile())
    assert stage(world, instance) == "已建档"
    world.decide(instance, "submit", "submit")
    assert stage(world, instance) == "已提交待上传"
    assert world.open_elements(instance) == []  # the form is being printed
    assert world.work() == 1
    assert world.open_elements(instance) == ["upload_scan"]
    world.decide(instance, "upload_scan", "upload", sent=world.scan())
    assert stage(world, instance) == "待市级审核"
    world.decide(instance, "city_review", "approve", "市级", comment="同意")
    assert stage(world, instance) == "已通过"
    with world.session() as session:
        row = session.get_one(Instance, instance)
        held = [
            post
            for post in posts.of(session, world.people["组织者甲"], world.now)
            if post.role == "permits.district_admin"
        ]
    assert (row.state, row.ended) == ("ended", "approved")
    assert [(post.place, post.subject) for post in held] == [("130000/130400/130402/", world.project)]


def test_a_returned_application_is_corrected_printed_anew_and_passes(world: World) -> None:
    """P-17: the opinion goes back, the profile may be changed, printed and uploaded again."""
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="单位名称有误")
    assert stage(world, instance) == "已退回"
    world.decide(instance, "correct", "reprint", sent=profile(employer="演示第二中学"))
    assert stage(world, instance) == "已退回"
    assert world.work() == 1
    assert world.open_elements(instance) == ["correct"]
    world.decide(instance, "correct", "submit", sent=world.scan())
    assert stage(world, instance) == "待市级审核"
    world.decide(instance, "city_review", "approve", "市级")
    assert stage(world, instance) == "已通过"
    with world.session() as session:
        snapshot = session.scalars(select(Application.snapshot)).one()
        happened = history.of(session, instance)
        assert history.first_bad_row(session, instance) is None
    assert snapshot is not None
    assert snapshot["employer"] == "演示第二中学"
    assert [row.outcome for row in happened if row.kind == "decided"] == [
        "save",
        "submit",
        "upload",
        "reject",
        "reprint",
        "submit",
        "approve",
    ]


def test_a_scan_of_a_print_older_than_the_data_is_refused_naming_the_field(world: World) -> None:
    """P-21: what the city reviews is what was printed and signed."""
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="请核对")
    with pytest.raises(errors.HookRefused) as refused:
        world.decide(instance, "correct", "submit", sent={**profile(position="校长"), **world.scan()})
    assert "职务" in refused.value.words.zh
    assert world.open_elements(instance) == ["correct"]


def test_a_filed_profile_is_skipped_in_the_next_application(world: World) -> None:
    """P-08."""
    world.to_review()
    second = world.apply(district="130403")
    assert world.open_elements(second) == ["submit"]


def test_pressing_again_for_the_same_pair_opens_the_running_instance(world: World) -> None:
    """P-19, PR-P1."""
    assert world.apply() == world.apply()


def test_an_approved_pair_cannot_be_applied_for_again(world: World) -> None:
    """P-19: 请勿重复申请."""
    instance = world.to_review()
    world.decide(instance, "city_review", "approve", "市级")
    from app.platform.registry import Refused

    with pytest.raises(Refused) as refused:
        world.apply()
    assert refused.value.words.zh == "请勿重复申请"


def test_several_organisers_of_one_district_may_hold_it(world: World) -> None:
    """P-19."""
    for name in ("组织者甲", "组织者乙"):
        instance = world.to_review(name)
        world.decide(instance, "city_review", "approve", "市级")
    with world.session() as session:
        holders = posts.holders(
            session, "permits.district_admin", "130000/130400/130402/", world.project, world.now
        )
    assert len(holders) == 2


def test_a_teacher_cannot_apply(world: World) -> None:
    """P-03."""
    with pytest.raises(errors.Forbidden) as forbidden:
        world.apply("教师")
    assert forbidden.value.words is not None
    assert forbidden.value.words.zh == "学生和教师身份不可申请管理权限"


def test_the_city_does_not_see_a_draft_and_another_city_nothing(world: World) -> None:
    """PR-P1, C-11: 404 for both."""
    instance = world.apply()
    for name in ("市级", "邻市"):
        with world.session() as session, pytest.raises(errors.Unknown):
            instances.view(session, instance, world.acting(name), world.now)
    reviewed = world.to_review("组织者乙")
    with world.session() as session:
        assert instances.view(session, reviewed, world.acting("市级"), world.now).title
        with pytest.raises(errors.Unknown):
            instances.view(session, reviewed, world.acting("邻市"), world.now)


def test_the_opinion_stays_in_sight_after_printing_anew(world: World) -> None:
    """C-33: the step is still a returned one, and shows why, though the applicant's own decision came since."""
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="单位名称有误")
    world.decide(instance, "correct", "reprint", sent=profile(employer="演示第二中学"))
    world.work()
    with world.session() as session:
        task = tasks.get(session, world.open_task(instance, "correct"), world.acting("组织者甲"), world.now)
    assert task.returned is not None
    assert task.returned.comment == "单位名称有误"


def test_an_organiser_who_became_the_city_s_administrator_does_not_judge_his_own(world: World) -> None:
    """Nobody decides on an application of his own, whatever posts he has come to hold since."""
    mine, other = world.to_review(), world.to_review("组织者乙", "130403")
    with world.session() as session:
        person, city = world.people["组织者甲"], "130000/130400/"
        posts.grant(session, person, "permits.city_admin", city, "*", world.now, None)
    with pytest.raises(errors.Forbidden):
        world.decide(mine, "city_review", "approve", "组织者甲")
    world.decide(other, "city_review", "approve", "组织者甲")
    world.decide(mine, "city_review", "approve", "市级")
    assert stage(world, mine) == "已通过"
