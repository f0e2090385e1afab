"""What is to be laid out, read from a BPMN tree: scopes of pieces with their sizes, the arcs between them, lanes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from app.platform.engine.elements import KINDS
from app.platform.engine.vocabulary import BPMN, local, space

TASK: Final = (110.0, 80.0)
EVENT, GATEWAY = 36.0, 50.0
LABEL: Final = 90.0  # the width of a name that stands under its sign
LINE: Final = 15.0
STEP: Final = 18.0  # between the ways of two events on one edge
NOTES: Final = {
    "textAnnotation": (130.0, 50.0),
    "dataObjectReference": (36.0, 50.0),
    "dataStoreReference": (50.0, 50.0),
}
_OTHERS: Final = frozenset(
    {"task", "complexGateway", "transaction", "adHocSubProcess"}
)  # refused, and drawn all the same
SIDE_PADDING, TITLE = 20.0, 30.0


def width_of(text: str) -> float:
    """How wide a text is in the small font of labels."""
    return sum(13.0 if ord(letter) > 0x2E80 else 7.0 for letter in text)


def wrap(text: str, width: float) -> list[str]:
    """A name in lines no wider than `width`, broken at spaces and between ideographs; at most four."""
    lines: list[str] = []
    at = ""
    for part in re.findall(r"[\u2e80-\uffff][，。、；：？！）”]*|[^\s\u2e80-\uffff]+|\s+", text.strip()):
        if at and width_of((at + part).rstrip()) > width:
            lines.append(at.rstrip())
            at = ""
        at = at + part if at else part.lstrip()
        while width_of(at) > width and len(at) > 1:  # a word that is too long by itself
            fits = next(n for n in range(len(at) - 1, 0, -1) if n == 1 or width_of(at[:n]) <= width)
            lines.append(at[:fits])
            at = at[fits:]
    lines += [at.rstrip()] if at.strip() else []
    return [*lines[:3], f"{lines[3]}…"] if len(lines) > 4 else lines


def lines_of(text: str, width: float = LABEL) -> int:
    """How many lines a name takes under a sign."""
    return len(wrap(text, width))


@dataclass(eq=False)
class Piece:
    """Something with a place of its own. `left`, `top` are found later, within its scope."""

    id: str
    tag: str
    name: str
    width: float
    height: float
    inner: Scope | None = None
    lane: int = 0
    edges: list[Piece] = field(default_factory=list)
    left: float = 0.0
    top: float = 0.0

    @property
    def label(self) -> float:
        """The height of the name under the sign."""
        outside = self.tag.endswith(("Event", "Gateway", "Reference"))
        return LINE * lines_of(self.name) + 6 if outside and self.name else 0.0

    @property
    def below(self) -> float:
        """What stands under it: its name, or the events on its lower edge with their ways."""
        return max(self.label, EVENT / 2 + STEP * len(self.edges) + 8 if self.edges else 0.0)

    @property
    def cell(self) -> float:
        """The width it needs."""
        return max(self.width, LABEL if self.label else 0.0)


@dataclass(eq=False)
class Arc:
    """A flow between two pieces of one scope; `edge` is the event on the edge of `source` where it begins."""

    id: str
    source: Piece
    target: Piece
    name: str = ""
    edge: Piece | None = None
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(eq=False)
class Scope:
    """A process, or what lies in a sub-process. `lanes`: how many bands it has."""

    pieces: list[Piece] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    notes: list[Piece] = field(default_factory=list)
    lanes: int = 1
    width: float = 0.0
    height: float = 0.0
    bands: list[tuple[float, float]] = field(default_factory=list)

    def all(self) -> Iterator[tuple[Scope, Piece]]:
        """Every piece with its scope, those inside others after them."""
        for piece in [*self.pieces, *self.notes]:
            yield self, piece
            for edge in piece.edges:
                yield self, edge
            if piece.inner is not None:
                yield from piece.inner.all()


@dataclass(frozen=True)
class Lanes:
    """The lanes of a process: the leaves in order, and for each lane the first and last leaf it covers."""

    leaves: tuple[str, ...] = ()
    spans: tuple[tuple[str, int, int, int], ...] = ()
    of_node: dict[str, int] = field(default_factory=dict)
    depth: int = 0


def read_lanes(process: etree._Element) -> Lanes:
    """Read the lanes of a process; `spans` are id, depth, first and last leaf."""
    leaves: list[str] = []
    spans: list[tuple[str, int, int, int]] = []
    of_node: dict[str, int] = {}

    def walk(holder: etree._Element, depth: int) -> int:
        deepest = depth
        for lane in holder.findall(f"{{{BPMN}}}lane"):
            first, inner = len(leaves), lane.find(f"{{{BPMN}}}childLaneSet")
            if inner is not None and len(inner) and depth < 10:
                deepest = max(deepest, walk(inner, depth + 1))
            if len(leaves) == first:
                leaves.append(lane.get("id") or "")
            for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                of_node.setdefault((reference.text or "").strip(), first)
            spans.append((lane.get("id") or "", depth, first, len(leaves) - 1))
        return deepest

    deepest = max((walk(each, 1) for each in process.findall(f"{{{BPMN}}}laneSet")), default=0)
    return Lanes(tuple(leaves), tuple(spans), of_node, deepest)


def read_scope(xml: etree._Element, lanes: Lanes | None = None) -> Scope:
    """Read what a process or sub-process holds, inner scopes too."""
    scope = Scope(lanes=max(1, len(lanes.leaves)) if lanes else 1)
    known: dict[str, Piece] = {}
    hosts: list[tuple[Piece, str]] = []
    for child in xml:
        tag, identity = local(child), child.get("id") or ""
        if space(child) != BPMN or not identity:
            continue
        if tag in KINDS or tag in _OTHERS:
            piece = known[identity] = _piece(child, tag, identity)
            piece.lane = lanes.of_node.get(identity, -1) if lanes and lanes.leaves else 0
            if tag == "boundaryEvent":
                hosts.append((piece, child.get("attachedToRef") or ""))
            else:
                scope.pieces.append(piece)
        elif tag in NOTES:
            width, height = NOTES[tag]
            text = (child.findtext(f"{{{BPMN}}}text") or "") if tag == "textAnnotation" else ""
            height = max(height, LINE * lines_of(text, width - 10) + 14)
            scope.notes.append(Piece(identity, tag, child.get("name") or "", width, height))
    of_edge = _attach(scope, known, hosts)
    for child in xml.findall(f"{{{BPMN}}}sequenceFlow"):
        ends = [known.get(child.get(name) or "") for name in ("sourceRef", "targetRef")]
        source, target = (of_edge.get(end, end) if end else None for end in ends)
        if source is not None and target is not None and child.get("id"):
            edge = ends[0] if ends[0] in of_edge else None
            scope.arcs.append(Arc(child.get("id") or "", source, target, child.get("name") or "", edge))
    if lanes and lanes.leaves:
        _settle(scope)
    return scope


def _attach(scope: Scope, known: dict[str, Piece], hosts: list[tuple[Piece, str]]) -> dict[Piece, Piece]:
    """Put boundary events on what they stand on; one that stands on nothing is a piece like any other."""
    found: dict[Piece, Piece] = {}
    for edge, host in hosts:
        holder = known.get(host)
        if holder is None or holder.tag == "boundaryEvent":
            scope.pieces.append(edge)
            continue
        found[edge] = holder
        holder.edges.append(edge)
        holder.width = max(holder.width, 60.0 * len(holder.edges) + 20)
    return found


def _piece(xml: etree._Element, tag: str, identity: str) -> Piece:
    name = (xml.get("name") or "").strip()
    if tag.endswith("Event"):
        return Piece(identity, tag, name, EVENT, EVENT)
    if tag.endswith("Gateway"):
        return Piece(identity, tag, name, GATEWAY, GATEWAY)
    if tag in ("subProcess", "transaction", "adHocSubProcess"):
        return Piece(identity, tag, name, 160, 100, read_scope(xml))
    return Piece(identity, tag, name, *TASK)


def _settle(scope: Scope) -> None:
    """Nodes that no lane names stand in the lane of a neighbour, or in the first."""
    around: dict[Piece, list[Piece]] = {}
    for arc in scope.arcs:
        around.setdefault(arc.target, []).append(arc.source)
    for arc in scope.arcs:
        around.setdefault(arc.source, []).append(arc.target)
    todo = [piece for piece in scope.pieces if piece.lane >= 0]
    reached: dict[Piece, list[Piece]] = {}
    for piece, others in around.items():
        for other in others:
            reached.setdefault(other, []).append(piece)
    while todo:
        at = todo.pop(0)
        for other in reached.get(at, ()):
            if other.lane < 0:
                other.lane = at.lane
                todo.append(other)
    for piece in scope.pieces:
        piece.lane = max(0, piece.lane)
