"""The gateway where exactly one way is taken."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway as Stock

from app.platform.engine.chart import Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Token
from app.platform.engine.net import Net


class Exclusive(Station, Stock):  # type: ignore[misc]
    """Takes the first flow whose condition holds, else the default."""

    def _predict_hook(self, token: Token) -> None:
        """Chosen when it runs."""


class ExclusiveGateway(Kind):
    """Splits and merges; several ways out need conditions and a default."""

    tag = "exclusiveGateway"
    attributes = frozenset({"default", "gatewayDirection"})
    is_gateway = True
    chooses = True

    def station(self, net: Net, node: Node) -> Station:
        """The library's exclusive gateway on our tokens."""
        return Exclusive(net, node.id)
