"""The end of a chain, or of one of its branches."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Net, Station, Token


class End(Station):
    """Notes which end was reached and what the instance is called from here on."""

    def _on_complete_hook(self, token: Token) -> None:
        super()._on_complete_hook(token)
        token.workflow.ended = self.bpmn_id
        token.workflow.stage = self.stage or token.workflow.stage


class EndEvent(Kind):
    """A plain end event."""

    tag = "endEvent"
    properties = frozenset({"stage"})

    def read(self, chart: Chart, node: Node) -> None:
        """An end has no way out."""
        if node.outgoing:
            chart.complain("end_with_way_out", node.id)

    def station(self, net: Net, node: Node) -> Station:
        """A station before the finish."""
        station = End(net, node.id, node.stage)
        station.connect(net.end)
        return station
