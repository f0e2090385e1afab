"""A token more by hand: where there is room for one, and the words for where there is none.

That every chain still does what its blocks say, with tokens added anywhere, is `test_moves`.
"""

from __future__ import annotations

import pytest

from app.platform import engine
from tests.platform.engine.drawing import NOW, Drawing, never_called
from tests.platform.engine.nested import Nested, inner, loop, timer
from tests.platform.engine.scenes import HOUSE as WAYS
from tests.platform.engine.test_repairs import forked

State = tuple[engine.Definition, bytes]


def begun(definition: engine.Definition, **variables: object) -> State:
    return definition, engine.start(definition, variables, never_called, NOW).state


def waiting(at: State) -> list[str]:
    return [token.element for token in engine.tokens(*at)]


def done(at: State, element: str, outcome: str | None = None, **variables: object) -> State:
    definition, state = at
    visit = next(token.visit for token in engine.tokens(*at) if token.element == element)
    step = engine.complete(definition, state, element, visit, outcome, variables, never_called, NOW)
    return definition, step.state


def fired(at: State, element: str) -> State:
    visit = next(token.visit for token in engine.tokens(*at) if token.element == element)
    return at[0], engine.fire(*at, element, visit, {}, never_called, NOW).state


def added(at: State, beside: str, target: str, item: str | None = None) -> State:
    visit = next(token.visit for token in engine.tokens(*at) if token.element == beside)
    return at[0], engine.add(*at, (beside, visit), target, never_called, NOW, item).state


def refusal(at: State, beside: str, target: str, item: str | None = None) -> str:
    with pytest.raises(engine.Immovable) as caught:
        added(at, beside, target, item)
    return caught.value.code


def room(at: State) -> set[str]:
    return {each.element for each in engine.rooms(*at)[0]}


def split(kind: str = "both") -> State:
    return done(begun(forked(kind).load()), "before")


def test_a_way_whose_token_has_come_to_the_join_is_done_again() -> None:
    at = done(split(), "left")
    assert room(at) == {"left"}
    again = added(at, "right", "left")
    assert waiting(again) == ["right", "left"]
    assert room(again) == set()
    assert waiting(done(again, "right")) == ["left"]
    assert waiting(done(done(again, "right"), "left")) == ["after"]
    assert waiting(done(done(again, "left"), "right")) == ["after"]


def test_a_way_that_was_taken_away_is_opened_again() -> None:
    at = split()
    left = next(token for token in engine.tokens(*at) if token.element == "left")
    closed = at[0], engine.remove(*at, ("left", left.visit), never_called, NOW).state
    assert waiting(done(done(added(closed, "right", "left"), "right"), "left")) == ["after"]


def test_a_way_that_no_condition_chose_is_opened_by_hand() -> None:
    drawn = (
        Drawing(form="permits/ways")
        .start()
        .end()
        .task("before", outcomes="a=甲;b=乙")
        .task("left")
        .task("right")
    )
    drawn.task("third").some("split", "plain").some("join").line("begin", "before", "split")
    drawn.flow("split", "left", 'outcome == "a"').flow("split", "right", 'outcome == "b"')
    drawn.flow("split", "third", id="plain").line("left", "join", "done").line("right", "join").line(
        "third", "join"
    )
    at = done(begun(drawn.load(WAYS)), "before", "a")
    assert (waiting(at), room(at)) == (["left"], {"right", "third"})
    both = added(at, "left", "right")
    assert waiting(done(both, "left")) == ["right"]
    assert waiting(done(both, "right")) == ["left"]
    assert waiting(done(done(both, "left"), "right")) == []


def test_where_a_second_token_would_double_what_follows_there_is_no_room() -> None:
    at = split()
    assert refusal(at, "left", "right") == "occupied"
    assert refusal(at, "left", "after") == "no_block"
    assert refusal(at, "left", "join") == "is_join"
    after = done(done(at, "left"), "right")
    assert refusal(after, "after", "left") == "closed_block"
    assert refusal(after, "after", "nowhere") == "not_here"


