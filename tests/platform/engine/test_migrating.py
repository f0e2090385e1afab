"""Carrying a state over to another version: tokens keep their places; what only lies behind may be gone."""

from __future__ import annotations

from app.platform.engine import Step, migrate, tokens
from tests.platform.engine.drawing import NOW, never_called
from tests.platform.engine.nested import Events, Nested, timer


def chain(*steps: str) -> Nested:
    drawn = Nested(form="permits/apply").start().end()
    for step in steps:
        drawn.task(step)
    return drawn.line("begin", *steps, "done")


def test_a_step_that_has_been_passed_may_be_gone() -> None:
    walk = Events(chain("apply", "check", "sign").load()).do("apply").do("check")
    carried = migrate(walk.definition, chain("apply", "sign").load(), walk.step.state, {}, never_called, NOW)
    assert isinstance(carried, Step), carried
    assert (carried.opened, carried.closed) == ((), ())


def test_a_step_somebody_stands_at_may_not() -> None:
    walk = Events(chain("apply", "check").load()).do("apply")
    obstacles = migrate(walk.definition, chain("apply").load(), walk.step.state, {}, never_called, NOW)
    assert not isinstance(obstacles, Step)
    assert [(each.element, each.code) for each in obstacles] == [("check", "gone")]


def test_a_branch_that_has_arrived_must_arrive_the_same_way() -> None:
    def both(via: str) -> Nested:
        drawn = Nested(form="permits/apply").start().end().both("split").both("join").task(via).task("b")
        return drawn.line("begin", "split", via, "join", "done").line("split", "b", "join")

    walk = Events(both("a").load()).do("a")
    obstacles = migrate(walk.definition, both("c").load(), walk.step.state, {}, never_called, NOW)
    assert not isinstance(obstacles, Step)
    assert [each.code for each in obstacles] == ["join"]
    carried = migrate(walk.definition, both("c").load(), walk.step.state, {"a": "c"}, never_called, NOW)
    assert isinstance(carried, Step)


def test_a_new_deadline_on_the_edge_is_armed_and_one_that_left_is_taken_down() -> None:
    late = chain("apply").edge("late", "apply", timer("P3WD")).end("too_late").line("late", "too_late")
    walk = Events(chain("apply").load())
    carried = migrate(walk.definition, late.load(), walk.step.state, {}, never_called, NOW)
    assert isinstance(carried, Step)
    assert [(token.element, token.kind) for token in carried.opened] == [("late", "timer")]
    back = migrate(late.load(), chain("apply").load(), carried.state, {}, never_called, NOW)
    assert isinstance(back, Step)
    assert [token.element for token in back.closed] == ["late"]
    assert [token.element for token in tokens(chain("apply").load(), back.state)] == ["apply"]
