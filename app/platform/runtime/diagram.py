"""Draws a version's diagram as inert SVG, as it was drawn or else laid out, and marks where an instance stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.engine.front import admit
from app.platform.engine.layout import drawn, width_of, wrap
from app.platform.engine.vocabulary import OURS
from app.platform.runtime import versions
from app.platform.runtime.entities import History, Incident, Instance
from app.platform.runtime.versions import Program

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
OWN: Final = f"{{{OURS}}}"
WAY: Final = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
INK, PASSED, HERE, FLOW = "#1f2933", "#e3f1ec", "#fff1d6", "#5b6770"
STRONG: Final = "#c2410c"
WALKED: Final = "#0d5c58"
LINE: Final = 17  # pixels between lines of text
CLEAR: Final = (
    'stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'  # of lines behind it
)
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
    """What a file draws: elements by id with their tag and name, boxes and ways; `flows`: from where to where.

    `translated`: the English names of those that have one.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, Box] = field(default_factory=dict)
    ways: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    labels: Mapping[str, Box] = field(default_factory=dict)
    flows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    translated: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def english(self) -> Plan:
        """The same with English names where there are any."""
        return replace(self, names={**self.names, **self.translated}) if self.translated else self


@dataclass(frozen=True, slots=True)
class Dress:
    """How an element looks where a drawing shows figures: its fill, and SVG (every text in it escaped) over it."""

    fill: str = "#ffffff"
    over: str = ""
    is_chosen: bool = False


def of(session: Session, instance: str, title: str, language: str = "zh") -> str | None:
    """Draw what an instance runs on: where it stands, what it has passed, what holds it up. None for an empty one.

    For whoever may read the instance; three statements.
    """
    row = session.execute(
        select(Instance.version_id, Instance.state, Instance.tokens).where(Instance.id == instance)
    ).one()
    program = versions.program(session, row.version_id)
    here: set[str] = set()
    if row.state in ("running", "suspended"):
        live = engine.tokens(program.definition, row.tokens)
        here = {token.element for token in live if not token.guards}
    passed = set(session.scalars(select(History.element).where(History.instance_id == instance).distinct()))
    held_up = select(Incident.element).where(Incident.instance_id == instance, Incident.closed_at.is_(None))
    stuck = set(session.scalars(held_up))
    return svg(plan_of(program, language), here, passed - {None}, stuck - {None}, title)  # type: ignore[arg-type]


def spot(program: Program, element: str) -> tuple[int, int] | None:
    """Where the middle of an element lies in the picture `svg` draws, in its pixels; None where it is not drawn."""
    plan = plan_of(program)
    if element not in plan.boxes:
        return None
    box, (left, top) = plan.boxes[element], _corner(plan)
    return round(box.x + box.width / 2 - left), round(box.y + box.height / 2 - top)


_plans: dict[str, Plan] = {}
KEPT: Final = 64


def plan_of(program: Program, language: str = "zh") -> Plan:
    """Read the file of a program that draws its process; some versions' drawings are kept, for they never change."""
    found = _plans.get(program.version)
    if found is None:
        if len(_plans) >= KEPT:
            _plans.clear()
        found = _plans[program.version] = _parsed(program)
    return found.english if language == "en" else found


def _parsed(program: Program) -> Plan:
    for name, content in sorted(program.files.items()):
        if name.endswith((".bpmn", ".bpmn20.xml")):
            root = admit(drawn(content))
            if any(one.get("id") == program.process for one in root.iter(BPMN + "process")):
                return _read(root)
    return Plan()


