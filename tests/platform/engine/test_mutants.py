"""A test that lets broken engines pass proves nothing: each of these is broken on purpose, and is caught."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.platform.engine import moving, step
from app.platform.engine.elements.inclusive_gateway import Inclusive
from app.platform.engine.machine import WAITING, Joining, Side, Station, Token
from app.platform.engine.net import DONE, Graph
from app.platform.engine.run import Run
from tests.platform.engine.nested import Events, Nested, timer
from tests.platform.engine.scenes import Shape, scenes
from tests.platform.engine.test_moves import COMMANDS, Command, live_through

Patch = pytest.MonkeyPatch


def nothing(*_given: Any, **_more: Any) -> None:
    """Do nothing."""


def only_the_source(patch: Patch) -> None:
    patch.setattr(moving, "_cut_after", lambda run, source, _target: run.cut(source))


def everything(patch: Patch) -> None:
    def cut(run: Run, source: Token, _target: str) -> None:
        for token in moving.of_scope(run, source.scope):
            if token.id in run.tasks:
                run.cut(token)

    patch.setattr(moving, "_cut_after", cut)


def no_side_flows(patch: Patch) -> None:
    whole = moving.of_scope

    def of_scope(run: Run, scope: Token | None) -> list[Token]:
        return [token for token in whole(run, scope) if not isinstance(token.task_spec, Side)]

    patch.setattr(moving, "of_scope", of_scope)


def no_guards(patch: Patch) -> None:
    patch.setattr(Run, "disarm", nothing)


def still_armed(patch: Patch) -> None:
    whole, disarm = moving._stand_in, Run.disarm

    def stand_in(run: Run, token: Token, target: str) -> None:
        patch.setattr(Run, "disarm", nothing)
        whole(run, token, target)
        patch.setattr(Run, "disarm", disarm)

    patch.setattr(moving, "_stand_in", stand_in)


def arrivals_lost(patch: Patch) -> None:
    prune = Run.prune

    def lose(run: Run) -> None:
        for token in [t for t in run.tasks.values() if t._state == WAITING]:
            run.cut(token)
        prune(run)

    patch.setattr(Run, "prune", lose)


def arrivals_kept(patch: Patch) -> None:
    whole = Joining._update_hook

    def update(self: Joining, token: Token) -> bool:
        run, cut = token.workflow, token.workflow.cut
        run.cut = nothing
        try:
            return whole(self, token)
        finally:
            run.cut = cut

    patch.setattr(Joining, "_update_hook", update)


def the_first_arrival(patch: Patch) -> None:
    patch.setattr(Inclusive, "may_fire", lambda *_given: True)


def popped_from_below(patch: Patch) -> None:
    def come_back(run: Run, token: Token) -> None:
        assert token.back is not None
        token.back.pop(0)
        if token.back:
            run.open(token)
            return
        run.put(token.parent, token.task_spec.name)
        run.cut(token)

    patch.setattr(step, "_come_back", come_back)


def onward_instead(patch: Patch) -> None:
    def come_back(_run: Run, token: Token) -> None:
        token.back = None
        token.run()

    patch.setattr(step, "_come_back", come_back)


def not_opened_again(patch: Patch) -> None:
    patch.setattr(moving, "_open", lambda run, root, path: run.put(root, path[-1]))


def deadlines_overlooked(patch: Patch) -> None:
    """As if no event ever broke anything off: tasks seem passed for certain that were not."""
    whole = Graph.__init__

    def draw(self: Graph, net: Any, scope: str | None, entries: Iterable[str]) -> None:
        whole(self, net, scope, entries)
        for name, others in self.after.items():
            if name and not name.endswith(DONE):
                for boundary in [other for other in others if not other.endswith(DONE)]:
                    for after in self.after[boundary + DONE]:
                        self.before[after].remove(boundary + DONE)

    patch.setattr(Graph, "__init__", draw)


def out_of_blocks(patch: Patch) -> None:
    """A repair that leaves a block takes one token only."""
    patch.setattr(moving, "place_of", lambda _run, _token: "nowhere")


def not_armed_again(patch: Patch) -> None:
    arm = Run.arm

    def once(run: Run, host: Token, events: Iterable[Station], inside: bool = False) -> None:
        if run.last_visit < 6:
            arm(run, host, events, inside)

    patch.setattr(Run, "arm", once)


MUTANTS: dict[str, Callable[[Patch], None]] = {
    "a return cuts only its source": only_the_source,
    "a return cuts what lies beside, too": everything,
    "a return leaves side flows": no_side_flows,
    "guards outlive what they guard": no_guards,
    "a stand-in keeps its timers": still_armed,
    "who waits at a join is forgotten": arrivals_lost,
    "a join does not consume": arrivals_kept,
    "an inclusive join waits for nobody": the_first_arrival,
    "stand-ins are answered in the wrong order": popped_from_below,
    "after a stand-in the chain goes on": onward_instead,
    "a finished sub-process is not opened again": not_opened_again,
    "what a deadline broke off counts as passed": deadlines_overlooked,
    "a repair leaves half a block": out_of_blocks,
    "timers are not armed again": not_armed_again,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_an_engine_is_caught_in_which(name: str, monkeypatch: Patch) -> None:
    MUTANTS[name](monkeypatch)
    assert fails(), "no history told it from a sound engine"


def test_an_engine_is_caught_that_overlooks_the_end_of_an_event_sub_process(monkeypatch: Patch) -> None:
    """Where it has interrupted everything, nobody waits at the end who would see it."""
    part = Nested().event("startEvent", "e_begin", timer("P1D")).task("react").end("e_done")
    drawn = Nested().start().end().task("ask").beside("e", part.line("e_begin", "react", "e_done"))  # type: ignore[arg-type]
    definition = drawn.line("begin", "ask", "done").load()
    assert Events(definition).fires("e_begin").do("react").step.ended == "e_done"
    monkeypatch.setattr(Run, "look_again", nothing)
    assert Events(definition).fires("e_begin").do("react").step.ended is None


def fails() -> bool:
    """Whether any of some histories, always the same, goes wrong."""

    @settings(
        max_examples=1_500,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(scenes(), st.lists(COMMANDS, min_size=12, max_size=60))
    def walk(shape: Shape, commands: list[Command]) -> None:
        live_through(shape, commands)

    try:
        walk()
    except Exception:
        return True
    return False
