"""Which flows of a drawing an instance came along: told from its history, as arrivals found back to what was left.

The history names steps, not gateways: of an arrival the shortest way back to what the matter had left last is taken,
through whatever leaves no row (gateways, services done at once). A step that is only reached through another person's
step is never skipped.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from app.platform.runtime.diagram import Plan
from app.platform.runtime.history import HistoryRow

LEAVING = frozenset({"decided", "returned", "closed"})
COMING = frozenset({"worked", "fired", "message", "signal", "thrown", "ended"})
"""Rows of what had been reached unseen; the matter goes on from there at once."""


def walked(
    plan: Plan, rows: Sequence[HistoryRow], parents: Mapping[str, str | None]
) -> tuple[frozenset[str], frozenset[str]]:
    """The flows an instance came along, and the elements without rows between them. `parents`: `Definition.parents`."""
    incoming = _incoming(plan, parents)
    left: dict[str, int] = {}  # elements the matter has been at, by the row that says so last
    flows: set[str] = set()
    between: set[str] = set()
    for _moment, group in groupby(rows, key=lambda row: row.at):
        happened = list(group)
        for row in happened:
            if row.kind in LEAVING and row.element:
                left[row.element] = row.seq
        for row in happened:
            if row.element is None or row.kind not in COMING | {"opened"}:
                continue
            found = _back(plan, incoming, row.element, left)
            flows |= {flow for flow, _element in found}
            between |= {element for _flow, element in found}
            if row.kind in COMING:
                left[row.element] = row.seq
    return frozenset(flows), frozenset(between - {""})


def _incoming(plan: Plan, parents: Mapping[str, str | None]) -> dict[str, list[tuple[str, str]]]:
    """By element the flows that lead to it, each with where it comes from; `""` is no flow but the way into a body."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for flow, (source, target) in plan.flows.items():
        found[target].append((flow, source))
    for element, parent in parents.items():
        tag = plan.tags.get(element, "")
        if parent and tag == "startEvent":
            found[element].append(("", parent))
        elif parent and tag == "endEvent":
            found[parent].append(("", element))
    return found


def _back(
    plan: Plan, incoming: Mapping[str, list[tuple[str, str]]], target: str, left: Mapping[str, int]
) -> list[tuple[str, str]]:
    """The way from `target` back to what was left last; each step as its flow and where that comes from."""
    best: tuple[int, list[tuple[str, str]]] | None = None
    for at, way in _ways(plan, incoming, target, left):
        if best is None or at > best[0]:
            best = (at, way)
    return [(flow, source) for flow, source in best[1] if flow] if best else []


def _ways(
    plan: Plan, incoming: Mapping[str, list[tuple[str, str]]], target: str, left: Mapping[str, int]
) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    seen = {target}
    waiting: deque[tuple[str, list[tuple[str, str]]]] = deque([(target, [])])
    while waiting:
        element, way = waiting.popleft()
        sources = incoming.get(element, [])
        if not sources and element != target:  # where the diagram begins
            yield 0, way
        for flow, source in sources:
            if source in seen:
                continue
            if source in left:
                yield left[source], [*way, (flow, source)]
            elif plan.tags.get(source) != "userTask":
                seen.add(source)
                waiting.append((source, [*way, (flow, source)]))
