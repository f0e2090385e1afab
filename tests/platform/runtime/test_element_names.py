"""What elements are called for people: by their names, else by their kind and the named ones about them."""

from __future__ import annotations

from app.platform.engine import Definition
from app.platform.registry import Words
from app.platform.runtime import element_names
from tests.platform.engine.drawing import Drawing, review


def told(definition: Definition) -> dict[str, tuple[str, str]]:
    return {key: (name.zh, name.en) for key, name in element_names.names(definition).items()}


def test_what_has_a_name_is_called_by_it_and_a_gateway_by_where_it_leads() -> None:
    found = told(review().load())
    assert found["review"] == ("任务review", "review")
    assert found["decided"] == ("“任务apply”之前的网关", "the gateway before “apply”")
    assert (found["begin"], found["done"][0]) == (("开始", "the start"), "“任务review”之后的结束")


def test_a_gateway_where_ways_join_says_so_and_one_where_they_part_names_them() -> None:
    drawn = Drawing().start().both("split").both("join").end()
    for step in ("left", "right", "after"):
        drawn.task(step)
    drawn.line("begin", "split", "left", "join", "after", "done").line("split", "right", "join")
    found = told(drawn.load())
    assert found["split"] == ("分往“任务left”、“任务right”的网关", "the gateway to “left” and “right”")
    assert found["join"] == ("汇合后到“任务after”的网关", "the gateway before “after”")


def test_two_that_would_be_called_alike_are_told_apart_by_where_they_come_from() -> None:
    drawn = Drawing().start().xor("one", default="d1").xor("two", default="d2").end()
    for step in ("first", "second", "last"):
        drawn.task(step, outcomes="go=办理|Go; stop=停|Stop")
    drawn.line("begin", "first", "one").line("second", "two").line("last", "done")
    drawn.flow("one", "second", id="d1").flow("one", "last", 'outcome == "stop"')
    drawn.flow("two", "second", id="d2").flow("two", "last", 'outcome == "stop"')
    found = told(drawn.load())
    assert found["one"][0] == "“任务first”之后、分往“任务second”、“任务last”的网关"
    assert found["two"][1] == "the gateway to “second” or “last”, after “second”"


def test_those_that_nothing_tells_apart_are_numbered() -> None:
    drawn = Drawing().start().both("split").both("join").end().task("only")
    drawn.script("left", "a = 1").script("right", "b = 1")
    drawn.line("begin", "split", "left", "join", "only", "done").line("split", "right", "join")
    found = told(drawn.load())
    assert found["left"] == ("“任务only”之前的系统处理（第1个）", "the system step before “only” (1)")
    assert len({zh for zh, _en in found.values()}) == len(found)


def test_a_timer_on_a_step_is_called_by_its_step() -> None:
    drawn = Drawing().start().task("wait").task("late").end()
    timer = (
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    drawn.node("boundaryEvent", "ring", timer, 'attachedToRef="wait"')
    drawn.line("begin", "wait", "done").line("ring", "late", "done")
    assert told(drawn.load())["ring"] == ("“任务wait”上的定时", "the timer on “wait”")


def test_a_name_between_quotation_marks_has_single_ones_in_it() -> None:
    assert element_names.quotable(Words("“初审”之前的网关", "the gateway before “Review”")) == Words(
        "‘初审’之前的网关", "the gateway before ‘Review’"
    )
