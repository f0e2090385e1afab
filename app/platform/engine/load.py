"""Publication: from a bundle to a definition that runs, or to every reason why it may not."""

from __future__ import annotations

from dataclasses import dataclass

from app.platform.engine import properties as read
from app.platform.engine.chart import Chart, UnknownRole
from app.platform.engine.checks import check_blocks, check_gateways, check_graph, check_names
from app.platform.engine.checks.names import TITLE_NAMES
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.decisions import Decision
from app.platform.engine.definition import Definition, Element
from app.platform.engine.facts import Bundle, Catalogue
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.machine import Condition, Net
from app.platform.engine.problems import Problem
from app.platform.engine.reader import Reader
from app.platform.engine.vocabulary import BPMN
from app.platform.expressions import Expression

MOST_PROBLEMS = 100
GAPS = frozenset({"not_yet", "unknown_element", "dangling", "twice", "bad_id"})


@dataclass(frozen=True, slots=True)
class Unusable:
    """A bundle that may not be published, with every reason found."""

    problems: tuple[Problem, ...]


def load(bundle: Bundle, catalogue: Catalogue) -> Definition | Unusable:
    """Read, check and build the process `bundle.process`; never raises for what a file contains."""
    problems: list[Problem] = []
    charts: list[Chart] = []
    decisions = _decisions(bundle, problems)
    for name, content in sorted(bundle.files.items()):
        if not name.endswith((".bpmn", ".bpmn20.xml")):
            continue
        chart = Chart(name, catalogue, decisions=decisions)
        try:
            root = admit(content)
        except NotAdmitted as refused:
            problems.append(Problem(refused.code, name, None, refused.parameters))
            continue
        ids = [process.get("id") for process in root.iter(f"{{{BPMN}}}process")]
        if bundle.process in ids or root.tag != f"{{{BPMN}}}definitions":
            chart.process = bundle.process
            Reader(chart, root).read()
            charts.append(chart)
        elif not ids:
            chart.complain("one_process", None, found="0")
            problems += chart.problems
    if not problems and len(charts) != 1:
        files = ", ".join(sorted(bundle.files)) or "-"
        problems.append(Problem("no_process", files[:200], None, {"process": bundle.process}))
    for chart in charts:
        definition = _check(chart) if not problems else None
        problems += chart.problems
        if definition is not None:
            return definition
    refusing = [problem for problem in problems if not problem.warning]
    return Unusable(tuple((refusing or problems)[:MOST_PROBLEMS]))


def _decisions(bundle: Bundle, problems: list[Problem]) -> dict[str, Decision]:
    """The decision tables of a bundle by id."""
    found: dict[str, Decision] = {}
    for name, content in sorted(bundle.files.items()):
        if name.endswith(".dmn"):
            read, wrong = read_decisions(name, content)
            problems += wrong
            problems += [Problem("twice", name, each, {"name": each}) for each in sorted(found.keys() & read)]
            found |= read
    return found


def _check(chart: Chart) -> Definition | None:
    """Run the checks over a chart that was read, and build it if nothing refuses it."""
    if not chart.nodes:
        return None
    form = chart.properties.get("form")
    if form is not None and form not in chart.catalogue.forms:
        chart.unknown("unknown_form", chart.process, form, chart.catalogue.forms)
    for node in chart.nodes.values():
        node.kind.read(chart, node)
    title = chart.properties.get("title")
    heading = chart.expression(None, title, TITLE_NAMES) if title is not None else None
    starts = _starts(chart)
    if any(problem.code in GAPS for problem in chart.problems):
        return None  # with parts missing the rest would be complained of for the wrong reason
    if check_graph(chart):
        check_blocks(chart)
    if all(
        node.detail is not None or not (node.kind.operator or node.kind.extensions)
        for node in chart.nodes.values()
    ):
        check_names(chart)
        check_gateways(chart)
    if any(not problem.warning for problem in chart.problems):
        return None
    return _build(chart, heading, starts)


def _starts(chart: Chart) -> tuple[str, ...]:
    found: list[str] = []
    for part in filter(None, (part.strip() for part in chart.properties.get("start", "").split(";"))):
        try:
            if part != "person":
                chart.property(chart.process, {"start": part}, "start", chart.role_at)
            found.append(part)
        except UnknownRole as error:
            chart.unknown("unknown_role", chart.process, error.role, chart.catalogue.roles)
    return tuple(found)


def _build(chart: Chart, title: Expression | None, starts: tuple[str, ...]) -> Definition | None:
    own, owner = chart.properties, chart.process
    number = chart.property(owner, own, "number", read.number)
    printed = chart.property(owner, own, "print", read.house_name)
    category = chart.property(owner, own, "category", read.plain)
    holder = chart.property(owner, own, "owner", read.plain)
    retention = chart.property(owner, own, "retention", read.retention)
    if any(not problem.warning for problem in chart.problems):
        return None
    return Definition(
        process=chart.process,
        name=chart.name,
        title=title,
        number=number,
        starts=starts,
        form=own.get("form"),
        print=printed,
        category=category,
        owner=holder,
        retention=retention,
        elements={
            node.id: Element(
                node.id, node.kind.tag, node.name, node.lane.id if node.lane else None, node.stage
            )
            for node in chart.nodes.values()
        },
        tasks={node.id: node.detail for node in chart.nodes.values() if node.kind.is_person},
        lanes=dict(chart.lanes),
        variables=frozenset(chart.variables),
        warnings=tuple(problem for problem in chart.problems if problem.warning),
        plan=_net(chart),
    )


def _net(chart: Chart) -> Net:
    """Build the running net: a station for each node, connected in the order of the file, default last."""
    net = Net(chart.process)
    stations = {node.id: node.kind.station(net, node) for node in chart.nodes.values()}
    for node in chart.nodes.values():
        for flow in sorted(node.outgoing, key=lambda flow: flow.id == node.default):
            station, target = stations[node.id], stations[flow.target.id]
            if flow.condition is not None:
                station.connect_if(Condition(flow.condition), target)
            else:
                station.connect(target)
    return net
