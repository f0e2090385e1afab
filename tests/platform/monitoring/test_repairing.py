"""A repair: lines played first, done at once or not at all, on what was seen; by two where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.audit.entities import AuditRow
from app.platform.monitoring import repair_requests, repairable, repairing
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.monitoring.repairing import BadReason, MovedOn, Preview
from app.platform.notices.entities import Notice
from app.platform.runtime import doctor, errors, history
from app.platform.runtime.entities import Instance, Task
from tests.platform.monitoring import forked
from tests.platform.monitoring.broken import WATCHER
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, begin, decide
from tests.world import World

WHY = "经办人误操作，按会议纪要更正"
SECOND, ABROAD = "平台管理员二", "外市平台管理员"


@pytest.fixture
def world(ground: World) -> World:
    people(ground)
    ground.enter(WATCHER, "platform.administrator")
    ground.enter(SECOND, "platform.administrator")
    ground.enter(ABROAD, "platform.administrator", "130500")
    with ground.session() as session:
        forked.publish(session, ground)
    return ground


def token(world: World, instance: str, element: str) -> str:
    with world.session() as session:
        visit = session.scalar(
            select(Task.visit).where(
                Task.instance_id == instance, Task.element == element, Task.state == "open"
            )
        )
    return f"{element}#{visit}"


def preview(world: World, instance: str, *lines: Line, by: str = WATCHER) -> Preview:
    with world.session() as session:
        return repairing.preview(session, instance, lines, WHY, world.acting(by), world.now)


def apply(world: World, instance: str, lines: Sequence[Line], revision: int, why: str = WHY) -> None:
    with world.session() as session:
        repairing.apply(session, instance, lines, why, revision, world.acting(WATCHER), world.now)


def test_a_preview_says_who_gets_what_and_leaves_nothing(world: World) -> None:
    instance, _task = at_review(world)
    before = world.open_elements(instance)
    seen = preview(world, instance, Line("move", token(world, instance, "review"), "prepare"))
    assert [(one.element, one.people) for one in seen.change.opened] == [("prepare", (STARTER,))]
    assert [one.element for one in seen.change.closed] == ["review"]
    assert [one.person for one in seen.change.told] == [STARTER]
    assert world.open_elements(instance) == before
    with world.session() as session:
        assert session.get_one(Instance, instance).revision == seen.revision
        assert "repaired" not in [row.kind for row in history.of(session, instance)]


def test_lines_are_done_together_and_written_down_with_before_and_after(world: World) -> None:
    instance, _task = at_review(world)
    lines = [
        Line("set", "district", value="130403"),
        Line("move", token(world, instance, "review"), "prepare"),
    ]
    seen = preview(world, instance, *lines)
    apply(world, instance, lines, seen.revision)
    assert world.open_elements(instance) == ["prepare"]
    with world.session() as session:
        row = history.of(session, instance)[-1]
        assert (row.kind, row.by_name, row.body["comment"]) == ("repaired", WATCHER, WHY)
        assert row.body["before"]["variables"]["district"] == "130402"
        assert row.body["after"]["variables"]["district"] == "130403"
        assert session.scalar(select(AuditRow.kind).where(AuditRow.kind == "instance.repaired"))
        assert doctor.examine_one(session, instance, world.now) == []


def test_one_bad_line_undoes_the_others_and_is_named(world: World) -> None:
    instance, _task = at_review(world)
    lines = [Line("set", "district", value="130403"), Line("set", "nonsense", value=1)]
    with pytest.raises(BadLine) as caught:
        preview(world, instance, *lines)
    assert caught.value.number == 2
    assert "nonsense" in caught.value.words.zh
    with world.session() as session:
        revision = session.get_one(Instance, instance).revision
    with pytest.raises(BadLine):
        apply(world, instance, lines, revision)
    with world.session() as session:
        row = session.get_one(Instance, instance)
        assert (row.revision, row.variables["district"]) == (revision, "130402")


def test_what_has_changed_since_the_preview_is_not_repaired(world: World) -> None:
    instance, task = at_review(world)
    lines = [Line("move", token(world, instance, "review"), "prepare")]
    seen = preview(world, instance, *lines)
    decide(world, task, "return", CITY, "请补充")
    with pytest.raises(MovedOn):
        apply(world, instance, lines, seen.revision)
    with world.session() as session:
        assert "repaired" not in [row.kind for row in history.of(session, instance)]


@pytest.mark.parametrize("why", ["", "误操作", "误" * 501])
def test_a_reason_has_five_to_five_hundred_characters(world: World, why: str) -> None:
    instance, _task = at_review(world)
    with world.session() as session:
        revision = session.get_one(Instance, instance).revision
    with pytest.raises(BadReason):
        apply(world, instance, [Line("end")], revision, why)


def test_a_branch_taken_away_counts_as_done(world: World) -> None:
    instance = begin(world, "tests_fork")
    lines = [Line("drop", token(world, instance, "left"))]
    seen = preview(world, instance, *lines)
    assert seen.change.opened == ()
    apply(world, instance, lines, seen.revision)
    assert world.open_elements(instance) == ["right"]
    decide(world, world.open_task(instance, "right"), "go", CITY)
    assert world.open_elements(instance) == ["after"]
    with pytest.raises(BadLine, match="只有这一支"):
        preview(world, instance, Line("drop", token(world, instance, "after")))
    with world.session() as session:
        assert doctor.examine_one(session, instance, world.now) == []


def test_both_branches_taken_away_go_on_after_the_join(world: World) -> None:
    instance = begin(world, "tests_fork")
    lines = [Line("drop", token(world, instance, name)) for name in ("left", "right")]
    seen = preview(world, instance, *lines)
    assert [one.element for one in seen.change.opened] == ["after"]
    apply(world, instance, lines, seen.revision)
    assert world.open_elements(instance) == ["after"]
    with world.session() as session:
        assert doctor.examine_one(session, instance, world.now) == []


def test_a_branch_that_is_done_is_asked_again_by_a_token_added(world: World) -> None:
    instance = begin(world, "tests_fork")
    decide(world, world.open_task(instance, "left"), "go", CITY)
    with world.session() as session:
        found = repairable.find(session, instance, world.acting(WATCHER), world.now)
    assert [(one.target.element, one.kind, one.at) for one in found.additions] == [
        ("left", "way", token(world, instance, "right"))
    ]
    why = {target.element: words.zh for words, targets in found.full for target in targets}
    assert "正在办理" in why["right"]
    assert "各发生两次" in why["after"]
    assert "汇合处的网关" in why["join"]
    lines = [Line("add", token(world, instance, "right"), "left")]
    seen = preview(world, instance, *lines)
    assert [one.element for one in seen.change.opened] == ["left"]
    assert CITY in seen.change.opened[0].people
    apply(world, instance, lines, seen.revision)
    decide(world, world.open_task(instance, "right"), "go", CITY)
    assert world.open_elements(instance) == ["left"]
    with world.session() as session:
        assert "put_in" in [row.kind for row in history.of(session, instance)]
        assert doctor.examine_one(session, instance, world.now) == []
    decide(world, world.open_task(instance, "left"), "go", CITY)
    assert world.open_elements(instance) == ["after"]
    with pytest.raises(BadLine, match="没有打开，或已经汇合"):
        preview(world, instance, Line("add", token(world, instance, "after"), "left"))


def test_a_task_is_given_to_somebody_within_reach_and_never_to_oneself(world: World) -> None:
    instance, task = at_review(world)
    lines = [Line("assign", task, world.people[OTHER])]
    seen = preview(world, instance, *lines)
    assert [one.people for one in seen.change.opened] == [(OTHER,)]
    apply(world, instance, lines, seen.revision)
    with world.session() as session:
        assert session.get_one(Task, task).assignee_id == world.people[OTHER]
    with pytest.raises(BadLine, match="不能改派给您本人"):
        preview(world, instance, Line("assign", task, world.people[WATCHER]))


def test_nobody_repairs_his_own_nor_what_lies_elsewhere(world: World) -> None:
    instance, _task = at_review(world)
    world.enter(STARTER, "platform.administrator")
    with world.session() as session:
        for name, refusal in ((STARTER, errors.Forbidden), (ABROAD, errors.Unknown)):
            by = world.acting(name)
            with pytest.raises(refusal):
                repairing.preview(session, instance, [Line("end")], WHY, by, world.now)
            with pytest.raises(refusal):
                repairable.find(session, instance, by, world.now)


def test_what_cannot_be_done_is_said_with_its_reason(world: World) -> None:
    instance = begin(world, "tests_fork")
    with world.session() as session:
        found = repairable.find(session, instance, world.acting(WATCHER), world.now)
    place = next(one for one in found.places if one.element == "left")
    assert {one.element: one.name.zh for one in place.targets} == {
        "left": "任务left",
        "split": "分往“任务left”、“任务right”的网关",
        "after": "任务after",
        "done": "“任务after”之后的结束",
    }
    refused = {target.element: why.zh for why, targets in place.refused for target in targets}
    assert "并行分支" in refused["right"]
    assert "汇合" in refused["join"]


def ask(world: World, instance: str, *lines: Line, by: str = WATCHER) -> str:
    seen = preview(world, instance, *lines, by=by)
    with world.session() as session:
        given = (session, instance, lines, WHY, seen.revision, seen.seen, world.acting(by), world.now)
        return repair_requests.ask(*given)


def test_a_repair_of_two_is_done_by_another_one(world: World) -> None:
    instance, _task = at_review(world)
    repair = ask(world, instance, Line("move", token(world, instance, "review"), "prepare"))
    with world.session() as session:
        with pytest.raises(errors.Forbidden):
            repair_requests.agree(session, repair, world.acting(WATCHER), world.now)
        with pytest.raises(errors.Unknown):
            repair_requests.agree(session, repair, world.acting(ABROAD), world.now)
        assert [one.id for one in repair_requests.waiting(session, world.acting(SECOND), world.now)] == [
            repair
        ]
        repair_requests.agree(session, repair, world.acting(SECOND), world.now)
        assert world.open_elements(instance) == ["prepare"]
        assert repair_requests.waiting(session, world.acting(SECOND), world.now) == ()
        row = history.of(session, instance)[-1]
        assert (row.kind, row.by_name, row.body["asked_by"]) == ("repaired", SECOND, world.people[WATCHER])
        told = select(Notice.person_id).where(Notice.person_id == world.people[WATCHER])
        assert session.scalars(told).all() == [world.people[WATCHER]]
        with pytest.raises(errors.InstanceChanged):
            repair_requests.agree(session, repair, world.acting(SECOND), world.now)


def test_a_repair_that_waits_is_void_once_the_instance_has_changed(world: World) -> None:
    instance, task = at_review(world)
    repair = ask(world, instance, Line("move", token(world, instance, "review"), "prepare"))
    decide(world, task, "return", CITY, "请补充")
    with world.session() as session:
        with pytest.raises(MovedOn):
            repair_requests.agree(session, repair, world.acting(SECOND), world.now)
        assert repair_requests.find(session, repair, world.acting(SECOND), world.now).state == "outdated"


def test_a_repair_that_waits_too_long_expires(world: World) -> None:
    instance, _task = at_review(world)
    repair = ask(world, instance, Line("end"))
    world.now += timedelta(days=4)
    with world.session() as session:
        assert repair_requests.find(session, repair, world.acting(SECOND), world.now).state == "expired"
        with pytest.raises(errors.InstanceChanged):
            repair_requests.agree(session, repair, world.acting(SECOND), world.now)


def test_a_repair_is_declined_with_a_reason_or_taken_back(world: World) -> None:
    instance, _task = at_review(world)
    first, second = ask(world, instance, Line("end")), ask(world, instance, Line("end"))
    with world.session() as session:
        with pytest.raises(BadReason):
            repair_requests.decline(session, first, "", world.acting(SECOND), world.now)
        repair_requests.decline(session, first, "不应终止，应当退回", world.acting(SECOND), world.now)
        repair_requests.decline(session, second, "", world.acting(WATCHER), world.now)
        states = [
            repair_requests.find(session, one, world.acting(SECOND), world.now).state
            for one in (first, second)
        ]
    assert states == ["declined", "taken_back"]
    assert world.open_elements(instance) == ["review"]
