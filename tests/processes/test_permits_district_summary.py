"""PR-P3 walked over every way out, with declarations submitted, reviewed and withdrawn beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.platform import jobs
from app.platform.documents import Document, printing
from app.platform.identity import posts
from app.platform.registry import house
from app.platform.runtime import control, doctor, errors, instances, messages, moving
from app.platform.runtime.entities import Instance
from app.systems.permits import summaries
from app.systems.permits.entities import Summary
from tests.systems.permits.district import CITY, DISTRICT, TEACHER, District, district
from tests.world import World


@pytest.fixture
def hanshan(world: World) -> District:
    return district(world)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def summaries_made(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(Summary)) or 0


def test_nothing_submitted_is_no_summary(hanshan: District) -> None:
    """Question 3: declarations that are only filled in open none."""
    hanshan.declare()
    assert hanshan.stage is None


def test_the_summary_generates_itself_when_the_last_is_reviewed(hanshan: District) -> None:
    """P-31, P-32: every state of PR-P3 in its order; passed and failed are listed, only passed recommended."""
    first, second, _ = hanshan.submitted("智慧星队"), hanshan.submitted("火星队"), hanshan.declare("未提交队")
    assert hanshan.stage == "审查中"
    assert summaries_made(hanshan.world) == 1
    hanshan.review(first)
    assert hanshan.stage == "审查中"
    hanshan.review(second, "fail")
    assert hanshan.stage == "待打印"
    assert hanshan.world.open_elements(hanshan.instance) == []  # it is being set
    hanshan.generated()
    assert hanshan.rows() == [("R20260001", "审核通过", "同意推荐"), ("R20260002", "审核不通过", "")]
    hanshan.printed()
    assert hanshan.stage == "待上传"
    hanshan.upload()
    assert (hanshan.stage, hanshan.is_uploaded(), hanshan.uploads()) == ("已上传", True, [(True, None)])
    hanshan.confirm()
    assert (hanshan.stage, hanshan.is_uploaded()) == ("已确认", True)
    assert hanshan.state(hanshan.instance) == "ended"
    sound(hanshan.world)


def test_the_city_returns_it_and_the_upload_becomes_history(hanshan: District) -> None:
    """P-35, P-36: 待上传 again, results can be changed again, the returned file does not count."""
    hanshan.to_upload()
    hanshan.upload()
    hanshan.send_back()
    assert (hanshan.stage, hanshan.is_uploaded()) == ("待上传", False)
    assert hanshan.uploads() == [(False, "returned")]
    hanshan.upload()
    assert hanshan.uploads() == [(False, "returned"), (True, None)]
    hanshan.confirm()
    assert hanshan.stage == "已确认"
    sound(hanshan.world)


def test_a_return_needs_an_opinion(hanshan: District) -> None:
    """C-33."""
    hanshan.to_upload()
    hanshan.upload()
    with pytest.raises(errors.MissingOpinion):
        hanshan.send_back("")


@pytest.mark.parametrize("at", ["generating", "printing", "uploading", "uploaded", "returned"])
def test_a_new_submission_makes_it_stale_wherever_it_stands(hanshan: District, at: str) -> None:
    """P-36: 需重新上传, the upload is history, and after the new review it is generated again with all rows."""
    hanshan.review(hanshan.submitted())
    if at != "generating":
        hanshan.generated()
    if at in ("uploading", "uploaded", "returned"):
        hanshan.printed()
    if at in ("uploaded", "returned"):
        hanshan.upload()
    if at == "returned":
        hanshan.send_back()
    new = hanshan.submitted("后来者队")
    assert hanshan.stage == "需重新上传"
    assert hanshan.world.open_elements(hanshan.instance) == []
    expected = {"uploaded": [(False, "stale")], "returned": [(False, "returned")]}
    assert hanshan.uploads() == expected.get(at, [])
    hanshan.world.work()  # what was being set when the message came has nowhere to go
    assert hanshan.stage == "需重新上传"
    hanshan.review(new)
    hanshan.generated()
    assert [row[0] for row in hanshan.rows()] == ["R20260001", "R20260002"]
    hanshan.printed()
    hanshan.upload()
    hanshan.confirm()
    assert summaries_made(hanshan.world) == 1
    sound(hanshan.world)


def test_a_submission_while_the_summary_is_being_set_loses_nothing(hanshan: District) -> None:
    """P-36: between the job's reading and its writing the message comes; its sheet is dropped and the next is right."""
    hanshan.review(hanshan.submitted())
    action, came = house.actions["platform/document"], []

    def prepare(call, template):  # type: ignore[no-untyped-def]
        rendered = printing.prepare(call, template)
        if not came:
            came.append(hanshan.submitted("半路队"))
        return rendered

    house.actions["platform/document"] = replace(action, prepare=prepare)
    try:
        jobs.run_due(hanshan.world.sessions, lambda: hanshan.world.now, "tests")
    finally:
        house.actions["platform/document"] = action
    assert hanshan.stage == "需重新上传"
    assert hanshan.prints() == []
    hanshan.review(came[0])
    hanshan.generated()
    assert len(hanshan.rows()) == 2
    sound(hanshan.world)