def test_one_more_of_several_instances_for_an_item_of_its_own() -> None:
    drawn = (
        Nested(form="permits/apply")
        .start()
        .end()
        .sub("each", inner().task("it").line("i_begin", "it", "i_done"), loop(items="district", item="town"))
    )
    at = begun(drawn.line("begin", "each", "done").load(), district="a,b")  # type: ignore[attr-defined]
    assert engine.rooms(*at)[0] == (engine.Room("each", ("it", 1), "instance", takes_item=True),)
    assert [refusal(at, "it", "each", item) for item in (None, "  ", "c,d", "b")] == 3 * ["item_needed"] + [
        "item_there"
    ]
    more = added(at, "it", "each", "c")
    assert [token.own["town"] for token in engine.tokens(*more)] == ["a", "b", "c"]
    for left in (2, 1, 0):
        more = done(more, "it")
        assert len(waiting(more)) == left
    one_by_one = (
        Nested(form="permits/apply")
        .start()
        .end()
        .sub("each", inner().task("it").line("i_begin", "it", "i_done"), loop(count="2", one_by_one=True))
    )
    row = added(begun(one_by_one.line("begin", "each", "done").load()), "it", "each")  # type: ignore[attr-defined]
    assert engine.rooms(*row)[0] == (engine.Room("each", ("it", 1), "instance"),)
    for _ in range(2):
        row = done(row, "it")
        assert waiting(row) == ["it"]
    assert waiting(done(row, "it")) == []


def test_two_hundred_instances_are_the_most() -> None:
    drawn = (
        Nested(form="permits/apply")
        .start()
        .end()
        .sub("each", inner().task("it").line("i_begin", "it", "i_done"), loop(count="200"))
    )
    at = begun(drawn.line("begin", "each", "done").load())  # type: ignore[attr-defined]
    assert (room(at), refusal(at, "it", "each")) == (set(), "too_many_items")


def test_a_side_flow_begins_by_hand_and_its_event_is_still_waited_for() -> None:
    drawn = Nested(form="permits/apply").start().end().task("work").task("aside").end("aside_done")
    drawn.edge("late", "work", timer("P3D"), stops=False).edge("stop", "work", timer("P9D"))
    at = begun(
        drawn.line("begin", "work", "done").line("late", "aside", "aside_done").line("stop", "done").load()
    )  # type: ignore[attr-defined]
    assert room(at) == {"late"}
    assert refusal(at, "work", "stop") == "interrupts"
    more = added(at, "work", "late")
    assert sorted(waiting(more)) == ["aside", "late", "stop", "work"]
    assert waiting(done(more, "work")) == ["aside"]
    assert waiting(done(done(more, "work"), "aside")) == []
    assert refusal(done(more, "work"), "aside", "late") == "no_host"


def test_an_event_sub_process_begins_by_hand_unless_it_ends_what_is_around_it() -> None:
    drawn = Nested(form="permits/apply").start().end().task("work").line("begin", "work", "done")
    for name, attributes in (("soft", 'isInterrupting="false"'), ("hard", "")):
        beside = (
            Nested().event("startEvent", name, timer("P3D"), attributes).task(f"{name}_t").end(f"{name}_e")
        )
        drawn.beside(f"{name}_s", beside.line(name, f"{name}_t", f"{name}_e"))  # type: ignore[union-attr]
    at = begun(drawn.load())  # type: ignore[attr-defined]
    assert (room(at), refusal(at, "work", "hard")) == ({"soft"}, "interrupts")
    twice = added(added(at, "work", "soft"), "work", "soft")
    assert sorted(waiting(twice)) == ["hard", "soft", "soft_t", "soft_t", "work"]
    assert sorted(waiting(done(twice, "work"))) == ["hard", "soft", "soft_t", "soft_t"]
