"""What each element of a bundle comes to, as one figure: its drawing, its flows and lane, and the files it names.

Two versions differ at an element where the figures differ. Where it is drawn on the canvas and how a program writes its
XML counts for nothing; whatever might matter counts, so that nothing is called unchanged that is not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lxml import etree

from app.platform.engine.front import NotAdmitted, admit

DIAGRAMS: Final = (".bpmn", ".bpmn20.xml")
FLOW_NODE: Final = re.compile(r"(?:Task|Gateway|Event|task|subProcess|callActivity|transaction)$")
REFERENCE: Final = re.compile(r"(?:message|signal|error)Ref$")
NAMED: Final = re.compile(r"[A-Za-z_][\w-]*(?:/[\w.-]+)?")
APART: Final = frozenset(
    {"incoming", "outgoing", "sequenceFlow", "laneSet", "textAnnotation", "association", "group"}
)


def fingerprints(files: Mapping[str, bytes]) -> dict[str, str]:
    """Each element's figure, by its id, over all diagrams of a bundle; what cannot be read has none."""
    trees = [tree for name, content in sorted(files.items()) for tree in _tree(name, content)]
    named = files_by_name(files)
    found: dict[str, list[str]] = {}
    for tree in trees:
        around = _Around(tree)
        for node in tree.iter():
            if isinstance(node.tag, str) and node.get("id") and FLOW_NODE.search(_local(node)):
                found.setdefault(str(node.get("id")), []).append(_figure(node, around, named))
    return {element: _digest(figures) for element, figures in found.items()}


def form_figures(files: Mapping[str, bytes]) -> dict[str, str]:
    """Each form's figure by its id: its own content, and the printed documents it names."""
    named = files_by_name(files)
    return {
        form: named[form]
        for name, content in files.items()
        if name.endswith(".json") and (form := _form_id(content)) in named
    }


def files_by_name(files: Mapping[str, bytes]) -> dict[str, str]:
    """The figures of what diagrams name: forms by their id, templates, tables by their decisions."""
    found = {
        name.removeprefix("forms/").removesuffix(".html"): hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name.endswith(".html")
    }
    templates = dict(found)
    for name, content in files.items():
        if name.endswith(".json"):
            found[_form_id(content)] = _digest(
                [_json(content), *_mentioned(content.decode("utf-8", "replace"), templates)]
            )
        elif name.endswith(".dmn"):
            for tree in _tree(name, content, ".dmn"):
                table = _digest(_canonical(tree))
                found |= {
                    str(n.get("id")): table
                    for n in tree.iter()
                    if isinstance(n.tag, str) and _local(n) == "decision"
                }
    return found


class _Around:
    """What stands around the nodes of a diagram: flows by their source, lanes by their members, and what is named."""

    def __init__(self, tree: etree._Element) -> None:
        self.flows: dict[str, list[Any]] = {}
        self.lanes: dict[str, list[Any]] = {}
        self.roots = {str(one.get("id")): one for one in tree if isinstance(one.tag, str) and one.get("id")}
        for node in tree.iter():
            if not isinstance(node.tag, str):
                continue
            if _local(node) == "sequenceFlow":
                self.flows.setdefault(str(node.get("sourceRef")), []).append(node)
            elif _local(node) == "lane":
                for member in node:
                    if isinstance(member.tag, str) and _local(member) == "flowNodeRef":
                        self.lanes.setdefault((member.text or "").strip(), []).append(node)


def _figure(node: etree._Element, around: _Around, named: Mapping[str, str]) -> str:
    own = _canonical(node, leave=_is_apart, without={"default"})
    flows = [
        [
            flow.get("targetRef"),
            flow.get("id") == node.get("default"),
            [_canonical(one) for one in _parts(flow)],
        ]
        for flow in around.flows.get(str(node.get("id")), ())
    ]
    lanes = [
        _canonical(lane, leave=lambda one: _local(one) in ("flowNodeRef", "childLaneSet"))
        for lane in around.lanes.get(str(node.get("id")), ())
    ]
    refers = [
        _canonical(around.roots[value])
        for each in node.iter()
        if isinstance(each.tag, str)
        for name, value in each.attrib.items()
        if REFERENCE.search(str(name)) and value in around.roots
    ]
    told = [own, flows, lanes, refers]
    return _digest([told, *_mentioned(json.dumps(told, ensure_ascii=False), named)])


def _mentioned(text: str, named: Mapping[str, str]) -> list[str]:
    words = set(NAMED.findall(text))
    words |= {word.rpartition(".")[0] for word in words if "." in word}
    return [f"{name}={named[name]}" for name in sorted(words & named.keys())]


def _is_apart(node: etree._Element) -> bool:
    """Whether a child has a figure of its own, or is only there to be looked at."""
    name = _local(node)
    return name in APART or bool(FLOW_NODE.search(name) and node.get("id"))


def _canonical(
    node: etree._Element, leave: Any = lambda one: False, without: Iterable[str] = ()
) -> list[Any]:
    """A node as plain lists: local names, sorted attributes, text, and its children but for those to `leave`."""
    attributes = sorted(
        [_bare(name), value] for name, value in node.attrib.items() if _bare(name) not in without
    )
    children = [_canonical(child, leave) for child in _parts(node) if not leave(child)]
    return [_local(node), attributes, (node.text or "").strip(), children]


def _parts(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str))


def _tree(name: str, content: bytes, *endings: str) -> list[etree._Element]:
    if not name.endswith(endings or DIAGRAMS):
        return []
    try:
        return [admit(content)]
    except NotAdmitted:
        return []


def _form_id(content: bytes) -> str:
    try:
        return str(json.loads(content).get("id"))
    except (ValueError, AttributeError, RecursionError):
        return ""


def _json(content: bytes) -> str:
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except (ValueError, RecursionError):
        return hashlib.sha256(content).hexdigest()


def _local(node: etree._Element) -> str:
    return _bare(node.tag)


def _bare(name: Any) -> str:
    return str(name).rpartition("}")[2]


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
