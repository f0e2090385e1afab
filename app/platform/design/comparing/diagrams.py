"""Two diagrams compared: by the ids of their elements, what each says and, apart from that, where it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from app.platform.design.comparing.changes import Change, Line, lines
from app.platform.design.comparing.words import FACTS, SORTS
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN, OURS, local, space
from app.platform.registry import Words

_SILENT = {"id", "isExecutable", "isMarkerVisible", "isHorizontal"}
_STRUCTURE = {
    "laneSet",
    "incoming",
    "outgoing",
    "flowNodeRef",
    "extensionElements",
    "definitions",
    "collaboration",
}
_PARTS = {
    "conditionExpression": "condition",
    "script": "script",
    "documentation": "documentation",
    "text": "text",
}


@dataclass(slots=True)
class Drawn:
    """An element: what kind it is, what it says by name of the fact, and where it is drawn."""

    sort: str
    facts: dict[str, str] = field(default_factory=dict)
    place: tuple[str, ...] = ()

    @property
    def title(self) -> Words:
        """What it is called."""
        name = self.facts.get("name", "")
        return Words(name, self.facts.get("name.en") or name)


def changes_of_diagram(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """What differs between two diagrams, in the order of the new one. Raises `ValueError` for what is no XML."""
    old, new = drawn(before), drawn(after)
    for identity in dict.fromkeys([*new, *old]):
        was, now = old.get(identity), new.get(identity)
        known = now or was
        assert known is not None
        sort, title = SORTS.get(known.sort, Words(known.sort, known.sort)), known.title
        title = title if title.zh else _between(known, new if now else old) or Words(identity, identity)
        if was is None or now is None:
            facts = tuple(lines(FACTS, was.facts if was else {}, now.facts if now else {}))
            yield Change("added" if was is None else "removed", file, identity, sort, title, facts)
        elif was.facts != now.facts or was.sort != now.sort:
            yield Change("changed", file, identity, sort, title, tuple(_differing(was, now, old, new)))
        elif was.place != now.place:
            yield Change("moved", file, identity, sort, title)


def drawn(content: bytes) -> dict[str, Drawn]:
    """Every element of a diagram by its id. Raises `ValueError`."""
    try:
        root = admit(content)
    except NotAdmitted as error:
        raise ValueError(error.code) from error
    found: dict[str, Drawn] = {}
    named = {
        each.get("id", ""): each.get("name") or each.get("errorCode") or "" for each in root if each.get("id")
    }
    for xml in root.iter():
        identity = xml.get("id")
        if space(xml) != BPMN or identity is None or not _is_element(xml):
            continue
        found[identity] = Drawn(local(xml), _facts(xml, named))
    _seat(root, found)
    for identity, place in _places(root):
        if identity in found:
            found[identity].place += place
    return found


def _is_element(xml: etree._Element) -> bool:
    tag = local(xml)
    return tag in SORTS or (tag not in _STRUCTURE and xml.getparent() is not None and not _is_part(xml))


def _is_part(xml: etree._Element) -> bool:
    """Whether something only says more about the element it lies in: an event's definition, a loop, an expression."""
    tag = local(xml)
    return tag.endswith(("EventDefinition", "LoopCharacteristics", "Expression", "Association")) or tag in (
        *_PARTS, "property", "ioSpecification", "timeDate", "timeDuration", "completionCondition", "loopCardinality",
        "inputDataItem", "loopDataInputRef", "timeCycle", "category", "categoryValue",
    )  # fmt: skip


def _facts(xml: etree._Element, named: dict[str, str]) -> dict[str, str]:
    facts = {
        str(key): str(value)
        for key, value in xml.attrib.items()
        if str(key) not in _SILENT and "{" not in str(key)
    }
    parent = xml.getparent()
    if parent is not None and local(parent) == "subProcess":
        facts["inside"] = parent.get("id", "")
    for child in xml:
        tag = local(child)
        if tag in _PARTS:
            facts[_PARTS[tag]] = (child.text or "").strip()
        elif tag.endswith("EventDefinition"):
            facts["event"] = _event(child, named)
        elif tag.endswith("LoopCharacteristics"):
            facts["loop"] = _said(child)
        elif tag == "extensionElements":
            facts |= _extensions(child)
    return facts


