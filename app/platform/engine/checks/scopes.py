"""What lies inside or on the edge of other things: boundary events, errors, event sub-processes, loops."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node, Scope
from app.platform.engine.elements.service_task import Errand


def check_scopes(chart: Chart) -> None:
    """Check everything that waits beside something else, and every error for somebody who takes it."""
    for node in chart.nodes.values():
        if node.kind.guards and node.host is not None and node.event is not None:
            _check_edge(chart, node, node.host)
        if node.event is not None and node.event.kind == "error" and node.kind.tag == "endEvent":
            _check_error(chart, node)
    for scope in chart.scopes:
        _check_doubles(chart, scope)


def _check_edge(chart: Chart, node: Node, host: Node) -> None:
    assert node.event is not None
    if node.event.kind == "error":
        fits = host.kind.raises
    else:
        fits = host.kind.is_activity or (isinstance(host.detail, Errand) and host.detail.when == "after")
    beside = host.inside is not None and host.inside.kind == "beside"
    if not fits or beside:
        chart.complain("boundary_never", node.id, found=node.event.kind, host=host.id)
    twins = [e for e in host.boundaries if e is not node and e.event and e.event.kind == "error"]
    if node.event.kind == "error" and any(e.event and e.event.name == node.event.name for e in twins):
        chart.complain("error_twice", node.id, error=node.event.name or "*")


def _check_error(chart: Chart, node: Node) -> None:
    """Inside something an error end must be caught; at the top it ends the process, or its caller catches it."""
    assert node.event is not None
    scope: Scope | None = node.scope
    out_of = node.scope
    while scope is not None:
        beside = [
            each.inside for each in scope.nodes if each.inside is not None and each.inside.kind == "beside"
        ]
        starts = [entry for each in beside if each is not out_of for entry in each.entries()]
        edge = scope.owner.boundaries if scope.owner is not None and scope.kind == "inside" else []
        for each in [*starts, *edge]:
            if each.event and each.event.kind == "error" and each.event.name in (None, node.event.name):
                return
        out_of = scope
        scope = scope.around()
    if node.scope is not chart.scopes[0]:
        chart.complain("nobody_catches", node.id, error=node.event.name or "")


def _check_doubles(chart: Chart, scope: Scope) -> None:
    """Two starts, or two event sub-processes, for one and the same error cannot both be meant."""
    known: set[str | None] = set()
    for node in scope.nodes:
        if node.inside is None or node.inside.kind != "beside":
            continue
        for entry in node.inside.entries():
            if entry.event is not None and entry.event.kind == "error":
                if entry.event.name in known:
                    chart.complain("error_twice", entry.id, error=entry.event.name or "*")
                known.add(entry.event.name)
