"""The other products whose files are translated: their namespaces, and how their names are shown and taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from app.platform.engine.vocabulary import BPMN, local, space

PRODUCTS: Final = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://camunda.org/schema/1.0/dmn": "camunda",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "http://camunda.org/schema/modeler/1.0": "modeler",
    "http://flowable.org/bpmn": "flowable",
    "http://flowable.org/design": "design",
    "http://flowable.org/modeler": "modeler",
    "http://flowable.org/dmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
    "http://activiti.com/modeler": "modeler",
    "http://www.signavio.com": "signavio",
    "http://www.signavio.com/schema/bpmn": "signavio",
    "http://www.bonitasoft.org/studio/connector/definition/6.0": "bonita",
    "http://www.jboss.org/drools": "drools",
}


def shown(name: object) -> str:
    """A qualified name as people write it: `camunda:assignee`, or the bare name where the product is unknown."""
    qualified = etree.QName(str(name))
    prefix = PRODUCTS.get(qualified.namespace or "")
    return f"{prefix}:{qualified.localname}" if prefix else str(qualified.localname)


def said(name: object, value: str) -> str:
    """A foreign attribute with its value, cut to what can be read in a list."""
    value = " ".join(value.split())
    return f"{shown(name)}={value[:80]}" + ("…" if len(value) > 80 else "")


def is_foreign(root: etree._Element) -> bool:
    """Whether any part of a file belongs to one of the products."""
    return any(
        space(xml) in PRODUCTS or any(etree.QName(name).namespace in PRODUCTS for name in xml.attrib)
        for xml in root.iter()
    )


def take(xml: etree._Element, name: str) -> tuple[str, str] | None:
    """Remove an attribute of any product: how it was written, and its value; None where there is none."""
    for qualified in list(xml.attrib):
        parts = etree.QName(qualified)
        if parts.localname == name and parts.namespace in PRODUCTS:
            value = xml.attrib.pop(qualified).strip()
            return said(qualified, value), value
    return None


def extensions(xml: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The foreign extension elements of an element called one of `names`, or all."""
    for holder in xml.findall(f"{{{BPMN}}}extensionElements"):
        for child in list(holder):
            if space(child) in PRODUCTS and (not names or local(child) in names):
                yield child


def remove(xml: etree._Element) -> None:
    """Take an element out; an `extensionElements` that is left empty goes, too."""
    parent = xml.getparent()
    if parent is None:
        return
    parent.remove(xml)
    if parent.tag == f"{{{BPMN}}}extensionElements" and not len(parent):
        remove(parent)
