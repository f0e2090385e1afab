"""Ids that two parts of a file share: the engine reads past them, but an editor leaves one of the two out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from app.platform.design.finding import Finding, Fix, fix
from app.platform.design.rules.drawn import Drawn, called
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import OURS, local, space
from app.platform.registry import Words
from app.platform.runtime.bundles import DIAGRAMS

OWN = Words("各用各的标识", "Give each an id of its own")


def check(drawn: Drawn) -> Iterator[Finding]:
    """An id that stands twice, where publication does not look: at event definitions and at a file's own root."""
    for file, content in sorted(drawn.files.items()):
        if not file.endswith((*DIAGRAMS, ".dmn")):
            continue
        try:
            root = admit(content)
        except NotAdmitted:
            continue  # refused for that
        yield from _doubles(drawn, file, root)


def _doubles(drawn: Drawn, file: str, root: etree._Element) -> Iterator[Finding]:
    holders: dict[str, list[etree._Element]] = defaultdict(list)
    for each in root.iter():
        if each.get("id") and space(each) != OURS:  # a parameter's is its name
            holders[each.get("id", "")].append(each)
    for identity, found in holders.items():
        loose = next((each for each in found if _is_loose(each)), None)
        if len(found) > 1 and loose is not None:
            yield _finding(drawn, file, identity, loose)


def _is_loose(xml: etree._Element) -> bool:
    return local(xml) == "definitions" or local(xml).endswith("EventDefinition")


def _finding(drawn: Drawn, file: str, identity: str, xml: etree._Element) -> Finding:
    above = xml.getparent()
    element = above.get("id") if above is not None else None
    node = next((chart.nodes[element] for chart in drawn.charts if element in chart.nodes), None)
    words = Words(
        f"标识“{identity}”在文件中出现两次，编辑器会略去其中一个",
        f"the id “{identity}” stands twice in the file; an editor leaves one of the two out",
    )
    fixes: tuple[Fix, ...] = ()
    if node is not None:
        fixes = (fix("own_id", OWN, element=node.id),)
    elif file.endswith(".dmn"):
        fixes = (fix("own_file_id", OWN, file=file),)  # nothing points to the root: its parts keep theirs
    return Finding(
        "warning", "double_id", file, element, words, fixes, called(node) if node else Words(file, file)
    )


RULES = (check,)
