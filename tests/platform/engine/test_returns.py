"""Return, straight back and repair by hand: where one may go, what goes with it, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.platform.engine import Catalogue, Immovable, NoSuchToken, move
from app.platform.engine.facts import ActionFacts
from app.platform.engine.moving import undone
from tests.platform.engine.drawing import HOUSE, NOW, never_called
from tests.platform.engine.nested import Events, Nested, inner, loop, refers, timer

HERE = Catalogue(
    actions={
        **HOUSE.actions,
        "permits/stamp": ActionFacts(),
        "permits/book": ActionFacts(undo=True),
        "permits/ask": ActionFacts(effects=False),
    },
    roles=HOUSE.roles,
    forms=HOUSE.forms,
)


def plain() -> Nested:
    return Nested(form="permits/apply").start().end()


def split(*ways: str) -> Nested:
    """`before`, then tasks side by side, then `after`."""
    drawn = plain().task("before").both("split").both("join").task("after")
    drawn.line("begin", "before", "split").line("join", "after", "done")
    for way in ways:
        drawn.task(way).line("split", way, "join")
    return drawn


def with_part(*tasks: str, label: str = "part", several: str = "") -> Nested:
    """`before`, a sub-process of tasks in a row, `after`."""
    part = inner()
    for task in tasks:
        part.task(task)
    part.line("i_begin", *tasks, "i_done")
    drawn = plain().task("before").sub(label, part, several).task("after")
    return drawn.line("begin", "before", label, "after", "done")


def may(walk: Events, source: str) -> set[str]:
    return {task for task, because in walk.may(source).items() if because is None}


# ── returns ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_chain_goes_back_as_far_as_it_came() -> None:
    drawn = plain().task("a").task("b").task("c").line("begin", "a", "b", "c", "done")
    walk = Events(drawn.load(HERE)).do("a").do("b")
    assert walk.may("c") == {"a": None, "b": None}
    assert walk.back("c", "a").waits() == ["a"]
    assert walk.may("a") == {"b": "not_passed", "c": "not_passed"}
    assert walk.do("a").do("b").do("c").step.ended == "done"


def test_one_branch_goes_back_before_the_split_and_takes_the_others_along() -> None:
    walk = Events(split("a", "b", "c").load(HERE)).do("before").do("a")
    assert walk.may("b") == {"before": None, "a": "not_passed", "c": "not_passed", "after": "not_passed"}
    assert walk.back("b", "before").waits() == ["before"]
    assert {token.element for token in walk.step.closed} == {"b", "c"}
    assert walk.do("before").waits() == ["a", "b", "c"]
    walk.do("a").do("b").do("c")
    assert walk.waits() == ["after"]


def test_nobody_goes_back_into_a_branch_whose_join_has_fired() -> None:
    walk = Events(split("a", "b").load(HERE)).do("before").do("a").do("b")
    assert walk.may("after") == {"before": None, "a": "not_passed", "b": "not_passed"}
    with pytest.raises(Immovable, match="not_passed"):
        walk.back("after", "a")


def test_a_return_within_a_branch_leaves_the_others_alone() -> None:
    drawn = split("b").task("a1").task("a2").line("split", "a1", "a2", "join")
    walk = Events(drawn.load(HERE)).do("before").do("b").do("a1")
    assert walk.back("a2", "a1").waits() == ["a1"]
    assert walk.do("a1").do("a2").waits() == ["after"]


def test_a_return_out_of_a_sub_process_closes_it_with_its_timer() -> None:
    drawn = with_part("x", "y").edge("late", "part", timer("P5WD")).end("too_late").line("late", "too_late")
    walk = Events(drawn.load(HERE)).do("before").do("x")
    assert may(walk, "y") == {"x", "before"}
    assert walk.back("y", "before").waits() == ["before"]
    assert {token.element for token in walk.step.closed} == {"y", "late"}


def test_a_return_into_a_finished_sub_process_opens_it_with_its_timer_armed_afresh() -> None:
    drawn = with_part("x", "y").edge("nag", "part", timer("P5WD"), stops=False).end("nagged")
    walk = Events(drawn.line("nag", "nagged").load(HERE)).do("before").fires("nag").do("x").do("y")
    assert may(walk, "after") == {"before", "x", "y"}
    assert walk.back("after", "y").waits() == ["nag", "y"]
    assert walk.do("y").waits() == ["after"]
    assert walk.do("after").step.ended == "done"


def test_nobody_returns_into_a_sub_process_that_may_have_been_broken_off() -> None:
    drawn = with_part("x", "y").edge("late", "part", timer("P5WD")).line("late", "after")
    assert may(Events(drawn.load(HERE)).do("before").do("x").do("y"), "after") == {"before"}


@pytest.mark.parametrize("stops", [True, False])
def test_nor_into_one_that_may_have_ended_by_its_event(stops: bool) -> None:
    beside = Nested().event("startEvent", "e_begin", timer("P1D"), f'isInterrupting="{str(stops).lower()}"')
    part = inner().task("x").task("y").line("i_begin", "x", "y", "i_done")
    part.beside("e", beside.task("react").end("e_done").line("e_begin", "react", "e_done"))
    drawn = (
        plain()
        .task("before")
        .sub("part", part)
        .task("after")
        .line("begin", "before", "part", "after", "done")
    )
    walk = Events(drawn.load(HERE)).do("before")
    if stops:
        assert may(walk.fires("e_begin").do("react"), "after") == {"before"}
        assert may(Events(walk.definition).do("before").fires("e_begin"), "react") == {"before"}
    else:
        assert may(walk.do("x").do("y"), "after") == {"before", "x", "y"}
        assert walk.back("after", "y").waits() == ["e_begin", "y"]


def test_nobody_returns_into_one_of_several_bodies_but_within_it() -> None:
    walk = Events(with_part("x", "y", several=loop("2")).load(HERE)).do("before").do("x")
    assert may(walk, "y") == {"x", "before"}
    assert walk.back("y", "x").waits() == ["x", "x"]
    walk.do("x").do("y").do("x").do("y")
    assert walk.may("after") == {"before": None, "x": "several", "y": "several"}
    assert Events(walk.definition).do("before").do("x").back("y", "before").waits() == ["before"]


def test_a_side_flow_goes_back_only_in_itself() -> None:
    drawn = plain().task("a").task("b").edge("nag", "b", timer("P1D"), stops=False).task("n1").task("n2")
    drawn.end("nagged").line("begin", "a", "b", "done").line("nag", "n1", "n2", "nagged")
    walk = Events(drawn.load(HERE)).do("a").fires("nag").do("n1")
    assert may(walk, "n2") == {"n1"}
    assert walk.back("n2", "n1").waits() == ["b", "n1"]
    assert walk.back("b", "a").waits() == ["a"], "a return past its host takes a side flow along"


def test_an_event_based_gateway_beside_the_source_is_armed_again() -> None:
    drawn = split("a").names("message", "m").event("eventBasedGateway", "first").xor("meet")
    drawn.catch("reply", refers("message", "m")).catch("late", timer("P1D"))
    drawn.line("split", "first", "reply", "meet", "join").line("first", "late", "meet")
    walk = Events(drawn.load(HERE)).do("before")
    assert walk.waits() == ["a", "late", "reply"]
    assert walk.back("a", "before").waits() == ["before"]
    assert walk.do("before").fires("reply").waits() == ["a"]
    assert walk.do("a").waits() == ["after"]


def test_an_event_sub_process_goes_back_in_itself_and_stays_where_others_go_back() -> None:
    part = Nested().event("startEvent", "e_begin", refers("message", "m"), 'isInterrupting="false"')
    part.task("r1").task("r2").end("e_done").line("e_begin", "r1", "r2", "e_done")
    drawn = (
        plain().names("message", "m").task("a").task("b").beside("e", part).line("begin", "a", "b", "done")
    )
    walk = Events(drawn.load(HERE)).do("a").fires("e_begin").do("r1")
    assert may(walk, "r2") == {"r1"}
    assert walk.back("b", "a").waits() == ["a", "e_begin", "r2"]
    assert walk.back("r2", "r1").waits() == ["a", "e_begin", "r1"]


def test_a_token_that_has_gone_cannot_be_moved() -> None:
    walk = Events(split("a").load(HERE))
    with pytest.raises(NoSuchToken):
        move(walk.definition, walk.step.state, ("before", 99), "before", never_called, NOW)


# ── effects ───────────────────────────────────────────────────────────────────────────────────────────────────


def calls(element: str, action: str, given: Mapping[str, Any]) -> None:
    """Any hook, which returns nothing."""


def past(action: str) -> Events:
    drawn = plain().task("a").service("s", action).task("b").line("begin", "a", "s", "b", "done")
    return Events(drawn.load(HERE), calls).do("a")


def test_nobody_returns_past_what_has_had_effects() -> None:
    walk = past("permits/stamp")
    assert walk.may("b") == {"a": "effects"}
    with pytest.raises(Immovable, match="effects"):
        walk.back("b", "a")
    assert walk.back("b", "a", straight=True).waits() == ["a"], "asking again where it stands undoes nothing"


def test_what_leaves_nothing_behind_stops_nobody() -> None:
    assert past("permits/ask").back("b", "a").waits() == ["a"]


def test_what_can_be_undone_is_named_so_that_it_will_be() -> None:
    walk = past("permits/book")
    assert walk.may("b") == {"a": None}
    assert undone(walk.definition, walk.step.state, "b", walk.open["b"].visit, "a") == (
        ("s", "permits/book"),
    )
    assert walk.back("b", "a").do("a").waits() == ["b"]


def test_a_message_that_went_out_cannot_be_called_back() -> None:
    drawn = plain().names("message", "m").task("a").throws("tell", refers("message", "m")).task("b")
    assert Events(drawn.line("begin", "a", "tell", "b", "done").load(HERE)).do("a").may("b") == {
        "a": "effects"
    }


def test_effects_count_wherever_they_lie_between() -> None:
    part = inner().service("s", "permits/stamp").task("x").line("i_begin", "s", "x", "i_done")
    drawn = (
        plain().task("a").sub("part", part).task("b").task("c").line("begin", "a", "part", "b", "c", "done")
    )
    walk = Events(drawn.load(HERE), calls).do("a")
    assert walk.may("x") == {"a": "effects", "b": "not_passed", "c": "not_passed"}
    walk.do("x").do("b")
    assert walk.may("c") == {"a": "effects", "x": None, "b": None}


def test_effects_in_a_branch_beside_stop_the_return_before_the_split() -> None:
    drawn = split("a").service("s", "permits/stamp").line("split", "s", "join")
    walk = Events(drawn.load(HERE), calls).do("before")
    assert walk.may("a")["before"] == "effects", "the branch beside would be cut, and what it did stands"
    part = inner().service("s", "permits/stamp").task("x").line("i_begin", "s", "x", "i_done")
    drawn = split("a").sub("part", part).line("split", "part", "join")
    walk = Events(drawn.load(HERE), calls).do("before")
    assert walk.may("a")["before"] == "effects"
    assert walk.do("a").may("x")["before"] == "effects"


def test_effects_beside_the_source_in_its_sub_process_stop_the_return_out_of_it() -> None:
    part = inner().both("i_split").both("i_join").task("x").task("y").service("s", "permits/stamp")
    part.line("i_begin", "i_split", "x", "i_join", "i_done").line("i_split", "s", "y", "i_join")
    drawn = plain().task("a").sub("part", part).line("begin", "a", "part", "done")
    walk = Events(drawn.load(HERE), calls).do("a")
    assert walk.may("x") == {"a": "effects", "y": "not_passed"}


def test_effects_of_the_main_flow_stop_a_side_flow_from_leaving_the_whole() -> None:
    part = (
        inner().service("s", "permits/stamp").task("x").edge("nag", "x", timer("P1D"), stops=False).task("n")
    )
    part.end("nagged").line("i_begin", "s", "x", "i_done").line("nag", "n", "nagged")
    drawn = plain().task("a").sub("part", part).line("begin", "a", "part", "done")
    walk = Events(drawn.load(HERE), calls).do("a").fires("nag")
    assert walk.may("n") == {"a": "effects", "x": "not_passed"}
    assert walk.do("x").may("n")["a"] == "effects", "also when only the side flow is left"


def test_an_end_that_sent_a_message_cannot_be_called_back() -> None:
    part = (
        Nested()
        .start("i_begin")
        .task("x")
        .event("endEvent", "i_done", refers("message", "m"))
        .line("i_begin", "x", "i_done")
    )
    drawn = (
        plain()
        .names("message", "m")
        .task("a")
        .sub("part", part)
        .task("b")
        .line("begin", "a", "part", "b", "done")
    )
    assert Events(drawn.load(HERE)).do("a").do("x").may("b") == {"a": "effects", "x": "effects"}


def test_what_can_be_undone_in_a_branch_beside_is_named_too() -> None:
    drawn = split("a").service("s", "permits/book").task("b").line("split", "s", "b", "join")
    walk = Events(drawn.load(HERE), calls).do("before")
    assert undone(walk.definition, walk.step.state, "a", walk.open["a"].visit, "before") == (
        ("s", "permits/book"),
    )


# ── straight back ─────────────────────────────────────────────────────────────────────────────────────────────


def test_straight_back_asks_again_where_it_stands_and_the_timer_starts_afresh() -> None:
    drawn = split("a", "b").edge("late", "b", timer("P1D")).line("late", "join")
    drawn = split("a").task("b").xor("meet").edge("late", "b", timer("P1D"))
    drawn.line("split", "b", "meet", "join").line("late", "meet")
    walk = Events(drawn.load(HERE)).do("before")
    assert walk.back("b", "before", straight=True).waits() == ["a", "before"]
    assert {token.element for token in walk.step.closed} == {"b", "late"}
    assert walk.do("a").waits() == ["before"], "the sibling went on; nothing is lost"
    assert walk.do("before").waits() == ["b", "late"]
    assert walk.do("b").waits() == ["after"]


def test_the_stage_is_that_of_the_task_asked() -> None:
    drawn = (
        plain()
        .task("a", stage="补正|Amending")
        .task("b", stage="审核|Review")
        .line("begin", "a", "b", "done")
    )
    walk = Events(drawn.load(HERE)).do("a").back("b", "a", straight=True)
    assert (walk.step.stage and walk.step.stage.en) == "Amending"
    assert (walk.do("a").step.stage and walk.step.stage.en) == "Review"


def test_straight_backs_nest_and_a_return_counts_from_where_it_stands() -> None:
    drawn = plain().task("a").task("b").task("c").task("d").line("begin", "a", "b", "c", "d", "done")
    walk = Events(drawn.load(HERE)).do("a").do("b").do("c")
    walk.back("d", "b", straight=True).back("b", "a", straight=True)
    assert walk.waits() == ["a"]
    assert may(walk, "a") == {"b", "c"}
    assert walk.do("a").waits() == ["b"]
    assert walk.do("b").waits() == ["d"]
    assert walk.back("d", "a", straight=True).back("a", "c").waits() == ["c"]
    assert walk.do("c").do("d").step.ended == "done"


def test_only_a_task_can_be_asked_straight_back() -> None:
    drawn = plain().task("a").catch("wait", timer("P1D")).line("begin", "a", "wait", "done")
    walk = Events(drawn.load(HERE)).do("a")
    with pytest.raises(Immovable, match="not_a_task"):
        walk.back("wait", "a", straight=True)
    assert walk.back("wait", "a").waits() == ["a"]


# ── repair ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_repair_puts_a_token_forward_or_back_in_its_scope() -> None:
    walk = Events(with_part("x", "y").load(HERE))
    assert walk.put("before", "after").waits() == ["after"]
    assert walk.put("after", "part").waits() == ["x"]
    assert walk.put("x", "y").waits() == ["y"]
    with pytest.raises(Immovable, match="not_here"):
        walk.put("y", "before")


def test_a_repair_inside_a_block_touches_nothing_else() -> None:
    drawn = split("b").task("a1").task("a2").line("split", "a1", "a2", "join")
    walk = Events(drawn.load(HERE)).do("before")
    assert walk.put("a1", "a2").waits() == ["a2", "b"]
    assert walk.do("a2").do("b").waits() == ["after"]


@pytest.mark.parametrize("target", ["after", "before", "split"])
def test_a_repair_out_of_a_block_takes_the_whole_block(target: str) -> None:
    walk = Events(split("a", "b", "c").load(HERE)).do("before").do("a").put("b", target)
    expected = {"after": ["after"], "before": ["before"], "split": ["a", "b", "c"]}
    assert walk.waits() == expected[target]


def test_a_repair_out_of_a_block_takes_what_came_over_an_empty_way_too() -> None:
    """It waited at the join, counted at the split itself, and was left behind: the instance never ended."""
    walk = Events(split("a").flow("split", "join").load(HERE)).do("before").put("a", "after")
    assert walk.do("after").step.ended == "done"


def test_a_repair_enters_no_block_and_stands_at_no_join() -> None:
    walk = Events(split("a", "b").load(HERE))
    with pytest.raises(Immovable, match="enters_block"):
        walk.put("before", "a")
    walk.do("before")
    with pytest.raises(Immovable, match="enters_block"):
        walk.put("a", "b")
    with pytest.raises(Immovable, match="is_join"):
        walk.put("a", "join")
    with pytest.raises(Immovable, match="not_here"):
        walk.put("a", "nowhere")


def test_a_repair_puts_nothing_where_only_events_come() -> None:
    part = (
        Nested()
        .event("startEvent", "e_begin", timer("P1D"))
        .task("r")
        .end("e_done")
        .line("e_begin", "r", "e_done")
    )
    drawn = (
        plain()
        .task("a")
        .edge("late", "a", timer("P1D"))
        .beside("e", part)
        .line("begin", "a", "done")
        .line("late", "done")
    )
    walk = Events(drawn.load(HERE))
    for target in ("late", "e", "e_begin"):
        with pytest.raises(Immovable, match="not_here"):
            walk.put("a", target)
    walk.fires("e_begin")
    with pytest.raises(Immovable, match="not_here"):
        walk.put("r", "e_begin")


def test_a_repair_does_not_take_one_of_several_bodies_elsewhere() -> None:
    drawn = plain().service("scan", "permits/scan").line("begin", "scan", "done")
    drawn.parts = [
        each.replace("</bpmn:serviceTask>", f"{loop('2')}</bpmn:serviceTask>") for each in drawn.parts
    ]
    walk = Events(drawn.load(HERE))
    with pytest.raises(Immovable, match="not_here"):
        walk.put("scan", "scan")
    with pytest.raises(Immovable, match="not_here"):
        walk.put("scan", "done")


def test_a_repair_of_one_of_several_events_takes_its_rivals_along() -> None:
    drawn = plain().names("message", "m").event("eventBasedGateway", "first").task("ask")
    drawn.catch("reply", refers("message", "m")).catch("late", timer("P1D")).xor("meet")
    drawn.line("begin", "first", "reply", "meet", "ask", "done").line("first", "late", "meet")
    assert Events(drawn.load(HERE)).put("reply", "ask").waits() == ["ask"]
    assert Events(drawn.load(HERE)).put("reply", "first").waits() == ["late", "reply"]


def test_a_repair_by_a_timer_moves_what_it_guards() -> None:
    drawn = (
        plain()
        .task("a")
        .edge("late", "a", timer("P1D"))
        .task("b")
        .line("begin", "a", "b", "done")
        .line("late", "b")
    )
    assert Events(drawn.load(HERE)).put("late", "b").waits() == ["b"]
    assert Events(drawn.load(HERE)).put("late", "a").waits() == ["a", "late"]