def test_after_the_city_s_word_a_new_submission_opens_another_summary(hanshan: District) -> None:
    """P-36: 需重新上传 from the beginning; what was confirmed stays as it is."""
    hanshan.to_upload()
    hanshan.upload()
    hanshan.confirm()
    confirmed = hanshan.instance
    new = hanshan.submitted("补报队")
    assert hanshan.instance != confirmed
    assert (hanshan.stage, hanshan.is_uploaded()) == ("需重新上传", False)
    hanshan.review(new)
    hanshan.generated()
    assert len(hanshan.rows()) == 2
    hanshan.printed()
    hanshan.upload()
    hanshan.confirm()
    assert hanshan.uploads() == [(True, None), (True, None)]
    sound(hanshan.world)


def test_a_returned_team_submits_again(hanshan: District) -> None:
    """P-30, P-36."""
    declared = hanshan.submitted()
    hanshan.review(declared, "fail")
    hanshan.generated()
    assert hanshan.rows() == [("R20260001", "审核不通过", "")]
    hanshan.decide(declared, "refill", "submit")
    assert hanshan.stage == "需重新上传"
    hanshan.review(declared)
    hanshan.generated()
    assert hanshan.rows() == [("R20260001", "审核通过", "同意推荐")]


def test_a_returned_team_that_gives_up_changes_nothing(hanshan: District) -> None:
    """A returned declaration whose time runs out was reviewed already, and stays 审核不通过."""
    declared = hanshan.submitted()
    hanshan.review(declared, "fail")
    hanshan.generated()
    hanshan.decide(declared, "refill", "drop")
    assert hanshan.stage == "待打印"
    assert hanshan.world.open_elements(hanshan.instance) == ["print_summary"]


def test_the_city_s_reviews_of_declarations_do_not_touch_it(hanshan: District) -> None:
    """P-37: the city reviews without waiting for the summary."""
    (declared,) = hanshan.to_upload()
    before = hanshan.world.open_task(hanshan.instance, "upload")
    hanshan.decide(declared, "city_review", "fail")
    assert hanshan.world.open_task(hanshan.instance, "upload") == before
    hanshan.upload()  # and the print is still as it was


def test_the_last_one_waiting_is_cancelled(hanshan: District) -> None:
    """P-31: the summary does not wait for it for ever."""
    first, second = hanshan.submitted(), hanshan.submitted()
    hanshan.review(first)
    hanshan.cancel(second)
    hanshan.generated()
    assert [row[0] for row in hanshan.rows()] == ["R20260001"]


def test_the_only_one_is_cancelled_and_the_next_one_counts(hanshan: District) -> None:
    """Question 3: nothing left to list is no print; the summary waits for the next declaration."""
    hanshan.cancel(hanshan.submitted())
    hanshan.world.work()
    assert (hanshan.stage, hanshan.prints()) == ("审查中", [])
    hanshan.review(hanshan.submitted())
    hanshan.generated()
    assert [row[0] for row in hanshan.rows()] == ["R20260002"]


def test_one_listed_is_cancelled_and_the_summary_is_set_anew(hanshan: District) -> None:
    """P-36: no upload counts that lists a row there is no more."""
    first, _ = hanshan.to_upload(2)
    hanshan.upload()
    hanshan.cancel(first)
    assert hanshan.uploads() == [(False, "stale")]
    hanshan.generated()
    assert [row[0] for row in hanshan.rows()] == ["R20260002"]
    hanshan.cancel(hanshan.made[1])
    assert hanshan.stage == "需重新上传"
    hanshan.world.work()
    assert hanshan.world.open_elements(hanshan.instance) == []


def test_an_administrator_moves_one_out_of_the_district_s_review_and_back(hanshan: District) -> None:
    """P-31: whoever moves it, and however."""
    world = hanshan.world
    first, second = hanshan.submitted(), hanshan.submitted()
    hanshan.review(first)
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        moving.move(session, second, "district_review", "fill", "误提交", world.acting("管理员"), world.now)
    hanshan.generated()
    assert len(hanshan.rows()) == 1
    with world.session() as session:
        moving.move(
            session, first, "city_review", "district_review", "复核", world.acting("管理员"), world.now
        )
    assert hanshan.stage == "需重新上传"
    hanshan.review(first)
    hanshan.generated()
    sound(world)


