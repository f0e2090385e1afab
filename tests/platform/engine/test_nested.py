"""Processes within processes and several instances of one, each promise by hand; and what publication refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.platform.engine import Catalogue, Faulty, FormFacts, load, people_after, start, tokens
from app.platform.engine.facts import ActionFacts
from app.platform.registry import Outcome
from tests.platform.engine.drawing import HOUSE, NOW, Drawing, never_called, refusals
from tests.platform.engine.nested import Events, Nested, inner, loop, refers, timer

HERE = Catalogue(
    actions={
        **HOUSE.actions,
        "permits/count": ActionFacts(frozenset({"who"}), frozenset(), {"found": int}),
        "permits/fetch": ActionFacts(frozenset({"who"}), frozenset(), {"pages": int}, "after"),
    },
    roles=HOUSE.roles,
    forms={
        **HOUSE.forms,
        "permits/list": FormFacts(frozenset(), {"people": "text", "how_many": "number"}),
        "permits/mark": FormFacts(frozenset(), {"mark": "number"}),
    },
)


def plain(**given: str) -> Nested:
    return Nested(**{"form": "permits/list"} | given).start().end()


def around(part: str, **given: str) -> Nested:
    """begin, `part`, done."""
    return plain(**given).line("begin", part, "done")


def one(label: str = "x", prefix: str = "i", **given: str) -> Drawing:
    """The inside of something: one task."""
    return inner(prefix).task(label, **given).line(f"{prefix}_begin", label, f"{prefix}_done")


def called(process: str, label: str, prefix: str = "c", **given: str) -> Nested:
    """A process of its own: one task."""
    drawn = Nested(process).start(f"{prefix}_begin").end(f"{prefix}_done").task(label, **given)
    return drawn.line(f"{prefix}_begin", label, f"{prefix}_done")  # type: ignore[return-value]


# ── sub-processes and called processes ────────────────────────────────────────────────────────────────────────


def test_a_sub_process_runs_and_the_chain_goes_on_after_it() -> None:
    drawn = plain().sub("part", one()).task("after").line("begin", "part", "after", "done")
    walk = Events(drawn.load(HERE))
    assert walk.waits() == ["x"]
    assert walk.do("x").waits() == ["after"]
    assert [(each.kind, each.element) for each in walk.step.log] == [
        ("left", "x"), ("entered", "i_done"), ("left", "i_done"), ("left", "part"), ("entered", "after"),
    ]  # fmt: skip
    assert walk.do("after").step.ended == "done"


def test_a_sub_process_may_stand_in_another_and_elements_know_what_they_lie_in() -> None:
    deep = inner().sub("deep", one(prefix="d")).line("i_begin", "deep", "i_done")
    definition = around("part").sub("part", deep).load(HERE)
    assert (definition.parents["x"], definition.parents["deep"], definition.parents["part"]) == (
        "deep",
        "part",
        None,
    )
    assert Events(definition).do("x").step.ended == "done"


def test_a_called_process_takes_the_lane_it_is_called_from() -> None:
    drawn = around("ask").call("ask", "permits_child").lane("city", "ask", role="city_admin", at="everywhere")
    definition = drawn.load_with(called("permits_child", "x", assignee=""), house=HERE)
    assert (definition.tasks["x"].lane, definition.tasks["x"].role) == ("city", "city_admin")
    assert definition.parents["x"] == "ask"
    assert Events(definition).do("x").step.ended == "done"


def test_a_called_process_with_lanes_keeps_its_own() -> None:
    child = called("permits_child", "x", assignee="").lane("own", "x", role="organiser")
    drawn = around("ask").call("ask", "permits_child").lane("city", "ask", role="city_admin", at="everywhere")
    assert drawn.load_with(child, house=HERE).tasks["x"].role == "organiser"


def test_an_inner_task_of_a_sub_process_takes_the_lane_of_the_whole() -> None:
    drawn = around("part").sub("part", one(assignee=""))
    assert (
        drawn.lane("city", "part", role="city_admin", at="everywhere").load(HERE).tasks["x"].role
        == "city_admin"
    )


def test_a_process_may_be_called_twice_and_tokens_are_told_apart_by_visit() -> None:
    drawn = plain().both("split").both("join").call("first", "permits_child").call("second", "permits_child")
    drawn.line("begin", "split", "first", "join", "done").line("split", "second", "join")
    walk = Events(drawn.load_with(called("permits_child", "x"), house=HERE))
    assert walk.waits() == ["x", "x"]
    assert len({token.visit for token in walk.step.opened}) == 2
    assert walk.do("x").waits() == ["x"]
    assert walk.do("x").step.ended == "done"


def test_a_process_called_from_two_lanes_needs_lanes_of_its_own() -> None:
    drawn = (
        plain()
        .call("first", "permits_child")
        .call("second", "permits_child")
        .line("begin", "first", "second", "done")
    )
    drawn.lane("a", "first", role="organiser").lane("b", "second", role="organiser")
    found = load(drawn.with_files(called("permits_child", "x", assignee="")), HERE)
    assert refusals(found) == [("called_from_two_lanes", "x")]


def test_a_called_process_may_call_the_next() -> None:
    middle = Nested("permits_middle").start("m_begin").end("m_done").call("deeper", "permits_child")
    middle.line("m_begin", "deeper", "m_done")
    walk = Events(
        around("ask")
        .call("ask", "permits_middle")
        .load_with(middle, called("permits_child", "x"), house=HERE)
    )
    assert walk.waits() == ["x"]
    assert walk.do("x").step.ended == "done"


def test_an_id_used_twice_across_files_is_refused() -> None:
    drawn = plain().task("x").call("ask", "permits_child").line("begin", "x", "ask", "done")
    assert refusals(load(drawn.with_files(called("permits_child", "x")), HERE)) == [("twice_across", "x")]


def test_a_process_cannot_call_itself_nor_in_a_circle() -> None:
    drawn = around("ask").call("ask", "permits_test")
    assert refusals(load(drawn.bundle(), HERE)) == [("calls_itself", "ask")]
    child = (
        Nested("permits_child")
        .start("c_begin")
        .end("c_done")
        .call("again", "permits_test")
        .line("c_begin", "again", "c_done")
    )
    drawn = around("ask").call("ask", "permits_child")
    assert refusals(load(drawn.with_files(child), HERE)) == [("calls_itself", "again")]


def test_a_called_process_begins_plainly() -> None:
    child = (
        Nested("permits_child").names("message", "go").event("startEvent", "c_begin", refers("message", "go"))
    )
    child.end("c_done").task("x").line("c_begin", "x", "c_done")
    found = load(around("ask").call("ask", "permits_child").with_files(child), HERE)
    assert refusals(found) == [("calls_event_start", "ask")]


@pytest.mark.parametrize(
    ("process", "code"),
    [("", "calls_nothing"), ("permits_chidl", "unknown_process")],
    ids=["none", "mistyped"],
)
def test_a_call_names_a_process_of_the_bundle(process: str, code: str) -> None:
    found = load(around("ask").call("ask", process).with_files(called("permits_child", "x")), HERE)
    assert refusals(found) == [(code, "ask")]


# ── several instances ─────────────────────────────────────────────────────────────────────────────────────────


def own(walk: Events) -> list[dict[str, Any]]:
    return [dict(token.own) for token in tokens(walk.definition, walk.step.state)]


@pytest.mark.parametrize("count", ["3", "how_many", "how_many - 1 + 1"])
def test_a_cardinality_says_how_many(count: str) -> None:
    walk = Events(around("part").sub("part", one(), loop(count)).load(HERE), how_many=3)
    assert walk.waits() == ["x", "x", "x"]
    assert own(walk) == [{"loop_index": 0}, {"loop_index": 1}, {"loop_index": 2}]
    assert walk.do("x").do("x").waits() == ["x"]
    assert walk.do("x").step.ended == "done"


def test_items_come_from_a_variable_and_each_body_has_its_own() -> None:
    walk = Events(
        around("part").sub("part", one(), loop(items="people", item="who")).load(HERE), people="wang, li,"
    )
    assert own(walk) == [{"loop_index": 0, "who": "wang"}, {"loop_index": 1, "who": "li"}]


def test_one_by_one_means_the_next_when_the_last_is_done() -> None:
    drawn = around("part").sub("part", one(), loop(items="people", item="who", one_by_one=True))
    walk = Events(drawn.load(HERE), people="wang,li")
    assert [each["who"] for each in own(walk)] == ["wang"]
    assert [each["who"] for each in own(walk.do("x"))] == ["li"]
    assert walk.do("x").step.ended == "done"


@pytest.mark.parametrize("one_by_one", [False, True])
def test_enough_is_enough(one_by_one: bool) -> None:
    """`completionCondition` is asked after each body; what is left is closed."""
    drawn = around("part").sub(
        "part", one(), loop("4", until="loop_done * 2 >= loop_count", one_by_one=one_by_one)
    )
    walk = Events(drawn.load(HERE))
    assert walk.do("x").step.ended is None
    assert walk.do("x").step.ended == "done"
    assert len(walk.step.closed) == (1 if one_by_one else 3)


def test_what_a_body_sets_is_its_own() -> None:
    part = inner().task("x", form="permits/mark").xor("way", "low").task("praise")
    part.line("i_begin", "x", "way").flow("way", "praise", "mark > 5").flow("way", "i_done", id="low").line(
        "praise", "i_done"
    )
    walk = Events(around("part").sub("part", part, loop("2")).load(HERE))
    first, second = tokens(walk.definition, walk.step.state)
    walk.open["x"] = second
    assert walk.do("x", mark=9).waits() == ["praise", "x"]
    assert "mark" not in walk.step.variables
    assert walk.open["praise"].own == {"loop_index": 1, "mark": 9}
    walk.open["x"] = first
    assert walk.do("x", mark=1).waits() == ["praise"]
    assert walk.do("praise").step.ended == "done"


@pytest.mark.parametrize("given", [{"people": ""}, {}, {"people": " , "}])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_no_items_are_no_reason_to_stop(given: dict[str, str], one_by_one: bool) -> None:
    """An empty multi-instance was put down as open for ever: nothing in it, and nothing after it."""
    drawn = plain().sub("part", one(), loop(items="people", one_by_one=one_by_one)).task("after")
    walk = Events(drawn.line("begin", "part", "after", "done").load(HERE), **given)
    assert walk.waits() == ["after"]
    assert walk.do("after").step.ended == "done"


def test_none_at_all_in_a_branch_lets_the_join_go_on() -> None:
    drawn = plain().both("split").both("join").sub("part", one(), loop("0"))
    walk = Events(drawn.line("begin", "split", "part", "join", "done").line("split", "join").load(HERE))
    assert walk.step.ended == "done"


def test_two_hundred_items_are_the_most() -> None:
    drawn = around("part").sub("part", one(), loop(items="people"))
    definition = drawn.load(HERE)
    assert len(start(definition, {"people": ",".join(["a"] * 200)}, never_called, NOW).opened) == 200
    with pytest.raises(Faulty, match="too_many_items"):
        start(definition, {"people": ",".join(["a"] * 201)}, never_called, NOW)


@pytest.mark.parametrize("count", [201, -1, 1.5, "3", None])
def test_a_cardinality_is_a_whole_number_up_to_two_hundred(count: object) -> None:
    definition = around("part").sub("part", one(), loop("how_many")).load(HERE)
    with pytest.raises(Faulty, match="too_many_items"):
        start(definition, {"how_many": count}, never_called, NOW)


def test_a_service_task_runs_once_for_each() -> None:
    seen: list[Any] = []

    def call(element: str, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(given["who"])
        return {"found": len(seen)}

    drawn = looped(
        around("count").service("count", "permits/count", who="who"), loop(items="people", item="who")
    )
    assert Events(drawn.load(HERE), call, people="wang,li").step.ended == "done"
    assert seen == ["wang", "li"]


def test_a_service_task_that_works_after_waits_for_each() -> None:
    drawn = looped(
        around("fetch").service("fetch", "permits/fetch", who="who"), loop(items="people", item="who")
    )
    walk = Events(drawn.load(HERE), people="wang,li")
    assert [dict(token.parameters or {}) for token in tokens(walk.definition, walk.step.state)] == [
        {"who": "wang"}, {"who": "li"},
    ]  # fmt: skip
    assert {token.element for token in walk.step.opened} == {"fetch"}
    assert walk.do("fetch", pages=1).waits() == ["fetch"]
    assert walk.do("fetch", pages=2).step.ended == "done"


def looped(drawn: Nested, several: str) -> Nested:
    """`drawn` with its last service task run several times."""
    drawn.parts = [
        part.replace("</bpmn:serviceTask>", f"{several}</bpmn:serviceTask>") for part in drawn.parts
    ]
    return drawn


def raising(code: str) -> Callable[..., None]:
    def call(element: str, action: str, given: object) -> None:
        raise Outcome(code)

    return call


def test_an_error_in_a_body_ends_them_all_and_takes_the_boundary() -> None:
    part = inner().task("x").service("count", "permits/count").line("i_begin", "x", "count", "i_done")
    drawn = (
        around("part")
        .names("error", "bad")
        .sub("part", part, loop("3"))
        .edge("caught", "part", refers("error", "bad"))
    )
    walk = Events(drawn.end("failed").line("caught", "failed").load(HERE), raising("bad"))
    assert walk.do("x").step.ended == "failed"
    assert len(walk.step.closed) == 3


def test_a_looped_service_task_that_fails_takes_its_boundary() -> None:
    drawn = (
        around("count")
        .names("error", "bad")
        .service("count", "permits/count")
        .edge("caught", "count", refers("error"))
    )
    walk = Events(looped(drawn.end("failed").line("caught", "failed"), loop("2")).load(HERE), raising("bad"))
    assert walk.step.ended == "failed"


def test_a_deadline_ends_all_bodies() -> None:
    drawn = around("part").sub("part", one(), loop("3")).edge("late", "part", timer("P1D")).end("too_late")
    walk = Events(drawn.line("late", "too_late").load(HERE))
    assert walk.waits() == ["late", "x", "x", "x"]
    assert walk.fires("late").step.ended == "too_late"


# ── side flows ────────────────────────────────────────────────────────────────────────────────────────────────


def reminded(host: str = "ask") -> Nested:
    return (
        plain()
        .task(host)
        .edge("remind", host, timer("P1D"), stops=False)
        .end("noted")
        .line("begin", host, "done")
    )


def test_a_side_flow_may_hold_a_sub_process() -> None:
    """Its scope was read before the side flow's, and publication broke off."""
    drawn = reminded().sub("part", one()).line("remind", "part", "noted")
    walk = Events(drawn.load(HERE)).fires("remind")
    assert walk.waits() == ["ask", "x"]
    assert walk.do("ask").do("x").step.ended == "done"


