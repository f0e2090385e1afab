"""Random block-structured chains do on the engine what a model says that knows only their blocks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform.engine import tokens
from tests.platform.engine.blocks import Drawn, Shape, decision, shapes
from tests.platform.engine.drawing import Walk


def walk_beside_the_model(shape: Shape, choices: list[int]) -> None:
    drawn = Drawn(shape)
    walk, model = Walk(drawn.definition), drawn.model
    ended = model.enter()
    onward = False
    for step in range(400):
        live = model.tasks()
        assert {token.element for token in tokens(drawn.definition, walk.step.state)} == set(live)
        assert set(walk.open) == set(live)
        assert (walk.step.ended is not None) is ended
        assert len(walk.step.state) < 4_000
        if ended:
            return
        onward = step >= len(choices)
        choice = choices[step] if not onward else 0
        label = sorted(live)[choice % len(live)]
        outcome, variables = decision(live[label], choice)
        if live[label].shape[0] == "or":
            last = len(live[label].parts) - 1
            choice &= (1 << last) - 1
        walk.do(label, outcome, **variables)
        ended = model.complete(label, choice)
    raise AssertionError("it never ended")


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes(), st.lists(st.integers(0, 63), max_size=40))
def test_any_chain_of_blocks_runs_as_its_model(shape: Shape, choices: list[int]) -> None:
    walk_beside_the_model(shape, choices)


@pytest.mark.parametrize("choices", [[0] * 9, [1] * 30, [2, 1, 3, 0, 5], [1, 3, 0, 2] * 6])
def test_an_inclusive_join_does_not_wait_for_the_next_round(choices: list[int]) -> None:
    """A sibling that can come round again reaches a filled input too, so it holds nothing up."""
    task = ("task",)
    walk_beside_the_model(("loop", ("and", task, ("or", task, task, task))), choices)


@pytest.mark.long
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes(), st.lists(st.integers(0, 63), max_size=120))
def test_many_chains_of_blocks_run_as_their_models(shape: Shape, choices: list[int]) -> None:
    walk_beside_the_model(shape, choices)
