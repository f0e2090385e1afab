"""What a file of a bundle holds and names, read before anything of it is checked."""

from __future__ import annotations

from dataclasses import dataclass

from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN, ENGLISH, OURS
from app.platform.registry import Words


@dataclass(frozen=True, slots=True)
class Outline:
    """The processes of a BPMN file, those it calls, and the decisions it asks, each by id.

    `can_start`: whether it says who may start it.
    """

    processes: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    can_start: bool = False


def outline(content: bytes) -> Outline:
    """Read a BPMN file's outline; one that may not be read has none, and publication says why."""
    try:
        root = admit(content)
    except NotAdmitted:
        return Outline()
    return Outline(
        tuple(each.get("id") or "" for each in root.iter(f"{{{BPMN}}}process")),
        frozenset((each.get("calledElement") or "").strip() for each in root.iter(f"{{{BPMN}}}callActivity")),
        frozenset((each.text or "").strip() for each in root.iter(f"{{{OURS}}}calledDecisionId")),
        any(each.get("name") == "start" for each in root.iter(f"{{{OURS}}}property")),
    )


def name_of(content: bytes, process: str) -> Words | None:
    """What a BPMN file calls a process, its English empty where there is none; nothing where it does not hold it."""
    try:
        root = admit(content)
    except NotAdmitted:
        return None
    for each in root.iter(f"{{{BPMN}}}process"):
        if each.get("id") == process:
            said = each.iterfind(f"{{{BPMN}}}extensionElements/{{{OURS}}}properties/{{{OURS}}}property")
            english = next((one.get("value") or "" for one in said if one.get("name") == ENGLISH), "")
            return Words((each.get("name") or "").strip(), english.strip())
    return None


def decisions_of(content: bytes) -> frozenset[str]:
    """The ids of the decisions in a DMN file."""
    try:
        root = admit(content)
    except NotAdmitted:
        return frozenset()
    return frozenset(
        each.get("id") or "" for each in root.iter() if str(each.tag).rpartition("}")[2] == "decision"
    )
