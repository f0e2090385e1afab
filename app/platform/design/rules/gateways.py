"""Ways out of a gateway that are never taken, taken by two, or miss a single value between two others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.platform.design.finding import Finding, fix
from app.platform.design.rules.cases import Case, Domain, cases, holds
from app.platform.design.rules.drawn import Drawn, note
from app.platform.engine.chart import Chart, Flow, Node
from app.platform.engine.checks.gateways import deciders_of, outcomes_of
from app.platform.forms import Field
from app.platform.registry import Words

_SIMPLE = re.compile(r"\s*(?P<name>\w+)\s*(?P<sign>[<>])\s*(?P<number>-?\d+(?:\.\d+)?)\s*")


def check(drawn: Drawn) -> Iterator[Finding]:
    """Look at every gateway whose conditions can be told for every case there is."""
    fields = {name: one for form in drawn.forms.values() for name, one in form.fields.items() if one.variable}
    for chart in drawn.charts:
        refused = {problem.element for problem in chart.problems if not problem.warning}
        before = deciders_of(chart)
        for node in chart.nodes.values():
            flows = [flow for flow in node.outgoing if flow.id != node.default]
            ids = {node.id, *(flow.id for flow in node.outgoing)}
            told = not node.kind.chooses or len(node.outgoing) < 2 or bool(refused & ids)
            if not told and all(flow.condition for flow in flows):
                domains = _domains(fields, sorted(outcomes_of(before[node])))
                yield from _look(chart, node, flows, domains)


def _domains(fields: Mapping[str, Field], outcomes: list[str]) -> dict[str, Domain]:
    found = {"outcome": Domain(tuple(outcomes))} if outcomes else {}
    for name, one in fields.items():
        if one.kind.variable == "choice" and "choices" in one.settings:
            found[name] = Domain(tuple(each["code"] for each in one.settings["choices"]))
        elif one.kind.variable == "number":
            found[name] = Domain(whole=one.kind.key == "number" and not one.settings.get("decimals"))
    return found


def _look(chart: Chart, node: Node, flows: list[Flow], domains: Mapping[str, Domain]) -> Iterator[Finding]:
    conditions = [flow.condition for flow in flows if flow.condition is not None]
    every = cases(conditions, domains)
    if not every:
        return
    taken = [[flow for flow in flows if flow.condition and holds(flow.condition, case)] for case in every]
    for flow in flows:
        if not any(flow in each for each in taken):
            yield _of_flow(chart, flow)
    overlap = next((pair for pair in zip(every, taken, strict=True) if len(pair[1]) > 1), None)
    if overlap is not None and node.kind.tag == "exclusiveGateway":
        first, second = (_flow(flow) for flow in overlap[1][:2])
        zh, en = _said(overlap[0]), _said(overlap[0])
        yield note(
            "warning",
            "overlap",
            chart,
            node,
            f"条件{first}与{second}可能同时成立（{zh}）",
            f"the conditions of {first} and {second} can hold together ({en})",
        )
    if node.default is not None and all(taken):
        yield note(
            "hint",
            "default_never",
            chart,
            node,
            "其他流向的条件已包括所有情况，默认流向不会走到",
            "the other conditions cover every case; the default flow is never taken",
        )
    yield from _points(chart, node, flows, every, taken)
    yield from _left(chart, node, every, taken, domains)


def _of_flow(chart: Chart, flow: Flow) -> Finding:
    text = flow.condition.text.strip() if flow.condition else ""
    where = Words(_flow(flow), _flow(flow))
    words = Words(f"条件“{text}”在任何情况下都不成立", f"the condition “{text}” never holds")
    return Finding("warning", "never_taken", chart.file, flow.id, words, (), where)


def _points(
    chart: Chart,
    node: Node,
    flows: list[Flow],
    every: list[Mapping[str, Case]],
    taken: list[list[Flow]],
) -> Iterator[Finding]:
    """A single number that takes the default while those just below and just above do not: `>` meant as `>=`."""
    if node.default is None or len(every[0]) != 1:
        return
    for at in range(1, len(every) - 1):
        ((name, case),) = every[at].items()
        below, above = (next(iter(every[n].values())) for n in (at - 1, at + 1))
        is_between = case.is_point and not below.is_point and not above.is_point
        if is_between and not taken[at] and taken[at - 1] and taken[at + 1]:
            fixes = [
                fix(
                    "set_condition",
                    Words(f"改为 {name} {sign}= {case.value}", f"Make it {name} {sign}= {case.value}"),
                    flow=flow.id,
                    value=f"{name} {sign}= {case.value}",
                )
                for flow in (*taken[at + 1], *taken[at - 1])
                if (sign := _sign(flow, name, case.value))
            ]
            yield note(
                "warning",
                "gap_at",
                chart,
                node,
                f"{name} 恰为 {case.value} 时没有条件成立，只走默认流向",
                f"where {name} is exactly {case.value} no condition holds, and the default is taken",
                *fixes,
            )


def _sign(flow: Flow, name: str, value: Any) -> str:
    """The sign of a condition that is nothing but `name > value` or `name < value`."""
    found = _SIMPLE.fullmatch(flow.condition.text) if flow.condition else None
    fits = found is not None and found["name"] == name and float(found["number"]) == value
    return found["sign"] if found is not None and fits else ""


def _left(
    chart: Chart,
    node: Node,
    every: list[Mapping[str, Case]],
    taken: list[list[Flow]],
    domains: Mapping[str, Domain],
) -> Iterator[Finding]:
    """Choices that no condition names, where several are named: perhaps one was forgotten."""
    if node.default is None or len(every[0]) != 1 or "outcome" in every[0]:
        return
    (name,) = every[0]
    values = domains.get(name, Domain()).values
    left = [str(case[name].value) for case, ways in zip(every, taken, strict=True) if not ways]
    if len(values) > 2 and left and len(values) - len(left) >= 2:
        zh, en = "、".join(left), ", ".join(left)
        yield note(
            "hint",
            "choice_by_default",
            chart,
            node,
            f"{name} 为 {zh} 时只走默认流向",
            f"{name} being {en} only takes the default",
        )


def _flow(flow: Flow) -> str:
    return f"“{flow.condition.text.strip()}”" if flow.condition else f"“{flow.id}”"


def _said(case: Mapping[str, Case]) -> str:
    return ", ".join(f"{name} = {one.value!r}" for name, one in case.items())[:120]


RULES = (check,)
