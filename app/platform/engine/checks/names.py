"""Every variable an expression or a property reads must be set somewhere it can be seen from."""

from __future__ import annotations

from collections.abc import Iterator

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.multi import INDEX

# What the runtime knows of every instance and hands to the title besides the variables.
TITLE_NAMES = frozenset({"starter_name", "process_name", "region_name", "unit_name", "year"})


def charts_of(chart: Chart) -> Iterator[Chart]:
    """A process and those it calls, however deep."""
    yield chart
    for called in chart.called.values():
        yield from charts_of(called)


def check_names(chart: Chart) -> None:
    """Collect the variables there are, find which belong to a multi-instance's bodies, then check every use."""
    charts = list(charts_of(chart))
    everywhere: set[str] = set()
    form = chart.catalogue.forms.get(chart.properties.get("form", ""))
    everywhere |= set(form.variables) if form else set()
    produced: dict[Node, set[str]] = {}
    for each in charts:
        everywhere |= each.variables  # data objects
        for node in each.nodes.values():
            facts = each.catalogue.forms.get(node.properties.get("form", ""))
            produced[node] = (set(facts.variables) if facts else set()) | node.kind.produces(each, node)
    owners = _owners(chart, ())
    free = {name for node, names in produced.items() if not owners[node] for name in names} | everywhere
    for node, names in produced.items():
        for loop in reversed(owners[node]):  # the innermost multi-instance keeps what nobody outside it sets
            assert loop.loop is not None
            outside = {n for o, names_ in produced.items() if loop not in owners[o] for n in names_}
            loop.loop.keeps |= frozenset(names - outside - everywhere)
            names = names - loop.loop.keeps
        free |= names
    for loop in {loop for each in owners.values() for loop in each}:
        assert loop.loop is not None
        loop.loop.keeps |= {INDEX} | ({loop.loop.item} if loop.loop.items is not None else set())
    chart.variables = free
    for each in charts:
        _check_uses(each, free, owners)


def _owners(chart: Chart, above: tuple[Node, ...]) -> dict[Node, tuple[Node, ...]]:
    """For each node the multi-instances whose bodies it stands in, outermost first; a looped task is its own body."""
    found: dict[Node, tuple[Node, ...]] = {}
    for scope in chart.scopes:
        host = scope.owner.host if scope.kind == "side" and scope.owner else scope.owner
        around = above if host is None else found[host]
        if scope.kind == "side" and host is not None and host.loop is not None:
            around = around[:-1]  # beside a multi-instance, not in one of its bodies
        for node in scope.nodes:
            found[node] = (*around, node) if node.loop is not None else around
    for call, called in chart.called.items():
        found |= _owners(called, found[chart.nodes[call]])
    return found


def _check_uses(chart: Chart, free: set[str], owners: dict[Node, tuple[Node, ...]]) -> None:
    def seen_from(element: str | None) -> set[str]:
        node = chart.nodes.get(element or "")
        if node is None and element is not None:
            flow = next((flow for flow in chart.flows if flow.id == element), None)
            node = flow.source if flow else None
        loops = [loop.loop for loop in owners.get(node, ())] if node else []
        return free | {name for loop in loops if loop for name in loop.keeps}

    for use in chart.uses:
        known = seen_from(use.element)
        for name in sorted(use.expression.names - known - use.free - {"outcome"}):
            chart.unknown("unknown_variable", use.element, name, known | use.free)
        if use.element is None and "outcome" in use.expression.names:
            chart.complain("no_outcome", use.element)
    lanes = {node.lane.id for node in chart.nodes.values() if node.lane is not None}
    for element, name in chart.variable_uses:
        known = seen_from(element)
        if element in lanes:  # a lane speaks for the tasks in it, also for those in bodies
            known = known.union(
                *(seen_from(n.id) for n in chart.nodes.values() if n.lane and n.lane.id == element)
            )
        if name not in known:
            chart.unknown("unknown_variable", element, name, known)
