"""Publication: from a bundle to a definition that runs, or to every reason why it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from app.platform.engine import properties as read
from app.platform.engine.build import build
from app.platform.engine.chart import Chart, Node, Scope, UnknownRole
from app.platform.engine.checks import (
    charts_of,
    check_blocks,
    check_gateways,
    check_graph,
    check_names,
    check_scopes,
)
from app.platform.engine.checks.names import TITLE_NAMES
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.decisions import Decision
from app.platform.engine.definition import Definition
from app.platform.engine.facts import Bundle, Catalogue
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.problems import Problem
from app.platform.engine.reader import Reader
from app.platform.engine.vocabulary import BPMN
from app.platform.expressions import Expression

MOST_PROBLEMS = 100
MOST_ELEMENTS_IN_ALL = 1_000
DEEPEST_CALL = 10
GAPS = frozenset(
    {"unknown_element", "dangling", "twice", "bad_id", "crosses", "event_missing", "side_flow_meets"}
)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A bundle that may not be published, with every reason found."""

    problems: tuple[Problem, ...]


def load(bundle: Bundle, catalogue: Catalogue) -> Definition | Unusable:
    """Read, check and build the process `bundle.process`; never raises for what a file contains."""
    problems: list[Problem] = []
    found = _chart(bundle, catalogue, problems)
    if found is not None:
        chart, heading = found
        definition = _check(chart, heading) if not _refuses(chart) else None
        problems += _all(chart)
        if definition is not None and not any(not problem.warning for problem in problems):
            return definition
    refusing = [problem for problem in problems if not problem.warning]
    return Unusable(tuple((refusing or problems)[:MOST_PROBLEMS]))


def survey(bundle: Bundle, catalogue: Catalogue) -> tuple[Chart, ...]:
    """The drawing of a bundle as read, with those it calls, for who looks closer than publication does.

    What publication refuses may be in it: a part that is missing, a task whose detail is. Empty where it cannot be
    read at all.
    """
    found = _chart(bundle, catalogue, [])
    return tuple(charts_of(found[0])) if found is not None else ()


def _chart(
    bundle: Bundle, catalogue: Catalogue, problems: list[Problem]
) -> tuple[Chart, Expression | None] | None:
    """The chart of a bundle with its title; None, and the problems why, where its files cannot be opened."""
    roots: dict[str, tuple[str, etree._Element]] = {}
    decisions = _decisions(bundle, problems)
    for name, content in sorted(bundle.files.items()):
        if name.endswith((".bpmn", ".bpmn20.xml")):
            _open(name, content, roots, problems, bundle.process)
    if not problems and bundle.process not in roots:
        files = ", ".join(sorted(bundle.files)) or "-"
        problems.append(Problem("no_process", files[:200], None, {"process": bundle.process}))
    if problems:
        return None
    file, root = roots[bundle.process]
    chart = Chart(file, catalogue, decisions=decisions)
    chart.process = bundle.process
    chart.calls = _Calls(roots, (bundle.process,)).read
    return chart, _read(chart, root)


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


def _open(
    name: str,
    content: bytes,
    roots: dict[str, tuple[str, etree._Element]],
    problems: list[Problem],
    process: str,
) -> None:
    try:
        root = admit(content)
    except NotAdmitted as refused:
        problems.append(Problem(refused.code, name, None, refused.parameters))
        return
    ids = [each.get("id") or "" for each in root.iter(f"{{{BPMN}}}process")]
    if root.tag != f"{{{BPMN}}}definitions":
        problems.append(Problem("not_bpmn", name))
    elif not ids:
        problems.append(Problem("one_process", name, None, {"found": "0"}))
    for each in ids:
        if each in roots and each == process:
            problems.append(Problem("twice", name, each, {"name": each}))
        roots.setdefault(each, (name, root))


class _Calls:
    """Reads called processes out of the bundle, each time anew: the lane they are called from is theirs."""

    def __init__(self, roots: Mapping[str, tuple[str, etree._Element]], path: tuple[str, ...]) -> None:
        self.roots, self.path = roots, path

    def read(self, caller: Chart, node: Node, process: str) -> Chart | None:
        """The chart of `process` as called at `node`; None, and a complaint, where it cannot be."""
        if process in self.path or len(self.path) > DEEPEST_CALL:
            caller.complain("calls_itself", node.id, process=process[:80])
            return None
        if process not in self.roots:
            caller.unknown("unknown_process", node.id, process, self.roots.keys() - set(self.path))
            return None
        file, root = self.roots[process]
        chart = Chart(file, caller.catalogue)
        chart.process, chart.lane, chart.decisions = process, node.lane, caller.decisions
        chart.calls = _Calls(self.roots, (*self.path, process)).read
        _read(chart, root)
        for entry in chart.scopes[0].entries() if chart.scopes else ():
            if entry.event is not None:
                caller.complain("calls_event_start", node.id, process=process[:80])
        return chart


