"""A deadline that has passed counts before whatever comes after it: decisions, messages, returns, in any order."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.platform.runtime import doctor, errors, firing, messages, migrating, moving, tasks
from app.platform.runtime.tasks import Decision
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime import clocks
from tests.platform.runtime.clocks import DAY, HOUR, guarded, publish, sweep
from tests.platform.runtime.steps import STARTER, begin, decide, kinds
from tests.world import World


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def paid_or_late() -> Nested:
    """Waits for a payment, two hours at most."""
    chain = Nested("tests_either").start().names("message", "paid")
    assert isinstance(chain, Nested)
    chain.script("name_it", 'project = "p1"')
    chain.event("eventBasedGateway", "either").catch("pay", refers("message", "paid"), correlation="project")
    chain.catch("late", timer("PT2H")).task("remind_him", outcomes="go=办理|Go").end().end("over")
    chain.line("begin", "name_it", "either", "pay", "done").line("either", "late", "remind_him", "over")
    return chain


@pytest.mark.parametrize("hours", [1, 3])
def test_a_message_after_the_deadline_finds_nobody_waiting(any_ground: World, hours: int) -> None:
    world = any_ground
    publish(world, paid_or_late())
    instance = begin(world, "tests_either", data={})
    assert len(clocks.timers(world)) == 1
    with world.session() as session:
        by = world.acting(STARTER)
        got = messages.send(session, "paid", "p1", {}, by, world.now + hours * HOUR)
    assert got == (hours < 2)
    assert world.open_elements(instance) == ([] if hours < 2 else ["remind_him"])
    assert clocks.timers(world) == []
    assert sweep(world, world.now + DAY) == 0
    sound(world)


def returning() -> Nested:
    """Two steps, the second with a deadline and a way back."""
    chain = Nested("tests_returning").start().task("first", outcomes="go=办理|Go")
    assert isinstance(chain, Nested)
    chain.task("second", outcomes="go=办理|Go", allow="return").edge("late", "second", timer("PT2H"))
    chain.task("overdue", outcomes="go=办理|Go").end().end("gave_up")
    chain.line("begin", "first", "second", "done").line("late", "overdue", "gave_up")
    return chain


def test_a_return_after_the_deadline_is_refused(any_ground: World) -> None:
    world = any_ground
    publish(world, returning())
    instance = begin(world, "tests_returning", data={})
    decide(world, world.open_task(instance, "first"), "go")
    task, by = world.open_task(instance, "second"), world.acting(STARTER)

    def send_back(at: Any) -> None:
        with world.session() as session:
            moving.send_back(session, task, "first", 1, by, at, "请补充")

    with pytest.raises(errors.TaskTaken):
        send_back(world.now + 2 * HOUR)
    assert sweep(world, world.now + 2 * HOUR) == 1
    assert world.open_elements(instance) == ["overdue"]
    sound(world)


def test_a_return_before_it_takes_the_timer_away(any_ground: World) -> None:
    world = any_ground
    publish(world, returning())
    instance = begin(world, "tests_returning", data={})
    decide(world, world.open_task(instance, "first"), "go")
    with world.session() as session:
        task = world.open_task(instance, "second")
        moving.send_back(session, task, "first", 1, world.acting(STARTER), world.now, "请补充")
    assert clocks.timers(world) == []
    decide(world, world.open_task(instance, "first"), "go")
    assert len(clocks.timers(world)) == 1  # armed anew, from now
    sound(world)


def test_a_claim_after_the_deadline_is_refused(ground: World) -> None:
    publish(ground, guarded())
    task = ground.open_task(begin(ground, "tests_guarded", data={}), "first")
    by = ground.acting(STARTER)
    with ground.session() as session, pytest.raises(errors.TaskTaken):
        tasks.claim(session, task, 1, by, ground.now + 2 * HOUR)


def test_a_timer_of_an_element_that_was_renamed_fires_where_it_is_now(any_ground: World) -> None:
    world = any_ground
    world.enter("总管", "platform.administrator")
    publish(world, guarded())
    instance = begin(world, "tests_guarded", data={})
    renamed = guarded()
    renamed.parts = [
        part.replace('id="late"', 'id="too_late"').replace('"late"', '"too_late"') for part in renamed.parts
    ]
    publish(world, renamed)
    with world.session() as session:
        by = world.acting("总管")
        migrating.migrate(session, instance, 2, {"late": "too_late"}, by, world.now)
    assert [row.element for row in clocks.timers(world)] == ["too_late"]
    assert sweep(world, world.now + 2 * HOUR) == 1
    assert world.open_elements(instance) == ["overdue"]
    sound(world)


ROUNDS = [10, pytest.param(300, marks=pytest.mark.long)]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_at_the_same_moment_either_the_timer_or_the_decision_never_both(
    any_ground: World, rounds: int
) -> None:
    """Two sweepers and two deciders: one a second early, one on the dot."""
    world = any_ground
    publish(world, guarded())
    by, due = world.acting(STARTER), world.now + 2 * HOUR
    for _ in range(rounds):
        instance = begin(world, "tests_guarded", data={})
        task = world.open_task(instance, "first")
        barrier, found = threading.Barrier(4), []

        def decide_at(at: Any, task: str = task, barrier: Any = barrier, found: Any = found) -> None:
            barrier.wait()
            try:
                with world.session() as session:
                    tasks.complete(session, task, None, Decision("go", "", 1, f"{task}{at}"), by, at)
                found.append("decided")
            except errors.RuntimeRefusal as refused:
                found.append(type(refused).__name__)

        def sweep_at(at: Any, barrier: Any = barrier) -> None:
            barrier.wait()
            firing.fire_due(world.sessions, lambda: at, "sweeper")

        running = [threading.Thread(target=decide_at, args=(at,)) for at in (due - HOUR, due)]
        running += [threading.Thread(target=sweep_at, args=(due,)) for _ in range(2)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        happened = kinds(world, instance)
        assert (happened.count("decided"), happened.count("fired")) in ((1, 0), (0, 1)), (happened, found)
        assert world.open_elements(instance) == (["second"] if "decided" in happened else ["overdue"])
        assert clocks.timers(world, instance_id=instance) == []
    sound(world)