def test_the_summary_is_cancelled_and_the_next_review_brings_it_back(hanshan: District) -> None:
    """An administrator's mistake must not leave a district without its summary."""
    world = hanshan.world
    first, second = hanshan.submitted(), hanshan.submitted()
    world.enter("管理员", "platform.administrator")
    for last in (first, second):
        with world.session() as session:
            instances.cancel(session, hanshan.instance, "误操作", world.acting("管理员"), world.now)
        assert hanshan.stage == "已撤销"
        hanshan.review(last)
    hanshan.generated()
    assert len(hanshan.rows()) == 2
    assert summaries_made(world) == 3  # each cancelled, and the one that holds
    sound(world)


def test_what_came_while_the_summary_was_suspended_is_found_when_it_goes_on(hanshan: District) -> None:
    """The messages only wake it; what it does follows from how the declarations stand."""
    world = hanshan.world
    world.enter("管理员", "platform.administrator")
    manager = world.acting("管理员")
    first, second = hanshan.submitted(), hanshan.submitted()
    hanshan.review(first)

    def suspend() -> None:
        with world.session() as session:
            control.suspend(session, hanshan.instance, "核实", manager, world.now)

    def resume() -> None:
        with world.session() as session:
            control.resume(session, hanshan.instance, "核实完毕", manager, world.now)
        world.now += messages.WAIT
        world.work()

    suspend()
    hanshan.review(second)
    third = hanshan.submitted()
    resume()
    assert hanshan.stage == "审查中"  # one is waiting again: what was said before it is out of date
    hanshan.review(third)
    hanshan.generated()
    suspend()
    fourth = hanshan.submitted()
    hanshan.review(fourth)
    resume()
    assert len(hanshan.rows()) == 4
    assert hanshan.world.open_elements(hanshan.instance) == ["print_summary"]
    sound(world)


def test_two_districts_have_nothing_to_do_with_each_other(world: World) -> None:
    """P-38."""
    here, there = district(world), District(world, "130403", "区县二")
    mine, other = here.submitted(), there.submitted()
    here.review(mine)
    assert (here.stage, there.stage) == ("待打印", "审查中")
    there.review(other)
    there.generated()
    world_open = world.open_elements(here.instance)
    assert world_open == ["print_summary"]
    assert [len(each.rows()) for each in (here, there)] == [1, 1]
    with world.session() as session, pytest.raises(errors.Unknown):
        instances.view(session, here.instance, world.acting("区县二"), world.now)


def test_whoever_submitted_first_has_no_business_with_the_summary(hanshan: District) -> None:
    """C-11, P-38: it lists other teams; a team neither reads nor cancels it, another city neither."""
    hanshan.to_upload()
    world, instance = hanshan.world, hanshan.instance
    for name in (TEACHER, "邻市", "组织者乙"):
        with world.session() as session, pytest.raises(errors.Unknown):
            instances.view(session, instance, world.acting(name), world.now)
        with world.session() as session, pytest.raises((errors.Unknown, errors.Forbidden)):
            instances.cancel(session, instance, "x", world.acting(name), world.now)
    with world.session() as session:
        assert instances.view(session, instance, world.acting(DISTRICT), world.now).title == (
            "邯山区 · 2026 年青少年机器人竞赛 · 资格审查汇总表"
        )


def test_one_who_is_both_does_not_confirm_the_own_upload(hanshan: District) -> None:
    """Whoever uploaded it does not confirm it, whatever posts he holds."""
    world = hanshan.world
    hanshan.to_upload()
    hanshan.upload()
    with world.session() as session:
        posts.grant(
            session, world.people[DISTRICT], "permits.city_admin", "130000/130400/", "*", world.now, None
        )
    with pytest.raises(errors.Forbidden):
        world.decide(hanshan.instance, "city_confirm", "confirm", DISTRICT)
    hanshan.confirm()


def test_it_is_generated_anew_where_the_print_is_out_of_date(hanshan: District) -> None:
    """A way out of a print that no longer says what holds."""
    hanshan.to_upload()
    hanshan.world.decide(hanshan.instance, "upload", "reprint", DISTRICT)
    assert hanshan.stage == "待打印"
    hanshan.generated()
    assert len(hanshan.prints()) == 2
    assert len({each.data_hash for each in hanshan.prints()}) == 1


def test_nobody_starts_one_by_hand(hanshan: District) -> None:
    """PR-P3 begins with the first submitted declaration, and with nothing else."""
    world = hanshan.world
    for name in (CITY, DISTRICT):
        by = world.acting(name)
        with world.session() as session, pytest.raises((errors.Forbidden, errors.Unknown)):
            instances.start(session, summaries.PROCESS, by=by, post=None, now=world.now, data={})
    with world.session() as session:
        assert not session.scalars(select(Instance.id).where(Instance.process == summaries.PROCESS)).all()
        assert not session.scalars(select(Document.id)).all()
