"""Houses broken on purpose: the random lives must notice each, or what they say of the sound one is worth little."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.platform import documents
from app.platform.engine import moving as engine_moving
from app.platform.engine import step as engine_step
from app.platform.runtime import firing, naming, seats, subscriptions, timers, unanswered, withdrawing
from tests.platform.engine.scenes import Shape
from tests.platform.runtime.conftest import settled
from tests.platform.runtime.signing import people
from tests.platform.runtime.test_histories import QUIET, SCENES, lead
from tests.world import World

Break = Callable[[pytest.MonkeyPatch], None]
LIVES, VERBS = 1_000, 14  # at most: until the first that fails


def nothing(*_given: Any, **_more: Any) -> None:
    """Forgets what it is for."""


def seats_stay_open(patch: pytest.MonkeyPatch) -> None:
    """A return, and whatever else takes a task away, leaves its seats."""
    patch.setattr(seats, "close_of", nothing)


def questions_stay_open(patch: pytest.MonkeyPatch) -> None:
    """A task is decided or gone, and what is asked there waits on."""
    patch.setattr(unanswered, "_close", nothing)


def timers_stay_armed(patch: pytest.MonkeyPatch) -> None:
    """What a timer guarded is gone, the timer is not."""
    patch.setattr(timers, "disarm", nothing)


def subscriptions_stay(patch: pytest.MonkeyPatch) -> None:
    """The wait is over, its row waits on."""
    patch.setattr(subscriptions, "unsubscribe", nothing)


def coming_back_arms_nothing(patch: pytest.MonkeyPatch) -> None:
    """Straight back, without the deadlines of the task that is asked again."""

    def come_back(run: Any, token: Any) -> None:
        token.back.pop()
        run.note("entered", token.element)
        run.open(token)

    patch.setattr(engine_step, "_come_back", come_back)


def withdrawn_after_others(patch: pytest.MonkeyPatch) -> None:
    """The last decision is taken back, whatever has been done since."""
    patch.setattr(
        withdrawing, "LAST_ACT", withdrawing.LAST_ACT.where(withdrawing.HISTORY.c.kind == "decided")
    )


def transfer_keeps_the_claimant(patch: pytest.MonkeyPatch) -> None:
    """Given away, and still held by whoever gave it."""
    store = naming.store

    def keep(asked: Any, **values: Any) -> None:
        if values.get("assignee_id"):
            values.pop("claimed_by_id")
        store(asked, **values)

    patch.setattr(naming, "store", keep)


def deadlines_wait_for_the_sweep(patch: pytest.MonkeyPatch) -> None:
    """A verb goes on although the deadline has passed."""
    patch.setattr(firing, "overtake", lambda _held: False)


def branches_stay(patch: pytest.MonkeyPatch) -> None:
    """A return leaves what stood beside the token that goes back."""
    cut_after = engine_moving._cut_after

    def careless(run: Any, source: Any, target: str) -> None:
        beside = [token for token in engine_moving.of_scope(run, source.scope) if token is not source]
        cut_after(run, source, target) if not beside else run.cut(source)

    patch.setattr(engine_moving, "_cut_after", careless)


SOON = (
    seats_stay_open,
    questions_stay_open,
    timers_stay_armed,
    subscriptions_stay,
    deadlines_wait_for_the_sweep,
)
LATER = (
    coming_back_arms_nothing,
    withdrawn_after_others,
    transfer_keeps_the_claimant,
    branches_stay,
)
BREAKS = (*SOON, *(pytest.param(each, marks=pytest.mark.long) for each in LATER))  # by how soon it is noticed


@pytest.fixture
def house(tmp_path: Path, shared_press: documents.Press) -> Iterator[World]:
    """The furnished world, with all who sign."""
    with settled(tmp_path, shared_press) as world:
        people(world)
        yield world


def live(world: World, led: list[Shape]) -> None:
    """Lead the same lives every time, each noted in `led`, until one fails."""

    @settings(max_examples=LIVES, phases=[Phase.generate], derandomize=True, database=None, **QUIET)
    @given(SCENES, st.randoms(use_true_random=True))
    def each(shape: Shape, chance: random.Random) -> None:
        led.append(shape)
        lead(world, shape, chance, VERBS)

    each()


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.__name__)
def test_a_broken_house_is_noticed(house: World, monkeypatch: pytest.MonkeyPatch, broken: Break) -> None:
    broken(monkeypatch)
    led: list[Shape] = []
    with pytest.raises((Exception, pytest.fail.Exception)) as noticed:
        live(house, led)
    print(f"{broken.__name__}: life {len(led)}: {noticed.typename}")


@pytest.mark.long
def test_and_the_sound_one_is_left_alone(house: World) -> None:
    led: list[Shape] = []
    live(house, led)
    assert len(led) >= LIVES
