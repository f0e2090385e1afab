"""What a chain of nested blocks does, told without the engine: it knows the tree of blocks and nothing else.

No graph, no tokens, no joins. `Play` is an instance: acts, one for each block in motion, and spots, the places
where it waits. `certain` says which tasks have been passed once a block is done; the rest of return, straight
back and repair follows from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.platform.engine.scenes import Part

SCOPES = ("root", "sub", "call", "body", "side")


@dataclass(eq=False)
class Spot:
    """A place where the instance waits: a task, an event, or a timer on an edge. `visit`: what the engine calls it."""

    label: str
    act: Act
    is_timer: bool = False
    visit: int | None = None

    @property
    def name(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Its element, and the items of the bodies it stands in."""
        return self.label, self.act.own


@dataclass(eq=False)
class Act:
    """A block in motion. `back`: the tasks its own task stands in for; `sides`: side flows begun in a scope.

    `extra`: the items by which there are more instances than drawn.
    """

    part: Part
    above: Act | None
    own: tuple[tuple[str, str], ...] = ()
    inner: list[Act] = field(default_factory=list)
    sides: list[Act] = field(default_factory=list)
    task: Spot | None = None
    stop: Spot | None = None
    ring: Spot | None = None
    back: list[str] = field(default_factory=list)
    events: list[Spot] = field(default_factory=list)
    begun: int = 0
    extra: list[str] = field(default_factory=list)
    ended: bool = False

    # ── in and out ────────────────────────────────────────────────────────────────────────────────────────────

    def enter(self) -> None:
        """Put a token in."""
        kind = self.part.kind
        if kind in ("task", "xor", "or", "catch"):
            self.ask()
        elif kind == "choice":
            self.events = [Spot(label, self) for label in self.part.events]
        elif kind == "and":
            self.open(self.part.inner)
        elif kind == "many":
            self.begun = 1 if self.part.one_by_one and self.part.size else self.part.size
            self.open([self.part.inner[0]] * self.begun)
        else:
            self.arm()
            self.open(self.part.inner[:1])

    def open(self, parts: Iterable[Part | None]) -> None:
        """Put a token into each of `parts`; where there are none, it has come out."""
        self.inner = [self.child(part, place) for place, part in enumerate(parts) if part is not None]
        if not self.inner:
            self.leave()
        for act in list(self.inner):
            act.enter()

    def child(self, part: Part, place: int) -> Act:
        own = self.own
        if part.kind == "body":
            own = tuple(sorted([*own, (self.part.item, [*"abc"[: self.part.size], *self.extra][place])]))
        return Act(part, self, own)

    def ask(self) -> None:
        self.task = Spot(self.part.label or self.part.key, self)

    def arm(self) -> None:
        self.stop = Spot(self.part.stop, self, True) if self.part.stop else None
        self.ring = Spot(self.part.ring, self, True) if self.part.ring else None

    def leave(self) -> None:
        """The token has come out."""
        self.ended = True
        self.task = self.stop = self.ring = None
        self.events = []
        if self.above is None:
            return
        if self in self.above.sides:
            self.above.sides.remove(self)
            if not self.above.inner and not self.above.sides:
                self.above.leave()
        else:
            self.above.came_out(self)

    def came_out(self, act: Act) -> None:
        """A token has come out of a part."""
        self.inner.remove(act)
        kind, part = self.part.kind, self.part
        if kind == "seq" and act.part is not part.inner[-1]:
            following = part.inner[part.inner.index(act.part) + 1]
            self.open([following])
        elif kind == "loop":
            self.ask()
        elif kind == "many" and part.one_by_one and self.begun < part.size + len(self.extra):
            self.inner = [self.child(act.part, self.begun)]
            self.begun += 1
            self.inner[0].enter()
        elif not self.inner and not self.sides:
            self.leave()

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────

    def complete(self, choice: int) -> None:
        """Its task is done, with `choice`."""
        if self.back:
            self.back.pop()
            self.task = Spot(self.back[-1] if self.back else self.part.label, self)
            if not self.back and self.guard is not None:
                self.guard.arm()
            return
        self.task = None
        kind, ways = self.part.kind, self.part.inner
        if kind == "task" or (kind == "loop" and choice % 2 == 0):
            self.leave()
        elif kind == "loop":
            self.open(ways)
        elif kind == "xor":
            self.open([ways[choice % len(ways)]])
        else:
            taken = [
                way for place, way in enumerate(ways[:-1]) if choice >> place & 1
            ]  # the last is the default
            self.open(taken or [ways[-1]])

    def fire(self, timer: Spot) -> None:
        """One of its timers has come."""
        is_scope = self.part.kind in SCOPES
        if timer is self.stop:
            self.inner, self.sides, self.stop = [], [], None
            if not is_scope:
                self.leave()
                return
        self.ring = None
        self.run_beside()

    def run_beside(self) -> None:
        """Begin its side flow, in the scope it lies in or is."""
        assert self.part.side is not None
        scope = self if self.part.kind in SCOPES else self.scope
        scope.sides.append(Act(self.part.side, scope, self.own))
        scope.sides[-1].enter()

    def come(self, event: Spot) -> None:
        """The event it has waited for has come, or one of them."""
        if self.part.kind == "catch":
            self.leave()
            return
        way = self.events.index(event)
        self.events = []
        self.open(self.part.inner[way : way + 1])

    def stand_in(self, label: str) -> None:
        """Ask `label` instead, where it stands."""
        self.back.append(label)
        self.task = Spot(label, self)
        if self.guard is not None:
            self.guard.stop = self.guard.ring = None

    def one_more(self, item: str) -> None:
        """One instance more, at once or as the last of the row."""
        self.extra.append(item)
        if not self.part.one_by_one:
            assert self.part.inner[0] is not None
            self.inner.append(self.child(self.part.inner[0], self.begun))
            self.begun += 1
            self.inner[-1].enter()

    def begin_at(self, chain: list[Part], label: str) -> None:
        """Put a token at the task `label` (or the element of that key) of the last of `chain`, which begins here."""
        self.task, self.inner, self.back, self.sides, self.events = None, [], [], [], []
        if len(chain) == 1:
            if self.part.kind == "loop":
                self.ask()
            else:
                self.enter()
            return
        if self.part.kind in ("timed", *SCOPES):
            self.arm()
        self.inner = [self.child(chain[1], 0)]
        self.inner[0].begin_at(chain[1:], label)

    # ── where it is ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def guard(self) -> Act | None:
        """The block whose timers stand on its edge."""
        return self.above if self.above is not None and self.above.part.kind == "timed" else None

    @property
    def scope(self) -> Act:
        """The process, sub-process, body or side flow it lies in."""
        at = self.above
        while at is not None and at.part.kind not in SCOPES:
            at = at.above
        assert at is not None
        return at

    def inside(self) -> Iterator[Act]:
        """The blocks in motion in it, but not in a scope in it."""
        for act in self.inner:
            yield act
            if act.part.kind not in (*SCOPES, "many"):
                yield from act.inside()

    def spots(self) -> Iterator[Spot]:
        """Where it waits, and all in it."""
        yield from (spot for spot in (self.task, *self.events, self.stop, self.ring) if spot is not None)
        for act in [*self.inner, *self.sides]:
            yield from act.spots()


