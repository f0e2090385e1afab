"""Random chains with all that nests and waits, drawn as BPMN; what they mean stands apart, in `play`.

A shape is a tuple: `("task",)`, `("seq", a, b)`, `("xor" | "and" | "or", way, way | None)`, `("loop", body)`,
`("sub" | "call", inner, beside)`, `("many", inner, beside, size, one_by_one, "sub" | "call")`, and
`("timed", host, stops, side)`: a task, sub-process, call or multi-instance with a timer that interrupts it
(`stops`), or one whose flow `side` runs beside it, or both. `beside` is an event sub-process that a timer
starts, `(stops, shape)`, or None. On demand also `("catch",)`, which waits for a message, and `("choice", a, b)`: a
message leads to the first, a timer to the second, whichever comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

from hypothesis import strategies as st

from app.platform.engine import Catalogue, FormFacts
from tests.platform.engine.nested import Nested, loop, timer

Shape = tuple[Any, ...]
WAYS, SIZES, LARGEST = 3, 4, 45
ITEMS = {f"items_{size}": ",".join("abc"[:size]) for size in range(SIZES)}
"""The variables multi-instances take their items from: none, one, two or three."""

HOUSE = Catalogue(
    forms={
        "permits/ways": FormFacts(
            frozenset(), {f"way_{i}": "boolean" for i in range(WAYS)} | dict.fromkeys(ITEMS, "text")
        )
    }
)
TASK: Shape = ("task",)


KINDS = (
    3 * ["seq"] + 3 * ["timed"] + ["task", "task", "and", "and", "or", "xor", "loop", "sub", "call", "many"]
)
HOSTS = ["task", "task", "sub", "sub", "call", "many"]
SIDES: list[Shape] = [TASK, ("seq", TASK, TASK), ("sub", TASK, None), ("timed", TASK, False, TASK)]


@st.composite
def scenes(draw: st.DrawFn, depth: int = 3, more: tuple[str, ...] = (), largest: int = LARGEST) -> Shape:
    """A few shapes in a row, nested to `depth`, `largest` at most; of the usual kinds and `more`."""
    drawer = _Drawer(draw, [*KINDS, *more], largest)
    return ("seq", *(drawer.shape(depth, True) for _ in range(draw(st.integers(1, 3)))))


class _Drawer:
    """Draws shapes until there are enough blocks; then only tasks. No multi-instance in another (`several`)."""

    def __init__(self, draw: st.DrawFn, kinds: list[str], largest: int) -> None:
        self.draw, self.kinds, self.left = draw, kinds, largest

    def shape(self, depth: int, several: bool, kinds: list[str] | None = None) -> Shape:
        self.left -= 1
        kind = self.draw(st.sampled_from(kinds or self.kinds)) if depth and self.left > 0 else "task"
        if kind == "catch":
            return (kind,)
        if kind == "choice":
            return (kind, self.shape(depth - 1, several), self.shape(depth - 1, several))
        if kind == "task" or (kind == "many" and not several):
            return TASK
        if kind == "seq":
            return (kind, *(self.shape(depth - 1, several) for _ in range(self.draw(st.integers(2, 3)))))
        if kind == "loop":
            return (kind, self.shape(depth - 1, several))
        if kind in ("sub", "call"):
            return (kind, self.shape(depth - 1, several), self.beside())
        if kind == "many":
            size, one_by_one = self.draw(st.integers(0, SIZES - 1)), self.draw(st.booleans())
            inner, beside = self.shape(depth - 1, False), self.beside()
            return (kind, inner, beside, size, one_by_one, self.draw(st.sampled_from(["sub", "call"])))
        if kind == "timed":
            stops = self.draw(st.booleans())
            side = self.draw(st.sampled_from(SIDES if not stops else [*SIDES, None, None, None, None]))
            return (kind, self.shape(depth, several, HOSTS), stops, side)
        least = WAYS if kind == "or" else 2  # so that two ways besides the default can be taken together
        ways = [self.shape(depth - 1, several) for _ in range(self.draw(st.integers(least, WAYS)))]
        empty = self.draw(st.integers(0, 2 * len(ways)))
        return (kind, *(None if way == empty else each for way, each in enumerate(ways)))

    def beside(self) -> tuple[bool, Shape] | None:
        if self.draw(st.integers(0, 2)):
            return None
        return self.draw(st.booleans()), self.draw(st.sampled_from(SIDES))


@dataclass(eq=False)
class Part:
    """A block as drawn. `label`: the task of its own; `key`: its element, where it is one.

    `stop`, `ring`: the timers on the edge of what it holds, the second with `side` behind it; of a scope, the
    timer that starts the event sub-process `side`. `events`: what a choice waits for, one for each of `inner`.
    """

    kind: str
    inner: list[Part | None] = field(default_factory=list)
    label: str = ""
    key: str = ""
    stop: str = ""
    ring: str = ""
    side: Part | None = None
    item: str = ""
    size: int = 0
    one_by_one: bool = False
    events: tuple[str, ...] = ()
    above: Part | None = None

    def __post_init__(self) -> None:
        for part in [*self.inner, self.side]:
            if part is not None:
                part.above = self

    def chain(self) -> list[Part]:
        """It and all it lies in, outermost first."""
        return [*(self.above.chain() if self.above else []), self]

    def walk(self) -> list[Part]:
        """It and all that lies in it."""
        below = [part for part in [*self.inner, self.side] if part is not None]
        return [self, *(each for part in below for each in part.walk())]


class Scene:
    """A shape as a drawing, and as its tree of blocks."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.numbers = count(1)
        self.others: list[Nested] = []
        self.pen = self._sheet(None)
        part, first, last = self._block(shape)
        self.pen.line("begin", first).line(last, "done")
        self.root = Part("root", [part])
        self.tasks = {each.label: each for each in self.root.walk() if each.label}
        self._drawn()

    def _sheet(self, called: int | None) -> Nested:
        """The paper a process is drawn on: the whole, or the one that `called` calls."""
        if called is None:
            return Nested(form="permits/ways").start().end()
        return Nested(f"called_{called}").start(f"begin{called}").end(f"done{called}")

    def _drawn(self) -> None:
        self.definition = self.pen.load_with(*self.others, house=HOUSE)

    def _ask(self, label: str, *outcomes: str) -> None:
        """Draw a task."""
        given = {"outcomes": "; ".join(outcomes)} if outcomes else {}
        self.pen.task(label, **given)

    def _await(self, label: str) -> None:
        """Draw a catch of the message that is named like it."""
        raise NotImplementedError

    def _several(self, number: int, size: int, one_by_one: bool) -> str:
        return loop(items=f"items_{size}", item=f"item_{number}", one_by_one=one_by_one)

    def _block(self, shape: Shape) -> tuple[Part, str, str]:
        kind, number = shape[0], next(self.numbers)
        if kind == "task":
            self._ask(f"t{number}")
            return Part(kind, label=f"t{number}", key=f"t{number}"), f"t{number}", f"t{number}"
        if kind == "seq":
            inner = [self._block(each) for each in shape[1:]]
            for (_, _, last), (_, first, _) in pairwise(inner):
                self.pen.line(last, first)
            return Part(kind, [each[0] for each in inner]), inner[0][1], inner[-1][2]
        if kind == "loop":
            return self._loop(shape, number)
        if kind == "catch":
            self._await(f"c{number}")
            return Part(kind, key=f"c{number}"), f"c{number}", f"c{number}"
        if kind == "choice":
            return self._choice(shape, number)
        if kind in ("sub", "call"):
            part = Part(kind, key=f"s{number}")
            self._inside(part, kind, shape[1:], number)
            return part, part.key, part.key
        if kind == "many":
            return self._many(shape, number)
        if kind == "timed":
            return self._timed(shape, number)
        return self._ways(shape, number)

    def _inside(self, scope: Part, kind: str, shapes: Shape, number: int, several: str = "") -> None:
        """Draw what lies in `s<number>`: between start and end of its own, or in a file of its own."""
        outer, inside = self.pen, self._sheet(number)
        self.pen = inside
        part, first, last = self._block(shapes[0])
        self.pen.line(f"begin{number}", first).line(last, f"done{number}")
        scope.inner, part.above = [part], scope
        if shapes[1] is not None:
            beside = self._beside(scope, *shapes[1], number)
            inside.beside(f"e{number}", beside)
            inside.named += beside.named
        self.pen = outer
        if kind == "sub":
            outer.sub(f"s{number}", inside, several)
            outer.named += inside.named
        else:
            self.others.append(inside)
            outer.call(f"s{number}", inside.process, several)

    def _beside(self, scope: Part, stops: bool, shape: Shape, number: int) -> Nested:
        """Draw an event sub-process of `scope`."""
        self.pen, event = Nested(), f"g{number}"
        attributes = "" if stops else 'isInterrupting="false"'
        self.pen.event("startEvent", event, timer("P3D"), attributes).end(f"f{number}")
        side, first, last = self._block(shape)
        scope.stop, scope.ring = (event, "") if stops else ("", event)
        scope.side = Part("side", [side], above=scope)
        return self.pen.line(event, first).line(last, f"f{number}")

    def _many(self, shape: Shape, number: int) -> tuple[Part, str, str]:
        _, inner, beside, size, one_by_one, kind = shape
        item, body = f"item_{number}", Part("body")
        several = self._several(number, size, one_by_one)
        self._inside(body, kind, (inner, beside), number, several)
        part = Part("many", [body], key=f"s{number}", item=item, size=size, one_by_one=one_by_one)
        return part, part.key, part.key

    def _timed(self, shape: Shape, number: int) -> tuple[Part, str, str]:
        _, host, stops, beside = shape
        guarded, first, last = self._block(host)
        part = Part("timed", [guarded], stop=f"b{number}" if stops else "")
        if stops:
            self.pen.edge(part.stop, first, timer("P1D")).xor(f"m{number}")
            self.pen.line(last, f"m{number}").line(part.stop, f"m{number}")
            last = f"m{number}"
        if beside is not None:
            part.ring = f"n{number}"
            self.pen.edge(part.ring, first, timer("P2D"), stops=False).end(f"e{number}")
            side, begins, ends = self._block(beside)
            self.pen.line(part.ring, begins).line(ends, f"e{number}")
            part.side = Part("side", [side], above=part)
        return part, first, last

    def _loop(self, shape: Shape, number: int) -> tuple[Part, str, str]:
        body, first, last = self._block(shape[1])
        task, merge, fork, out = f"d{number}", f"m{number}", f"x{number}", f"o{number}"
        self._ask(task, "onward=继续", "again=再来")
        self.pen.xor(merge).xor(fork, f"on{number}").xor(out)
        self.pen.line(merge, first).line(last, task, fork).flow(fork, merge, 'outcome == "again"')
        self.pen.flow(fork, out, id=f"on{number}")
        return Part("loop", [body], label=task, key=task), merge, out

    def _ways(self, shape: Shape, number: int) -> tuple[Part, str, str]:
        kind, ways = shape[0], shape[1:]
        fork, join, task = f"x{number}", f"j{number}", f"d{number}"
        default = f"way{number}_{len(ways) - 1}" if kind != "and" else None
        if kind == "and":
            self.pen.both(fork).both(join)
        else:
            self._ask(task, *(f"o{way}=选{way}" for way in self._keys(kind, len(ways))))
            draw = self.pen.xor if kind == "xor" else self.pen.some
            draw(fork, default).line(task, fork)
            draw(join)
        parts: list[Part | None] = []
        for way, inside in enumerate(ways):
            part, first, last = self._block(inside) if inside is not None else (None, join, "")
            condition = None
            if kind != "and" and f"way{number}_{way}" != default:
                condition = self._condition(kind, way, len(ways))
            self.pen.flow(fork, first, condition, f"way{number}_{way}")
            if last:
                self.pen.flow(last, join)
            parts.append(part)
        if kind == "and":
            return Part(kind, parts), fork, join
        return Part(kind, parts, label=task, key=task), task, join

    def _keys(self, kind: str, ways: int) -> range:
        return range(ways)

    def _condition(self, kind: str, way: int, ways: int) -> str:
        return f'outcome == "o{way}"' if kind == "xor" else f"way_{way}"

    def _choice(self, shape: Shape, number: int) -> tuple[Part, str, str]:
        fork, join, events = f"g{number}", f"j{number}", (f"c{number}", f"w{number}")
        self.pen.event("eventBasedGateway", fork).xor(join).catch(events[1], timer("PT30H"))
        self._await(events[0])
        parts: list[Part | None] = []
        for event, inside in zip(events, shape[1:], strict=True):
            part, first, last = self._block(inside)
            self.pen.line(fork, event, first).line(last, join)
            parts.append(part)
        return Part("choice", parts, events=events), fork, join


def decision(part: Part, choice: int) -> tuple[str | None, dict[str, bool]]:
    """What a person sends who chooses `choice` at the task of `part`."""
    if part.kind == "loop":
        return ("again" if choice % 2 else "onward"), {}
    if part.kind == "xor":
        return f"o{choice % len(part.inner)}", {}
    if part.kind == "or":
        return "o0", {f"way_{way}": bool(choice >> way & 1) for way in range(len(part.inner) - 1)}
    return None, {}