def test_a_side_flow_may_have_a_side_flow() -> None:
    drawn = reminded().task("note").edge("nag", "note", timer("P2D"), stops=False).task("call").end("called")
    walk = Events(drawn.line("remind", "note", "noted").line("nag", "call", "called").load(HERE))
    walk.fires("remind").fires("nag")
    assert walk.waits() == ["ask", "call", "note"]
    assert walk.do("note").do("ask").do("call").step.ended == "done"


# ── what publication refuses ──────────────────────────────────────────────────────────────────────────────────


def edged(kind: str, stops: bool = True) -> Nested:
    """A task with an event of some kind on its edge."""
    drawn = plain().names("error", "bad").names("message", "m").task("ask").task("note").end("noted")
    return drawn.edge("e", "ask", kind, stops).line("begin", "ask", "done").line("e", "note", "noted")


def part_with(*more: tuple[str, str], **given: str) -> Nested:
    """A sub-process with flows that should not be."""
    drawn = plain().sub("part", one(), **given).task("after").line("begin", "part", "after", "done")
    for source, target in more:
        drawn.flow(source, target)
    return drawn


def failing(*edges: str, code: str = "bad") -> Nested:
    """A sub-process that ends with an error, and error events on its edge."""
    part = (
        Nested()
        .start("i_begin")
        .task("x")
        .event("endEvent", "i_failed", refers("error", code))
        .line("i_begin", "x", "i_failed")
    )
    drawn = plain().names("error", "bad", "other").sub("part", part).line("begin", "part", "done")
    for place, edge in enumerate(edges):
        drawn.edge(f"caught{place}", "part", refers("error", edge)).end(f"end{place}").line(
            f"caught{place}", f"end{place}"
        )
    return drawn


