"""Writes the places that were found into a file, as BPMN keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from lxml import etree

from app.platform.engine.elements import KINDS
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.layout.pieces import (
    EVENT,
    LABEL,
    LINE,
    SIDE_PADDING,
    TITLE,
    Arc,
    Lanes,
    Piece,
    Scope,
    lines_of,
    read_lanes,
    read_scope,
    width_of,
)
from app.platform.engine.layout.routes import LONGEST_LABEL, lay_out
from app.platform.engine.vocabulary import BPMN, local, space

DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
WAY: Final = "http://www.omg.org/spec/DD/20100524/DI"
HEAD: Final = 30.0
LEFT, TOP = 160.0, 80.0
MOST_FLOWS: Final = 2_000
Point = tuple[float, float]
Box = tuple[float, float, float, float]


def is_drawn(root: etree._Element) -> bool:
    """Whether every node that should be seen has a shape; what lies in a closed sub-process need not."""
    shapes = {shape.get("bpmnElement"): shape for shape in root.iter(f"{{{DI}}}BPMNShape")}
    todo = root.findall(f"{{{BPMN}}}process")
    while todo:
        holder = todo.pop()
        for child in holder:
            if space(child) != BPMN or local(child) not in KINDS:
                continue
            shape = shapes.get(child.get("id"))
            if shape is None:
                return False
            if local(child) == "subProcess" and shape.get("isExpanded") == "true":
                todo.append(child)
    return True


def drawn(content: bytes, *, anew: bool = False) -> bytes:
    """Lay a BPMN file out that lacks a drawing, or a part of one; `anew`: whatever it has.

    A file that is drawn, cannot be read, or has more flows than anybody could follow, comes back as it is.
    """
    try:
        root = admit(content)
    except NotAdmitted:
        return content
    process = _process(root)
    if sum(1 for _flow in root.iter(f"{{{BPMN}}}sequenceFlow")) > MOST_FLOWS:
        return content
    if root.tag != f"{{{BPMN}}}definitions" or process is None or (is_drawn(root) and not anew):
        return content
    for diagram in root.findall(f"{{{DI}}}BPMNDiagram"):
        root.remove(diagram)
    try:
        _Sheet(root, process).draw()
    except RecursionError:
        return content
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _process(root: etree._Element) -> etree._Element | None:
    processes = root.findall(f"{{{BPMN}}}process")
    return next(
        (one for one in processes if one.get("isExecutable") == "true"), processes[0] if processes else None
    )


class _Sheet:
    """One drawing being written."""

    def __init__(self, root: etree._Element, process: etree._Element) -> None:
        self.root, self.process = root, process
        self.taken = {xml.get("id") for xml in root.iter()}
        self.boxes: dict[str, tuple[float, float, float, float]] = {}
        self.arcs: list[tuple[Arc, float, float]] = []
        self.busy: list[Box] = []  # where no name of a flow may stand
        self.plane: etree._Element

    def draw(self) -> None:
        """Lay out and write."""
        lanes = read_lanes(self.process)
        scope = read_scope(self.process, lanes)
        lay_out(scope)
        pools = self.root.find(f"{{{BPMN}}}collaboration")
        pool = self._pool(pools)
        whole = (pools if pool is not None else self.process).get("id") or ""  # type: ignore[union-attr]
        diagram = etree.SubElement(
            self.root, f"{{{DI}}}BPMNDiagram", {"id": self._free("diagram")},
            nsmap={"bpmndi": DI, "dc": DC, "di": WAY},
        )  # fmt: skip
        self.plane = etree.SubElement(
            diagram, f"{{{DI}}}BPMNPlane", {"id": self._free("plane"), "bpmnElement": whole}
        )
        left = LEFT + (HEAD if pool is not None else 0) + HEAD * lanes.depth
        self._frames(scope, lanes, pool, left)
        self._scope(scope, left, TOP)
        for arc, left, top in self.arcs:
            self._arc(arc, left, top)
        self._associations()

    def _pool(self, pools: etree._Element | None) -> str | None:
        for participant in pools if pools is not None else ():
            if (
                participant.get("processRef") == self.process.get("id")
                and local(participant) == "participant"
            ):
                return participant.get("id")
        return None

    def _free(self, wanted: str) -> str:
        identity, number = wanted, 1
        while identity in self.taken:
            number += 1
            identity = f"{wanted}_{number}"
        self.taken.add(identity)
        return identity

    def _frames(self, scope: Scope, lanes: Lanes, pool: str | None, left: float) -> None:
        if pool is not None:
            width = scope.width + HEAD + HEAD * lanes.depth
            self._shape(pool, LEFT, TOP, width, scope.height, isHorizontal="true")
        for identity, depth, first, last in lanes.spans:
            begins = left - HEAD * (lanes.depth - depth + 1)
            top, bottom = scope.bands[first][0], scope.bands[last][1]
            if identity:
                width = left + scope.width - begins
                self._shape(identity, begins, TOP + top, width, bottom - top, isHorizontal="true")

    def _scope(self, scope: Scope, left: float, top: float) -> None:
        for piece in [*scope.pieces, *scope.notes]:
            x, y = left + piece.left, top + piece.top
            extra = {"subProcess": {"isExpanded": "true"}, "exclusiveGateway": {"isMarkerVisible": "true"}}
            shape = self._shape(piece.id, x, y, piece.width, piece.height, **extra.get(piece.tag, {}))
            if piece.label:
                width = min(LABEL, width_of(piece.name))
                at = x + (piece.width - width) / 2
                self._label(shape, at, y + piece.height + 4, width, LINE * lines_of(piece.name))
            if piece.inner is not None:
                self._scope(piece.inner, x + SIDE_PADDING, y + TITLE)
        for piece in scope.pieces:
            for place, edge in enumerate(piece.edges):
                self._edge_event(edge, left + edge.left, top + edge.top, len(piece.edges) - place)
        self.arcs += [(arc, left, top) for arc in scope.arcs]

    def _edge_event(self, edge: Piece, x: float, y: float, depth: int) -> None:
        """An event on an edge has its name above the way that leaves it."""
        shape = self._shape(edge.id, x, y, EVENT, EVENT)
        if edge.name:
            width = min(LONGEST_LABEL, width_of(edge.name))
            self._label(shape, x + EVENT / 2 + 4, y + EVENT + 18.0 * depth - LINE - 1, width, LINE)

    def _shape(
        self, about: str, x: float, y: float, width: float, height: float, **more: str
    ) -> etree._Element:
        given = {"id": self._free(f"{about}_shape"), "bpmnElement": about, **more}
        shape = etree.SubElement(self.plane, f"{{{DI}}}BPMNShape", given)
        etree.SubElement(shape, f"{{{DC}}}Bounds", _bounds(x, y, width, height))
        self.boxes[about] = (x, y, width, height)
        if "isHorizontal" not in more and "isExpanded" not in more:
            self.busy.append((x, y, width, height))
        return shape

    def _label(self, of: etree._Element, x: float, y: float, width: float, height: float) -> None:
        self.busy.append((x, y, width, height))
        label = etree.SubElement(of, f"{{{DI}}}BPMNLabel")
        etree.SubElement(label, f"{{{DC}}}Bounds", _bounds(x, y, width, height))

    def _arc(self, arc: Arc, left: float, top: float) -> None:
        points = [(left + x, top + y) for x, y in arc.points]
        edge = self._way(arc.id, points)
        if arc.name:
            width = min(LONGEST_LABEL, width_of(arc.name))
            height = LINE * lines_of(arc.name, width)
            x, y = self._free_place(points, width, height)
            self._label(edge, x, y, width, height)

    def _free_place(self, points: list[Point], width: float, height: float) -> Point:
        """A place along a way, above or below a level part of it, where no shape and no other name stands."""
        levels = [(a, b) for a, b in pairwise(points) if a[1] == b[1] and abs(a[0] - b[0]) > 8]
        if len(levels) > 1:  # the first is shared with other ways
            levels = [*levels[1:], levels[0]]
        places = []
        for (x, y), (end, _y) in levels:
            length = abs(end - x)
            at = max(x, end - width - 16) + 4 if len(levels) == 1 and length < 160 else min(x, end) + 4
            places += [(at, y - height - 2), (at, y + 3)]
        places += [(x + 4, y + 3) for x, y in points[1:-1]]
        for x, y in places:
            box = (x, y, width, height)
            if not any(_meet(box, other) for other in self.busy):
                self.busy.append(box)
                return x, y
        return places[0] if places else points[0]

    def _way(self, about: str, points: list[tuple[float, float]]) -> etree._Element:
        edge = etree.SubElement(
            self.plane, f"{{{DI}}}BPMNEdge", {"id": self._free(f"{about}_edge"), "bpmnElement": about}
        )
        for x, y in points:
            etree.SubElement(edge, f"{{{WAY}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})
        return edge

    def _associations(self) -> None:
        """Notes hang on what they speak of by a straight line."""
        for xml in self._of("association"):
            ends = [self.boxes.get(xml.get(name) or "") for name in ("sourceRef", "targetRef")]
            if xml.get("id") and ends[0] is not None and ends[1] is not None:
                self._way(xml.get("id") or "", _between(ends[0], ends[1]))

    def _of(self, tag: str) -> Iterator[etree._Element]:
        return self.root.iter(f"{{{BPMN}}}{tag}")


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _bounds(x: float, y: float, width: float, height: float) -> dict[str, str]:
    return {
        name: f"{value:g}"
        for name, value in zip(("x", "y", "width", "height"), (x, y, width, height), strict=True)
    }


def _between(one: Box, other: Box) -> list[tuple[float, float]]:
    """From the upper or lower edge of one box to that of another."""
    upper, lower = sorted((one, other), key=lambda box: box[1])
    ends = [(upper[0] + upper[2] / 2, upper[1] + upper[3]), (lower[0] + lower[2] / 2, lower[1])]
    return ends if upper is one else ends[::-1]
