"""A chain runs as drawn: tasks open and close, gateways choose, services are called, ends are reached."""

from __future__ import annotations

from typing import Any

import pytest

from app.platform.engine import Faulty, Log, NoSuchToken, Token, complete, start, tokens
from app.platform.engine.run import Run
from app.platform.registry import Outcome, Refused, Words
from tests.platform.engine.drawing import NOW, Drawing, Walk, never_called, review


def test_a_chain_is_walked_to_its_end() -> None:
    walk = Walk(review().load())
    assert walk.step.opened == (Token("apply", 1, "user"),)
    assert walk.step.log == (Log("entered", "begin"), Log("left", "begin"), Log("entered", "apply"))
    walk.do("apply", project="robots")
    assert walk.step.closed == (Token("apply", 1, "user"),)
    assert walk.step.opened == (Token("review", 2, "user"),)
    assert walk.step.variables == {"project": "robots"}
    assert walk.step.ended is None
    walk.do("review", "approve")
    assert walk.step.opened == ()
    assert walk.step.ended == "done"
    assert walk.step.log[-2:] == (Log("entered", "done"), Log("left", "done"))
    assert tokens(walk.definition, walk.step.state) == ()


def test_a_return_opens_the_task_again_with_a_new_visit() -> None:
    walk = Walk(review().load()).do("apply").do("review", "return")
    assert walk.step.opened == (Token("apply", 3, "user"),)
    assert tokens(walk.definition, walk.step.state) == (Token("apply", 3, "user"),)


def test_the_outcome_of_an_earlier_task_never_decides_a_later_gateway() -> None:
    drawing = review()
    walk = Walk(drawing.load()).do("apply").do("review", "return").do("apply").do("review", "approve")
    assert walk.step.ended == "done"


def test_a_token_is_completed_once() -> None:
    walk = Walk(review().load())
    before = walk.step.state
    walk.do("apply")
    for state, element, visit in [
        (walk.step.state, "apply", 1),
        (walk.step.state, "review", 1),
        (walk.step.state, "nowhere", 2),
        (before, "review", 2),
    ]:
        with pytest.raises(NoSuchToken, match=f"{element}#{visit}"):
            complete(walk.definition, state, element, visit, None, {}, never_called, NOW)


def test_an_outcome_that_is_not_declared_is_refused() -> None:
    walk = Walk(review().load()).do("apply")
    for outcome in ("reject", None):
        with pytest.raises(Faulty) as caught:
            Walk.do(walk_copy(walk), "review", outcome)
        assert caught.value.code == "unknown_outcome"


def walk_copy(walk: Walk) -> Walk:
    twin = object.__new__(Walk)
    twin.definition, twin.call, twin.step, twin.open = walk.definition, walk.call, walk.step, dict(walk.open)
    return twin


def serving(when: str | None = None) -> Drawing:
    return (
        Drawing(form="permits/apply")
        .start()
        .service("ask", "permits/quota", when, district="district")
        .xor("left", default="none")
        .task("review")
        .end()
        .end("full", stage="名额已满|Full")
        .line("begin", "ask", "left")
        .flow("left", "review", "quota_left > 0")
        .flow("left", "full", id="none")
        .line("review", "done")
    )


def test_a_service_task_now_is_called_and_its_return_decides() -> None:
    calls: list[Any] = []

    def call(element: str, action: str, parameters: Any) -> dict[str, Any]:
        calls.append((element, action, dict(parameters)))
        return {"quota_left": 3}

    walk = Walk(serving().load(), call, district="130402")
    assert calls == [("ask", "permits/quota", {"district": "130402"})]
    assert walk.step.variables == {"district": "130402", "quota_left": 3}
    assert [token.element for token in walk.step.opened] == ["review"]
    walk = Walk(serving().load(), lambda *_: {"quota_left": 0})
    assert walk.step.ended == "full"
    assert walk.step.stage == Words("名额已满", "Full")


def test_a_service_task_after_waits_for_its_work() -> None:
    walk = Walk(serving("after").load(), district="130402")
    token = Token("ask", 1, "work", "permits/quota", {"district": "130402"})
    assert walk.step.opened == (token,)
    assert tokens(walk.definition, walk.step.state) == (token,)
    walk.do("ask", quota_left=1)
    assert [token.element for token in walk.step.opened] == ["review"]
    assert walk.step.variables["quota_left"] == 1


