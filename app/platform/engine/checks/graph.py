"""The shape of the drawing: ways in and out, what is reached, what ends, what turns without anyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.platform.engine.chart import Chart, Node


def reached(start: Iterable[Node], step: Callable[[Node], list[Node]], stop: Node | None = None) -> set[Node]:
    """Everything reached from `start` by `step`, `start` included, not going beyond `stop`."""
    found = set(start)
    todo = list(found)
    while todo:
        node = todo.pop()
        if node is stop:
            continue
        for other in step(node):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def check_graph(chart: Chart) -> bool:
    """Check ways and reach; tells whether the drawing is one chain, so that deeper checks make sense."""
    before = len(chart.problems)
    nodes = list(chart.nodes.values())
    starts = [node for node in nodes if node.kind.tag == "startEvent"]
    ends = [node for node in nodes if node.kind.tag == "endEvent"]
    if len(starts) != 1:
        chart.complain("one_start", None, found=str(len(starts)))
    if not ends:
        chart.complain("no_end")
    for node in nodes:
        if not node.outgoing and node not in ends:
            chart.complain("no_way_out", node.id)
        if len(node.outgoing) > 1 and not node.kind.is_gateway:
            chart.complain("several_ways_out", node.id)
        if not node.kind.chooses:
            for flow in node.outgoing:
                if flow.condition is not None:
                    chart.complain("condition_not_here", flow.id, source=node.id)
    if len(chart.problems) > before:
        return False
    from_start = reached(starts, Node.after)
    to_end = reached(ends, Node.before)
    for node in nodes:
        if node not in from_start:
            chart.complain("unreachable", node.id)
        elif node not in to_end:
            chart.complain("never_ends", node.id)
    _check_turns(chart, nodes)
    return len(chart.problems) == before


def _check_turns(chart: Chart, nodes: list[Node]) -> None:
    """A cycle needs a person in it, or it would turn for ever."""
    idle = {node for node in nodes if not node.kind.is_person}

    def onward(node: Node) -> list[Node]:
        return [other for other in node.after() if other in idle]

    told: set[Node] = set()
    for node in nodes:
        if node not in idle or node in told:
            continue
        if node in reached(onward(node), onward):
            circle = [other for other in reached([node], onward) if node in reached([other], onward)]
            told.update(circle)
            chart.complain("turns_alone", node.id, others=", ".join(sorted(other.id for other in circle)))
