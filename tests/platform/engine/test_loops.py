"""The thousandth return costs what the first did: the same bytes, the same tokens, the same time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.platform.engine import tokens
from app.platform.engine.codec import unpack
from tests.platform.engine.blocks import Drawn
from tests.platform.engine.drawing import Walk, review
from tests.platform.engine.nested import Events, Nested, inner, loop, refers, timer

ROUNDS = 1_000


def plain() -> Rounds:
    walk = Walk(review().load()).do("apply")
    return walk, lambda walk: walk.do("review", "return").do("apply") and None


def of(shape: tuple[object, ...], *before: str) -> Callable[[], Rounds]:
    """A walk in rounds through the loop of `shape`: every open task, then `again`."""

    def build() -> Rounds:
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


def plain_with(*also: str) -> Nested:
    """A loop to be drawn in: begin, `merge`, …, `decide`, back or done; `also` tasks lie beside."""
    drawn = (
        Nested(form="permits/apply").start().end().xor("merge").task("decide", outcomes="on=继续; again=再来")
    )
    drawn.xor("fork", "on").flow("fork", "merge", 'outcome == "again"').flow("fork", "done", id="on")
    return drawn.line("begin", "merge").line("decide", "fork")  # type: ignore[return-value]


def within(drawn: Nested, *parts: str) -> Nested:
    return drawn.line("merge", *parts, "decide")  # type: ignore[return-value]


def one(prefix: str) -> Nested:
    return inner(prefix).task("x").line(f"{prefix}_begin", "x", f"{prefix}_done")  # type: ignore[return-value]


def walked(drawn: Nested, once: Callable[[Events], object], *others: Nested) -> Callable[[], Rounds]:
    return lambda: (Events(drawn.load_with(*others)), once)  # type: ignore[return-value]


def in_sub_process() -> Callable[[], Rounds]:
    drawn = within(plain_with().sub("part", one("i")), "part")
    return walked(drawn, lambda walk: walk.do("x").do("decide", "again"))


def in_call() -> Callable[[], Rounds]:
    child = Nested("permits_child").start("c_begin").end("c_done").task("x").line("c_begin", "x", "c_done")
    drawn = within(plain_with().call("part", "permits_child"), "part")
    return walked(drawn, lambda walk: walk.do("x").do("decide", "again"), child)  # type: ignore[arg-type]


def with_deadline() -> Callable[[], Rounds]:
    drawn = within(plain_with().task("x").edge("late", "x", timer("P1D")), "x").line("late", "decide")
    return walked(drawn, lambda walk: walk.fires("late").do("decide", "again"))  # type: ignore[arg-type]


def with_reminder() -> Callable[[], Rounds]:
    drawn = within(plain_with().task("x").edge("nag", "x", timer("P1D"), stops=False).task("note"), "x")
    drawn.end("noted").line("nag", "note", "noted")
    return walked(drawn, lambda walk: walk.fires("nag").do("x").do("note").do("decide", "again"))


def with_event_sub_process() -> Callable[[], Rounds]:
    beside = (
        Nested()
        .event("startEvent", "e_begin", refers("message", "m"), 'isInterrupting="false"')
        .task("react")
    )
    part = one("i").beside("e", beside.end("e_done").line("e_begin", "react", "e_done"))
    drawn = within(plain_with().names("message", "m").sub("part", part), "part")
    return walked(drawn, lambda walk: walk.fires("e_begin").do("react").do("x").do("decide", "again"))


def with_news() -> Callable[[], Rounds]:
    """The same message again and again, beside a task that nobody touches."""
    beside = (
        Nested()
        .event("startEvent", "e_begin", refers("message", "m"), 'isInterrupting="false"')
        .task("react")
    )
    drawn = within(plain_with().names("message", "m").task("x"), "x")
    drawn.beside("e", beside.end("e_done").line("e_begin", "react", "e_done"))
    return walked(drawn, lambda walk: walk.fires("e_begin").do("react"))


def with_several(one_by_one: bool) -> Callable[[], Rounds]:
    drawn = within(plain_with().sub("part", one("i"), loop("3", one_by_one=one_by_one)), "part")
    return walked(drawn, lambda walk: walk.do("x").do("x").do("x").do("decide", "again"))


def chain(once: Callable[[Events], object], at: str = "b") -> Callable[[], Rounds]:
    """`a`, a sub-process of `x` and `y`, a parallel block of `b` and `c`, `d`: walked until `at` is open."""
    part = inner().task("x").task("y").line("i_begin", "x", "y", "i_done")
    drawn = Nested(form="permits/apply").start().end().task("a").sub("part", part).both("split").both("join")
    for task in "bcd":
        drawn.task(task)
    drawn.line("begin", "a", "part", "split", "b", "join", "d", "done").line("split", "c", "join")
    drawn.edge("nag", "b", timer("P1D"), stops=False).task("note").end("noted").line("nag", "note", "noted")

    def build() -> Rounds:
        walk = Events(drawn.load()).do("a").do("x").do("y")
        return (walk if at == "b" else walk.do("b").do("c")), once  # type: ignore[return-value]

    return build


Rounds = tuple[Walk, Callable[[Walk], None]]
TASK = ("task",)
STRUCTURES = {
    "plain loop": plain,
    "AND in loop": of(("loop", ("and", TASK, TASK))),
    "OR in loop": of(("loop", ("or", TASK, TASK, TASK))),
    "loop inside AND": of(("and", TASK, ("loop", TASK)), "t2"),
    "AND in loop in AND": of(("and", TASK, ("loop", ("and", TASK, TASK))), "t2"),
    "OR in loop in AND": of(("and", TASK, ("loop", ("or", TASK, TASK, TASK))), "t2"),
    "serial ANDs in loop": of(("loop", ("seq", ("and", TASK, TASK), ("and", TASK, TASK)))),
    "sub-process": in_sub_process(),
    "call activity": in_call(),
    "deadline": with_deadline(),
    "reminder": with_reminder(),
    "event sub-process": with_event_sub_process(),
    "one message after the other": with_news(),
    "multi-instance": with_several(False),
    "multi-instance, one by one": with_several(True),
    "return before a parallel block": chain(lambda w: w.back("b", "a").do("a").do("x").do("y")),
    "return into a sub-process": chain(lambda w: w.back("b", "y").do("y")),
    "return past a side flow": chain(lambda w: w.fires("nag").back("b", "x").do("x").do("y")),
    "return after a parallel block": chain(lambda w: w.back("d", "y").do("y").do("b").do("c"), "d"),
    "straight back": chain(lambda w: w.back("b", "a", straight=True).do("a")),
    "straight back, nested": chain(
        lambda w: w.back("b", "y", straight=True).back("y", "a", straight=True).do("a").do("y")
    ),
    "repair": chain(lambda w: w.put("b", "a").do("a").do("x").do("y")),
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
