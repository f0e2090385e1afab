"""States are small, survive a round trip, and betray every damage; those of earlier releases load."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from app.platform.engine import Bundle, Corrupt, Definition, Fuse, complete, fire, load, start, tokens
from app.platform.engine import run as running
from app.platform.engine.codec import MAGIC, pack, unpack
from tests.platform.engine.blocks import Drawn
from tests.platform.engine.drawing import HOUSE, NOW, Drawing, Walk, never_called, review
from tests.platform.engine.nested import Events, Nested, inner, loop, refers, timer

STATES = Path(__file__).parent / "states"


def test_a_state_is_small_and_packs_the_same_again() -> None:
    walk = Walk(review().load(), project="robots").do("apply")
    assert len(walk.step.state) < 200
    assert pack(unpack(walk.definition, walk.step.state)) == walk.step.state


def test_one_flipped_byte_is_found_wherever_it_is() -> None:
    walk = Walk(review().load(), project="robots").do("apply")
    state = walk.step.state
    for place in range(len(state)):
        for mask in (0x01, 0x80, 0xFF):
            damaged = state[:place] + bytes([state[place] ^ mask]) + state[place + 1 :]
            with pytest.raises(Corrupt):
                tokens(walk.definition, damaged)
    for cut in range(len(state)):
        with pytest.raises(Corrupt):
            tokens(walk.definition, state[:cut])


def signed(body: bytes, version: int = 1) -> bytes:
    marked = bytes([version]) + body
    return MAGIC + zlib.crc32(marked).to_bytes(4, "big") + marked


ROOT = '[-1,":origin","c"]'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'["permits_other","000001",{},[]]',
        b'["permits_test","000001",{},[]]',
        b'["permits_test","xyz",{},[%s]]' % ROOT.encode(),
        b'["permits_test","000001",[],[%s]]' % ROOT.encode(),
        b'["permits_test","000001",{"a":[1]},[%s]]' % ROOT.encode(),
        b'["permits_test","000001",{"a":NaN},[%s]]' % ROOT.encode(),
        b'["permits_test","000001",{},[[-1,"nowhere","c"]]]',
        b'["permits_test","000001",{},[[0,":origin","c"]]]',
        b'["permits_test","000001",{},[%s,[5,"apply","r","000001"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[-1,"apply","r","000001"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[0,"apply","x","000001"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[0,"apply","r"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[0,"apply","c","000001"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[0,"decided","r","000001"]]]' % ROOT.encode(),
        b'["permits_test","000001",{},[%s,[0,"apply","r","000001",null,7]]]' % ROOT.encode(),
    ],
)
def test_a_forged_state_is_refused(body: bytes) -> None:
    with pytest.raises(Corrupt):
        tokens(review().load(), signed(body))


def test_a_state_of_a_later_format_is_refused() -> None:
    with pytest.raises(Corrupt, match="format 3"):
        tokens(review().load(), signed(b"[]", 3))


def test_a_state_too_large_is_never_written() -> None:
    with pytest.raises(Fuse) as caught:
        start(review().load(), {f"v{i}": "x" * 2_000 for i in range(2_700)}, never_called, NOW)
    assert caught.value.kind == "bytes"


@pytest.mark.parametrize(("limit", "kind"), [("MOST_STEPS", "steps"), ("MOST_SECONDS", "seconds")])
def test_a_step_that_does_not_end_is_stopped(limit: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, limit, -1)
    with pytest.raises(Fuse) as caught:
        start(review().load(), {}, never_called, NOW)
    assert caught.value.kind == kind


def test_the_time_a_hook_takes_does_not_stop_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuse is for what the diagram does; a hook that writes to a thousand instances may take its time."""
    clock = [0.0]
    monkeypatch.setattr(running.time, "monotonic", lambda: clock[0])
    drawn = (
        Drawing("permits_slow", form="permits/apply")
        .start()
        .service("send", "permits/quota", when="now")
        .task("apply")
        .end()
        .line("begin", "send", "apply", "done")
    )

    def slow(element: str, action: str, given: object) -> dict[str, int]:
        clock[0] += 100 * running.MOST_SECONDS
        return {"quota_left": 3}

    assert start(drawn.load(), {}, slow, NOW).opened