def _event(xml: etree._Element, named: dict[str, str]) -> str:
    kind = local(xml).removesuffix("EventDefinition")
    reference = str(xml.get("messageRef") or xml.get("signalRef") or xml.get("errorRef") or "")
    said = [named.get(reference, reference)] if reference else []
    return " ".join(
        [kind, *said, *((part.text or "").strip() for part in xml if local(part) != "extensionElements")]
    )


def _said(xml: etree._Element) -> str:
    """An inner element in one line: its attributes and what its children say."""
    own = [f"{key}={value}" for key, value in sorted(xml.attrib.items()) if key != "id"]
    inner = [f"{local(each)}: {(each.text or each.get('name') or '').strip()}" for each in xml]
    return "; ".join([*own, *inner]) or local(xml)


def _extensions(xml: etree._Element) -> dict[str, str]:
    facts: dict[str, str] = {}
    for each in xml.iter():  # parts of our own namespace alone
        if space(each) != OURS:
            continue
        match local(each):
            case "property":
                facts[each.get("name", "")] = each.get("value", "")
            case "serviceTaskOperator":
                facts["action"] = each.get("id", "")
            case "parameter":
                facts[f"parameter.{each.get('id', '')}"] = each.get("value", "")
            case "calledDecisionId":
                facts["decision"] = (each.text or "").strip()
    return facts


def _seat(root: etree._Element, found: dict[str, Drawn]) -> None:
    """Say of each element in which lane it stands, by the lane's name."""
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for each in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            node = found.get((each.text or "").strip())
            if node is not None:
                node.facts["lane"] = str(lane.get("name") or lane.get("id", ""))


def _places(root: etree._Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where each element is drawn: its bounds, or the corners of its line; labels apart from it do not count."""
    for xml in root.iter():
        about = xml.get("bpmnElement")
        if about is not None:
            drawn_as = [part for part in xml if local(part) in ("Bounds", "waypoint")]
            yield (
                str(about),
                tuple(_rounded(str(value)) for part in drawn_as for value in part.attrib.values()),
            )


def _rounded(value: str) -> str:
    """A coordinate to the pixel: editors write 100 and 100.0."""
    try:
        return f"{float(value):.0f}"
    except ValueError:
        return value


def _differing(was: Drawn, now: Drawn, old: dict[str, Drawn], new: dict[str, Drawn]) -> Iterator[Line]:
    before, after = _readable(was, old), _readable(now, new)
    if was.sort != now.sort:
        before, after = {"sort": was.sort, **before}, {"sort": now.sort, **after}
    yield from lines(FACTS, before, after)


def _readable(one: Drawn, all_of: dict[str, Drawn]) -> dict[str, str]:
    """The facts with names instead of ids where they point to another element."""
    pointing = ("sourceRef", "targetRef", "default", "attachedToRef", "inside")
    named = dict(one.facts)
    for name in pointing:
        target = all_of.get(named.get(name, ""))
        if target is not None and target.facts.get("name"):
            named[name] = f"{target.facts['name']} ({named[name]})"
    return named


def _between(flow: Drawn, all_of: dict[str, Drawn]) -> Words | None:
    """What a nameless flow is called: from where to where."""
    ends = [all_of.get(flow.facts.get(name, "")) for name in ("sourceRef", "targetRef")]
    names = [
        end.title if end.title.zh else SORTS.get(end.sort, Words("", "")) for end in ends if end is not None
    ]
    if len(names) != 2:
        return None
    return Words(" → ".join(one.zh for one in names), " → ".join(one.en for one in names))
