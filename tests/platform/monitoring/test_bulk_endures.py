"""A run is killed, steered and interfered with: each instance is done once, and costs the same among many or few."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.platform.monitoring import bulk_choosing, bulk_running
from app.platform.monitoring.bulk_choosing import Picked
from app.platform.runtime import control
from tests.platform.design import mixed
from tests.platform.monitoring import broken, many
from tests.platform.monitoring.many import ADMIN, SECOND, begin, counts, look, states
from tests.platform.runtime import chains, victim
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import findings
from tests.platform.runtime.steps import kinds
from tests.world import World

HOUR = timedelta(hours=1)


def populated(world: World, count: int) -> list[str]:
    many.settle(world)
    mixed.publish(world, mixed.drawing())
    return [mixed.begun(world, "prepare") for _ in range(count)]


@pytest.mark.parametrize("done", [0, 3])
def test_killed_in_the_middle_it_loses_nothing_and_does_nothing_twice(ground: World, done: int) -> None:
    instances = populated(ground, 6)
    run = begin(ground, instances, "suspend")
    victim.killed_inside(ground, "app.platform.monitoring.bulk_running:control.suspend", done)
    assert states(ground, instances).get("suspended", 0) == done
    assert look(ground, run).done == done
    ground.work()
    assert look(ground, run).done == done, "its lease has not run out"
    ground.work(ground.now + HOUR)
    assert (look(ground, run).state, counts(ground, run)) == ("ended", {"done": 6})
    assert [kinds(ground, one).count("suspended") for one in instances] == [1] * 6
    assert findings(ground) == []


def test_an_instance_costs_the_same_however_many_there_are(ground: World, counted: Counted) -> None:
    instances = populated(ground, 9)
    cost = []
    for few in (instances[:3], instances[3:]):
        begin(ground, few, "suspend")
        counted.clear()
        ground.work()
        cost.append(len(counted.lines))
    assert cost[1] - cost[0] <= 3 * PER_INSTANCE, cost


def test_what_can_be_done_is_told_in_as_many_statements_for_one_as_for_many(
    ground: World, counted: Counted
) -> None:
    instances = populated(ground, 7)
    cost = []
    for few in (instances[:1], instances):
        with ground.session() as session:
            by = ground.acting(ADMIN)
            counted.clear()
            assert len(bulk_choosing.look(session, Picked(tuple(few)), by, ground.now)) == len(few)
            cost.append(len(counted.lines))
    assert cost == [4, 4]


def test_one_that_breaks_leaves_the_others_alone(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground, 3)
    suspend = bulk_running.control.suspend

    def breaks(session: object, instance: str, *more: object) -> None:
        suspend(session, instance, *more)  # type: ignore[arg-type]
        if instance == instances[1]:
            raise ZeroDivisionError

    monkeypatch.setattr(bulk_running.control, "suspend", breaks)
    run = begin(ground, instances, "suspend")
    ground.work()
    assert counts(ground, run) == {"done": 2, "failed": 1}
    assert many.why(ground, run, instances[1]) == "系统出错，未处理"
    assert states(ground, instances) == {"suspended": 2, "running": 1}


def test_what_is_tried_again_while_suspended_is_done_once_it_goes_on(ground: World) -> None:
    many.settle(ground)
    chains.told["send"] = broken.fails
    instance = broken.to_work(ground)
    broken.try_in_vain(ground)
    chains.told.clear()
    mixed.stop(ground, instance)
    run = begin(ground, [instance], "retry", reason="")
    ground.work()
    assert counts(ground, run) == {"done": 1}
    assert (ground.open_elements(instance), findings(ground)) == ([], [])
    with ground.session() as session:
        control.resume(session, instance, "核对完毕", ground.acting(SECOND), ground.now)
    ground.work()
    assert (ground.open_elements(instance), findings(ground)) == (["third"], [])


PER_INSTANCE = 11
"""Statements for one instance suspended, its result among them."""
