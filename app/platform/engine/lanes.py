"""Lanes: who stands behind the tasks drawn in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from app.platform.engine import properties as read
from app.platform.engine.definition import Lane, Place

if TYPE_CHECKING:
    from app.platform.engine.reader import Reader

_PROPERTIES = frozenset({"role", "at", "for"})


def read_lanes(reader: Reader, sets: list[etree._Element]) -> dict[str, Lane]:
    """Read the lane sets of a process: for each flow node's id the innermost lane it lies in."""
    found: dict[str, Lane] = {}
    todo = [lane for each in sets for lane in each]
    while todo:
        xml = todo.pop(0)
        if not reader.bpmn(xml, {"lane", "documentation"}) or reader.local(xml) != "lane":
            continue
        lane = _lane(reader, xml)
        for child in xml:
            if not reader.bpmn(child, {"flowNodeRef", "childLaneSet", "documentation", "extensionElements"}):
                continue
            if reader.local(child) == "childLaneSet":
                todo += list(child)
            elif reader.local(child) == "flowNodeRef" and lane is not None:
                found[(child.text or "").strip()] = lane
    return found


def _lane(reader: Reader, xml: etree._Element) -> Lane | None:
    chart, identity = reader.chart, reader.identify(xml)
    reader.attributes(xml, set())
    own = reader.properties(xml, _PROPERTIES)
    name = reader.named(xml, own)
    if identity is None:
        return None
    if "role" not in own:
        for stray in sorted({"at", "for"} & own.keys()):
            chart.complain("lane_without_role", identity, name=stray)
        chart.lanes[identity] = Lane(identity, name)
        return chart.lanes[identity]
    role = own["role"].strip()
    facts = chart.catalogue.roles.get(role)
    if facts is None:
        chart.unknown("unknown_role", identity, role, chart.catalogue.roles)
    at = chart.property(identity, own, "at", read.place)
    if "at" not in own:
        at = Place("everywhere")
        if facts is not None and facts.place != "none":
            chart.complain("lane_without_place", identity, role=role)
    if at is not None and at.variable is not None:
        chart.variable_uses.append((identity, at.variable))
    subject = None
    if "for" in own:
        kind, _, subject = own["for"].strip().partition(":")
        if kind != "variable" or not read.VARIABLE.fullmatch(subject):
            chart.complain(
                "property_value", identity, name="for", value=own["for"][:80], expected="variable:x"
            )
        else:
            chart.variable_uses.append((identity, subject))
        if facts is not None and facts.subject is None:
            chart.complain("role_without_subject", identity, role=role)
    elif facts is not None and facts.subject is not None:
        chart.complain("lane_without_subject", identity, role=role, subject=facts.subject)
    if not name.zh:
        chart.complain("no_name", identity)
    chart.lanes[identity] = Lane(identity, name, role, at, subject)
    return chart.lanes[identity]
