"""What comes after an outcome is told from the drawing alone: never wrong, and sure only where it can be (D1)."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform.engine import coming_after, leads_on
from tests.platform.engine.blocks import Drawn, Shape, decision, shapes
from tests.platform.engine.drawing import NOW, Walk
from tests.platform.engine.nested import Nested, inner, refers, timer
from tests.platform.engine.test_nested import HERE, plain


def names(
    drawn: Nested, element: str, outcome: str, **variables: object
) -> tuple[list[str], list[str], bool]:
    told = coming_after(drawn.load(HERE), element, outcome, variables, NOW)
    return sorted(told.people), sorted(told.ends), told.sure


def branching() -> Nested:
    drawn = plain().task("look", outcomes="yes=可|Yes; no=否|No-").task("sign").task("mend").xor("way", "on")
    drawn.line("begin", "look", "way").flow("way", "mend", 'outcome == "no"').line("mend", "look")
    return drawn.flow("way", "sign", id="on").line("sign", "done")  # type: ignore[return-value]


def test_each_outcome_leads_its_own_way() -> None:
    assert names(branching(), "look", "yes") == (["sign"], [], True)
    assert names(branching(), "look", "no") == (["mend"], [], True)
    assert names(branching(), "sign", "done") == ([], ["done"], True)


def test_a_variable_decides_where_it_is_known_and_is_said_to_be_open_where_not() -> None:
    drawn = plain().task("look").task("sign").xor("way", "on").line("begin", "look", "way")
    drawn.flow("way", "sign", "how_many > 1").line("sign", "done").flow("way", "done", id="on")
    assert names(drawn, "look", "done", how_many=2) == (["sign"], [], True)
    assert names(drawn, "look", "done", how_many=1) == ([], ["done"], True)
    assert names(drawn, "look", "done") == (["sign"], ["done"], False)


def test_a_step_on_the_way_may_change_what_is_known() -> None:
    drawn = plain().task("look").task("sign").xor("way", "on")
    drawn.node("scriptTask", "count", "<bpmn:script>how_many = 3</bpmn:script>")
    drawn.line("begin", "look", "count", "way").flow("way", "sign", "how_many > 1").line("sign", "done")
    drawn.flow("way", "done", id="on")
    assert names(drawn, "look", "done", how_many=1) == (["sign"], ["done"], False)


def test_it_is_found_in_scopes_and_out_of_them() -> None:
    part = inner().task("look").line("i_begin", "look", "i_done")
    drawn = plain().task("ask").sub("part", part).task("sign").line("begin", "ask", "part", "sign", "done")
    drawn.edge("late", "part", timer("P1D"), stops=False).task("nudge").end("nudged").line(
        "late", "nudge", "nudged"
    )
    assert names(drawn, "ask", "done") == (["look"], [], True)
    assert names(drawn, "look", "done") == (["sign"], [], True)


def reported() -> Nested:
    """A review, then the wait for a report or, drawn first, its withdrawal, which opens the review again."""
    drawn = (
        plain().names("message", "report", "withdraw").task("ask").task("look").task("sign").xor("to_look")
    )
    drawn.catch("withdrawn", refers("message", "withdraw")).catch("reported", refers("message", "report"))
    drawn.catch("too_late", timer("P9D")).end("late").event("eventBasedGateway", "waiting")
    drawn.line("begin", "ask", "to_look", "look", "waiting", "withdrawn", "to_look").line("too_late", "late")
    drawn.flow("waiting", "too_late").line("waiting", "reported", "sign", "done")
    return drawn


def test_where_it_waits_for_events_the_wait_comes_next_and_then_what_is_usual() -> None:
    """What takes back and what is a deadline are not usual, however they are drawn."""
    definition = reported().load(HERE)
    told = coming_after(definition, "look", "done", {}, NOW)
    assert (told.people, told.ends, told.sure) == ((), (), True)
    assert (told.waits, told.then) == (("waiting",), ("sign",))
    leading = {one: leads_on(definition, one) for one in ("withdrawn", "reported", "too_late")}
    assert leading == {"withdrawn": False, "reported": True, "too_late": True}


def test_an_event_that_only_opens_its_own_wait_again_leads_nowhere() -> None:
    drawn = plain().names("message", "change", "close").task("look").xor("again")
    drawn.catch("changed", refers("message", "change")).catch("over", refers("message", "close"))
    drawn.event("eventBasedGateway", "open").line("begin", "look", "again", "open", "changed", "again")
    told = coming_after(drawn.line("open", "over", "done").load(HERE), "look", "done", {}, NOW)
    assert (told.waits, told.then) == (("open",), ("done",))


def test_a_single_event_is_waited_for_by_its_own_name() -> None:
    drawn = (
        plain().names("message", "paid").task("look").task("sign").catch("wait", refers("message", "paid"))
    )
    told = coming_after(
        drawn.line("begin", "look", "wait", "sign", "done").load(HERE), "look", "done", {}, NOW
    )
    assert (told.people, told.waits, told.then) == ((), ("wait",), ("sign",))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes(), st.lists(st.integers(0, 63), min_size=1, max_size=30))
def test_nothing_comes_that_was_not_told(shape: Shape, choices: list[int]) -> None:
    """In random chains: what a decision opens was among what was told; an end too, and sure is sure."""
    drawn = Drawn(shape)
    walk, model = Walk(drawn.definition), drawn.model
    model.enter()
    for choice in choices:
        if walk.step.ended is not None:
            return
        label = sorted(walk.open)[choice % len(walk.open)]
        outcome, variables = decision(model.tasks()[label], choice)
        told = coming_after(
            drawn.definition, label, outcome or "done", {**walk.step.variables, **variables}, NOW
        )
        blind = coming_after(drawn.definition, label, outcome or "done", {}, NOW)
        if model.tasks()[label].shape[0] == "or":
            choice &= (1 << (len(model.tasks()[label].parts) - 1)) - 1
        walk.do(label, outcome, **variables)
        model.complete(label, choice)
        opened = {token.element for token in walk.step.opened}
        assert opened <= set(told.people) <= set(blind.people)
        if walk.step.ended is not None:
            assert walk.step.ended in told.ends
        assert told.sure
