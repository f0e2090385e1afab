"""The shape of the drawing: ways in and out, what is reached, what ends, what turns without anyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.platform.engine.chart import Chart, Node, Scope


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
    """Check ways and reach, scope by scope; tells whether deeper checks make sense."""
    before = len(chart.problems)
    for scope in chart.scopes:
        _check_ways(chart, scope)
    if len(chart.problems) > before:
        return False
    for scope in chart.scopes:
        _check_reach(chart, scope)
        _check_turns(chart, scope.nodes)
    return len(chart.problems) == before


def _check_ways(chart: Chart, scope: Scope) -> None:
    owner = scope.owner.id if scope.owner else None
    starts = scope.entries()
    plain = [node for node in starts if node.event is None]
    if (len(plain) > 1 or not starts) if scope.kind == "process" else len(starts) != 1:
        chart.complain("one_start", owner, found=str(len(plain)))
    if scope.kind != "side" and not any(_ends(node) for node in scope.nodes):
        chart.complain("no_end", owner)
    for node in scope.nodes:
        stands_alone = node.inside is not None and node.inside.kind == "beside"
        if not node.outgoing and not _ends(node) and not stands_alone:
            chart.complain("no_way_out", node.id)
        if len(node.outgoing) > 1 and not node.kind.is_gateway:
            chart.complain("several_ways_out", node.id)
        if not node.kind.chooses:
            for flow in node.outgoing:
                if flow.condition is not None:
                    chart.complain("condition_not_here", flow.id, source=node.id)


def _ends(node: Node) -> bool:
    return node.kind.tag == "endEvent"


def _check_reach(chart: Chart, scope: Scope) -> None:
    from_start = reached(scope.entries(), Node.after)
    to_end = reached([node for node in scope.nodes if _ends(node)], Node.before)
    for node in scope.nodes:
        if node.inside is not None and node.inside.kind == "beside":
            continue
        if node not in from_start:
            chart.complain("unreachable", node.id)
        elif node not in to_end:
            chart.complain("never_ends", node.id)
    for node in from_start:
        if node.scope is not scope:
            chart.complain("side_flow_meets", node.id)


def _check_turns(chart: Chart, nodes: list[Node]) -> None:
    """A cycle needs a person or an event in it, or it would turn for ever."""
    idle = {node for node in nodes if _is_idle(chart, node)}

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


def _is_idle(chart: Chart, node: Node) -> bool:
    """Whether a token may come through without anybody doing anything, and without an event."""
    if node.kind.guards:
        return node.event is not None and node.event.kind == "error"
    if node.kind.waits(node):
        return False
    called = chart.called.get(node.id)
    inner = (called.scopes[0] if called.scopes else None) if called else node.inside
    if inner is None:
        return True
    within = called or chart

    def onward(other: Node) -> list[Node]:
        return [each for each in other.after() if _is_idle(within, each)]

    return any(_ends(each) for each in reached(inner.entries(), onward))
