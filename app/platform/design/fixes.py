"""How what publication refuses might be put right: a few quick fixes for each code, found from the drawing itself.

A fix is plain data that the editor applies through its own commands, so that it can be undone. None is offered that
would not make the finding go away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from app.platform.design.finding import Fix, fix
from app.platform.design.rules.drawn import Drawn
from app.platform.engine import Problem
from app.platform.engine.chart import Chart, Flow, Node
from app.platform.engine.checks.gateways import deciders_of, outcomes_of
from app.platform.registry import Words, house

Fixer = Callable[[Problem, Chart, "Node | None"], Iterator[Fix]]
MOST = 4
_NEEDED = frozenset({"name", "outcomes", "allow"})
"""Properties on which others rest: without them something else would be missing."""
REMOVE_CONDITION = Words("去掉条件", "Take the condition away")
_DEFAULTS: Mapping[str, tuple[str, str, Words]] = {
    "needs_due": ("due", "P5WD", Words("时限设为5个工作日", "Due in 5 working days")),
}


def of(problem: Problem, drawn: Drawn | None) -> tuple[Fix, ...]:
    """The quick fixes for a problem, the likeliest first; none where nothing sensible is known."""
    if drawn is None:
        return ()
    chart = next((each for each in drawn.charts if each.file == problem.file), None)
    fixer = _FIXERS.get(problem.code)
    if chart is None or fixer is None:
        return ()
    return tuple(fixer(problem, chart, chart.nodes.get(problem.element or "")))[:MOST]


def _to(flow: Flow) -> Words:
    name = flow.target.name if flow.target.name.zh else Words(flow.target.id, flow.target.id)
    return Words(f"“{name.zh}”", f"“{name.en}”")


def _flow(chart: Chart, element: str | None) -> Flow | None:
    return next((flow for flow in chart.flows if flow.id == element), None)


def _no_default(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    """The flow without a condition first: it is probably the one that was meant."""
    if node is None:
        return
    for flow in sorted(node.outgoing, key=lambda one: one.condition is not None):
        to = _to(flow)
        words = Words(f"以通往{to.zh}的流向为默认", f"Make the flow to {to.en} the default")
        yield fix("default_flow", words, gateway=node.id, flow=flow.id)


def _no_condition(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    flow = _flow(chart, problem.element)
    if flow is None:
        return
    gateway = flow.source
    declared = sorted(outcomes_of(deciders_of(chart)[gateway]))
    spoken = " ".join(each.condition.text for each in gateway.outgoing if each.condition)
    for outcome in declared:
        if not re.search(rf"['\"]{outcome}['\"]", spoken):
            value = f'outcome == "{outcome}"'
            words = Words(f"条件设为 {value}", f"Make the condition {value}")
            yield fix("set_condition", words, flow=flow.id, value=value)
    if gateway.default is None:
        words = Words("设为默认流向", "Make it the default")
        yield fix("default_flow", words, gateway=gateway.id, flow=flow.id)


def _remove_condition(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if problem.element is not None:
        yield fix("remove_condition", REMOVE_CONDITION, flow=problem.element)


def _dangling(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if node is not None and node.kind.chooses and node.default == problem.parameters.get("found"):
        yield from _no_default(problem, chart, node)


def _own(problem: Problem, chart: Chart, node: Node | None) -> Mapping[str, str]:
    """The properties of whatever the problem speaks of: a node, the process, a lane as far as it was read."""
    if node is not None:
        return node.properties
    if problem.element in (None, chart.process):
        return chart.properties
    lane = chart.lanes.get(problem.element or "")
    if lane is None:
        return {}
    found = {"role": lane.role or ""}
    if lane.at is not None:
        at = f"variable:{lane.at.variable}" if lane.at.kind == "variable" else lane.at.kind
        found["at"] = f"{at}({lane.at.level})" if lane.at.level else at
    if lane.subject:
        found["for"] = f"variable:{lane.subject}"
    return found


def _suggest(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    """Put the nearest known name where the unknown one stands: in a property, a condition or a parameter."""
    found, near = problem.parameters.get("found", ""), problem.parameters.get("hint", "")
    if not found or not near:
        return
    words = Words(f"改为“{near}”", f"Change it to “{near}”")
    whole = re.compile(rf"(?<![\w.]){re.escape(found)}(?![\w.])")
    flow = _flow(chart, problem.element)
    if flow is not None and flow.condition is not None and whole.search(flow.condition.text):
        yield fix("set_condition", words, flow=flow.id, value=whole.sub(near, flow.condition.text).strip())
        return
    for name, value in _own(problem, chart, node).items():
        if whole.search(value):
            element = problem.element or chart.process
            yield fix("suggest", words, element=element, property=name, value=whole.sub(near, value))


def _operator(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    near = problem.parameters.get("hint", "")
    if near and node is not None:
        words = Words(f"改为“{near}”", f"Change it to “{near}”")
        yield fix("set_operator", words, element=node.id, value=near)


def _parameter(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if node is None:
        return
    found, near = problem.parameters.get("found", ""), problem.parameters.get("hint", "")
    if near:
        words = Words(f"改为“{near}”", f"Change it to “{near}”")
        yield fix("rename_parameter", words, element=node.id, name=found, to=near)
    words = Words(f"去掉参数“{found}”", f"Take the parameter “{found}” away")
    yield fix("remove_parameter", words, element=node.id, name=found)


def _missing_parameter(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    name = problem.parameters.get("name", "")
    if node is not None and name in _known_variables(chart):
        words = Words(f"用变量“{name}”", f"Give it the variable “{name}”")
        yield fix("add_parameter", words, element=node.id, name=name, value=name)


def _known_variables(chart: Chart) -> set[str]:
    found = set(chart.variables)
    for own in (chart.properties, *(node.properties for node in chart.nodes.values())):
        facts = chart.catalogue.forms.get(own.get("form", ""))
        found |= set(facts.variables) if facts else set()
    return found


def _unknown_property(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    found, near = problem.parameters.get("found", ""), problem.parameters.get("hint", "")
    element = problem.element or chart.process
    if near and near not in _own(problem, chart, node):
        words = Words(f"改名为“{near}”", f"Rename it “{near}”")
        yield fix("rename_property", words, element=element, name=found, to=near)
    yield _without(element, found)


def _without(element: str, name: str) -> Fix:
    return fix(
        "remove_property",
        Words(f"去掉属性“{name}”", f"Take the property “{name}” away"),
        element=element,
        name=name,
    )


def _property_value(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    name, element = problem.parameters.get("name", ""), problem.element or chart.process
    if name == "due":
        words = Words("时限设为5个工作日", "Due in 5 working days")
        yield fix("set_property", words, element=element, name=name, value="P5WD")
    own = node.properties if node is not None else {}
    needed = name == "due" and bool({"remind", "escalate", "pause"} & own.keys())
    alone = name == "assignee" and not (node and node.lane and node.lane.role)
    if name not in _NEEDED and element not in chart.lanes and not alone and not needed:
        yield _without(element, name)


def _stray(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if problem.element is None:
        return
    name = problem.parameters.get("name", "")
    if problem.code in _DEFAULTS:
        wanted, value, words = _DEFAULTS[problem.code]
        yield fix("set_property", words, element=problem.element, name=wanted, value=value)
    yield _without(problem.element, name)


def _needs_ask(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if node is None:
        return
    allowed = node.properties.get("allow", "").split()
    words = Words("允许询问", "Allow asking")
    yield fix("set_property", words, element=node.id, name="allow", value=" ".join([*allowed, "ask"]))
    yield _without(node.id, problem.parameters.get("name", ""))


def _lane_place(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    facts = chart.catalogue.roles.get(problem.parameters.get("role", ""))
    if problem.element is None or facts is None:
        return
    offers = (
        [("starter.unit", Words("发起人所在单位", "The starter's unit"))]
        if facts.place == "unit"
        else [
            ("starter.region", Words("发起人所在地区", "The starter's region")),
            ("starter.region(city)", Words("发起人所在市", "The starter's city")),
        ]
    )
    for value, words in (*offers, ("everywhere", Words("不分地区", "Everywhere"))):
        yield fix("set_property", words, element=problem.element, name="at", value=value)


def _lane_subject(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    """A variable that is called as the kind of subject is."""
    name = problem.parameters.get("subject", "").rpartition(".")[2]
    if problem.element is not None and name in _known_variables(chart):
        words = Words(f"对象取自变量“{name}”", f"For the variable “{name}”")
        yield fix("set_property", words, element=problem.element, name="for", value=f"variable:{name}")


def _role_subject(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    if problem.element is not None:
        yield _without(problem.element, "for")


def _no_one(problem: Problem, chart: Chart, node: Node | None) -> Iterator[Fix]:
    """The role that is called as the lane is; else whoever has started it."""
    if node is None:
        return
    if node.lane is not None:
        for key, role in house.roles.items():
            if role.title.zh == node.lane.name.zh and role.place == "none" and role.subject is None:
                words = Words(
                    f"泳道“{node.lane.name.zh}”由该角色办理", f"The lane stands for {role.title.en}"
                )
                yield fix("add_lane_role", words, lane=node.lane.id, role=key, at="")
            elif role.title.zh == node.lane.name.zh and role.subject is None:
                at = "starter.unit" if role.place == "unit" else "starter.region"
                words = Words(
                    f"泳道“{node.lane.name.zh}”由该角色办理", f"The lane stands for {role.title.en}"
                )
                yield fix("add_lane_role", words, lane=node.lane.id, role=key, at=at)
    words = Words("由发起人办理", "The starter does it")
    yield fix("set_property", words, element=node.id, name="assignee", value="starter")


_FIXERS: Mapping[str, Fixer] = {
    "no_default": _no_default,
    "dangling": _dangling,
    "no_condition": _no_condition,
    "condition_on_default": _remove_condition,
    "condition_not_here": _remove_condition,
    "unknown_role": _suggest,
    "unknown_form": _suggest,
    "unknown_field": _suggest,
    "unknown_variable": _suggest,
    "unknown_assignee": _suggest,
    "unknown_task": _suggest,
    "unknown_outcome": _suggest,
    "unknown_action": _operator,
    "unknown_parameter": _parameter,
    "missing_parameter": _missing_parameter,
    "unknown_property": _unknown_property,
    "property_value": _property_value,
    "needs_due": _stray,
    "lane_without_role": _stray,
    "needs_ask": _needs_ask,
    "lane_without_place": _lane_place,
    "lane_without_subject": _lane_subject,
    "role_without_subject": _role_subject,
    "no_one": _no_one,
}
