"""Several sign one task: seats, whose turn it is, what the rule makes of it, and why the others closed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform.identity import posts
from app.platform.runtime import errors, history, instances, tasks, work
from app.platform.runtime.entities import Entry, Incident, Seat, Task
from app.platform.runtime.tasks import Decision
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY as CITY_LANE
from tests.platform.runtime.signing import (
    OUTCOMES,
    SIGNERS,
    at_council,
    council,
    findings,
    inbox,
    people,
    publish,
    seats,
    sign,
    view,
)
from tests.platform.runtime.steps import FOREIGN, begin, decide, instance_row, kinds, task_row
from tests.platform.runtime.test_races import at_once
from tests.world import World


def test_all_must_sign_before_the_task_is_decided(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="all")
    assert seats(world, task) == dict.fromkeys(SIGNERS, "open")
    assert [inbox(world, name) for name in SIGNERS] == [[task]] * 3
    sign(world, task, "市级")
    assert (inbox(world, "市级"), inbox(world, "市级二")) == ([], [task])
    assert task_row(world, task).state == "open"
    sign(world, task, "市级三")
    sign(world, task, "市级二")
    assert (task_row(world, task).outcome, instance_row(world, instance).state) == ("approve", "ended")
    assert kinds(world, instance).count("signed") == 2
    assert kinds(world, instance).count("decided") == 2
    assert findings(world) == []


def test_the_first_negative_decision_of_all_decides_and_the_others_learn_why(any_ground: World) -> None:
    world = any_ground
    _, task = at_council(world, seats="all")
    sign(world, task, "市级二", "return", "缺材料")
    assert seats(world, task) == {"市级": "not_needed", "市级二": "return", "市级三": "not_needed"}
    with pytest.raises(errors.TaskTaken) as late:
        sign(world, task, "市级")
    assert (late.value.by_name, late.value.outcome and late.value.outcome.zh) == ("市级二", "退回")
    assert late.value.reason == "not_needed"
    assert findings(world) == []


def test_any_one_decides(ground: World) -> None:
    instance, task = at_council(ground, seats="any")
    sign(ground, task, "市级三")
    assert instance_row(ground, instance).state == "ended"
    assert findings(ground) == []


def test_a_sequence_asks_one_after_the_other(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="sequence")
    first, second, third = seats(world, task)
    assert list(seats(world, task).values()) == ["open", "waiting", "waiting"]
    assert [bool(inbox(world, name)) for name in (first, second, third)] == [True, False, False]
    with pytest.raises(errors.Forbidden) as early:
        sign(world, task, second)
    assert early.value.code == "task.turn"
    sign(world, task, first)
    assert [bool(inbox(world, name)) for name in (first, second, third)] == [False, True, False]
    sign(world, task, second)
    sign(world, task, third)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_return_by_a_signer_in_the_middle_of_a_sequence(any_ground: World) -> None:
    """The issue: others have lost the instance here."""
    world = any_ground
    instance, task = at_council(world, seats="sequence")
    first, second, third = seats(world, task)
    sign(world, task, first)
    sign(world, task, second, "return", "重做")
    assert seats(world, task) == {first: "approve", second: "return", third: "not_needed"}
    assert world.open_elements(instance) == ["prepare"]
    assert findings(world) == []
    again = decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]
    assert list(seats(world, again).values()) == ["open", "waiting", "waiting"]
    for name in (first, second, third):
        sign(world, again, name)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_return_from_one_counter_sign_to_an_earlier_counter_sign(any_ground: World) -> None:
    """The issue: others have lost the instance here."""
    world = any_ground
    people(world)
    given = {"assignee": "", "outcomes": OUTCOMES, "seats": "all"}
    publish(
        world,
        Drawing("tests_twice", form="fairs/application")
        .lane("city", "one", "two", **CITY_LANE)
        .start()
        .task("one", **given)
        .xor("first", default="on")
        .task("two", **given)
        .xor("second", default="good")
        .end()
        .end("stopped")
        .line("begin", "one", "first")
        .flow("first", "stopped", 'outcome == "reject"')
        .flow("first", "two", id="on")
        .line("two", "second")
        .flow("second", "one", 'outcome == "return"')
        .flow("second", "done", id="good"),
    )
    instance = begin(world, "tests_twice")
    for _round in range(3):
        one = world.open_task(instance, "one")
        for name in SIGNERS:
            sign(world, one, name)
        two = world.open_task(instance, "two")
        sign(world, two, "市级二")
        sign(world, two, "市级", "return", "再议")
        assert world.open_elements(instance) == ["one"]
        assert list(seats(world, world.open_task(instance, "one")).values()) == ["open"] * 3
        assert findings(world) == []
    for element in ("one", "two"):
        task = world.open_task(instance, element)
        for name in SIGNERS:
            sign(world, task, name)
    assert instance_row(world, instance).ended == "done"
    assert findings(world) == []


def test_a_share_decides_as_soon_as_it_is_reached_or_out_of_reach(ground: World) -> None:
    instance, task = at_council(ground, seats="share:0.6")
    sign(ground, task, "市级", "reject")
    sign(ground, task, "市级二")
    sign(ground, task, "市级三")
    assert task_row(ground, task).outcome == "approve"
    other = begin(ground, "tests_council")
    task = decide(ground, ground.open_task(other, "prepare"), "send").next_tasks[0]
    sign(ground, task, "市级", "reject")
    sign(ground, task, "市级二", "return", "补")
    assert seats(ground, task)["市级三"] == "open"  # either may still come to two of three
    sign(ground, task, "市级三")
    assert task_row(ground, task).outcome == "reject"
    assert instance_row(ground, instance).state == "ended"
    assert findings(ground) == []
    with ground.session() as session:
        decided = [row for row in history.of(session, other) if row.kind == "decided"][-1]
    assert (decided.by, decided.body["rule"]) == (None, "share:0.6")  # by the rule, not by the last signer


def test_a_seat_does_not_keep_a_right_that_has_ended(any_ground: World) -> None:
    world = any_ground
    _, task = at_council(world, seats="all")
    with world.session() as session:
        (post,) = posts.of(session, world.people["市级二"], world.now)
        posts.end(session, post.id, world.now, None)
    assert inbox(world, "市级二") == []
    with pytest.raises((errors.Forbidden, errors.Unknown)):
        sign(world, task, "市级二")
    assert [finding.split(" ")[2] for finding in findings(world)] == ["nobody:"]


def test_in_a_sequence_a_lost_right_is_an_incident_when_its_turn_comes(ground: World) -> None:
    instance, task = at_council(ground, seats="sequence")
    first, second, _third = seats(ground, task)
    with ground.session() as session:
        (post,) = posts.of(session, ground.people[second], ground.now)
        posts.end(session, post.id, ground.now, None)
    sign(ground, task, first)
    assert findings(ground) == []
    with ground.session() as session:
        incident = session.scalars(select(Incident).where(Incident.closed_at.is_(None))).one()
        assert (incident.kind, incident.instance_id) == ("nobody", instance)


def test_a_seated_task_nobody_could_sign_is_filled_when_the_incident_is_tried_again(ground: World) -> None:
    people(ground)
    publish(ground, council(seats="all"))
    gone = {}
    with ground.session() as session:
        for name in SIGNERS:
            (post,) = posts.of(session, ground.people[name], ground.now)
            posts.end(session, post.id, ground.now, None)
            gone[name] = post
    instance = begin(ground, "tests_council")
    task = decide(ground, ground.open_task(instance, "prepare"), "send").next_tasks[0]
    assert seats(ground, task) == {}
    for name in SIGNERS[:2]:
        ground.enter(name, "fairs.city_admin", "130400")
    with ground.session() as session:
        incident = session.scalars(select(Incident.id).where(Incident.closed_at.is_(None))).one()
        work.retry(session, incident, ground.acting("管理员"), ground.now)
    assert seats(ground, task) == dict.fromkeys(SIGNERS[:2], "open")
    assert findings(ground) == []
    sign(ground, task, "市级")
    sign(ground, task, "市级二")
    assert instance_row(ground, instance).state == "ended"


def test_nobody_claims_what_several_sign(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    with ground.session() as session, pytest.raises(errors.Forbidden):
        tasks.claim(session, task, 1, ground.acting("市级"), ground.now)
    shown = view(ground, task, "市级")
    assert "claim" not in shown.verbs
    assert {"complete", "transfer", "signers"} <= shown.verbs
    assert [(seat.name, seat.state) for seat in shown.seats] == [
        (name, "open") for name in ("市级", "市级三", "市级二")
    ]


def test_of_a_signed_task_each_signer_sees_who_has_decided_what(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    sign(ground, task, "市级")
    shown = view(ground, task, "市级")
    assert (shown.can_work, shown.verbs) == (False, frozenset())
    assert next((s.name, s.outcome and s.outcome.zh) for s in shown.seats) == ("市级", "同意")
    with pytest.raises(errors.TaskTaken) as twice:
        sign(ground, task, "市级")
    assert twice.value.by_name == "市级"
    with ground.session() as session, pytest.raises(errors.Unknown):
        tasks.get(session, task, ground.acting(FOREIGN), ground.now)


def test_cancelling_closes_the_seats_too(ground: World) -> None:
    instance, task = at_council(ground, seats="all")
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", ground.acting("组织者甲"), ground.now)
    assert set(seats(ground, task).values()) == {"cancelled"}
    assert findings(ground) == []


def test_a_repeated_decision_of_a_seat_is_answered_alike(any_ground: World) -> None:
    world = any_ground
    _, task = at_council(world, seats="all")
    first = sign(world, task, "市级", key="k")
    again = sign(world, task, "市级", key="k")
    assert (first.is_repeat, again.is_repeat, again.next_tasks) == (False, True, first.next_tasks)
    with pytest.raises(errors.KeyReused):
        sign(world, task, "市级", "reject", key="k")


@pytest.mark.parametrize("rounds", [10, pytest.param(300, marks=pytest.mark.long)])
def test_of_two_signers_at_once_both_count_exactly_once(any_ground: World, rounds: int) -> None:
    """The issue: 16 threads, two persons, one decision each."""
    world = any_ground
    people(world)
    publish(world, council(seats="all"))
    names = SIGNERS[:2]
    acting = [world.acting(name) for name in names]
    for _ in range(rounds):
        instance = begin(world, "tests_council")
        task = decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]

        def decides(number: int, task: str = task) -> object:
            decision = Decision("approve", "", 1, f"{task}/{number}")
            with world.session() as session:
                return tasks.complete(session, task, None, decision, acting[number % 2], world.now)

        found = at_once(decides)
        done = [number for number, each in enumerate(found) if isinstance(each, tasks.Completed)]
        assert sorted(number % 2 for number in done) == [0, 1], found
        assert all(isinstance(e, tasks.Completed | errors.TaskTaken) for e in found), found
        assert seats(world, task) == {"市级": "approve", "市级二": "approve", "市级三": "open"}
        sign(world, task, "市级三")
        assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_each_signer_s_entry_is_kept(ground: World) -> None:
    people(ground)
    publish(ground, council(seats="all", form="fairs/application"))
    instance = begin(ground, "tests_council")
    task = decide(ground, ground.open_task(instance, "prepare"), "send").next_tasks[0]
    with ground.session() as session:
        for name in SIGNERS:
            by = ground.acting(name)
            shown = tasks.get(session, task, by, ground.now)
            entry = ground.read(session, shown, {}, by, "approve")
            tasks.complete(session, task, entry, Decision("approve", "", shown.revision), by, ground.now)
        assert len(session.scalars(select(Entry).where(Entry.task_id == task)).all()) == 3
        assert session.scalars(select(Seat.state).where(Seat.task_id == task)).all() == ["decided"] * 3
        assert session.scalars(select(Task.state).where(Task.id == task)).all() == ["closed"]
    assert findings(ground) == []
