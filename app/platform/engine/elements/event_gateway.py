"""The gateway after which the first of several events decides the way."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Token
from app.platform.engine.net import Net
from app.platform.engine.run import Run


class Rivalry(Station):
    """Arms every event after it; the first to come takes the others away."""

    is_rivalry = True

    def _on_ready_hook(self, token: Token) -> None:
        """It waits by its events: its stage holds, unless one of them says more."""
        super()._on_ready_hook(token)
        run: Run = token.workflow
        run.stage = self.stage or run.stage


class EventBasedGateway(Kind):
    """Waits for one of several events; only catch events and receive tasks may follow it."""

    tag = "eventBasedGateway"
    attributes = frozenset({"gatewayDirection", "eventGatewayType"})
    properties = frozenset({"stage"})
    is_gateway = True

    def read(self, chart: Chart, node: Node) -> None:
        """Check what follows."""
        if node.xml.get("eventGatewayType", "Exclusive") != "Exclusive":
            chart.complain(
                "unknown_attribute", node.id, found="eventGatewayType", line=str(node.xml.sourceline)
            )
        if len(node.outgoing) < 2:
            chart.complain("events_after", node.id)
        for flow in node.outgoing:
            if not flow.target.kind.is_catch or len(flow.target.incoming) != 1:
                chart.complain("events_after", node.id)
                return

    def station(self, net: Net, node: Node) -> Station:
        """A station that arms all that follow."""
        return Rivalry(net, node.id, node.stage)
