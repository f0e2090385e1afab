"""Random chains of nested blocks, drawn as BPMN and, independently, as a model that knows only the blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

from hypothesis import strategies as st

from app.platform.engine import Catalogue, FormFacts
from tests.platform.engine.drawing import Drawing

Shape = tuple[Any, ...]
WAYS = 3

HOUSE = Catalogue(
    forms={"permits/ways": FormFacts(frozenset(), {f"way_{i}": "boolean" for i in range(WAYS)})}
)


def shapes(depth: int = 3) -> st.SearchStrategy[Shape]:
    """Shapes: a task, or blocks around shapes. `("and", a, None)` has an empty way."""
    task = st.just(("task",))
    if depth == 0:
        return task
    inner = shapes(depth - 1)
    some = st.lists(st.one_of(inner, inner, st.none()), min_size=2, max_size=WAYS).filter(
        lambda ways: ways.count(None) <= 1
    )
    return st.one_of(
        task,
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: ("seq", *parts)),
        some.map(lambda ways: ("xor", *ways)),
        some.map(lambda ways: ("and", *ways)),
        some.map(lambda ways: ("or", *ways)),
        inner.map(lambda body: ("loop", body)),
    )


@dataclass
class Block:
    """A block in motion. `labels` are its own tasks; what it asks of them depends on the kind."""

    shape: Shape
    parts: list[Block | None]
    label: str = ""
    live: bool = False
    position: int = 0
    running: list[Block] = field(default_factory=list)

    def enter(self) -> bool:
        """Put a token in; tells whether it has come out already."""
        kind = self.shape[0]
        if kind == "seq":
            self.position = 0
            return self._onward()
        if kind == "loop":
            self.running = []
            body = self.parts[0]
            assert body is not None
            body.enter()
            self.running = [body]
            return False
        if kind == "and":
            return self._open(range(len(self.parts)))
        self.live = True
        return False

    def _onward(self) -> bool:
        part = self.parts[self.position]
        assert part is not None
        part.enter()
        self.running = [part]
        return False

    def _open(self, ways: Any) -> bool:
        self.running = [part for way in ways if (part := self.parts[way]) is not None]
        for part in self.running:
            part.enter()
        return not self.running

    def tasks(self) -> dict[str, Block]:
        """The live tasks by label."""
        found = {self.label: self} if self.live else {}
        for part in self.running:
            found |= part.tasks()
        return found

    def complete(self, label: str, choice: int) -> bool:
        """Complete a task somewhere in here; tells whether the token has come out."""
        if self.live and self.label == label:
            self.live = False
            return self._decided(choice)
        for part in list(self.running):
            if label in part.tasks():
                if part.complete(label, choice):
                    self.running.remove(part)
                    return self._part_done()
                return False
        raise AssertionError(label)

    def _decided(self, choice: int) -> bool:
        kind = self.shape[0]
        if kind == "task":
            return True
        if kind == "loop":
            return choice % 2 == 0 or self.enter()
        if kind == "xor":
            return self._open([choice % len(self.parts)])
        chosen = [way for way in range(len(self.parts)) if choice >> way & 1]
        return self._open(chosen or [len(self.parts) - 1])

    def _part_done(self) -> bool:
        kind = self.shape[0]
        if kind == "seq":
            self.position += 1
            return self.position == len(self.parts) or self._onward()
        if kind == "loop":
            self.live = True
            return False
        return not self.running


class Drawn:
    """A shape as a drawing and as a model, with the same labels."""

    def __init__(self, shape: Shape) -> None:
        self.numbers = count(1)
        self.drawing = Drawing(form="permits/ways").start().end()
        self.model, first, last = self._block(shape)
        self.drawing.line("begin", first).line(last, "done")
        self.definition = self.drawing.load(HOUSE)

    def _block(self, shape: Shape) -> tuple[Block, str, str]:
        kind, number = shape[0], next(self.numbers)
        if kind == "task":
            self.drawing.task(f"t{number}")
            return Block(shape, [], f"t{number}"), f"t{number}", f"t{number}"
        if kind == "seq":
            inner = [self._block(part) for part in shape[1:]]
            for (_, _, last), (_, first, _) in pairwise(inner):
                self.drawing.line(last, first)
            return Block(shape, [each[0] for each in inner]), inner[0][1], inner[-1][2]
        if kind == "loop":
            return self._loop(shape, number)
        return self._ways(shape, number)

    def _loop(self, shape: Shape, number: int) -> tuple[Block, str, str]:
        model, first, last = self._block(shape[1])
        task, merge, fork = f"d{number}", f"m{number}", f"x{number}"
        self.drawing.xor(merge).task(task, outcomes="onward=继续; again=再来").xor(
            fork, default=f"on{number}"
        )
        self.drawing.line(merge, first).line(last, task, fork).flow(fork, merge, 'outcome == "again"')
        out = f"o{number}"
        self.drawing.xor(out).flow(fork, out, id=f"on{number}")
        return Block(shape, [model], task), merge, out

    def _ways(self, shape: Shape, number: int) -> tuple[Block, str, str]:
        kind, ways = shape[0], shape[1:]
        fork, join, task = f"x{number}", f"j{number}", f"d{number}"
        default = f"way{number}_{len(ways) - 1}" if kind != "and" else None
        if kind == "and":
            self.drawing.both(fork).both(join)
        else:
            outcomes = "; ".join(f"o{way}=选{way}" for way in range(len(ways)))
            self.drawing.task(task, outcomes=outcomes)
            draw = self.drawing.xor if kind == "xor" else self.drawing.some
            draw(fork, default).line(task, fork)
            (self.drawing.xor if kind == "xor" else self.drawing.some)(join)
        parts: list[Block | None] = []
        for way, inside in enumerate(ways):
            model, first, last = self._block(inside) if inside is not None else (None, join, "")
            condition = None
            if kind != "and" and f"way{number}_{way}" != default:
                condition = f'outcome == "o{way}"' if kind == "xor" else f"way_{way}"
            self.drawing.flow(fork, first, condition, f"way{number}_{way}")
            if last:
                self.drawing.flow(last, join)
            parts.append(model)
        first = fork if kind == "and" else task
        return Block(shape, parts, task if kind != "and" else ""), first, join


def decision(block: Block, choice: int) -> tuple[str | None, dict[str, bool]]:
    """What a person sends who chooses `choice` at a task of `block`."""
    kind = block.shape[0]
    if kind == "loop":
        return ("onward" if choice % 2 == 0 else "again"), {}
    if kind == "xor":
        return f"o{choice % len(block.parts)}", {}
    if kind == "or":
        # the last way is the default: its own condition is never asked
        last = len(block.parts) - 1
        return "o0", {f"way_{way}": bool(choice >> way & 1) for way in range(last)}
    return None, {}