def waiting() -> Drawing:
    """Work and people side by side: everything a state can hold."""
    return (
        Drawing("permits_waiting", form="permits/apply")
        .start()
        .task("apply", outcomes="submit=提交|Submit; draft=存稿|Keep")
        .both("split")
        .service("print", "platform/document", template='"permits/" + project')
        .task("check")
        .task("sign")
        .both("join")
        .end()
        .line("begin", "apply", "split", "print", "join", "done")
        .line("split", "check", "join")
        .line("split", "sign", "join")
    )


def everything() -> Nested:
    """Scopes in scopes, events on edges and beside, bodies with variables of their own: all a state can hold."""
    part = (
        inner("p").task("look").edge("p_late", "look", timer("P1D"), stops=False).task("note").end("p_noted")
    )
    part.line("p_begin", "look", "p_done").line("p_late", "note", "p_noted")
    each = inner("e").task("ask", assignee="variable:item").line("e_begin", "ask", "e_done")
    react = Nested().event("startEvent", "r_begin", refers("message", "stop"), 'isInterrupting="false"')
    react.task("react").end("r_done").line("r_begin", "react", "r_done")
    drawn = Nested("permits_everything", form="permits/apply").start().end().names("message", "stop", "yes")
    drawn.task("apply").both("split").both("join").sub("part", part).edge("late", "part", timer("P5WD")).end(
        "too_late"
    )
    drawn.sub("many", each, loop(items="district")).beside("beside", react)
    drawn.event("eventBasedGateway", "first").catch("reply", refers("message", "yes"), correlation="project")
    drawn.catch("tired", timer("2027-01-01", "timeDate")).xor("either").xor("either_part")
    drawn.line("begin", "apply", "split", "part", "either_part", "join", "done").line("late", "either_part")
    drawn.line("split", "many", "join").line("split", "first", "reply", "either", "join").line(
        "first", "tired", "either"
    )
    drawn.parts = [part for part in drawn.parts if 'id="too_late"' not in part]
    return drawn


def everywhere() -> Events:
    """An instance of it with a token in every kind of place; one stands in for a task done before."""
    walk = Events(everything().load(), project="robots", district="a, b, c").do("apply")
    return walk.fires("p_late").fires("r_begin").do("ask").back("look", "apply", straight=True)


@pytest.mark.parametrize("folder", sorted(path.name for path in STATES.iterdir()))
def test_states_of_every_release_load_and_go_on(folder: str) -> None:
    at = STATES / folder
    expected = json.loads((at / "expected.json").read_text())
    definition = load(
        Bundle(expected["process"], {"permits/chain.bpmn": (at / "chain.bpmn").read_bytes()}), HOUSE
    )
    assert isinstance(definition, Definition)
    state = (at / "instance.state").read_bytes()
    open_ones = [
        [token.element, token.visit, token.kind, token.action, token.parameters and dict(token.parameters)]
        for token in tokens(definition, state)
    ]
    assert open_ones == expected["tokens"]
    ended = None
    while open_tokens := tokens(definition, state):
        token = min(open_tokens, key=lambda each: ("user work timer".find(each.kind) % 20, each.visit))
        if token.kind in ("user", "work"):
            step = complete(definition, state, token.element, token.visit, None, {}, never_called, NOW)
        else:
            step = fire(definition, state, token.element, token.visit, {}, never_called, NOW)
        state, ended = step.state, step.ended
    assert ended == expected["end"]
    assert step.variables == expected["variables"]


def test_this_release_still_writes_what_its_fixture_holds() -> None:
    """A change of the format needs a new number and a new fixture beside the old one."""
    at = STATES / "format-2"
    assert (at / "chain.bpmn").read_text() == everything().text()
    assert (at / "instance.state").read_bytes() == everywhere().step.state


def test_an_ended_instance_keeps_no_tokens() -> None:
    walk = Walk(Drawn(("and", ("task",), ("task",))).definition)
    for element in sorted(walk.open):
        walk.do(element)
    run = unpack(walk.definition, walk.step.state)
    assert run.completed
    assert len(run.tasks) == 1
