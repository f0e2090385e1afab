"""From a checked chart to the running net: a station for each node, scope inside scope, process inside process."""

from __future__ import annotations

from copy import copy

from app.platform.engine.chart import Chart, Node, Scope
from app.platform.engine.elements.multi import Counted, Many
from app.platform.engine.machine import Condition, Finish, Station
from app.platform.engine.machine import Scope as ScopeStation
from app.platform.engine.net import Net


def build(chart: Chart) -> Net:
    """Build the net of a process and all it calls."""
    net = Net(chart.process)
    net.has_own = _has_loops(chart)
    _Builder(net, chart).scope(chart.scopes[0], None)
    net.blocks = _blocks(chart, "")
    net.first = {node.id: node.id for node in chart.scopes[0].entries()}
    return net


def _has_loops(chart: Chart) -> bool:
    return any(node.loop for node in chart.nodes.values()) or any(map(_has_loops, chart.called.values()))


def _blocks(chart: Chart, prefix: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each station the open blocks it lies in, outermost first: each a split and the way taken from it."""
    around: dict[str, list[tuple[int, str, str]]] = {}
    for split, way, inside in chart.blocks:
        for node in inside:
            around.setdefault(prefix + node.id, []).append((-len(inside), prefix + split.id, way.id))
    found = {name: tuple((split, way) for _size, split, way in sorted(each)) for name, each in around.items()}
    for call, called in chart.called.items():
        found |= _blocks(called, f"{prefix}{call}/")
    return found


class _Builder:
    """Builds the scopes of one chart, at the net's present prefix."""

    def __init__(self, net: Net, chart: Chart) -> None:
        self.net, self.chart = net, chart

    def scope(self, scope: Scope, name: str | None, members: list[Node] | None = None) -> None:
        """Build what lies in `scope`, whose station is called `name`; `members` for a side flow: without its event."""
        net = self.net
        above = net.within, net.finish
        net.within = name
        if name is not None:
            bare = name.removeprefix(net.prefix)
            net.finish = Finish(net, f"{bare}:finish").name
            owner = net.task_specs[name]
            assert isinstance(owner, ScopeStation)
            owner.inner_finish = net.finish
        nodes = scope.nodes if members is None else members
        stations = {node: self._station(node) for node in nodes}
        if scope.kind == "side" and scope.owner is not None:
            stations[scope.owner] = net.task_specs[net.prefix + scope.owner.id]
        for node in [*nodes, *([scope.owner] if scope.kind == "side" and scope.owner else [])]:
            self._flows(node, stations)
        for node in nodes:
            self._boundaries(node, stations[node])
        entries = [net.prefix + node.id for node in scope.entries()]
        net.entries[name] = entries
        if scope.kind in ("inside", "process") and name is not None:
            net.task_specs[name].entry = entries[0]
        for node in nodes:
            self._inside(node, name)
        net.within, net.finish = above

    def _station(self, node: Node) -> Station:
        net = self.net
        if node.loop is None:
            return node.kind.station(net, node)
        many = Many(net, node.id, node.stage)
        many.loop = node.loop
        outer = net.within
        net.within = many.name
        body, counted = node.kind.station(net, _renamed(node)), Counted(net, f"{node.id}:next")
        body.connect(counted)
        body.keeps = node.loop.keeps
        many.body = body.name
        net.within = outer
        return many

    def _flows(self, node: Node, stations: dict[Node, Station]) -> None:
        for flow in sorted(node.outgoing, key=lambda flow: flow.id == node.default):
            station, target = stations[node], stations[flow.target]
            if flow.condition is not None:
                station.connect_if(Condition(flow.condition), target)
            else:
                station.connect(target)

    def _boundaries(self, node: Node, station: Station) -> None:
        """The events on the edge: those that interrupt lie beside it, those that do not open scopes of their own."""
        for boundary in node.boundaries:
            name = self.net.prefix + boundary.id
            if boundary.scope.kind == "side" and boundary.scope.owner is boundary:
                built = boundary.kind.station(self.net, boundary)
                members = [each for each in boundary.scope.nodes if each is not boundary]
                self.scope(boundary.scope, built.name, members)
                self.net.entries[built.name] = list(built._outputs)
            station.boundaries.append(self.net.task_specs[name])

    def _inside(self, node: Node, within: str | None) -> None:
        net, called = self.net, self.chart.called.get(node.id)
        name = net.prefix + node.id + (":each" if node.loop is not None else "")
        if node.inside is not None:
            self.scope(node.inside, name)
            if node.inside.kind == "beside":
                starts = [net.task_specs[net.prefix + entry.id] for entry in node.inside.entries()]
                net.besides.setdefault(within, []).extend(starts)
                net.entries[name] = [each for start in starts for each in start._outputs]
        elif called is not None:
            self._call(node, called, name)

    def _call(self, node: Node, called: Chart, name: str) -> None:
        net, prefix = self.net, self.net.prefix
        net.prefix = f"{prefix}{node.id}/"
        _Builder(net, called).scope(called.scopes[0], name)
        net.prefix = prefix


def _renamed(node: Node) -> Node:
    """A node under the name of its multi-instance's body."""
    body = copy(node)
    body.id = f"{node.id}:each"
    return body