@pytest.mark.parametrize(
    "result", [None, {}, {"quota_left": "3"}, {"quota_left": True}, {"quota_left": 1, "x": 1}]
)
def test_a_hook_returns_exactly_what_it_declares(result: Any) -> None:
    with pytest.raises(Faulty) as caught:
        Walk(serving().load(), lambda *_: result)
    assert (caught.value.element, caught.value.code) == ("ask", "bad_return")


def test_a_hook_may_return_nothing_for_a_value_and_a_whole_number_for_a_fraction() -> None:
    drawing = Drawing().start().service("scan", "permits/scan").end().line("begin", "scan", "done")
    walk = Walk(drawing.load()).do("scan", pages=None, grade=3)
    assert walk.step.variables == {"pages": None, "grade": 3}
    assert walk.step.ended == "done"


def test_the_no_of_a_hook_passes_through() -> None:
    def call(*_: Any) -> None:
        raise Refused("名额已满", "No quota left")

    with pytest.raises(Refused, match="名额已满"):
        Walk(serving().load(), call)


def test_an_outcome_raised_without_a_boundary_is_a_fault() -> None:
    def call(*_: Any) -> None:
        raise Outcome("full")

    with pytest.raises(Faulty) as caught:
        Walk(serving().load(), call)
    assert caught.value.code == "no_boundary"


def test_the_outcome_stays_with_work_that_lies_between() -> None:
    drawing = (
        Drawing()
        .start()
        .task("review", outcomes="approve=同意; return=退回")
        .service("print", "platform/document", template='"permits/form"')
        .xor("decided", default="good")
        .end()
        .end("back")
        .line("begin", "review", "print", "decided")
        .flow("decided", "back", 'outcome == "return"')
        .flow("decided", "done", id="good")
    )
    for outcome, end in (("approve", "done"), ("return", "back")):
        walk = Walk(drawing.load()).do("review", outcome)
        assert walk.step.opened[0].parameters == {"template": "permits/form"}
        assert walk.do("print").step.ended == end


def test_a_script_assigns_line_by_line() -> None:
    drawing = (
        Drawing(form="permits/fee")
        .start()
        .script("sums", "total = fee * 2", "", "  large = total > 10")
        .end()
        .line("begin", "sums", "done")
    )
    assert Walk(drawing.load(), fee=6).step.variables == {"fee": 6, "total": 12, "large": True}
    with pytest.raises(Faulty) as caught:
        Walk(drawing.load(), fee="six")
    assert (caught.value.element, caught.value.code) == ("sums", "type")
    assert caught.value.parameters["text"] == "fee * 2"


def test_a_variable_not_yet_set_is_nothing() -> None:
    drawing = (
        Drawing(form="permits/fee")
        .start()
        .script("known", "has_fee = fee is not None")
        .end()
        .line("begin", "known", "done")
    )
    assert Walk(drawing.load()).step.variables == {"has_fee": False}


def test_a_join_that_waits_may_declare_the_stage() -> None:
    drawing = (
        Drawing()
        .start()
        .both("split")
        .task("a", stage="办理中|Working")
        .task("b")
        .both("join", stage="待会合|Waiting for the other")
        .end()
        .line("begin", "split", "a", "join", "done")
        .line("split", "b", "join")
    )
    walk = Walk(drawing.load())
    assert walk.step.stage == Words("办理中", "Working")
    assert walk.do("a").step.stage == Words("待会合", "Waiting for the other")
    assert walk.do("b").step.ended == "done"


def test_the_library_is_given_nothing_that_evaluates_text() -> None:
    engine = Run(review().load(), {}, None, None).script_engine
    for way in (engine.evaluate, engine.execute, engine.call_service):
        with pytest.raises(Faulty):
            way(None, "__import__('os').system('id')")


@pytest.mark.parametrize("value", [[1], {"a": 1}, 1e16, 10**16, "x" * 2_001, float("nan"), b"x"])
def test_only_short_scalars_become_variables(value: Any) -> None:
    with pytest.raises(Faulty) as caught:
        start(review().load(), {"project": value}, never_called, NOW)
    assert caught.value.code == "not_a_scalar"


def test_the_stage_is_what_the_last_token_declares() -> None:
    drawing = (
        Drawing()
        .start()
        .task("apply", stage="填报中|Drafting")
        .task("check")
        .task("review", "manualTask", stage="待审核|Awaiting review")
        .end(stage="已通过|Passed")
        .line("begin", "apply", "check", "review", "done")
    )
    walk = Walk(drawing.load())
    assert walk.step.stage == Words("填报中", "Drafting")
    assert walk.do("apply").step.stage is None
    assert walk.do("check").step.stage == Words("待审核", "Awaiting review")
    assert walk.do("review").step.stage == Words("已通过", "Passed")
