"""The thousandth return costs what the first did: the same bytes, the same tokens, the same time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.platform.engine import tokens
from app.platform.engine.codec import unpack
from tests.platform.engine.blocks import Drawn
from tests.platform.engine.drawing import Walk, review

ROUNDS = 1_000


def plain() -> tuple[Walk, Callable[[Walk], None]]:
    walk = Walk(review().load()).do("apply")
    return walk, lambda walk: walk.do("review", "return").do("apply") and None


def of(shape: tuple[object, ...], *before: str) -> Callable[[], tuple[Walk, Callable[[Walk], None]]]:
    """A walk in rounds through the loop of `shape`: every open task, then `again`."""

    def build() -> tuple[Walk, Callable[[Walk], None]]:
        walk = Walk(Drawn(shape).definition)
        resting = {element for element in walk.open if element in before}

        def once(walk: Walk) -> None:
            decider = ""
            while not decider:
                for element in sorted(set(walk.open) - resting):
                    if [o.key for o in walk.definition.tasks[element].outcomes] == ["onward", "again"]:
                        decider = element
                    elif len(walk.definition.tasks[element].outcomes) > 1:
                        walk.do(element, "o0", way_0=True, way_1=True)
                    else:
                        walk.do(element)
            walk.do(decider, "again")

        return walk, once

    return build


TASK = ("task",)
STRUCTURES = {
    "plain loop": plain,
    "AND in loop": of(("loop", ("and", TASK, TASK))),
    "OR in loop": of(("loop", ("or", TASK, TASK, TASK))),
    "loop inside AND": of(("and", TASK, ("loop", TASK)), "t2"),
    "AND in loop in AND": of(("and", TASK, ("loop", ("and", TASK, TASK))), "t2"),
    "OR in loop in AND": of(("and", TASK, ("loop", ("or", TASK, TASK, TASK))), "t2"),
    "serial ANDs in loop": of(("loop", ("seq", ("and", TASK, TASK), ("and", TASK, TASK)))),
}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_thousand_returns_leave_no_trace(structure: str) -> None:
    walk, once = STRUCTURES[structure]()
    once(walk)
    once(walk)
    size, live = len(walk.step.state), len(tokens(walk.definition, walk.step.state))
    tasks = len(unpack(walk.definition, walk.step.state).tasks)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once(walk)
        times.append(time.perf_counter() - began)
    assert len(walk.step.state) == size
    assert len(unpack(walk.definition, walk.step.state).tasks) == tasks
    assert len(tokens(walk.definition, walk.step.state)) == live
    assert sorted(times[-200:])[100] < 3 * sorted(times[:200])[100]


def test_serial_parallel_stages_do_not_explode() -> None:
    """Twenty in a row would be a million tasks in the bare library, which draws the whole future."""
    walk = Walk(Drawn(("seq", *[("and", TASK, TASK)] * 20)).definition)
    while walk.open:
        walk.do(sorted(walk.open)[0])
        assert len(unpack(walk.definition, walk.step.state).tasks) < 10
    assert walk.step.ended == "done"


def test_a_long_chain_is_no_deeper_than_a_short_one() -> None:
    walk = Walk(Drawn(("seq", *[TASK] * 240)).definition)
    for _ in range(240):
        walk.do(next(iter(walk.open)))
    assert walk.step.ended == "done"
    assert len(walk.step.state) < 200
