"""Whoever waits for what may still be sent does not stand still; whoever waits for what nobody sends does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.platform.identity import roles
from app.platform.monitoring import stalls
from app.platform.registry import house, open_house
from app.platform.runtime import versions
from tests.empty_world import ROOT
from tests.platform.engine.nested import Nested, refers
from tests.platform.monitoring import broken
from tests.platform.runtime import chains
from tests.platform.runtime.steps import begin
from tests.world import World


@pytest.fixture
def world(ground: World) -> World:
    roles.plug()
    broken.settle(ground)
    return ground


def standing(world: World, instance: str) -> list[str]:
    with world.session() as session:
        return [one.kind for one in stalls.of_instance(session, instance, world.now)]


def waiting(world: World, process: str) -> str:
    instance = begin(world, process, data={})
    world.now += timedelta(days=30)
    return instance


def test_what_a_chain_may_yet_send_is_waited_for(world: World) -> None:
    """`tests_telling` throws it: it could be begun at any time."""
    assert standing(world, waiting(world, "tests_hearing")) == []


def test_what_nobody_sends_is_waited_for_in_vain(world: World) -> None:
    assert standing(world, waiting(world, "tests_paying")) == ["message"]


def test_what_a_system_says_it_sends_is_waited_for(world: World) -> None:
    key = next(iter(house.systems))
    kept = house.systems[key]
    house.systems[key] = replace(kept, sends=frozenset({"tests_paid"}))
    try:
        assert standing(world, waiting(world, "tests_paying")) == []
    finally:
        house.systems[key] = kept


def test_who_may_send_it_from_outside_is_waited_for_while_he_is_there(world: World) -> None:
    asks = Nested("tests_outside").start().end().names("message", "tests_from_outside")
    asks.catch("hear", refers("message", "tests_from_outside"), **{"from": "fairs.student@everywhere"})
    asks.task("after").line("begin", "hear", "after", "done")
    with world.session() as session:
        versions.publish(session, chains.files(asks), None, world.now)
    instance = waiting(world, "tests_outside")
    assert standing(world, instance) == ["message"]
    world.enter("寄信人", "fairs.student", "130400")
    assert standing(world, instance) == []


def test_every_message_our_own_chains_wait_for_is_sent_by_somebody() -> None:
    """Each is thrown by a diagram, let in from outside, or named by the system that sends it (`System.sends`)."""
    import re

    open_house()
    texts = [path.read_text() for path in (ROOT / "processes").rglob("*.bpmn")]
    caught, thrown = set[str](), set[str]()
    for text in texts:
        names = dict(re.findall(r'<bpmn:message id="([^"]+)" name="([^"]+)"', text))
        for tag, body in re.findall(r"<bpmn:(\w+Event|\w+Task) [^>]*>(.*?)</bpmn:\1>", text, re.S):
            for reference in re.findall(r'messageRef="([^"]+)"', body):
                (thrown if "Throw" in tag or tag == "endEvent" else caught).add(names[reference])
    sent = {name for system in house.systems.values() for name in system.sends}
    assert caught
    assert caught <= thrown | sent
    assert sent <= caught
