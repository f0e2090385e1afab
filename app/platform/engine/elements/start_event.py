"""The start of a chain, of a sub-process, or of an event sub-process."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.events import DEFINITIONS, PARTS, PROPERTIES, Begin, read_event
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station
from app.platform.engine.net import Net
from app.platform.engine.vocabulary import local

_HERE = {
    "process": frozenset({"timer", "message", "signal"}),
    "inside": frozenset[str](),
    "beside": frozenset({"timer", "message", "signal", "error"}),
}


class StartEvent(Kind):
    """A plain start, or one by timer, message or signal; in an event sub-process by an error, too."""

    tag = "startEvent"
    attributes = frozenset({"isInterrupting"})
    children = PARTS
    properties = PROPERTIES

    def read(self, chart: Chart, node: Node) -> None:
        """Read its event; a start has no way in."""
        if node.incoming:
            chart.complain("start_with_way_in", node.id)
        kind = node.scope.kind
        read_event(chart, node, _HERE.get(kind, frozenset()))
        if kind == "beside" and not any(local(child) in DEFINITIONS for child in node.xml):
            chart.complain("starts_without_event", node.id)
        if node.event is not None and node.event.kind == "error" and not node.event.interrupting:
            chart.complain("error_interrupts", node.id)
        if node.event is None and node.xml.get("isInterrupting", "true") != "true":
            chart.complain(
                "unknown_attribute", node.id, found="isInterrupting", line=str(node.xml.sourceline)
            )

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """What the message brings."""
        return frozenset(node.event.data) if node.event else frozenset()

    def station(self, net: Net, node: Node) -> Station:
        """Where the scope begins; an event sub-process begins when its event comes."""
        if node.scope.kind == "beside":
            return Begin(net, node)
        return Station(net, node.id, node.stage)
