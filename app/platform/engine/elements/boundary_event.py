"""Events on the edge of an activity: a timer, message or signal that comes meanwhile, or an error from within."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.events import PARTS, PROPERTIES, Edge, read_event
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station
from app.platform.engine.net import Net


class BoundaryEvent(Kind):
    """Interrupting or not; errors always interrupt."""

    tag = "boundaryEvent"
    attributes = frozenset({"attachedToRef", "cancelActivity"})
    properties = PROPERTIES
    children = PARTS
    guards = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read its event, and whether what it stands on can wait for it."""
        event = read_event(chart, node, frozenset({"timer", "message", "signal", "error"}))
        if event is None:
            chart.complain("event_missing", node.id)
            return
        if event.kind == "error" and not event.interrupting:
            chart.complain("error_interrupts", node.id)
        if node.incoming:
            chart.complain("boundary_with_way_in", node.id)

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """What the message brings."""
        return frozenset(node.event.data) if node.event else frozenset()

    def station(self, net: Net, node: Node) -> Station:
        """A station on the edge of its host's."""
        return Edge(net, node)
