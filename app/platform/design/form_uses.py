"""A new form put to use at once: asked at the start and at every step of people that asks none yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from app.platform.design.form_drafts import DIAGRAMS
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN, OURS

_EXTENSION = f"{{{BPMN}}}extensionElements"
_PROPERTIES, _PROPERTY = f"{{{OURS}}}properties", f"{{{OURS}}}property"


def lacking(files: Mapping[str, bytes]) -> int:
    """How many starts and steps of people ask no form yet."""
    return sum(1 for content in _diagrams(files).values() for _ in _asking_none(content))


def own(files: Mapping[str, bytes]) -> list[str]:
    """The ids of the starter's own steps that ask no form yet."""
    return [
        element.get("id") or ""
        for root in _diagrams(files).values()
        for element in _asking_none(root)
        if element.tag != f"{{{BPMN}}}process" and _properties(element).get("assignee") == "starter"
    ]


def used(files: Mapping[str, bytes], form: str) -> dict[str, bytes]:
    """The diagrams that change when everything that asks no form asks `form`, with that."""
    changed: dict[str, bytes] = {}
    for name, root in _diagrams(files).items():
        found = list(_asking_none(root))
        for element in found:
            _set(element, "form", form)
        if found:
            changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return changed


def _diagrams(files: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """The diagrams that can be read."""
    found = {}
    for name, content in files.items():
        if not name.endswith(DIAGRAMS):
            continue
        try:
            found[name] = admit(content)
        except NotAdmitted:
            continue
    return found


def _asking_none(root: etree._Element) -> Iterator[etree._Element]:
    """Processes that people start, and their user tasks, without a form."""
    for process in root.iter(f"{{{BPMN}}}process"):
        if _properties(process).get("start") and not _properties(process).get("form"):
            yield process
        for task in process.iter(f"{{{BPMN}}}userTask"):
            if not _properties(task).get("form"):
                yield task


def _properties(element: etree._Element) -> dict[str, str]:
    extension = element.find(_EXTENSION)
    listed = () if extension is None else extension.iter(_PROPERTY)
    return {each.get("name") or "": (each.get("value") or "").strip() for each in listed}


def _set(element: etree._Element, name: str, value: str) -> None:
    extension = element.find(_EXTENSION)
    if extension is None:
        extension = etree.Element(_EXTENSION)
        texts = element.findall(f"{{{BPMN}}}documentation")
        element.insert(
            len(texts), extension
        )  # the standard has it behind the documentation and before all else
    holder = extension.find(_PROPERTIES)
    if holder is None:
        holder = etree.Element(_PROPERTIES)
        extension.insert(0, holder)
    for each in holder.findall(_PROPERTY):
        if each.get("name") == name:
            holder.remove(each)
    etree.SubElement(holder, _PROPERTY, name=name, value=value)
