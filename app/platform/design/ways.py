"""The way a run takes through a diagram: its elements and flows, and which of them no run has taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from app.platform.engine import Log
from app.platform.engine.front import NotAdmitted, admit

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DIAGRAMS: Final = (".bpmn", ".bpmn20.xml")


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow as drawn: from where, where to, and what stands at it."""

    id: str
    source: str
    target: str
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """What one run has walked: how often it came to each element, and the flows it took."""

    elements: Mapping[str, int] = field(default_factory=dict)
    flows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Coverage:
    """By how many of `runs` runs each element and flow is walked; `left` are the flows that none has taken."""

    runs: int
    elements: Mapping[str, int]
    flows: Mapping[str, int]
    left: tuple[Flow, ...]


def flows_of(files: Mapping[str, bytes]) -> tuple[Flow, ...]:
    """Every sequence flow drawn in the diagrams of a bundle."""
    drawn = sorted(name for name in files if name.endswith(DIAGRAMS))
    return tuple(flow for name in drawn for flow in _flows(files[name]))


@lru_cache(maxsize=64)
def _flows(content: bytes) -> tuple[Flow, ...]:
    try:
        root = admit(content)
    except NotAdmitted:
        return ()
    return tuple(
        Flow(
            each.get("id") or "",
            each.get("sourceRef") or "",
            each.get("targetRef") or "",
            each.get("name") or "",
        )
        for each in root.iter(BPMN + "sequenceFlow")
    )


def way(walked: Iterable[tuple[str, tuple[Log, ...]]], flows: Iterable[Flow]) -> Way:
    """What the steps of a run have walked: an element entered was come to from the last one left that leads there."""
    into: dict[str, list[Flow]] = {}
    for flow in flows:
        into.setdefault(flow.target, []).append(flow)
    elements: Counter[str] = Counter()
    taken: set[str] = set()
    left: dict[str, dict[str, int]] = {}
    for number, (instance, log) in enumerate((i, one) for i, steps in walked for one in steps):
        mine = left.setdefault(instance, {})
        if log.kind == "left":
            mine[log.element] = number
            continue
        elements[log.element] += 1
        came = [flow for flow in into.get(log.element, ()) if flow.source in mine]
        if came:
            taken.add(max(came, key=lambda flow: mine[flow.source]).id)
    return Way(dict(elements), frozenset(taken))


def coverage(ways: Iterable[Way], flows: Iterable[Flow]) -> Coverage:
    """What several runs together have walked."""
    elements: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    runs = 0
    for one in ways:
        runs += 1
        elements.update(list(one.elements))
        taken.update(one.flows)
    return Coverage(runs, dict(elements), dict(taken), tuple(flow for flow in flows if flow.id not in taken))
