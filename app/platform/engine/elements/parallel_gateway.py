"""The gateway where all ways are taken, and its join."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as Stock

from app.platform.engine.chart import Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Joining, Station, Token
from app.platform.engine.net import Net


class Parallel(Joining, Stock):  # type: ignore[misc]
    """Goes on when a token has come over each way in."""

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Wait for one arrival from each input."""
        if len(self._inputs) == 1:
            return True  # also for a token that a repair has put here
        return {arrival.parent.task_spec.name for arrival in arrivals}.issuperset(self._inputs)


class ParallelGateway(Kind):
    """Opens and closes a parallel block."""

    tag = "parallelGateway"
    attributes = frozenset({"gatewayDirection"})
    properties = frozenset({"stage"})
    is_gateway = True
    joins = True

    def station(self, net: Net, node: Node) -> Station:
        """The library's parallel gateway with our join."""
        return Parallel(net, node.id, node.stage)
