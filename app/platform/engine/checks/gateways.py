"""Gateways: a default, conditions on the rest, outcomes that are declared, no two ways at once.

An overlap is proved by a witness: values of the variables for which two conditions of an exclusive gateway
hold together. Candidates are the values the conditions themselves speak of and their neighbours, and for
`outcome` exactly what the tasks before the gateway declare.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise, product
from typing import Any

from app.platform.engine.chart import Chart, Flow, Node
from app.platform.expressions import EvaluationFailed, Expression
from app.platform.expressions.tree import Compare, Items, Literal, Name
from app.platform.expressions.tree import Node as Part

MOST_TRIES = 20_000
MOST_IN_ALL = 60_000  # conditions asked for a witness in one file; each gateway has its share
_NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)


def check_gateways(chart: Chart) -> None:
    """Check every gateway that chooses, and every use of `outcome`."""
    deciders = deciders_of(chart)
    asked = sum(len(node.outgoing) for node in chart.nodes.values() if node.kind.chooses)
    for node in chart.nodes.values():
        if node.kind.chooses:
            most = max(100, MOST_IN_ALL // max(1, asked))
            _check_ways(chart, node)
            _check_outcomes(chart, node, deciders[node], most)
    for use in chart.uses:
        place = chart.nodes.get(use.element or "")
        if "outcome" in use.expression.names and place is not None and not outcomes_of(deciders[place]):
            chart.complain("no_outcome", place.id)


def deciders_of(chart: Chart) -> dict[Node, set[Node]]:
    """For each node the tasks whose outcome may stand when a token gets there; joins forget it."""
    found: dict[Node, set[Node]] = {node: set() for node in chart.nodes.values()}
    todo = list(found)
    while todo:
        node = todo.pop()
        forgets = _forgets(node)
        left = {node} if node.kind.is_person else set() if forgets else found[node]
        for other in node.after():
            if not left <= found[other]:
                found[other] |= left
                todo.append(other)
    for node in found:
        if node.kind.joins and len(node.incoming) > 1:
            found[node] = set()
    return found


def _forgets(node: Node) -> bool:
    """After a join, an event that interrupts, or a process within this one, no one outcome stands."""
    within = node.inside is not None or node.kind.tag == "callActivity" or node.loop is not None
    return (node.kind.joins and len(node.incoming) > 1) or node.kind.guards or within


def outcomes_of(tasks: set[Node]) -> set[str]:
    """The outcomes that tasks declare."""
    return {outcome.key for task in tasks if task.detail for outcome in task.detail.outcomes}


def _check_ways(chart: Chart, node: Node) -> None:
    if len(node.outgoing) < 2:
        for flow in node.outgoing:
            if flow.condition is not None:
                chart.complain("condition_not_here", flow.id, source=node.id)
        if node.default is not None and node.default not in {flow.id for flow in node.outgoing}:
            chart.complain("dangling", node.id, found=node.default)
        return
    if node.default is None:
        chart.complain("no_default", node.id)
    elif node.default not in {flow.id for flow in node.outgoing}:
        chart.complain("dangling", node.id, found=node.default)
    for flow in node.outgoing:
        if flow.id == node.default and flow.condition is not None:
            chart.complain("condition_on_default", flow.id)
        elif flow.id != node.default and flow.condition is None and not _was_refused(chart, flow):
            chart.complain("no_condition", flow.id, gateway=node.id)


def _was_refused(chart: Chart, flow: Flow) -> bool:
    return any(problem.code == "expression" and problem.element == flow.id for problem in chart.problems)


def _check_outcomes(chart: Chart, node: Node, tasks: set[Node], tries: int) -> None:
    declared = outcomes_of(tasks)
    flows = [flow for flow in node.outgoing if flow.condition is not None and flow.id != node.default]
    for flow in flows:
        assert flow.condition is not None
        if "outcome" not in flow.condition.names:
            continue
        if not declared:
            chart.complain("no_outcome", flow.id)
            return
        for named in _outcomes_named(flow.condition):
            if named is None:
                chart.complain("outcome_compared_oddly", flow.id)
            elif named not in declared:
                chart.unknown("unknown_outcome", flow.id, named, declared)
    taken: dict[str, bool] = dict.fromkeys(sorted(declared), False)
    told: set[tuple[str, str]] = set()
    speaks = any("outcome" in flow.condition.names for flow in flows if flow.condition)
    for given in islice(_witnesses(flows, declared), min(MOST_TRIES, tries)):
        holding = [flow for flow in flows if flow.condition and _holds(flow.condition, given)]
        if holding and "outcome" in given:
            taken[given["outcome"]] = True
        if len(holding) > 1 and node.kind.tag == "exclusiveGateway":
            pair = (holding[0].id, holding[1].id)
            if pair not in told:
                told.add(pair)
                witness = ", ".join(f"{name} = {value!r}" for name, value in given.items())
                chart.complain("overlap", node.id, first=pair[0], second=pair[1], witness=witness[:120])
    if speaks:
        left = [outcome for outcome, has_way in taken.items() if not has_way]
        if len(left) == 1 and _is_called(node, tasks, left[0]):
            return
        for outcome in left:
            words = min(_labels(tasks, outcome))
            chart.warn("outcome_by_default", node.id, zh=words[0], en=words[1])


def _is_called(node: Node, tasks: set[Node], key: str) -> bool:
    """Whether the default flow is drawn as the way of this outcome: it is called as the outcome is."""
    name = next((flow.name for flow in node.outgoing if flow.id == node.default), "")
    return bool(name) and any(name in words for words in _labels(tasks, key))


def _labels(tasks: set[Node], key: str) -> set[tuple[str, str]]:
    """What an outcome is called in Chinese and in English, at each task that declares it."""
    outcomes = [one for task in tasks if task.detail for one in task.detail.outcomes if one.key == key]
    return {(one.words.zh, one.words.en) for one in outcomes}


def _outcomes_named(condition: Expression) -> Iterator[str | None]:
    """The outcomes a condition compares with; None for any other use of `outcome`."""
    compared: set[int] = set()
    for part in condition.tree.walk():
        if not isinstance(part, Compare) or len(part.rest) != 1:
            continue
        (sign, right), left = part.rest[0], part.first
        if isinstance(right, Name) and right.name == "outcome" and sign in ("==", "!="):
            left, right = right, left
        if not isinstance(left, Name) or left.name != "outcome":
            continue
        literals = right.items if isinstance(right, Items) and sign in ("in", "not in") else (right,)
        if sign in ("==", "!=", "in", "not in") and all(isinstance(each, Literal) for each in literals):
            compared.add(id(left))
            yield from (str(each.constant) for each in literals if isinstance(each, Literal))
    for part in condition.tree.walk():
        if isinstance(part, Name) and part.name == "outcome" and id(part) not in compared:
            yield None


def _witnesses(flows: list[Flow], declared: set[str]) -> Iterator[dict[str, Any]]:
    conditions = [flow.condition for flow in flows if flow.condition is not None]
    names = sorted({name for condition in conditions for name in condition.names})
    values = _values([part for condition in conditions for part in condition.tree.walk()])
    choices: list[list[Any]] = [sorted(declared) if name == "outcome" else values for name in names]
    for chosen in product(*choices):
        yield dict(zip(names, chosen, strict=True))


def _values(parts: list[Part]) -> list[Any]:
    literals = {
        type(part.constant).__name__ + repr(part.constant): part.constant
        for part in parts
        if isinstance(part, Literal)
    }
    numbers = sorted({value for value in literals.values() if type(value) in (int, float)})
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    around = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
    return [*literals.values(), *between, *around, True, False]


def _holds(condition: Expression, given: dict[str, Any]) -> bool:
    try:
        return bool(condition.evaluate(given, _NOON))
    except EvaluationFailed:
        return False
