"""What became of a task that somebody still has before him: each state names who, when and why (pains 40-43)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.platform.runtime import control, fate, history, instances, moving, tasks
from tests.platform.runtime import clocks
from tests.platform.runtime.signing import at_council, hand, sign
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, begin, decide
from tests.platform.runtime.test_moving import line, publish, send_back
from tests.world import World

BOSS = "总管"


def of(world: World, task: str, name: str) -> fate.Fate | None:
    by = world.acting(name)
    with world.session() as session:
        view = tasks.get(session, task, by, world.now)
        return fate.of(view, history.of(session, view.instance), by)


def told(world: World, task: str, name: str) -> tuple[str, str, str]:
    found = of(world, task, name)
    assert found is not None
    return found.kind, found.by_name, found.comment


def at_line(world: World) -> tuple[str, str]:
    """The chain whose steps may be sent back and taken back, at its second step."""
    publish(world, line())
    instance = begin(world, "tests_line")
    return instance, decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def test_who_may_decide_has_no_fate(ground: World) -> None:
    _, task = at_review(ground)
    assert of(ground, task, CITY) is None
    assert of(ground, task, STARTER) is None  # never his


def test_decided_by_another_with_what(ground: World) -> None:
    _, task = at_review(ground)
    decide(ground, task, "return", CITY, "请补充材料")
    found = of(ground, task, OTHER)
    assert found is not None
    assert (found.kind, found.by_name, found.comment, found.at) == ("decided", CITY, "请补充材料", ground.now)
    assert found.outcome is not None
    assert found.outcome.zh == "退回"


def test_claimed_by_another_since_when(ground: World) -> None:
    _, task = at_review(ground)
    claimed = ground.now
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), claimed)
    ground.now += timedelta(hours=1)
    found = of(ground, task, OTHER)
    assert found is not None
    assert (found.kind, found.by_name, found.at) == ("claimed", CITY, claimed)
    assert of(ground, task, CITY) is None


def test_withdrawn_by_the_applicant(ground: World) -> None:
    instance, task = at_line(ground)
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now, "写错了")
    assert told(ground, task, CITY) == ("withdrawn", STARTER, "写错了")


def test_sent_back_by_a_colleague(ground: World) -> None:
    instance, task = at_line(ground)
    send_back(ground, instance, "check", "prepare")
    assert told(ground, task, OTHER) == ("returned", CITY, "请补充")


def test_cancelled_by_the_applicant(ground: World) -> None:
    instance, task = at_review(ground)
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", ground.acting(STARTER), ground.now)
    assert told(ground, task, CITY) == ("cancelled", STARTER, "不办了")


def test_moved_elsewhere_by_whoever_looks_after_it(ground: World) -> None:
    ground.enter(BOSS, "platform.administrator")
    instance, task = at_line(ground)
    with ground.session() as session:
        moving.move(session, instance, "check", "sign", "跳过", ground.acting(BOSS), ground.now)
    assert told(ground, task, CITY)[:2] == ("moved", BOSS)


def test_suspended_by_whom_when_and_why_and_then_going_on(ground: World) -> None:
    """Pain 43."""
    ground.enter(BOSS, "platform.administrator")
    instance, task = at_review(ground)
    with ground.session() as session:
        control.suspend(session, instance, "接到举报，核查中", ground.acting(BOSS), ground.now)
    assert told(ground, task, CITY) == ("suspended", BOSS, "接到举报，核查中")
    with ground.session() as session:
        control.resume(session, instance, "核查完毕", ground.acting(BOSS), ground.now)
    assert of(ground, task, CITY) is None


@pytest.mark.parametrize("seats", ["one", "all"])
def test_handed_on(ground: World, seats: str) -> None:
    _, task = at_council(ground, seats=seats)
    hand(ground, "transfer", task, CITY, "科长", "出差")
    assert told(ground, task, CITY)[:2] == ("transferred", CITY)
    assert of(ground, task, "科长") is None


def test_of_several_signers_one_has_signed_and_another_is_no_longer_needed(ground: World) -> None:
    _, task = at_council(ground, seats="any")
    sign(ground, task, CITY)
    assert told(ground, task, CITY)[0] == "decided"
    assert told(ground, task, OTHER)[0] in ("decided", "not_needed")


def test_one_s_own_signature_while_others_are_still_to_sign(ground: World) -> None:
    _, task = at_council(ground)
    sign(ground, task, CITY)
    found = of(ground, task, CITY)
    assert found is not None
    assert (found.kind, found.by_name) == ("signed", CITY)
    assert of(ground, task, OTHER) is None


def test_time_has_run_out(ground: World) -> None:
    publish(ground, clocks.guarded())
    task = ground.open_task(begin(ground, "tests_guarded", data={}), "first")
    clocks.sweep(ground, ground.now + 2 * clocks.HOUR)
    found = of(ground, task, STARTER)
    assert found is not None
    assert (found.kind, found.by, found.by_name) == ("fired", None, "")
