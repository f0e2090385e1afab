"""Whatever people, clocks and messages do to a random chain, the house does what a plain model says (issue: 5,000)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.platform.engine.scenes import Shape, scenes
from tests.platform.runtime.lives import VERBS, Command, Life, counted
from tests.platform.runtime.signing import people
from tests.world import World

SCENES = scenes(depth=2, more=("catch", "choice", "choice"), largest=7)
COMMANDS = st.tuples(st.sampled_from(VERBS), st.integers(0, 59), st.integers(0, 59))
QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}

numbers = count(1)


@pytest.fixture
def inhabited(ground: World) -> Iterator[World]:
    """The furnished world, with all who sign; the lives of one test are led in it, one after the other."""
    people(ground)
    counted.clear()
    yield ground
    print("\n" + ", ".join(f"{what}: {number:,}" for what, number in sorted(counted.items())))


def lead(world: World, shape: Shape, seed: int, commands: list[Command]) -> None:
    life = Life(world, shape, seed, next(numbers))
    try:
        for command in commands:
            if life.play.ended:
                return
            life.obey(*command)
        life.walk_out()
    except BaseException:
        note("\n".join(life.said))
        life.clear()
        raise


@settings(max_examples=300, **QUIET)
@given(SCENES, st.integers(0, 99), st.lists(COMMANDS, max_size=12))
def live_some(world: World, shape: Shape, seed: int, commands: list[Command]) -> None:
    lead(world, shape, seed, commands)


def test_whatever_is_done_to_a_chain_the_house_does_what_the_model_says(inhabited: World) -> None:
    live_some(inhabited)
