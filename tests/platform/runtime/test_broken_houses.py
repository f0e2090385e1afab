"""Houses broken on purpose: the random lives must notice each, or what they say of the sound one is worth little."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.platform.engine import step as engine_step
from app.platform.runtime import firing, moving, naming, seats, signers, subscriptions, timers
from tests.platform.engine.scenes import Shape
from tests.platform.runtime.conftest import Built, settle
from tests.platform.runtime.signing import people
from tests.platform.runtime.test_histories import QUIET, SCENES, lead

Break = Callable[[pytest.MonkeyPatch], None]
LIVES, VERBS = 400, 14


def nothing(*_given: Any, **_more: Any) -> None:
    """Forgets what it is for."""


def seats_stay_open(patch: pytest.MonkeyPatch) -> None:
    """A return, and whatever else takes a task away, leaves its seats."""
    patch.setattr(seats, "close_of", nothing)


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
    patch.setattr(moving, "LAST_ACT", moving.LAST_ACT.where(moving.HISTORY.c.kind == "decided"))


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


def the_last_may_be_removed(patch: pytest.MonkeyPatch) -> None:
    """A removal that leaves nobody is let through."""
    remove = signers._remove

    def careless(asked: Any, *given: Any) -> None:
        try:
            remove(asked, *given)
        except signers.naming.BadPerson as refusal:
            if refusal.code != "last":
                raise

    patch.setattr(signers, "_remove", careless)


SOON = (seats_stay_open, timers_stay_armed, subscriptions_stay, deadlines_wait_for_the_sweep)
LATER = (
    coming_back_arms_nothing,
    withdrawn_after_others,
    transfer_keeps_the_claimant,
    the_last_may_be_removed,
)
BREAKS = (*SOON, *(pytest.param(each, marks=pytest.mark.long) for each in LATER))  # by how soon it is noticed


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.__name__)
def test_a_broken_house_is_noticed(
    tmp_path: Any, built: Built, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    world = settle(tmp_path, built)
    people(world)
    broken(monkeypatch)
    lives = 0

    @settings(max_examples=LIVES, phases=[Phase.generate], derandomize=True, database=None, **QUIET)
    @given(SCENES, st.randoms(use_true_random=True))
    def live(shape: Shape, chance: random.Random) -> None:
        nonlocal lives
        lives += 1
        lead(world, shape, chance, VERBS)

    try:
        live()
    except (Exception, pytest.fail.Exception) as noticed:
        print(f"{broken.__name__}: life {lives}: {type(noticed).__name__}")
    else:
        pytest.fail(f"{lives} lives, and nobody noticed")
    finally:
        world.engine.dispose()
