"""Parallel and inclusive gateways must form blocks: every way that opens comes back, over its own join.

Inside a block tokens live side by side. Were a flow to leave it past the join, or to enter it past the split,
a join would wait for ever or a step would run twice; so neither is published.
"""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.checks.graph import reached


def check_blocks(chart: Chart) -> None:
    """Find the join of every split and check what lies between."""
    closed: set[Node] = set()
    splits = [node for node in chart.nodes.values() if node.kind.joins and len(node.outgoing) > 1]
    for split in splits:
        ends = [node for node in split.scope.nodes if not node.outgoing and not _kills(node)]
        if len(split.incoming) > 1:
            chart.complain("splits_and_joins", split.id)
        elif len(set(split.after())) < len(split.outgoing):
            chart.complain("double_flow", split.id)
        else:
            join = _join(split, ends)
            _check_block(chart, split, join)
            if join is not None:
                closed.add(join)
    for node in chart.nodes.values():
        if node.kind.joins and len(node.incoming) > 1 and len(node.outgoing) <= 1 and node not in closed:
            chart.complain("join_without_split", node.id)


def _kills(node: Node) -> bool:
    """Whether an end takes everything around it away, so that no join waits for it."""
    return node.event is not None and node.event.kind in ("error", "terminate")


def _join(split: Node, ends: list[Node]) -> Node | None:
    """The first node every way from `split` to an end passes; None if the ways end apart."""
    ways = [reached([way], Node.after) for way in split.after()]
    alive = [way for way in ways if way.intersection(ends)]
    if len(alive) < 2:
        return None  # one way at most goes on: the others end everything around them
    candidates = set.intersection(*alive) - {split}
    passed = [
        node
        for node in candidates
        if not any(end in reached(split.after(), Node.after, stop=node) for end in ends if end is not node)
    ]
    passed = [node for node in passed if node.outgoing]
    for node in passed:
        before = reached(split.after(), Node.after, stop=node)
        if not any(other is not node and other in before for other in passed):
            return node
    return None


def _check_block(chart: Chart, split: Node, join: Node | None) -> None:
    if join is not None and (join.kind is not split.kind or len(join.outgoing) > 1):
        chart.complain("wrong_join", split.id, join=join.id)
        return
    seen: dict[Node, Node] = {}
    for way in split.after():
        inside = {way} if way is join else reached([way], Node.after, stop=join)
        for node in inside - {join}:
            if node is split or node in seen:
                chart.complain("leaves_block", split.id, at=node.id)
                return
            seen[node] = way
        chart.blocks.append((split, way, {node for node in inside if node is not join}))
        arrivals = (
            [flow for flow in join.incoming if flow.source in inside or flow.source is split] if join else []
        )
        if join is not None and join.kind.tag == "parallelGateway" and way is not join:
            own = [flow for flow in arrivals if flow.source is not split]
            if len(own) != 1 and join in inside:
                chart.complain("several_arrivals", join.id, way=way.id)
    for node in seen:
        for source in node.before():
            if source not in seen and source is not split:
                chart.complain("enters_block", split.id, at=node.id, source=source.id)
                return
    if join is not None:
        for source in join.before():
            if source not in seen and source is not split:
                chart.complain("enters_block", split.id, at=join.id, source=source.id)
                return