def _read(chart: Chart, root: etree._Element) -> Expression | None:
    """Read a file into its chart, and what is particular to each element."""
    Reader(chart, root).read()
    if not chart.nodes:
        return None
    form = chart.properties.get("form")
    if form is not None and form not in chart.catalogue.forms:
        chart.unknown("unknown_form", chart.process, form, chart.catalogue.forms)
    for node in list(chart.nodes.values()):
        node.kind.read(chart, node)
    at = read.named_in(chart.properties.get("at", ""))
    if at is not None:
        chart.variable_uses.append((chart.process, at))
    title = chart.properties.get("title")
    return chart.expression(None, title, TITLE_NAMES) if title is not None else None


def _all(chart: Chart) -> list[Problem]:
    """The problems of a process and of those it calls, each once."""
    found: list[Problem] = []
    for each in charts_of(chart):
        found += [problem for problem in each.problems if problem not in found] if found else each.problems
    return found


def _refuses(chart: Chart) -> bool:
    """Whether parts are missing, so that the rest would be complained of for the wrong reason."""
    return any(not each.nodes or any(p.code in GAPS for p in each.problems) for each in charts_of(chart))


def _check(chart: Chart, title: Expression | None) -> Definition | None:
    """Run the checks over a chart that was read, and build it if nothing refuses it."""
    starts = _starts(chart)
    charts = list(charts_of(chart))
    count = sum(len(each.nodes) for each in charts)
    if count > MOST_ELEMENTS_IN_ALL:
        chart.complain("too_many_elements", limit=str(MOST_ELEMENTS_IN_ALL), found=str(count))
        return None
    for each in charts:
        if check_graph(each):
            check_blocks(each)
            check_scopes(each)
    _check_twins(charts)
    needed = [n for c in charts for n in c.nodes.values() if n.kind.operator or n.kind.extensions]
    if all(node.detail is not None for node in needed):
        check_names(chart)
        for each in charts:
            check_gateways(each)
    if any(not problem.warning for each in charts for problem in each.problems):
        return None
    return _build(chart, charts, title, starts)


def _check_twins(charts: list[Chart]) -> None:
    """What people or events answer to is known by its id alone, so called processes may not use one twice."""
    owners: dict[str, Chart] = {}
    lanes: dict[str, object] = {}
    for chart in charts:
        for node in chart.nodes.values():
            if not node.kind.waits(node) and not node.kind.operator and not node.kind.guards:
                continue
            first = owners.setdefault(node.id, chart)
            if first.file != chart.file:
                chart.complain("twice_across", node.id, file=first.file)
            elif lanes.setdefault(node.id, node.lane and node.lane.id) != (node.lane and node.lane.id):
                chart.complain("called_from_two_lanes", node.id)


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


def _build(
    chart: Chart, charts: list[Chart], title: Expression | None, starts: tuple[str, ...]
) -> Definition | None:
    own, owner = chart.properties, chart.process
    number = chart.property(owner, own, "number", read.number)
    printed = chart.property(owner, own, "print", read.house_name)
    category = chart.property(owner, own, "category", read.plain)
    holder = chart.property(owner, own, "owner", read.plain)
    retention = chart.property(owner, own, "retention", read.retention)
    at = chart.property(owner, own, "at", read.belonging)
    if any(not problem.warning for problem in chart.problems):
        return None
    nodes = [node for each in reversed(charts) for node in each.nodes.values()]
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
        at=at,
        elements={node.id: node.shown() for node in nodes},
        tasks={node.id: node.detail for node in nodes if node.kind.is_person},
        lanes={key: lane for each in charts for key, lane in each.lanes.items()},
        variables=frozenset(chart.variables).union(*(n.loop.keeps for n in nodes if n.loop)),
        warnings=tuple(problem for problem in _all(chart) if problem.warning),
        events={node.id: node.event for node in nodes if node.event is not None},
        begins={node.id: node.event for node in chart.scopes[0].entries()},
        parents=_parents(chart, None),
        flows={node.id: tuple(flow.target.id for flow in node.outgoing) for node in nodes},
        hosts={node.id: node.host.id for node in nodes if node.host is not None},
        plan=build(chart),
    )


def _parents(chart: Chart, above: str | None) -> dict[str, str | None]:
    """For each element the sub-process, or the call activity, that it lies in."""
    found: dict[str, str | None] = {}

    def holder(scope: Scope) -> str | None:
        around = scope.around()
        if scope.kind == "side" and around is not None:
            return holder(around)
        return scope.owner.id if scope.owner is not None else above

    for scope in chart.scopes:
        found |= dict.fromkeys((node.id for node in scope.nodes), holder(scope))
    for call, called in chart.called.items():
        found |= {key: value for key, value in _parents(called, call).items() if key not in found}
    return found