def certain(part: Part) -> set[str]:
    """The tasks and sub-processes that have been passed for certain once `part` is done."""
    if part.kind in ("task", "many", "catch"):
        return {part.key}
    if part.kind in ("xor", "or"):
        return {part.label}
    if part.kind in ("and", "choice"):
        return set()
    if part.kind == "timed" and part.stop:
        assert part.inner[0] is not None
        return {part.inner[0].key}  # it was reached; whether it was done nobody knows
    if part.stop:
        return {part.key}  # it may have ended by its event
    inside = set().union(*(certain(each) for each in part.inner if each is not None))
    return inside | ({part.key} if part.key else set())


def passed(part: Part, label: str, *, here: bool = False) -> set[str]:
    """What has been passed for certain where the task `label` of `part`, or `part`, waits; `here`: in its scope."""
    found: set[str] = set()
    if part.kind == "loop" and label == part.label:
        assert part.inner[0] is not None
        found |= certain(part.inner[0])
    at = part
    while at.above is not None and not (here and at is not part and at.kind in SCOPES):
        up = at.above
        if at.kind == "side":  # from a side flow only out of the whole it runs in
            at = next(each for each in reversed(up.chain()) if each.kind in SCOPES)
            continue
        if up.kind == "seq":
            for each in up.inner[: up.inner.index(at)]:
                assert each is not None
                found |= certain(each)
        elif up.kind in ("xor", "or"):
            found.add(up.label)
        at = up
    return found


