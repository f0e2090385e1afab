"""Events on the way: they wait for a timer, message or signal, or send one; send and receive tasks, too."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.events import PARTS, PROPERTIES, Catch, Throw, event_of, named, read_event
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station
from app.platform.engine.net import Net


class CatchEvent(Kind):
    """Waits on the way."""

    tag = "intermediateCatchEvent"
    properties = PROPERTIES
    children = PARTS
    is_catch = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read its event."""
        if read_event(chart, node, frozenset({"timer", "message", "signal"})) is None:
            chart.complain("event_missing", node.id)

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """What the message brings."""
        return frozenset(node.event.data) if node.event else frozenset()

    def station(self, net: Net, node: Node) -> Station:
        """A station that waits."""
        return Catch(net, node)


class ReceiveTask(CatchEvent):
    """A message catch, drawn as a task."""

    tag = "receiveTask"
    children = frozenset()
    attributes = frozenset({"messageRef"})
    is_activity = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read the message it names."""
        _read_message(chart, node)


class ThrowEvent(Kind):
    """Sends a message or signal; without a definition it only marks a place."""

    tag = "intermediateThrowEvent"
    properties = PROPERTIES
    children = PARTS

    def read(self, chart: Chart, node: Node) -> None:
        """Read its event."""
        read_event(chart, node, frozenset({"message", "signal"}))

    def station(self, net: Net, node: Node) -> Station:
        """A station that sends, or passes on."""
        if node.event is None:
            return Station(net, node.id, node.stage)
        station = Throw(net, node.id, node.stage)
        station.event = node.event
        return station


class SendTask(ThrowEvent):
    """A message throw, drawn as a task."""

    tag = "sendTask"
    children = frozenset()
    attributes = frozenset({"messageRef"})

    def read(self, chart: Chart, node: Node) -> None:
        """Read the message it names."""
        _read_message(chart, node)


def _read_message(chart: Chart, node: Node) -> None:
    reference = node.xml.get("messageRef")
    if reference is None:
        chart.complain("event_without_name", node.id)
    node.event = event_of(chart, node, "message", named(chart, node, reference) if reference else None)
