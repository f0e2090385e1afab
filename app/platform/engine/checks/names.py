"""Every variable an expression or a property reads must be set somewhere."""

from __future__ import annotations

from app.platform.engine.chart import Chart

# What the runtime knows of every instance and hands to the title besides the variables.
TITLE_NAMES = frozenset({"starter_name", "process_name", "region_name", "unit_name", "year"})


def check_names(chart: Chart) -> None:
    """Collect the variables there are, then check every use."""
    known = chart.variables
    for form in [
        chart.properties.get("form"),
        *(node.properties.get("form") for node in chart.nodes.values()),
    ]:
        facts = chart.catalogue.forms.get(form or "")
        known |= set(facts.variables) if facts else set()
    for node in chart.nodes.values():
        known |= node.kind.produces(chart, node)
    for use in chart.uses:
        for name in sorted(use.expression.names - known - use.free - {"outcome"}):
            chart.unknown("unknown_variable", use.element, name, known | use.free)
        if use.element is None and "outcome" in use.expression.names:
            chart.complain("no_outcome", use.element)
    for element, name in chart.variable_uses:
        if name not in known:
            chart.unknown("unknown_variable", element, name, known)
