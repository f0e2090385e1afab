"""Lanes for the groups of other products: drawn in a pool, their roles left for a designer to choose."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from app.platform.engine.elements import KINDS
from app.platform.engine.foreign.sheet import Sheet, bpmn, is_bpmn, snake
from app.platform.engine.vocabulary import local

STARTER = "发起人 (starter)"


def add_lanes(sheet: Sheet, asked: Mapping[etree._Element, str]) -> None:
    """Put tasks into lanes by name (`asked`), where the process has none yet; a pool holds them."""
    wanted = {_outermost(sheet, task): name for task, name in reversed(list(asked.items()))}
    if not wanted or sheet.process.find(bpmn("laneSet")) is not None:
        return
    for task in sheet.all("userTask", "manualTask"):
        if sheet.get(task, "assignee") == "starter":
            wanted.setdefault(_outermost(sheet, task), STARTER)
    _spread(sheet, wanted)
    taken = {xml.get("id") for xml in sheet.root.iter()}
    lanes = etree.Element(bpmn("laneSet"), {"id": _free("lanes", taken)})
    before = [each for each in sheet.process if local(each) in ("documentation", "extensionElements")]
    sheet.process.insert(len(before), lanes)
    for name in dict.fromkeys(wanted[node] for node in sheet.process if node in wanted):
        members = [node for node in sheet.process if wanted.get(node) == name]
        if not members:
            continue
        lane = etree.SubElement(
            lanes, bpmn("lane"), {"id": _free(f"lane_{snake(name) or 'group'}", taken), "name": name}
        )
        for node in members:
            etree.SubElement(lane, bpmn("flowNodeRef")).text = node.get("id")
    if not len(sheet.root.findall(bpmn("collaboration"))):
        pools = etree.Element(bpmn("collaboration"), {"id": _free("collaboration", taken)})
        process = sheet.process.get("id") or ""
        given = {
            "id": _free("pool", taken),
            "name": sheet.process.get("name") or process,
            "processRef": process,
        }
        etree.SubElement(pools, bpmn("participant"), given)
        sheet.root.insert(sheet.root.index(sheet.process), pools)
    sheet.moved = True


def _spread(sheet: Sheet, wanted: dict[etree._Element, str]) -> None:
    """Whatever else stands in the process lies in the lane it comes from, else the one it leads to."""
    nodes = {node.get("id"): node for node in sheet.process if is_bpmn(node) and local(node) in KINDS}
    onward: dict[etree._Element, list[etree._Element]] = {}
    back: dict[etree._Element, list[etree._Element]] = {}
    ends = [(flow.get("sourceRef"), flow.get("targetRef")) for flow in sheet.all("sequenceFlow")]
    ends += [(node.get("attachedToRef"), key) for key, node in nodes.items() if node.get("attachedToRef")]
    for source, target in ends:
        if source in nodes and target in nodes:
            onward.setdefault(nodes[source], []).append(nodes[target])
            back.setdefault(nodes[target], []).append(nodes[source])
    for ways in (onward, back):
        todo = [node for node in nodes.values() if node in wanted]
        while todo:
            at = todo.pop(0)
            for other in ways.get(at, ()):
                if other not in wanted:
                    wanted[other] = wanted[at]
                    todo.append(other)
    for node in nodes.values():
        wanted.setdefault(node, next(iter(wanted.values())))


def _outermost(sheet: Sheet, task: etree._Element) -> etree._Element:
    """What stands in the process itself: lanes do not reach into sub-processes."""
    node, parent = task, task.getparent()
    while parent is not None and parent is not sheet.process:
        node, parent = parent, parent.getparent()
    return node


def _free(wanted: str, taken: set[str | None]) -> str:
    identity, number = wanted, 1
    while identity in taken:
        number += 1
        identity = f"{wanted}_{number}"
    taken.add(identity)
    return identity
