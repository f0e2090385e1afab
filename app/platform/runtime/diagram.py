"""Draws a version's diagram as it was laid out, as inert SVG, and marks where an instance stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.engine.front import admit
from app.platform.runtime import versions
from app.platform.runtime.entities import History, Incident, Instance
from app.platform.runtime.versions import Program

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
WAY: Final = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
INK, PASSED, HERE, FLOW = "#1f2933", "#e3f1ec", "#fff1d6", "#5b6770"
STRONG: Final = "#c2410c"
LINE: Final = 17  # pixels between lines of text
CONTAINERS: Final = frozenset({"participant", "lane", "subProcess"})
TASKS: Final = frozenset(
    {"task", "userTask", "serviceTask", "scriptTask", "businessRuleTask", "manualTask", "sendTask",
     "receiveTask", "callActivity"}
)  # fmt: skip
GATEWAYS: Final = {
    "exclusiveGateway": "×", "parallelGateway": "+", "inclusiveGateway": "○", "eventBasedGateway": "◇",
    "complexGateway": "*",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """Where something lies, in the diagram's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Plan:
    """What a file draws: elements by id with their tag and name, boxes and ways."""

    tags: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, Box] = field(default_factory=dict)
    ways: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)


def of(session: Session, instance: str, title: str) -> str | None:
    """Draw what an instance runs on: where it stands, what it has passed, what holds it up. None without a drawing.

    For whoever may read the instance; three statements.
    """
    row = session.execute(
        select(Instance.version_id, Instance.state, Instance.tokens).where(Instance.id == instance)
    ).one()
    program = versions.program(session, row.version_id)
    here: set[str] = set()
    if row.state in ("running", "suspended"):
        here = {token.element for token in engine.tokens(program.definition, row.tokens)}
    passed = set(session.scalars(select(History.element).where(History.instance_id == instance).distinct()))
    held_up = select(Incident.element).where(Incident.instance_id == instance, Incident.closed_at.is_(None))
    stuck = set(session.scalars(held_up))
    return svg(plan_of(program), here, passed - {None}, stuck - {None}, title)  # type: ignore[arg-type]


def spot(program: Program, element: str) -> tuple[int, int] | None:
    """Where the middle of an element lies in the picture `svg` draws, in its pixels; None where it is not drawn."""
    plan = plan_of(program)
    if element not in plan.boxes:
        return None
    box, (left, top) = plan.boxes[element], _corner(plan)
    return round(box.x + box.width / 2 - left), round(box.y + box.height / 2 - top)


_plans: dict[str, Plan] = {}
KEPT: Final = 64


def plan_of(program: Program) -> Plan:
    """Read the file of a program that draws its process; some versions' drawings are kept, for they never change."""
    found = _plans.get(program.version)
    if found is None:
        if len(_plans) >= KEPT:
            _plans.clear()
        found = _plans[program.version] = _parsed(program)
    return found


def _parsed(program: Program) -> Plan:
    for name, content in sorted(program.files.items()):
        if name.endswith((".bpmn", ".bpmn20.xml")):
            root = admit(content)
            if any(one.get("id") == program.process for one in root.iter(BPMN + "process")):
                return _read(root)
    return Plan()


def svg(plan: Plan, here: Set[str], passed: Set[str], stuck: Set[str], title: str) -> str | None:
    """The drawing with the tokens of an instance on it; None for a file that lays nothing out.

    `here`: elements that wait, `passed`: those it has been through, `stuck`: those with an open incident.
    """
    if not plan.boxes:
        return None
    left, top = _corner(plan)
    width = max(box.x + box.width for box in plan.boxes.values()) - left + 20
    height = max(box.y + box.height for box in plan.boxes.values()) - top + 50
    order = sorted(plan.boxes, key=lambda one: plan.tags.get(one, "") not in CONTAINERS)
    containers = [one for one in order if plan.tags.get(one) in CONTAINERS]
    parts = [_container(plan, one) for one in containers]
    parts += [_way(points) for points in plan.ways.values()]
    parts += [_node(plan, one, here, passed, stuck) for one in order if one not in containers]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="sans-serif" font-size="13" fill="{INK}">'
        f"<title>{escape(title)}</title>"
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{FLOW}"/></marker></defs>' + "".join(parts) + "</svg>"
    )


def _corner(plan: Plan) -> tuple[float, float]:
    """The upper left corner of the picture."""
    return min(box.x for box in plan.boxes.values()) - 20, min(box.y for box in plan.boxes.values()) - 20


