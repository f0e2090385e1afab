"""A process inside a process: drawn there, started there by an event, or called from another file."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Scope, Side, Station
from app.platform.engine.net import Net


class Embedded(Scope):
    """A sub-process or a called process; the net gives it what lies inside."""


class Beside(Side):
    """An event sub-process."""

    is_beside = True


class SubProcess(Kind):
    """Drawn inside; with `triggeredByEvent` an event sub-process, which no flow leads to."""

    tag = "subProcess"
    attributes = frozenset({"triggeredByEvent"})
    children = frozenset({"multiInstanceLoopCharacteristics"})
    properties = frozenset({"stage"})
    holds_nodes = True
    is_activity = True
    raises = True

    def read(self, chart: Chart, node: Node) -> None:
        """An event sub-process stands alone."""
        if node.inside is not None and node.inside.kind == "beside":
            if node.incoming or node.outgoing or node.boundaries:
                chart.complain("beside_with_ways", node.id)
            if node.loop is not None:
                chart.complain("unknown_element", node.id, found="multiInstanceLoopCharacteristics", line="1")

    def station(self, net: Net, node: Node) -> Station:
        """A scope."""
        if node.inside is not None and node.inside.kind == "beside":
            return Beside(net, node.id, node.stage)
        return Embedded(net, node.id, node.stage)


class CallActivity(Kind):
    """Runs another process of the bundle as a part of this one; who it asks without lanes takes the caller's."""

    tag = "callActivity"
    attributes = frozenset({"calledElement"})
    children = frozenset({"multiInstanceLoopCharacteristics"})
    properties = frozenset({"stage"})
    is_activity = True
    raises = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read the called process."""
        process = node.xml.get("calledElement", "").strip()
        if not process:
            chart.complain("calls_nothing", node.id)
            return
        called = chart.calls(chart, node, process)
        if called is not None:
            chart.called[node.id] = called

    def station(self, net: Net, node: Node) -> Station:
        """A scope."""
        return Embedded(net, node.id, node.stage)
