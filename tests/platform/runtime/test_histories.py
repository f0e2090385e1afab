"""Whatever people, clocks and messages do to a random chain, the house does what a plain model says (issue: 5,000)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.platform.engine.scenes import Shape, scenes
from tests.platform.runtime.lives import Life, counted
from tests.platform.runtime.signing import people
from tests.world import World

MORE = ("catch", "choice", "choice", "timed", "timed", "timed", "timed", "many", "loop")
SCENES, LARGE = scenes(depth=2, more=MORE, largest=7), scenes(depth=3, more=MORE, largest=14)
QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
MANY = int(os.environ.get("TEST_HISTORIES", "5000"))

numbers = count(1)


@pytest.fixture
def inhabited(ground: World) -> Iterator[World]:
    """The furnished world, with all who sign; the lives of one test are led in it, one after the other."""
    people(ground)
    counted.clear()
    yield ground
    print("\n" + ", ".join(f"{what}: {number:,}" for what, number in sorted(counted.items())))


def lead(world: World, shape: Shape, chance: random.Random, verbs: int) -> None:
    """A life of so many verbs, and then to its end."""
    life = Life(world, shape, chance.randrange(1_000), next(numbers))
    try:
        for _ in range(verbs):
            if life.play.ended:
                return
            life.obey(*life.likely(chance))
        life.walk_out()
    except BaseException:
        note("\n".join(life.said))
        life.clear()
        raise


def live(world: World, some: SearchStrategy[Shape], lives: int, verbs: int) -> None:
    @settings(max_examples=lives, **QUIET)
    @given(some, st.randoms(use_true_random=True))
    def each(shape: Shape, chance: random.Random) -> None:
        lead(world, shape, chance, verbs)

    each()


def test_whatever_is_done_to_a_chain_the_house_does_what_the_model_says(inhabited: World) -> None:
    live(inhabited, SCENES, 300 if inhabited.engine.dialect.name == "sqlite" else 100, 10)


@pytest.mark.long
def test_many_longer_lives_do_too(inhabited: World) -> None:
    """So many as the environment's `TEST_HISTORIES` says."""
    live(inhabited, LARGE, MANY, 25)
