"""The start of a chain."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Net, Station


class StartEvent(Kind):
    """A plain start event; timers and messages have kinds of their own."""

    tag = "startEvent"

    def read(self, chart: Chart, node: Node) -> None:
        """A start has no way in."""
        if node.incoming:
            chart.complain("start_with_way_in", node.id)

    def station(self, net: Net, node: Node) -> Station:
        """A station behind the origin."""
        station = Station(net, node.id)
        net.start.connect(station)
        return station