def svg(
    plan: Plan,
    here: Set[str],
    passed: Set[str],
    stuck: Set[str],
    title: str,
    *,
    walked: Set[str] = frozenset(),
    link: Callable[[str, str], tuple[str, str] | None] | None = None,
    dress: Callable[[str, Box], Dress | None] | None = None,
) -> str | None:
    """The drawing with the tokens of an instance on it; None for a file that lays nothing out.

    `here`: elements that wait, `passed`: those it has been through, `stuck`: those with an open incident, `walked`:
    the flows it came along. `link(element, state)`: where a click on an element leads, and what it is called there;
    a drawing with links is a group and no picture. `dress(element, box)`: how it looks instead of where a token is.
    """
    if not plan.boxes:
        return None
    left, top = _corner(plan)
    width = max(box.x + box.width for box in plan.boxes.values()) - left + 20
    height = max(box.y + box.height for box in plan.boxes.values()) - top + 50
    order = sorted(plan.boxes, key=lambda one: plan.tags.get(one, "") not in CONTAINERS)
    containers = [one for one in order if plan.tags.get(one) in CONTAINERS]
    parts = [_container(plan, one) for one in containers]
    parts += [_way(points, is_walked=one in walked) for one, points in plan.ways.items()]
    parts += [
        _label(plan.names[one], plan.labels.get(one) or _beside(plan.names[one], points))
        for one, points in plan.ways.items()
        if plan.names.get(one) and (one in plan.labels or one in plan.flows)
    ]
    for one in order:
        if one not in containers:
            dressed = dress(one, plan.boxes[one]) if dress else None
            parts.append(_node(plan, one, here, passed, stuck, link, dressed))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="{"group" if link else "img"}" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="sans-serif" font-size="13" fill="{INK}">'
        f"<title>{escape(title)}</title>"
        f"<defs>{_arrow('arrow', FLOW, 8)}{_arrow('walked', WALKED, 4)}</defs>" + "".join(parts) + "</svg>"
    )


def _arrow(name: str, colour: str, size: int) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" markerHeight="{size}" '
        f'orient="auto"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    )


def _corner(plan: Plan) -> tuple[float, float]:
    """The upper left corner of the picture."""
    return min(box.x for box in plan.boxes.values()) - 20, min(box.y for box in plan.boxes.values()) - 20


def _read(root: etree._Element) -> Plan:
    tags: dict[str, str] = {}
    names: dict[str, str] = {}
    flows: dict[str, tuple[str, str]] = {}
    translated: dict[str, str] = {}
    pools: dict[str, str] = {}
    for node in root.iter():
        identity = node.get("id")
        if not isinstance(node.tag, str) or not node.tag.startswith(BPMN) or identity is None:
            continue
        tags[identity], names[identity] = node.tag.removeprefix(BPMN), node.get("name") or ""
        own = node.find(f"{BPMN}extensionElements/{OWN}properties/{OWN}property[@name='name.en']")
        if own is not None and own.get("value", "").strip():
            translated[identity] = own.get("value", "").strip()
        if tags[identity] == "participant":
            pools[identity] = node.get("processRef") or ""
        if tags[identity] == "sequenceFlow":
            flows[identity] = node.get("sourceRef") or "", node.get("targetRef") or ""
    translated = {pool: translated[of] for pool, of in pools.items() if of in translated} | translated
    boxes = {about: box for about, box in _boxes(root) if about in tags}
    ways = {about: points for about, points in _ways(root) if len(points) > 1}
    labels = {about: box for about, box in _labels(root) if about in tags}
    return Plan(tags, names, boxes, ways, labels, flows, translated)


def _boxes(root: etree._Element) -> Iterator[tuple[str, Box]]:
    for shape in root.iter(DI + "BPMNShape"):
        bounds = shape.find(DC + "Bounds")
        if bounds is not None:
            sizes = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
            yield shape.get("bpmnElement") or "", Box(*sizes)


def _labels(root: etree._Element) -> Iterator[tuple[str, Box]]:
    """Where the names of events, gateways and flows stand, as far as the drawing says."""
    for bounds in root.iter(DC + "Bounds"):
        label = bounds.getparent()
        owner = label.getparent() if label is not None and label.tag == DI + "BPMNLabel" else None
        if owner is not None:
            sizes = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
            yield owner.get("bpmnElement") or "", Box(*sizes)


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
    if plan.tags[one] == "subProcess":
        return frame + f'<text x="{box.x + 10:g}" y="{box.y + 19:g}" {CLEAR}>{escape(name)}</text>'
    x = box.x + 18
    return (
        frame
        + f'<text transform="rotate(-90 {x:g} {middle:g})" x="{x:g}" y="{middle:g}" text-anchor="middle">'
        + (f"{escape(name)}</text>")
    )