def _read(root: etree._Element) -> Plan:
    tags: dict[str, str] = {}
    names: dict[str, str] = {}
    for node in root.iter():
        identity = node.get("id")
        if not isinstance(node.tag, str) or not node.tag.startswith(BPMN) or identity is None:
            continue
        tags[identity], names[identity] = node.tag.removeprefix(BPMN), node.get("name") or ""
    boxes = {about: box for about, box in _boxes(root) if about in tags}
    ways = {about: points for about, points in _ways(root) if len(points) > 1}
    return Plan(tags, names, boxes, ways)


def _boxes(root: etree._Element) -> Iterator[tuple[str, Box]]:
    for shape in root.iter(DI + "BPMNShape"):
        bounds = shape.find(DC + "Bounds")
        if bounds is not None:
            sizes = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
            yield shape.get("bpmnElement") or "", Box(*sizes)


def _ways(root: etree._Element) -> Iterator[tuple[str, tuple[tuple[float, float], ...]]]:
    for edge in root.iter(DI + "BPMNEdge"):
        points = tuple((_number(way.get("x")), _number(way.get("y"))) for way in edge.iter(WAY))
        yield edge.get("bpmnElement") or "", points


def _number(text: str | None) -> float:
    """A coordinate; what is none, or is absurd, stands at the origin."""
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if -1e6 < value < 1e6 else 0.0


def _container(plan: Plan, one: str) -> str:
    box, name = plan.boxes[one], plan.names[one]
    middle = box.y + box.height / 2
    frame = _rectangle(box, "none", FLOW, 1)
    if not name:
        return frame
    x = box.x + 18
    return (
        frame
        + f'<text transform="rotate(-90 {x:g} {middle:g})" x="{x:g}" y="{middle:g}" text-anchor="middle">'
        + (f"{escape(name)}</text>")
    )


def _node(plan: Plan, one: str, here: Set[str], passed: Set[str], stuck: Set[str]) -> str:
    box, tag = plan.boxes[one], plan.tags[one]
    is_here = one in here or one in stuck
    fill = HERE if is_here else PASSED if one in passed else "#ffffff"
    stroke, thick = (STRONG, 3) if is_here else (INK, 1.5)
    state = "stuck" if one in stuck else "here" if one in here else "passed" if one in passed else "ahead"
    if tag in TASKS:
        drawn = _rectangle(box, fill, stroke, thick, 8) + _lines(plan.names[one], box, inside=True)
    elif tag in GATEWAYS:
        drawn = _rhombus(box, fill, stroke, thick, GATEWAYS[tag]) + _lines(plan.names[one], box, inside=False)
    elif tag.endswith("Event"):
        drawn = _circle(box, fill, stroke, 3 if tag == "endEvent" else thick)
        drawn += _lines(plan.names[one], box, inside=False)
    else:
        drawn = _rectangle(box, fill, stroke, thick) + _lines(plan.names[one], box, inside=True)
    token = ""
    if is_here:
        x, y = box.x + box.width, box.y
        token = f'<circle cx="{x:g}" cy="{y:g}" r="8" fill="{STRONG}" stroke="#ffffff" stroke-width="2"/>'
    return f'<g data-element={quoteattr(one)} data-state="{state}">{drawn}{token}</g>'


def _way(points: tuple[tuple[float, float], ...]) -> str:
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="{path}" fill="none" stroke="{FLOW}" stroke-width="1.5" marker-end="url(#arrow)"/>'


def _rectangle(box: Box, fill: str, stroke: str, thick: float, round_by: int = 0) -> str:
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{round_by}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{thick:g}"/>'
    )


def _circle(box: Box, fill: str, stroke: str, thick: float) -> str:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="{box.width / 2:g}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{thick:g}"/>'
    )


def _rhombus(box: Box, fill: str, stroke: str, thick: float, sign: str) -> str:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    corners = ((x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y))
    points = " ".join(f"{a:g},{b:g}" for a, b in corners)
    return (
        f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="{thick:g}"/>'
        f'<text x="{x:g}" y="{y + 7:g}" text-anchor="middle" font-size="20">{escape(sign)}</text>'
    )


def _lines(name: str, box: Box, *, inside: bool) -> str:
    """A name in lines: inside a task in its middle, else below its sign."""
    if not name:
        return ""
    wide = 7 if inside else 9
    per_line = wide if any(ord(letter) > 0x2E80 for letter in name) else wide * 2
    lines = [name[start : start + per_line] for start in range(0, len(name), per_line)][:4]
    x = box.x + box.width / 2
    y = box.y + box.height / 2 - LINE * (len(lines) - 1) / 2 + 5 if inside else box.y + box.height + LINE
    return "".join(
        f'<text x="{x:g}" y="{y + LINE * number:g}" text-anchor="middle">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
