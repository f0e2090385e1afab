"""The frame of a foreign file: one process of several, pools and ids, and names that must not be missing."""

from __future__ import annotations

import re

from lxml import etree

from app.platform.engine.elements import KINDS
from app.platform.engine.foreign.sheet import Sheet, bpmn, is_bpmn, name_of
from app.platform.engine.vocabulary import ID, NAMED, local

_KEPT_AT_ROOT = frozenset(
    {"process", "collaboration", "category", "documentation", "extensionElements", *NAMED}
)
_KEPT_IN_POOLS = frozenset(
    {
        "participant",
        "textAnnotation",
        "group",
        "association",
        "documentation",
        "extensionElements",
        "messageFlow",
    }
)


def choose(sheet: Sheet) -> bool:
    """Keep one process: the one that runs, else the largest; the rest is told and taken out. False: there is none."""
    processes = sheet.root.findall(bpmn("process"))
    if not processes:
        return False
    sheet.process = max(processes, key=lambda one: (one.get("isExecutable") == "true", _size(one)))
    for other in processes:
        if other is not sheet.process:
            sheet.open("process", other, name_of(other))
            sheet.root.remove(other)
    if sheet.process.get("isExecutable") == "false":
        sheet.process.set("isExecutable", "true")
        sheet.made(sheet.process, "isExecutable=false", "isExecutable=true")
    for child in list(sheet.root):
        if is_bpmn(child) and local(child) not in _KEPT_AT_ROOT:
            sheet.open("harmless", child, local(child))
            sheet.root.remove(child)
    _pools(sheet)
    return True


def _size(process: etree._Element) -> int:
    return sum(1 for xml in process.iter() if is_bpmn(xml) and local(xml) in KINDS)


def _pools(sheet: Sheet) -> None:
    """Keep the pool of the process; others, and what passes between them, are only drawn."""
    own = sheet.process.get("id")
    for pools in sheet.root.findall(bpmn("collaboration")):
        for child in list(pools):
            if not is_bpmn(child):
                continue
            if local(child) == "messageFlow":
                sheet.open("message_flow", child, name_of(child))
                pools.remove(child)
            elif local(child) not in _KEPT_IN_POOLS:
                sheet.open("harmless", child, local(child))
                pools.remove(child)
            elif local(child) == "participant":
                if child.get("processRef") != own:
                    sheet.open("pool", child, name_of(child))
                    pools.remove(child)
                else:
                    for inner in child.findall(bpmn("participantMultiplicity")):
                        sheet.open("harmless", inner, local(inner))
                        child.remove(inner)
        if pools.find(bpmn("participant")) is None:
            sheet.root.remove(pools)
            _plane(sheet, pools.get("id"))


def _plane(sheet: Sheet, gone: str | None) -> None:
    """A drawing of a collaboration that is no more is one of the process."""
    for plane in sheet.root.iter("{*}BPMNPlane"):
        if plane.get("bpmnElement") == gone:
            plane.set("bpmnElement", sheet.process.get("id") or "")


def rename(sheet: Sheet) -> None:
    """Give ids that ours cannot be, and things without one, good ones; everything that points there follows."""
    taken = {xml.get("id") for xml in sheet.root.iter() if xml.get("id")}
    renamed: dict[str, str] = {}
    for xml in list(sheet.root.iter()):
        if not is_bpmn(xml) or xml is sheet.root or (xml.get("id") is None and not _needs_id(xml)):
            continue
        old = xml.get("id")
        if old is not None and ID.fullmatch(old):
            continue
        new = re.sub(r"[^\w.\-]+", "_", old or local(xml))[:80]
        new = new if re.match(r"[^\W\d]", new) else f"_{new}" if new.startswith("_") else f"id_{new}"
        new = new if ID.fullmatch(new) else f"{local(xml)}_1"
        base, number = new, 1
        while new in taken:
            number += 1
            new = f"{base}_{number}"
        taken.add(new)
        if old is not None and old not in renamed:
            renamed[old] = new
        xml.set("id", new)
        if old in sheet.places:
            sheet.places[sheet.places.index(old)] = new
        sheet.made(xml, f"id={old or ''}", f"id={new}")
    if renamed:
        _follow(sheet.root, renamed)


def _needs_id(xml: etree._Element) -> bool:
    tag = local(xml)
    return tag in KINDS or tag in NAMED or tag in ("sequenceFlow", "lane", "participant", "process")


_REFERENCES = frozenset(
    {
        "sourceRef", "targetRef", "default", "attachedToRef", "processRef", "messageRef", "signalRef", "errorRef",
        "bpmnElement", "dataObjectRef", "dataStoreRef", "calledElement",
    }
)  # fmt: skip


def _follow(root: etree._Element, renamed: dict[str, str]) -> None:
    for xml in root.iter():
        for name, value in xml.attrib.items():
            if name in _REFERENCES and value in renamed:
                xml.set(name, renamed[value])
        text = (xml.text or "").strip()
        if (
            local(xml) in ("flowNodeRef", "incoming", "outgoing", "sourceRef", "targetRef")
            and text in renamed
        ):
            xml.text = renamed[text]


def names(sheet: Sheet) -> None:
    """A process and every task of a person has a name: where none is drawn, the pool's or the id."""
    wanted = [sheet.process, *sheet.all("userTask", "manualTask")]
    for xml in wanted:
        if (xml.get("name") or "").strip():
            continue
        name = xml.get("id") or ""
        if xml is sheet.process:
            pools = sheet.root.findall(f"{bpmn('collaboration')}/{bpmn('participant')}")
            name = next((pool.get("name", "") for pool in pools if pool.get("name")), name)
        xml.set("name", name)
        sheet.made(xml, "name=", f"name={name}")


def undraw(sheet: Sheet) -> None:
    """Take the shapes of what was taken out from the drawing."""
    gone = set(sheet.places) - {xml.get("id") for xml in sheet.root.iter()}
    for shape in list(sheet.root.iter("{*}BPMNShape", "{*}BPMNEdge")):
        parent = shape.getparent()
        if shape.get("bpmnElement") in gone and parent is not None:
            parent.remove(shape)
    for diagram in sheet.root.findall("{*}BPMNDiagram"):
        if any(plane.get("bpmnElement") in gone for plane in diagram):
            sheet.root.remove(diagram)
