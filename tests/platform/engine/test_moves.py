"""Whatever people and clocks do to a random chain, the engine does what a model says that knows only its blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from app.platform.engine import Immovable, Step, add, complete, fire, move, rooms, start, targets, tokens
from app.platform.engine.moving import repair
from tests.platform.engine.drawing import NOW, never_called
from tests.platform.engine.play import Play, Spot
from tests.platform.engine.scenes import ITEMS, Scene, Shape, decision, scenes

MOST_BYTES = 6_000
VERBS = 3 * ("complete",) + 2 * ("fire",) + 2 * ("back",) + 2 * ("straight",) + 2 * ("repair",) + 2 * ("add",)
Command = tuple[int, int, int]
COMMANDS = st.tuples(st.integers(0, len(VERBS) - 1), st.integers(0, 59), st.integers(0, 59))

counted: Counter[str] = Counter()
"""What the histories of this run have come to; the long test prints it (`pytest -s`)."""


class History:
    """One instance, on the engine and in the model, compared after every step."""

    def __init__(self, shape: Shape) -> None:
        self.scene = Scene(shape)
        self.definition = self.scene.definition
        self.play = Play(self.scene.root)
        self.known: list[Spot] = []
        self.items = 0
        rings = [part.ring for part in self.scene.root.walk() if part.ring]
        self.addable = sorted([*self.play.places, *rings])
        self.step = start(self.definition, ITEMS, never_called, NOW)
        counted["instances"] += 1
        self.compare()

    def compare(self) -> None:
        """What waits, what opened and closed, and whether it has ended must be what the model says."""
        spots, step = self.play.spots(), self.step
        new = [spot for spot in spots if spot.visit is None]
        gone = [spot for spot in self.known if spot not in spots]
        opened = {(each.element, items(each)): each for each in step.opened}
        assert sorted(opened) == sorted(spot.name for spot in new), "opened"
        assert len(opened) == len(step.opened)
        for spot in new:
            spot.visit = opened[spot.name].visit
        assert sorted((t.element, t.visit) for t in step.closed) == sorted(
            (s.label, s.visit) for s in gone
        ), "closed"
        live = tokens(self.definition, step.state)
        assert {(t.element, t.visit, items(t), t.kind == "timer") for t in live} == {
            (spot.label, spot.visit, spot.name[1], spot.is_timer) for spot in spots
        }, "live"
        assert len(live) == len(spots)
        assert step.ended == ("done" if self.play.ended else None), "ended"
        assert live or step.ended, "stuck"
        assert len(step.state) < MOST_BYTES + 200 * max(0, len(live) - 20)
        self.known = spots

    def obey(self, verb: str, which: int, choice: int) -> None:
        """Do what a command says, as far as there is something to do it to."""
        spots = [spot for spot in self.known if spot.is_timer or verb != "fire"]
        spots = [spot for spot in spots if not spot.is_timer or verb not in ("complete", "straight")]
        if not spots:
            return
        if verb in ("back", "straight") and choice % 4:  # else who has nowhere to go is asked, too
            spots = [spot for spot in spots if self.play.targets(spot)] or spots
        spot = spots[which % len(spots)]
        if verb == "complete":
            self.complete(spot, choice)
        elif verb == "fire":
            self.fire(spot)
        elif verb == "add":
            self.add(spot, choice)
        elif verb == "repair":
            places = sorted(self.play.places)
            if choice % 4:  # else any element there is
                places = [place for place in places if self.play.may_repair(spot, place)] or places
            self.repair(spot, places[choice % len(places)])
        else:
            self.look(spot)
            self.send_back(spot, choice, verb == "straight")

    def complete(self, spot: Spot, choice: int) -> None:
        outcome, variables = decision(self.scene.tasks[spot.label], choice)
        self.does("completions", complete, spot.label, spot.visit, outcome, variables)
        spot.act.complete(choice)
        self.compare()

    def fire(self, spot: Spot) -> None:
        self.does("timers fired" if spot is spot.act.stop else "side flows", fire, spot.label, spot.visit, {})
        spot.act.fire(spot)
        self.compare()

    def look(self, spot: Spot) -> None:
        """The targets offered must be the model's."""
        offered = targets(self.definition, self.step.state, spot.label, spot.visit or 0)
        assert {task for task, because in offered.items() if because is None} == self.play.targets(spot), (
            "targets"
        )
        assert set(offered) == set(self.scene.tasks) - {spot.label}

    def send_back(self, spot: Spot, choice: int, straight: bool) -> None:
        allowed = sorted(self.play.targets(spot))
        if not allowed or choice % 8 == 7:  # ask for one there is no way to
            wrong = sorted(set(self.scene.tasks) - set(allowed))
            with pytest.raises(Immovable):
                self.does("refused", move, (spot.label, spot.visit), wrong[choice % len(wrong)])
            return
        target = allowed[choice % len(allowed)]
        if straight:
            self.does("straight backs", move, (spot.label, spot.visit), target, straight_back=True)
            spot.act.stand_in(target)
        else:
            self.does("returns", move, (spot.label, spot.visit), target)
            self.play.send_back(spot, target)
        self.compare()

    def repair(self, spot: Spot, target: str) -> None:
        if not self.play.may_repair(spot, target):
            with pytest.raises(Immovable):
                self.does("refused", repair, (spot.label, spot.visit), target)
            return
        self.does("repairs", repair, (spot.label, spot.visit), target)
        self.play.repair(spot, target)
        self.compare()

    def add(self, spot: Spot, choice: int) -> None:
        """One token more; the rooms offered must be the model's."""
        able = [target for target in self.addable if self.play.room(spot, target) is not None]
        here, _ = rooms(self.definition, self.step.state)
        anywhere = {t for t in self.addable if any(self.play.room(other, t) for other in self.known)}
        assert {each.element for each in here} & set(self.addable) == anywhere, "rooms"
        target = (able or self.addable)[choice % len(able or self.addable)]
        self.items += 1
        item, put = f"更{self.items}", self.play.room(spot, target)
        if put is None:
            with pytest.raises(Immovable):
                self.does("refused", add, (spot.label, spot.visit), target, item=item)
            return
        self.does("added", add, (spot.label, spot.visit), target, item=item)
        put(item)
        self.compare()

    def does(self, what: str, verb: Callable[..., Step], *given: Any, **more: Any) -> None:
        counted[what] += 1
        self.step = verb(self.definition, self.step.state, *given, never_called, NOW, **more)

    def walk_out(self) -> None:
        """Complete whatever is open, until it ends."""
        for _ in range(2_000):
            if self.play.ended:
                return
            task = next(spot for spot in self.known if not spot.is_timer)
            self.complete(task, 0)
        raise AssertionError("it never ended")


def items(token: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in token.own.items() if name != "loop_index"))


def live_through(shape: Shape, commands: list[Command]) -> None:
    note(f"{shape!r}, {commands!r}")
    history = History(shape)
    for verb, which, choice in commands:
        history.obey(VERBS[verb], which, choice)
        if history.play.ended:
            return
    history.walk_out()


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenes(), st.lists(COMMANDS, min_size=5, max_size=40))
def test_any_chain_does_what_its_blocks_say_whatever_is_done_to_it(
    shape: Shape, commands: list[Command]
) -> None:
    live_through(shape, commands)


@pytest.mark.long
def test_many_chains_do_what_their_blocks_say() -> None:
    @settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scenes(), st.lists(COMMANDS, min_size=12, max_size=80))
    def walk(shape: Shape, commands: list[Command]) -> None:
        live_through(shape, commands)

    counted.clear()
    walk()
    print(dict(counted))