def waiting(*after: str) -> Nested:
    """An event-based gateway and what follows it."""
    drawn = plain().names("message", "m").event("eventBasedGateway", "first").catch("late", timer("P1D"))
    drawn.catch("reply", refers("message", "m")).task("ask").xor("meet").line("begin", "first").line(
        "meet", "done"
    )
    for each in ("late", "reply", "ask"):
        drawn.flow(each, "meet")
    for each in after:
        drawn.flow("first", each)
    return drawn


def alone(*edges: str, start: str = "", flows: bool = False, stops: bool = True) -> Nested:
    """An event sub-process beside a task."""
    part = Nested().task("react").end("e_done")
    part.event("startEvent", "e_begin", start, "" if stops else 'isInterrupting="false"').line(
        "e_begin", "react", "e_done"
    )
    drawn = (
        plain()
        .names("message", "m")
        .names("error", "bad")
        .task("ask")
        .beside("e", part)
        .line("begin", "ask", "done")
    )
    return drawn.flow("ask", "e") if flows else drawn


REFUSED: dict[str, tuple[Callable[[], Nested], tuple[str, str | None]]] = {
    "a flow out of a sub-process": (lambda: part_with(("x", "after")), ("crosses", "x_to_after")),
    "a flow into a sub-process": (lambda: part_with(("after", "x")), ("crosses", "after_to_x")),
    "a side flow that comes back": (
        lambda: reminded().task("after").task("note").line("after", "done").line("remind", "note", "after"),
        ("side_flow_meets", "done"),
    ),
    "a side flow into its own host": (lambda: reminded().line("remind", "ask"), ("side_flow_meets", "ask")),
    "two side flows that meet": (
        lambda: (
            reminded()
            .edge("nag", "ask", timer("P2D"), stops=False)
            .task("n")
            .line("remind", "n", "noted")
            .line("nag", "n")
        ),
        ("side_flow_meets", "n"),
    ),
    "an error on the edge of a task": (lambda: edged(refers("error", "bad")), ("boundary_never", "e")),
    "an event on the edge of an event": (
        lambda: (
            plain()
            .catch("c", timer("P1D"))
            .edge("e", "c", timer("P2D"))
            .end("ee")
            .line("begin", "c", "done")
            .line("e", "ee")
        ),
        ("boundary_never", "e"),
    ),
    "an event on the edge of work done at once": (
        lambda: (
            around("s").service("s", "permits/quota").edge("e", "s", timer("P2D")).end("ee").line("e", "ee")
        ),
        ("boundary_never", "e"),
    ),
    "an error that does not interrupt": (
        lambda: (
            failing("bad").edge("e", "part", refers("error", "other"), stops=False).end("ee").line("e", "ee")
        ),
        ("error_interrupts", "e"),
    ),
    "an edge without an event": (lambda: edged(""), ("event_missing", "e")),
    "an edge that somebody comes to": (
        lambda: edged(timer("P1D")).line("note", "e"),
        ("boundary_with_way_in", "e"),
    ),
    "two events in one": (lambda: edged(timer("P1D") + refers("message", "m")), ("several_events", "e")),
    "an event that cannot stand there": (
        lambda: edged("<bpmn:terminateEventDefinition/>"),
        ("event_not_here", "e"),
    ),
    "a message without a name": (lambda: edged(refers("message")), ("event_without_name", "e")),
    "a message there is not": (lambda: edged(refers("message", "n")), ("dangling", "e")),
    "a timer without a time": (lambda: edged(timer("")), ("timer_without_time", "e")),
    "a timer that turns": (lambda: edged(timer("R3/PT10H", "timeCycle")), ("unknown_element", "e")),
    "a date there is not": (lambda: edged(timer("2026-13-45", "timeDate")), ("timer_time", "e")),
    "a timer nobody can read": (lambda: edged(timer("P1Y2X")), ("timer_time", "e")),
    "an error nobody catches": (lambda: failing("other"), ("nobody_catches", "i_failed")),
    "an error caught twice": (lambda: failing("bad", "bad"), ("error_twice", "caught0")),
    "an event-based gateway with one way": (lambda: waiting("late"), ("events_after", "first")),
    "an event-based gateway before a task": (
        lambda: waiting("late", "reply", "ask"),
        ("events_after", "first"),
    ),
    "a count and items, too": (
        lambda: around("part").sub("part", one(), loop("3", items="people")),
        ("loop_without_count", "part"),
    ),
    "neither count nor items": (
        lambda: around("part").sub("part", one(), loop()),
        ("loop_without_count", "part"),
    ),
    "too many to begin with": (
        lambda: around("part").sub("part", one(), loop("201")),
        ("too_many_items", "part"),
    ),
    "half of one": (lambda: around("part").sub("part", one(), loop("1.5")), ("too_many_items", "part")),
    "items there are not": (
        lambda: around("part").sub("part", one(), loop(items="peple")),
        ("unknown_variable", "part"),
    ),
    "a name that is none": (
        lambda: around("part").sub("part", one(), loop(items="people", item="a b")),
        ("property_value", "part"),
    ),
    "an item spoken of outside": (
        lambda: (
            plain()
            .sub("part", one(), loop(items="people", item="who"))
            .catch("c", timer("who"))
            .line("begin", "part", "c", "done")
        ),
        ("unknown_variable", "c"),
    ),
    "a user task several times": (
        lambda: around("ask").node("userTask", "ask", loop("3"), assignee="starter"),
        ("unknown_element", "ask"),
    ),
    "an event sub-process without an event": (lambda: alone(), ("starts_without_event", "e_begin")),
    "a way to an event sub-process": (
        lambda: alone(start=timer("P1D"), flows=True),
        ("beside_with_ways", "e"),
    ),
    "an error start that does not interrupt": (
        lambda: alone(start=refers("error", "bad"), stops=False),
        ("error_interrupts", "e_begin"),
    ),
    "a sub-process without an end": (
        lambda: around("part").sub("part", Nested().start("i_begin").task("x").line("i_begin", "x")),
        ("no_end", "part"),
    ),
    "a sub-process with two starts": (
        lambda: around("part").sub("part", one().start("more").line("more", "x")),
        ("one_start", "part"),
    ),
    "a loop of sub-processes without anybody": (
        lambda: (
            plain()
            .xor("a")
            .xor("b", "out")
            .sub("part", inner().line("i_begin", "i_done"))
            .line("begin", "a", "part", "b")
            .flow("b", "a", "how_many > 1")
            .flow("b", "done", id="out")
        ),
        ("turns_alone", "a"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_publication_refuses(name: str) -> None:
    make, expected = REFUSED[name]
    assert expected in make().problems(HERE)


def test_who_comes_next_is_found_in_scopes_and_out_of_them() -> None:
    part = inner().task("look").line("i_begin", "look", "i_done")
    drawn = Nested().start().end().task("apply").sub("part", part, loop("2")).xor("way", "on").task("sign")
    drawn.edge("late", "part", timer("P1D"), stops=False).task("nudge").end("nudged").line(
        "late", "nudge", "nudged"
    )
    drawn.line("begin", "apply", "part", "sign", "way").flow("way", "apply", 'outcome == "done"')
    definition = drawn.flow("way", "done", id="on").load()
    assert people_after(definition, "apply") == ("look",)
    assert people_after(definition, "look") == ("sign",)
    assert people_after(definition, "sign") == ("apply",)
    assert people_after(definition, "nudge") == ()
