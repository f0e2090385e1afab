"""What every kind of element shares: what XML it may hold, what it reads, and the piece that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.platform.engine.chart import Chart, Node
    from app.platform.engine.machine import Station
    from app.platform.engine.net import Net


class Kind:
    """One kind of flow node: its BPMN tag, the properties and children it may have, and its behaviour."""

    tag: ClassVar[str]
    properties: ClassVar[frozenset[str]] = frozenset()
    children: ClassVar[frozenset[str]] = frozenset()
    attributes: ClassVar[frozenset[str]] = frozenset()
    extensions: ClassVar[frozenset[str]] = frozenset()  # elements of our namespace besides properties
    operator: ClassVar[bool] = False
    is_person: ClassVar[bool] = False
    is_gateway: ClassVar[bool] = False
    chooses: ClassVar[bool] = False
    joins: ClassVar[bool] = False
    is_catch: ClassVar[bool] = False  # waits for an event on the way
    guards: ClassVar[bool] = False  # stands on the edge of another
    holds_nodes: ClassVar[bool] = False
    is_activity: ClassVar[bool] = False  # lasts, so that an event may come meanwhile
    raises: ClassVar[bool] = False  # an error may come out of it

    def read(self, chart: Chart, node: Node) -> None:
        """Read what is particular to this kind into `node.detail`, complaining into the chart."""

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """The variables this node may set."""
        return frozenset()

    def waits(self, node: Node) -> bool:
        """Whether a token stays here until somebody or something comes."""
        return self.is_person or self.is_catch

    def station(self, net: Net, node: Node) -> Station:
        """Build the piece of the running net for `node`."""
        raise NotImplementedError  # pragma: no cover - every kind has its own