class Play:
    """An instance of a scene."""

    def __init__(self, root: Part) -> None:
        self.root = Act(root, None)
        self.places = {each.key: each for each in root.walk() if each.key}
        self.root.enter()

    @property
    def ended(self) -> bool:
        return self.root.ended

    def spots(self) -> list[Spot]:
        return [] if self.ended else list(self.root.spots())

    def place(self, spot: Spot) -> Act:
        """The act a spot counts at: its own, or the host's."""
        return spot.act.inner[0] if spot.is_timer and spot.act.part.kind == "timed" else spot.act

    def targets(self, spot: Spot) -> set[str]:
        """The tasks a spot may be sent back to."""
        at = self.place(spot).part
        found = passed(at, at.label if not spot.is_timer else "")
        return {key for key in found if self.places[key].label} - {spot.label}

    def send_back(self, spot: Spot, target: str) -> None:
        """Return: what `target` dominates goes, and it is asked afresh."""
        scope, part = self.place(spot).scope, self.places[target]
        while part not in scope.part.walk() or self._is_beside(scope, part):
            scope = scope.scope
        chain = part.chain()
        chain = chain[chain.index(scope.part) + 1 :]
        first = next((each for each in chain if each.kind in ("sub", "call")), part)
        act = scope.inner[0]
        while below := [each for each in act.inner if first in each.part.walk()]:
            act = below[0]
        scope.sides = [side for side in scope.sides if not self._follows(side.part, first.key)]
        act.begin_at(chain[chain.index(act.part) :], target)

    @staticmethod
    def _is_beside(scope: Act, part: Part) -> bool:
        """Whether `part` lies in a side flow, or a body, begun in `scope`."""
        chain = part.chain()
        return any(each.kind in ("side", "body") for each in chain[chain.index(scope.part) + 1 :])

    @staticmethod
    def _follows(side: Part, key: str) -> bool:
        assert side.above is not None
        if side.above.kind in SCOPES:
            return False  # an event sub-process goes only with the whole
        host = side.above.inner[0]
        assert host is not None
        return key == host.key or key in passed(host, "", here=True)

    def may_repair(self, spot: Spot, target: str) -> bool:
        """Whether an administrator may put a spot's token at `target`: in its scope, and not into a block."""
        here, there = self.place(spot).part.chain(), self.places[target].chain()
        scope = self.place(spot).scope.part
        if here[-1].kind == "body":
            return False  # one of several instances has no place of its own
        if next(each for each in reversed(there[:-1]) if each.kind in SCOPES) is not scope:
            return False
        ways = self._ways(there)
        return self._ways(here)[: len(ways)] == ways

    @staticmethod
    def _ways(chain: list[Part]) -> list[Part]:
        """The ways of parallel and inclusive blocks along a chain of one scope, outermost first."""
        last = max(place for place, part in enumerate(chain[:-1]) if part.kind in SCOPES)
        return [
            part for above, part in zip(chain[last:], chain[last + 1 :], strict=False) if above.kind in ("and", "or")
        ]  # fmt: skip

    def repair(self, spot: Spot, target: str) -> None:
        """Put a spot's token at `target`."""
        act = self.place(spot)
        chain = self.places[target].chain()
        ways = self._ways(chain)
        scope = act.scope
        thread = act
        while thread.above is not scope and thread.part not in ways[-1:]:
            assert thread.above is not None
            thread = thread.above
        thread.begin_at(chain[chain.index(thread.part) :], target)

    def room(self, spot: Spot, target: str) -> Callable[[str], None] | None:
        """What puts one token more at `target`, in the innermost scope around a spot that has room for it."""
        at: Act | None = spot.act if spot.is_timer and spot.act.part.kind in SCOPES else spot.act.scope
        while at is not None:
            found = self._room_in(at, target)
            if found is not None:
                return found
            at = at.above
        return None

    def _room_in(self, at: Act, target: str) -> Callable[[str], None] | None:
        if at.part.kind == "many":
            return at.one_more if at.part.key == target else None
        if at.part.kind not in SCOPES:
            return None
        for act in (at, *at.inside()):
            if act.part.ring == target and (act is at or act.part.kind == "timed"):
                return lambda _item: act.run_beside()
        chain = self.places[target].chain() if target in self.places else []
        if at.part not in chain[:-1] or any(
            each.kind in SCOPES for each in chain[chain.index(at.part) + 1 : -1]
        ):
            return None
        ways = self._ways(chain)
        for block in at.inside():
            is_open = ways and block.part is ways[-1].above and block.task is None
            if is_open and ways[-1] not in [act.part for act in block.inner]:
                return lambda _item: self._begin(block, chain[chain.index(ways[-1]) :], target)
        return None

    @staticmethod
    def _begin(block: Act, chain: list[Part], target: str) -> None:
        block.inner.append(block.child(chain[0], 0))
        block.inner[-1].begin_at(chain, target)
