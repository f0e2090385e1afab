"""The end of a chain, or of one of its branches."""

from __future__ import annotations

from typing import Any

from app.platform.engine.chart import Chart, Node
from app.platform.engine.definition import Event
from app.platform.engine.elements.events import PARTS, PROPERTIES, read_event, throw
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Token
from app.platform.engine.net import Net


class End(Station):
    """Ends a branch: plainly, with a message or signal, with an error, or everything around it."""

    event: Event | None = None

    @property
    def throws(self) -> bool:
        """Whether it sends a message or signal."""
        return self.event is not None and self.event.kind in ("message", "signal")

    def _run_hook(self, token: Token) -> Any:
        kind = self.event.kind if self.event else None
        if self.throws:
            throw(self, token)
        if kind not in ("error", "terminate"):
            return True
        run = token.workflow
        run.note("left", self.bpmn_id)
        run.stage = self.stage or run.stage
        if kind == "terminate" or not run.raise_error(token, self.event.name or "", own=False):  # type: ignore[union-attr]
            run.terminate(token)
        return None

    def _on_complete_hook(self, token: Token) -> None:
        super()._on_complete_hook(token)
        token.workflow.stage = self.stage or token.workflow.stage


class EndEvent(Kind):
    """An end: none, message, signal, error or terminate."""

    tag = "endEvent"
    properties = PROPERTIES
    children = PARTS

    def read(self, chart: Chart, node: Node) -> None:
        """Read its event; an end has no way out."""
        if node.outgoing:
            chart.complain("end_with_way_out", node.id)
        read_event(chart, node, frozenset({"message", "signal", "error", "terminate"}))

    def station(self, net: Net, node: Node) -> Station:
        """A station before the finish of its scope."""
        station = End(net, node.id, node.stage)
        station.event = node.event
        station.connect(net.task_specs[net.finish])
        return station