def _node(
    plan: Plan,
    one: str,
    here: Set[str],
    passed: Set[str],
    stuck: Set[str],
    link: Callable[[str, str], tuple[str, str] | None] | None,
    dressed: Dress | None,
) -> str:
    box, tag = plan.boxes[one], plan.tags[one]
    is_here = one in here or one in stuck
    fill = HERE if is_here else PASSED if one in passed else "#ffffff"
    stroke, thick = (STRONG, 3) if is_here else (INK, 1.5)
    if dressed:
        fill, thick = dressed.fill, 4 if dressed.is_chosen else thick
    state = "stuck" if one in stuck else "here" if one in here else "passed" if one in passed else "ahead"
    if tag in TASKS:
        shape = _rectangle(box, fill, stroke, thick, 8) + _lines(plan.names[one], box, inside=True)
    elif tag in GATEWAYS:
        shape = _rhombus(box, fill, stroke, thick, GATEWAYS[tag]) + _under(plan, one)
    elif tag.endswith("Event"):
        shape = _circle(box, fill, stroke, 3 if tag == "endEvent" else thick)
        shape += _under(plan, one)
    else:
        shape = _rectangle(box, fill, stroke, thick) + _lines(plan.names[one], box, inside=True)
    token = ""
    if is_here:
        x, y = box.x + box.width, box.y
        token = f'<circle cx="{x:g}" cy="{y:g}" r="8" fill="{STRONG}" stroke="#ffffff" stroke-width="2"/>'
    drawing = f'<g data-element={quoteattr(one)} data-state="{state}">{shape}{token}</g>'
    leads = link(one, state) if link else None
    if leads:
        chosen = ' aria-current="true"' if dressed and dressed.is_chosen else ""
        drawing = f"<a href={quoteattr(leads[0])} aria-label={quoteattr(leads[1])}{chosen}>{drawing}</a>"
    return drawing + _over(one, dressed)


def _over(one: str, dressed: Dress | None) -> str:
    """What lies over an element, beside its link: the link's name says it in words, and a click goes through."""
    if dressed is None or not dressed.over:
        return ""
    return f'<g data-over={quoteattr(one)} aria-hidden="true" pointer-events="none">{dressed.over}</g>'


def _under(plan: Plan, one: str) -> str:
    """The name of a sign: where the drawing has it, else below the sign."""
    if one in plan.labels:
        return _label(plan.names[one], plan.labels[one])
    return _lines(plan.names[one], plan.boxes[one], inside=False)


def _beside(name: str, points: tuple[tuple[float, float], ...]) -> Box:
    """Where the name of a flow stands if no drawing says it: at its middle, clear of the line."""
    first = (len(points) - 2) // 2
    (left, top), (right, bottom) = sorted(points[first : first + 2])
    x, y = (left + right) / 2, (top + bottom) / 2
    if right - left >= abs(bottom - top):
        return Box(x - 45, y - 23, 90, 20)
    return Box(x + 6, y - 10, width_of(name), 20)


def _label(name: str, box: Box) -> str:
    """A name in the middle of its place, in lines as the drawing has room for."""
    x = box.x + box.width / 2
    return "".join(
        f'<text x="{x:g}" y="{box.y + 12 + 15 * number:g}" text-anchor="middle" font-size="12" {CLEAR}>'
        + escape(line)
        + "</text>"
        for number, line in enumerate(_broken(name, max(box.width, 26) + 1))
    )


def _broken(name: str, width: float) -> list[str]:
    """A name in lines; where it breaks between words the space stays, so that who is read it hears two words."""
    lines = wrap(name, width)
    after = [*lines[1:], ""]
    return [
        f"{line} " if next_ and f"{line} {next_}" in name else line
        for line, next_ in zip(lines, after, strict=True)
    ]


def _way(points: tuple[tuple[float, float], ...], *, is_walked: bool) -> str:
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    line = f'fill="none" stroke="{WALKED if is_walked else FLOW}" stroke-width="{4 if is_walked else 1.5}"'
    return f'<path d="{path}" {line} marker-end="url(#{"walked" if is_walked else "arrow"})"/>'


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
    lines = _broken(name, box.width - 14 if inside else 118)
    x = box.x + box.width / 2
    y = box.y + box.height / 2 - LINE * (len(lines) - 1) / 2 + 5 if inside else box.y + box.height + LINE
    more = "" if inside else f" {CLEAR}"
    return "".join(
        f'<text x="{x:g}" y="{y + LINE * number:g}" text-anchor="middle"{more}>{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
