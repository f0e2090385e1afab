"""From an admitted XML tree to a chart: everything in it is either understood or complained of."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from lxml import etree

from app.platform.engine.chart import NOWHERE, Chart, Flow, Node, Scope
from app.platform.engine.definition import Lane
from app.platform.engine.elements import KINDS
from app.platform.engine.elements.multi import read_loop
from app.platform.engine.lanes import read_lanes
from app.platform.engine.products import shown
from app.platform.engine.properties import words
from app.platform.engine.vocabulary import (
    ATTRIBUTES,
    BPMN,
    CARRIED,
    DATA,
    DATA_PARTS,
    DRAWING,
    ENGLISH,
    EVENTS,
    EVERYWHERE,
    HARMLESS,
    ID,
    INSTANCE,
    LOOP,
    MOST_ELEMENTS,
    NAMED,
    OURS,
    PROCESS_PROPERTIES,
    local,
    space,
)
from app.platform.registry import Words


class Reader:
    """Reads one file into one chart."""

    def __init__(self, chart: Chart, root: etree._Element) -> None:
        self.chart = chart
        self.root = root
        self.ids: set[str] = set()

    def read(self) -> None:
        """Read the whole file; complaints are in the chart."""
        if self.root.tag != f"{{{BPMN}}}definitions":
            self.chart.complain("not_bpmn")
            return
        self.attributes(self.root, set())
        processes = []
        for child in self.root:
            if space(child) in DRAWING:
                self._drawing(child)
            elif self.bpmn(child, {"process", "collaboration", "category", *NAMED, *EVERYWHERE}):
                if local(child) == "process":
                    processes.append(child)
                elif local(child) in NAMED:
                    self._named(child)
                elif local(child) == "collaboration":
                    self._collaboration(child)
                elif local(child) == "extensionElements":
                    self.properties(self.root, frozenset())
        if len(processes) != 1:
            self.chart.complain("one_process", found=str(len(processes)))
            return
        self._process(processes[0])

    @staticmethod
    def local(xml: etree._Element) -> str:
        """The tag without its namespace."""
        return local(xml)

    def _process(self, xml: etree._Element) -> None:
        chart = self.chart
        self.identify(xml)
        self.attributes(xml, set())
        if xml.get("isExecutable", "true") != "true":
            chart.complain("not_executable", xml.get("id"))
        chart.properties = self.properties(xml, PROCESS_PROPERTIES)
        chart.name = self.named(xml, chart.properties, wanted=True)
        count = sum(1 for child in xml.iter() if space(child) == BPMN and local(child) in KINDS)
        if count > MOST_ELEMENTS:
            chart.complain("too_many_elements", limit=str(MOST_ELEMENTS), found=str(count))
            return
        lanes = read_lanes(self, [child for child in xml if local(child) == "laneSet"])
        self._contents(xml, Scope("process", None), {"laneSet"})
        self._seat(lanes)
        self._guards()
        for flow in xml.iter(f"{{{BPMN}}}sequenceFlow"):
            self._flow(flow)
        self._sides()

    def _contents(self, xml: etree._Element, scope: Scope, more: AbstractSet[str] = frozenset()) -> None:
        """Read what a process or sub-process holds into a scope; its flows come when all nodes are known."""
        self.chart.scopes.append(scope)
        known = {*KINDS, *CARRIED, "sequenceFlow", *EVERYWHERE, *more}
        if scope.owner is not None:
            known |= {"incoming", "outgoing", *DATA, *scope.owner.kind.children}
        for child in xml:
            if not self.bpmn(child, known, xml.get("id")):
                continue
            if local(child) in CARRIED:
                self._carry(child)
            elif local(child) in KINDS:
                self._node(child, scope)

    def _seat(self, lanes: dict[str, Lane]) -> None:
        """Put each node into its lane; inside a sub-process, or a called process, into that of its owner."""
        chart = self.chart
        for scope in chart.scopes:  # outer before inner
            for node in scope.nodes:
                outer = scope.owner.lane if scope.owner is not None else None
                node.lane = lanes.pop(node.id, None) or outer or chart.lane
        for node_id, lane in lanes.items():
            if node_id not in self.ids:
                chart.complain("dangling", lane.id, found=node_id)

    def _guards(self) -> None:
        """Tie each boundary event to what it stands on."""
        for node in list(self.chart.nodes.values()):
            if not node.kind.guards:
                continue
            host = self.chart.nodes.get(node.xml.get("attachedToRef", ""))
            if host is None or host.scope is not node.scope or host.kind.guards:
                self.chart.complain("dangling", node.id, found=node.xml.get("attachedToRef", "")[:80])
            else:
                node.host = host
                host.boundaries.append(node)

    def _sides(self) -> None:
        """Part the flows behind events that interrupt nothing into scopes of their own."""
        chart = self.chart
        for node in list(chart.nodes.values()):
            if not node.kind.guards or node.host is None or node.xml.get("cancelActivity", "true") != "false":
                continue
            side, todo = Scope("side", node, []), [node]
            while todo:
                at = todo.pop()
                if at in side.nodes or at.scope is not node.scope:
                    continue
                side.nodes.append(at)
                todo += [flow.target for flow in at.outgoing] + at.boundaries
            side.nodes.sort(key=node.scope.nodes.index)
            for at in side.nodes:
                if any(flow.source not in side.nodes for flow in at.incoming):
                    chart.complain("side_flow_meets", at.id)
                at.scope.nodes.remove(at)
                at.scope = side
            chart.scopes.append(side)
        chart.scopes.sort(key=Scope.depth)  # so that each comes after the one it lies in

    def _named(self, xml: etree._Element) -> None:
        """A message, signal or error that events point to."""
        identity = self.identify(xml)
        self.attributes(xml, {"errorCode", "itemRef", "structureRef"})
        name = (xml.get("errorCode") or xml.get("name") or "").strip()
        if identity is not None and (not name or len(name) > 100):
            self.chart.complain("no_name", identity)
        elif identity is not None:
            self.chart.named[identity] = name
        for child in xml:
            self.bpmn(child, EVERYWHERE, identity)
        self.properties(xml, frozenset())

    def _node(self, xml: etree._Element, scope: Scope) -> None:
        kind = KINDS[local(xml)]
        identity = self.identify(xml)
        if identity is None:
            return
        self.attributes(xml, set(kind.attributes))
        properties = self.properties(xml, kind.properties, kind.operator, kind.extensions)
        name = self.named(xml, properties, wanted=kind.is_person)
        stage = self.chart.property(identity, properties, "stage", words)
        default = xml.get("default")
        node = Node(identity, kind, name, xml, properties, None, default, stage if stage else None)
        node.scope = scope
        self.chart.nodes[identity] = node
        scope.nodes.append(node)
        known = {"incoming", "outgoing", *DATA, *EVERYWHERE, *kind.children}
        if kind.holds_nodes:
            beside = xml.get("triggeredByEvent", "false") == "true"
            node.inside = Scope("beside" if beside else "inside", node)
            self._contents(xml, node.inside)
        for child in xml:
            tag = local(child)
            if kind.holds_nodes and tag not in known:
                continue  # read, or complained of, with the contents
            if self.bpmn(child, known, identity):
                inner = DATA | DATA_PARTS if tag in DATA else EVENTS.get(tag, LOOP.get(tag, {})).keys()
                if tag in DATA or tag in EVENTS or tag in LOOP:
                    self._parts(child, inner, identity)
        read_loop(self.chart, node)

    def _parts(self, xml: etree._Element, known: AbstractSet[str], owner: str) -> None:
        """Check what lies inside a data association, an event definition or a loop."""
        tag = local(xml)
        if tag in EVENTS or tag in LOOP:
            names = (EVENTS.get(tag) or LOOP.get(tag) or {})[tag]
            self.attributes(xml, set(names))
            self.properties(xml, frozenset())
        for part in xml:
            if self.bpmn(part, known | EVERYWHERE, owner):
                for deeper in part:
                    self.bpmn(deeper, known | EVERYWHERE, owner)

    def _flow(self, xml: etree._Element) -> None:
        chart, identity = self.chart, self.identify(xml)
        self.attributes(xml, set())
        self.properties(xml, frozenset())
        ends = [chart.nodes.get(xml.get(name, "")) for name in ("sourceRef", "targetRef")]
        for name, node in zip(("sourceRef", "targetRef"), ends, strict=True):
            if node is None:
                chart.complain("dangling", identity, found=xml.get(name, "")[:80])
        condition = None
        for child in xml:
            if self.bpmn(child, {"conditionExpression", *EVERYWHERE}, identity) and local(child) == (
                "conditionExpression"
            ):
                self.attributes(child, set())
                if child.get("language"):
                    chart.complain("language", identity, found=child.get("language", "")[:80])
                condition = chart.expression(identity, child.text or "", frozenset({"outcome"}))
        source, target = ends
        if source is not None and target is not None and source.scope is not target.scope:
            chart.complain("crosses", identity, source=source.id, target=target.id)
            return
        if identity is not None and source is not None and target is not None:
            flow = Flow(identity, source, target, condition, xml.get("name", ""))
            chart.flows.append(flow)
            source.outgoing.append(flow)
            target.incoming.append(flow)

    def _carry(self, xml: etree._Element) -> None:
        identity = self.identify(xml)
        self.properties(xml, frozenset())
        if local(xml) == "dataObject" and identity is not None:
            self.chart.variables.add(identity)

    def _collaboration(self, xml: etree._Element) -> None:
        self.identify(xml)
        self.attributes(xml, set())
        for child in xml:
            if self.bpmn(child, {"participant", "textAnnotation", "group", "association", *EVERYWHERE}):
                self.identify(child)
                if local(child) == "participant":
                    self.attributes(child, set())
                self.properties(child, frozenset())

    def _drawing(self, xml: etree._Element) -> None:
        for node in xml.iter():
            if space(node) not in DRAWING:
                self.chart.complain("unknown_element", found=str(node.tag)[:120], line=str(node.sourceline))
                return

    def identify(self, xml: etree._Element) -> str | None:
        """The element's id, if it has a good one that is its own."""
        identity = xml.get("id")
        if identity is None or not ID.fullmatch(identity):
            self.chart.complain("bad_id", identity, found=local(xml), line=str(xml.sourceline))
            return None
        if identity in self.ids:
            self.chart.complain("twice", identity, name=identity)
            return None
        self.ids.add(identity)
        return identity

    def bpmn(self, xml: etree._Element, known: AbstractSet[str], owner: str | None = None) -> bool:
        """Tell whether an element is one of `known`; else complain, naming it."""
        tag, line = local(xml), str(xml.sourceline)
        if space(xml) == BPMN and tag in known:
            return True
        identity = xml.get("id") or owner
        found = tag if space(xml) == BPMN else str(xml.tag)
        self.chart.complain("unknown_element", identity, found=found[:120], line=line)
        return False

    def attributes(self, xml: etree._Element, known: set[str]) -> None:
        """Complain of every attribute that is neither known nor harmless nor of the drawing."""
        known |= {"id", "name"} | ATTRIBUTES.get(local(xml), set())
        for name, value in xml.attrib.items():
            qualified = etree.QName(name)
            if qualified.namespace == INSTANCE or (qualified.namespace or "") in DRAWING:
                continue
            bare = str(qualified.localname)
            good = bare in known or value in HARMLESS.get(bare, ())
            if qualified.namespace is None and good:
                continue
            if qualified.namespace is not None:
                self.chart.complain("foreign", xml.get("id"), found=shown(name)[:120])
                continue
            self.chart.complain(
                "unknown_attribute", xml.get("id"), found=bare[:120], line=str(xml.sourceline)
            )

    def properties(
        self,
        xml: etree._Element,
        known: frozenset[str],
        operator: bool = False,
        extensions: frozenset[str] = frozenset(),
    ) -> dict[str, str]:
        """Read the `spiffworkflow:property` entries of an element; what is not known is complained of."""
        found: dict[str, str] = {}
        owner = xml.get("id")
        for child in [grand for each in xml.findall(f"{{{BPMN}}}extensionElements") for grand in each]:
            tag = local(child)
            if space(child) != OURS:
                self.chart.complain("foreign", owner, found=shown(child.tag)[:120])
            elif tag == "serviceTaskOperator" and operator:
                self._operator(child, owner)
            elif tag in extensions and not len(child) and not child.attrib:
                continue  # the kind itself reads it
            elif tag != "properties":
                self.chart.complain("unknown_extension", owner, found=tag)
            else:
                self._entries(child, owner, known | {ENGLISH}, found)
        return found

    def _entries(
        self, xml: etree._Element, owner: str | None, known: frozenset[str], found: dict[str, str]
    ) -> None:
        for entry in xml:
            name, value = entry.get("name", ""), entry.get("value")
            if (
                entry.tag != f"{{{OURS}}}property"
                or set(entry.attrib) - {"name", "value", "id"}
                or len(entry)
            ):
                self.chart.complain("unknown_extension", owner, found=local(entry))
            elif name not in known:
                self.chart.unknown("unknown_property", owner, name, known)
            elif name in found:
                self.chart.complain("twice", owner, name=name)
            elif value is None or len(value) > 2_000:
                self.chart.complain(
                    "property_value", owner, name=name, value=(value or "")[:40], expected="…"
                )
            else:
                found[name] = value

    def _operator(self, xml: etree._Element, owner: str | None) -> None:
        allowed = {"serviceTaskOperator": {"id"}, "parameters": set(), "parameter": {"id", "type", "value"}}
        for node in xml.iter():
            names = allowed.get(local(node)) if space(node) == OURS else None
            if names is None or set(map(str, node.attrib)) - names:
                self.chart.complain("unknown_extension", owner, found=local(node))

    def named(self, xml: etree._Element, properties: dict[str, str], wanted: bool = False) -> Words:
        """The name as drawn, and its English."""
        name, english = (xml.get("name") or "").strip(), properties.get(ENGLISH, "").strip()
        owner = xml.get("id")
        if wanted and not name:
            self.chart.complain("no_name", owner)
        elif wanted and not english:
            self.chart.warn("no_english", owner)
        if len(name) > 200 or len(english) > 200:
            self.chart.complain("property_value", owner, name="name", value=name[:40], expected="≤ 200")
        return Words(name, english or name) if name else NOWHERE
