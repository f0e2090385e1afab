"""The gateway where every way whose condition holds is taken, and its join."""

from __future__ import annotations

from functools import cached_property

from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway as Stock

from app.platform.engine.chart import Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import LIVE, Joining, Station, Token
from app.platform.engine.net import Net


class Inclusive(Joining, Stock):  # type: ignore[misc]
    """Splits by conditions; joins by the rule of BPMN, which the library's own check gets wrong in loops."""

    @cached_property
    def nearer(self) -> dict[str, frozenset[str]]:
        """From where each input is reached without passing this gateway."""
        return self._wf_spec.nearer(self.name)  # type: ignore[no-any-return]

    def may_fire(self, token: Token, arrivals: list[Token]) -> bool:
        """Wait while a token elsewhere can reach an empty input and no filled one."""
        if len(self._inputs) == 1:
            return True
        filled = {arrival.parent.task_spec.name for arrival in arrivals}
        for other in token.workflow.tasks.values():
            if not other._state & LIVE or other.host is not None or other.scope is not token.scope:
                continue
            if other in arrivals:
                continue
            here = other.task_spec.name
            reaches = {name for name, stations in self.nearer.items() if here in stations}
            if reaches - filled and not reaches & filled:
                return False
        return True

    def _predict_hook(self, token: Token) -> None:
        """Chosen when it runs."""

    def _run_hook(self, token: Token) -> bool:
        matches, defaults = self._get_matching_outputs(token)
        for station in matches or defaults:
            token._add_child(station)
        return True


class InclusiveGateway(Kind):
    """Opens and closes an inclusive block."""

    tag = "inclusiveGateway"
    attributes = frozenset({"default", "gatewayDirection"})
    properties = frozenset({"stage"})
    is_gateway = True
    chooses = True
    joins = True

    def station(self, net: Net, node: Node) -> Station:
        """The library's inclusive gateway with our join."""
        return Inclusive(net, node.id, node.stage)
