"""What is likely to come: the usual way, past what only listens, takes back or is a deadline."""

from __future__ import annotations

from tests.platform.engine.nested import Nested, listening, refers, timer
from tests.platform.runtime import clocks
from tests.platform.runtime.steps import begin, decide
from tests.platform.runtime.test_whereabouts import found, said
from tests.world import World


def reported() -> Nested:
    """A review, then the wait for a report or, drawn first, its withdrawal; it may be removed at any time."""
    drawn = Nested("tests_reported").start().end().names("message", "report", "withdraw", "remove")
    drawn.beside("removal", listening("asked", "remove")).task("look", outcomes="go=通过|Pass").xor("to_look")
    drawn.catch("withdrawn", refers("message", "withdraw"), correlation="1", data="")
    drawn.catch("reported", refers("message", "report"), correlation="1", data="")
    drawn.catch("too_late", timer("P9D")).end("late").event(
        "eventBasedGateway", "waiting", stage="待上报|To be reported"
    )
    drawn.task("sign", outcomes="go=办理|Go").line(
        "begin", "to_look", "look", "waiting", "withdrawn", "to_look"
    )
    drawn.line("too_late", "late").flow("waiting", "too_late").line("waiting", "reported", "sign", "done")
    return drawn


def test_it_goes_on_to_the_end_past_all_that_is_not_usual(any_ground: World) -> None:
    """Nothing that listens is fired, nothing taken back, no deadline passed."""
    clocks.publish(any_ground, reported())
    instance = begin(any_ground, "tests_reported", data={})
    where = found(any_ground, instance)
    assert [(one.element, one.is_event) for one in where.coming] == [("sign", False)], (
        "an event without a name"
    )
    assert where.ends
    decide(any_ground, any_ground.open_task(instance, "look"), "go")
    where = found(any_ground, instance)
    assert where.awaited
    assert (where.awaited.element, where.ends) == ("reported", True)
    assert said(any_ground, instance).zh.startswith("待上报，至迟")
    assert said(any_ground, instance).zh.endswith("继续；之后由您办理“任务sign”。")
