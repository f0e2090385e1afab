"""Substitutes, recusal, nobody, copies, urging: who may act in whose stead, and who must not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.notices import Notice
from app.platform.registry import Role, Words, house
from app.platform.runtime import errors, history, moving, policy, substitutes, tasks, urging
from app.platform.runtime.entities import Copy, Incident, Instance, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY as CITY_LANE
from tests.platform.runtime.signing import (
    OUTCOMES,
    add,
    at_council,
    council,
    findings,
    hand,
    inbox,
    people,
    publish,
    seats,
    sign,
    stands_in,
    view,
)
from tests.platform.runtime.steps import CITY, OTHER, STARTER, begin, decide, instance_row, kinds, task_row
from tests.world import World

DAY = timedelta(days=1)


def appoint(
    world: World, person: str, substitute: str, processes: Any = None, by: str = "", **more: Any
) -> str:
    given = {"from_at": world.now, "until_at": world.now + 7 * DAY} | more
    with world.session() as session:
        return substitutes.appoint(
            session,
            world.people[person],
            world.people[substitute],
            processes=processes,
            by=world.acting(by or person),
            now=world.now,
            **given,
        )


@pytest.mark.parametrize("rule", ["one", "all"])
def test_a_substitute_decides_in_the_other_s_stead(any_ground: World, rule: str) -> None:
    world = any_ground
    instance, task = at_council(world, seats=rule)
    appoint(world, CITY, "科长")
    by = stands_in(world, "科长")
    assert (inbox(world, "科长"), inbox(world, "科长", by)) == ([], [task])
    shown = view(world, task, "科长", by)
    assert (shown.can_work, shown.on_behalf_of, shown.why.zh) == (True, CITY, "您代理市级办理")
    sign(world, task, "科长", by=by)
    with world.session() as session:
        row = next(each for each in reversed(history.of(session, instance)) if each.outcome == "approve")
    assert (row.by, row.by_name) == (world.people["科长"], "科长 代 市级")
    if rule == "all":
        assert seats(world, task)[CITY] == "approve"
        with pytest.raises(errors.TaskTaken) as late:
            sign(world, task, CITY)
        assert late.value.by_name == "科长"
    else:
        assert task_row(world, task).closed_for_id == world.people[CITY]
    assert findings(world) == []


def test_a_substitute_whom_the_other_forestalls_reads_so_and_keeps_what_he_wrote(ground: World) -> None:
    _, task = at_council(ground, seats="any")
    appoint(ground, CITY, "科长")
    by = stands_in(ground, "科长")
    with ground.session() as session:
        tasks.save_draft(session, task, {"comment": "同意"}, by, ground.now)
    sign(ground, task, CITY)
    shown = view(ground, task, "科长", by)
    assert (shown.can_work, shown.decided and shown.decided.by_name) == (False, CITY)
    assert shown.draft == {"comment": "同意"}
    with pytest.raises(errors.Unknown):
        view(ground, task, "局长")  # who wrote nothing reads nothing


def test_a_substitute_stands_in_only_from_when_to_when_and_for_what(ground: World) -> None:
    _, task = at_council(ground)
    appoint(ground, CITY, "科长", processes=["tests_desk"])
    appoint(ground, OTHER, "局长", from_at=ground.now + DAY)
    third = appoint(ground, "市级三", "助理")
    assert inbox(ground, "科长", stands_in(ground, "科长")) == []
    assert stands_in(ground, "局长").substitutes_for == ()
    assert [p.name for p in stands_in(ground, "局长", ground.now + DAY).substitutes_for] == [OTHER]
    assert stands_in(ground, "局长", ground.now + 8 * DAY).substitutes_for == ()
    assert inbox(ground, "助理", stands_in(ground, "助理")) == [task]
    with ground.session() as session:
        substitutes.end(session, third, ground.acting("市级三"), ground.now)
    assert stands_in(ground, "助理").substitutes_for == ()


def test_a_substitute_gets_nothing_that_the_absent_one_lost_and_no_chain(ground: World) -> None:
    _, task = at_council(ground)
    appoint(ground, CITY, "科长")
    appoint(ground, "科长", "局长")
    assert inbox(ground, "局长", stands_in(ground, "局长")) == []  # not the substitute's substitute
    with ground.session() as session:
        (post,) = posts.of(session, ground.people[CITY], ground.now)
        posts.end(session, post.id, ground.now, None)
    assert inbox(ground, "科长", stands_in(ground, "科长")) == []
    with pytest.raises((errors.Forbidden, errors.Unknown)):
        sign(ground, task, "科长", by=stands_in(ground, "科长"))


def test_who_signs_himself_and_for_another_says_for_whom(ground: World) -> None:
    instance, task = at_council(ground, seats="all")
    appoint(ground, CITY, OTHER)
    by = stands_in(ground, OTHER)
    sign(ground, task, OTHER, by=by, on_behalf_of=ground.people[CITY])
    assert (seats(ground, task)[CITY], seats(ground, task)[OTHER]) == ("approve", "open")
    sign(ground, task, OTHER, by=by)
    sign(ground, task, "市级三")
    assert instance_row(ground, instance).state == "ended"
    assert findings(ground) == []


def test_a_substitute_may_read_what_waits_for_the_other_and_nothing_else(ground: World) -> None:
    instance, task = at_council(ground, seats="one")
    appoint(ground, CITY, "科长")
    by = stands_in(ground, "科长")
    with ground.session() as session:
        assert policy.may_read(session, by, instance)
    sign(ground, task, OTHER)
    with ground.session() as session:
        assert not policy.may_read(session, by, instance)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"substitute": CITY}, "oneself"),
        ({"until_at": -1}, "dates"),
        ({"processes": ["tests_nowhere"]}, "unknown_process"),
        ({"substitute": "无账号"}, "no_account"),
    ],
)
def test_a_substitute_that_cannot_be_is_refused(ground: World, given: dict[str, Any], code: str) -> None:
    at_council(ground)
    ground.enter("无账号")
    given = {"substitute": "科长"} | given
    if "until_at" in given:
        given["until_at"] = ground.now - DAY
    with pytest.raises(errors.BadStanding) as refused:
        appoint(ground, CITY, **given)
    assert refused.value.code == code


def test_only_oneself_or_an_administrator_appoints(ground: World) -> None:
    at_council(ground)
    with pytest.raises(errors.Forbidden):
        appoint(ground, CITY, "科长", by=OTHER)
    appoint(ground, CITY, "科长", by="管理员")
    with ground.session() as session:
        (standing,) = substitutes.of(session, ground.people["科长"])
    assert (standing.person_name, standing.substitute_name, standing.processes) == (CITY, "科长", None)


@pytest.mark.parametrize("rule", ["one", "all"])
def test_an_organiser_who_became_reviewer_does_not_approve_his_own(any_ground: World, rule: str) -> None:
    world = any_ground
    people(world)
    publish(world, council(seats=rule, avoid="starter"))
    world.enter(STARTER, "fairs.city_admin", "130400")
    instance = begin(world, "tests_council")
    task = decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]
    assert inbox(world, STARTER) == []
    with pytest.raises(errors.Forbidden) as refused:
        sign(world, task, STARTER)
    assert refused.value.code == "task.recused"
    assert STARTER not in seats(world, task)
    appoint(world, CITY, STARTER)
    assert inbox(world, STARTER, stands_in(world, STARTER)) == []  # nor in another's stead
    with pytest.raises(errors.Forbidden):
        sign(world, task, STARTER, by=stands_in(world, STARTER))
    appoint(world, STARTER, "科长")
    assert inbox(world, "科长", stands_in(world, "科长")) == []  # nor another in his
    with pytest.raises(errors.BadPerson) as handed:
        hand(world, "transfer", task, CITY, STARTER)
    assert handed.value.code == "recused"
    with pytest.raises(errors.BadPerson):
        add(world, task, CITY, [STARTER])
    assert findings(world) == []


def test_whoever_decided_before_does_not_decide_again(ground: World) -> None:
    people(ground)
    publish(ground, council(seats="one", avoid="previous", allow="transfer"))
    ground.enter(STARTER, "fairs.city_admin", "130400")
    instance = begin(ground, "tests_council")
    task = decide(ground, ground.open_task(instance, "prepare"), "send").next_tasks[0]
    assert (inbox(ground, STARTER), inbox(ground, CITY)) == ([], [task])
    assert findings(ground) == []


def test_one_s_own_unit_does_not_judge(ground: World) -> None:
    people(ground)
    publish(ground, council(seats="all", avoid="own_unit"))
    instance = begin(ground, "tests_council")
    unit = "130000/130400/uabc/"
    with ground.session() as session:
        posts.grant(session, ground.people[OTHER], "fairs.organiser", unit, None, ground.now, None)
        with transaction(session):
            session.execute(update(Instance).where(Instance.id == instance).values(place=unit))
    task = decide(ground, ground.open_task(instance, "prepare"), "send").next_tasks[0]
    assert sorted(seats(ground, task)) == ["市级", "市级三"]
    assert (inbox(ground, OTHER), inbox(ground, CITY)) == ([], [task])
    assert findings(ground) == []


def test_where_all_are_recused_there_is_nobody(ground: World) -> None:
    people(ground)
    publish(ground, council(seats="all", avoid="starter"))
    with ground.session() as session:
        for name in (CITY, OTHER, "市级三"):
            (post,) = posts.of(session, ground.people[name], ground.now)
            posts.end(session, post.id, ground.now, None)
    ground.enter(STARTER, "fairs.city_admin", "130400")
    instance = begin(ground, "tests_council")
    decide(ground, ground.open_task(instance, "prepare"), "send")
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["nobody"]
    assert findings(ground) == []


def alone(world: World, **review: str) -> str:
    """A review for which nobody in the city is eligible; return the instance."""
    people(world)
    publish(world, council(**review))
    with world.session() as session:
        for name in (CITY, OTHER, "市级三"):
            (post,) = posts.of(session, world.people[name], world.now)
            posts.end(session, post.id, world.now, None)
    instance = begin(world, "tests_council")
    decide(world, world.open_task(instance, "prepare"), "send")
    return instance


@pytest.fixture
def clerk() -> Iterator[str]:
    """A role that answers for its own place only."""
    house.roles["tests.clerk"] = Role("tests.clerk", Words("经办", "Clerk"), "region", reach="here")
    yield "tests.clerk"
    del house.roles["tests.clerk"]


@pytest.mark.parametrize("rule", ["one", "all"])
def test_nobody_up_asks_the_region_above(any_ground: World, clerk: str, rule: str) -> None:
    world = any_ground
    people(world)
    given = {"assignee": "", "outcomes": "approve=同意|Approve", "seats": rule, "nobody": "up"}
    publish(
        world,
        Drawing("tests_up", form="fairs/application")
        .lane("county", "review", role=clerk, at="variable:district")
        .start()
        .task("review", **given)
        .end()
        .line("begin", "review", "done"),
    )
    world.enter("省级", clerk, "130000")
    instance = begin(world, "tests_up")
    task = world.open_task(instance, "review")
    assert inbox(world, "省级") == [task]
    assert task_row(world, task).place == "130000/"
    sign(world, task, "省级")
    assert instance_row(world, instance).state == "ended"
    world.enter("市经办", clerk, "130400")
    assert inbox(world, "市经办") == inbox(world, "省级") == []
    nearer = world.open_task(begin(world, "tests_up"), "review")
    assert (inbox(world, "市经办"), inbox(world, "省级")) == ([nearer], [])
    assert findings(world) == []


def test_nobody_up_to_the_top_is_an_incident(ground: World) -> None:
    alone(ground, nobody="up")
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["nobody"]
    assert findings(ground) == []


@pytest.mark.parametrize("rule", ["one", "all", "sequence"])
def test_nobody_skip_goes_on_by_itself_and_says_so(any_ground: World, rule: str) -> None:
    world = any_ground
    instance = alone(world, seats=rule, nobody="skip:approve")
    assert instance_row(world, instance).state == "ended"
    with world.session() as session:
        row = [each for each in history.of(session, instance) if each.kind == "decided"][-1]
    assert (row.by, row.outcome, row.body["skipped"]) == (None, "approve", True)
    assert findings(world) == []


def test_a_circle_of_skipped_steps_ends_in_an_incident(ground: World) -> None:
    """A step nobody answers that is sent back to itself would go round for ever."""
    people(ground)
    publish(
        ground,
        Drawing("tests_circle", form="fairs/application")
        .lane("city", "review", **CITY_LANE)
        .start()
        .task("review", assignee="", outcomes=OUTCOMES, nobody="skip:return", avoid="starter")
        .xor("decided", default="good")
        .end()
        .line("begin", "review", "decided")
        .flow("decided", "review", 'outcome == "return"')
        .flow("decided", "done", id="good"),
    )
    with ground.session() as session:
        for name in (CITY, OTHER, "市级三"):
            (post,) = posts.of(session, ground.people[name], ground.now)
            posts.end(session, post.id, ground.now, None)
    instance = begin(ground, "tests_circle")
    assert ground.open_elements(instance) == ["review"]
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["nobody"]
    assert findings(ground) == []


def test_nobody_may_name_another_role(ground: World) -> None:
    instance = alone(ground, seats="all", nobody="platform.administrator@everywhere")
    task = ground.open_task(instance, "review")
    assert seats(ground, task) == {"管理员": "open"}
    sign(ground, task, "管理员")
    assert instance_row(ground, instance).state == "ended"
    assert findings(ground) == []


def test_whoever_has_a_copy_reads_and_marks_it(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world)
    with world.session() as session:
        assert not policy.may_read(session, world.acting("科长"), instance)
        to = [world.people["科长"], world.people["局长"]]
        for _ in range(2):
            tasks.copy(session, task, to, 1, world.acting(CITY), world.now, "请知悉")
        assert policy.may_read(session, world.acting("科长"), instance)
        rows = session.execute(select(Copy.id, Copy.person_id)).all()
        assert {row.person_id for row in rows} == set(to)
        mine = next(row.id for row in rows if row.person_id == to[0])
        with pytest.raises(errors.Unknown):
            tasks.read_copy(session, mine, world.acting("局长"), world.now)
        for later in (0, 1):
            tasks.read_copy(session, mine, world.acting("科长"), world.now + later * DAY)
        assert session.scalar(select(Copy.read_at).where(Copy.id == mine)) == world.now
    assert view(world, task, "科长").can_work is False
    assert kinds(world, instance).count("copied") == 2


def test_a_matter_is_urged_once_a_working_day(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="all")
    with world.session() as session:
        by = world.acting(STARTER)
        sign(world, task, CITY)
        urging.urge(session, instance, by, world.now)
        with pytest.raises(errors.UrgedAlready):
            urging.urge(session, instance, by, world.now + timedelta(hours=3))
        urging.urge(session, instance, by, world.now + DAY)
        friday = world.now + 4 * DAY
        urging.urge(session, instance, by, friday)
        with pytest.raises(errors.UrgedAlready):
            urging.urge(session, instance, by, friday + 2 * DAY)
        urging.urge(session, instance, by, friday + 3 * DAY)
        with pytest.raises(errors.Forbidden):
            urging.urge(session, instance, world.acting(OTHER), friday + 9 * DAY)
        with pytest.raises(errors.Unknown):
            urging.urge(session, instance, world.acting("科长"), friday + 9 * DAY)
    with world.session() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "urged").order_by(Notice.id)).all()
    assert {row.person_id for row in told} == {world.people[OTHER], world.people["市级三"]}
    assert all(row.said["title"][0].startswith("催办：") for row in told)
    assert kinds(world, instance).count("urged") == 4
    assert findings(world) == []


def test_a_finished_matter_cannot_be_urged(ground: World) -> None:
    instance, task = at_council(ground, seats="any")
    sign(ground, task, CITY)
    with ground.session() as session, pytest.raises(errors.InstanceChanged):
        urging.urge(session, instance, ground.acting(STARTER), ground.now)
    with ground.session() as session:
        assert session.scalars(select(Task.state).where(Task.id == task)).one() == "closed"


def test_what_a_substitute_sends_back_is_sent_back_in_the_other_s_stead(ground: World) -> None:
    instance, task = at_council(ground, seats="one", allow="return")
    appoint(ground, CITY, "科长")
    with ground.session() as session:
        moving.send_back(session, task, "prepare", 1, stands_in(ground, "科长"), ground.now, "缺材料")
    assert task_row(ground, task).closed_for_id == ground.people[CITY]
    with ground.session() as session:
        row = next(each for each in history.of(session, instance) if each.kind == "returned")
    assert row.by_name == "科长 代 市级"
