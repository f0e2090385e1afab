"""What may be done to a token by hand: the places said are those it can be put at, and nothing is left waiting."""

from __future__ import annotations

import pytest

from app.platform import engine
from tests.platform.engine.drawing import NOW, Drawing, never_called
from tests.platform.engine.nested import Nested, listening


def forked(kind: str = "both") -> Drawing:
    drawn = Drawing().start().end().task("before").task("left").task("right").task("after")
    getattr(drawn, kind)("split")
    getattr(drawn, kind)("join")
    return drawn.line("begin", "before", "split", "left", "join", "after", "done").line(
        "split", "right", "join"
    )


def at_the_branches() -> tuple[engine.Definition, bytes]:
    definition = forked().load()
    begun = engine.start(definition, {}, never_called, NOW)
    before = engine.tokens(definition, begun.state)[0]
    step = engine.complete(definition, begun.state, "before", before.visit, None, {}, never_called, NOW)
    return definition, step.state


def test_a_place_offered_is_one_the_token_can_be_put_at_and_no_other() -> None:
    definition, state = at_the_branches()
    for token in engine.tokens(definition, state):
        for target, code in engine.places(definition, state, token.element, token.visit).items():
            source = (token.element, token.visit)
            if code is None:
                engine.repair(definition, state, source, target, never_called, NOW)
                continue
            with pytest.raises(engine.Immovable) as caught:
                engine.repair(definition, state, source, target, never_called, NOW)
            assert caught.value.code == code


def test_a_branch_taken_away_is_not_waited_for() -> None:
    definition, state = at_the_branches()
    left, right = engine.tokens(definition, state)
    step = engine.remove(definition, state, (left.element, left.visit), never_called, NOW)
    assert [token.element for token in step.closed] == [left.element]
    after = engine.complete(definition, step.state, right.element, right.visit, None, {}, never_called, NOW)
    assert [token.element for token in after.opened] == ["after"]
    both = engine.remove(definition, step.state, (right.element, right.visit), never_called, NOW)
    assert [token.element for token in both.opened] == ["after"]


def test_the_only_token_cannot_be_taken_away() -> None:
    definition = forked().load()
    state = engine.start(definition, {}, never_called, NOW).state
    (token,) = engine.tokens(definition, state)
    assert engine.removable(definition, state, token.element, token.visit) == "last"
    with pytest.raises(engine.Immovable):
        engine.remove(definition, state, (token.element, token.visit), never_called, NOW)


def test_what_listens_for_the_whole_process_moves_nothing() -> None:
    """The start of an event sub-process is no place: put elsewhere it would be one token more."""
    drawn = Nested().start().end().names("message", "gone").task("ask").task("look")
    drawn.beside("removal", listening("asked", "gone")).line("begin", "ask", "look", "done")
    definition = drawn.load()
    state = engine.start(definition, {}, never_called, NOW).state
    asked, ask = engine.tokens(definition, state)
    assert (ask.guards, asked.guards, asked.host) == (False, True, None)
    assert set(engine.places(definition, state, asked.element, asked.visit).values()) == {"not_here"}
    with pytest.raises(engine.Immovable):
        engine.repair(definition, state, (asked.element, asked.visit), "look", never_called, NOW)
