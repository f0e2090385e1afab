"""Which element of another version may stand for one that is gone: of the same kind and scope, like names first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.platform.design.errors import Rejected
from app.platform.engine import Definition
from app.platform.registry import Words

MOST = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """An element of the old version that needs another to stand for it, and what is offered: (element, its name)."""

    element: str
    name: Words
    candidates: tuple[tuple[str, Words], ...]


def candidates(
    old: Definition, new: Definition, element: str, mapping: Mapping[str, str] | None = None
) -> list[str]:
    """The elements of `new` that `element` of `old` could be mapped to, the likeliest first."""
    drawn = old.elements.get(element)
    if drawn is None:
        return []
    around = old.parents.get(element)
    scope = (mapping or {}).get(around, around) if around is not None else None
    found = [
        one
        for one in new.elements.values()
        if one.kind == drawn.kind and one.id != element and new.parents.get(one.id) == scope
    ]
    found.sort(key=lambda one: (one.id in old.elements, -_likeness(drawn.name, one.name), one.id))
    return [one.id for one in found][:MOST]


def offers(old: Definition, new: Definition, elements: Iterable[str]) -> list[Offer]:
    """What is offered for each of these elements of `old`; those that nothing can stand for are left out."""
    found = []
    for element in sorted(set(elements)):
        offered = candidates(old, new, element)
        if offered:
            named = tuple((one, new.elements[one].name) for one in offered)
            found.append(Offer(element, old.elements[element].name, named))
    return found


def read(sent: Mapping[str, str], new: Definition) -> dict[str, str]:
    """A mapping as a page sends it, old element -> new one. Raises `Rejected` for one to an element there is not."""
    wanted = {old: to for old, to in sent.items() if to}
    if len(wanted) > MOST or any(to not in new.elements or len(old) > 100 for old, to in wanted.items()):
        raise Rejected(
            Words("对应的步骤不存在，请重新选择", "There is no such element; choose again"), "mapping"
        )
    return wanted


def turned(mapping: Mapping[str, str], before: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """The mapping that takes one instance back, which waited at `before`: new element -> old one.

    Where two were mapped to one, the one it waited at counts; an element that both versions have (`others`) and that
    nothing it waited at was mapped to stays itself.
    """
    waited, both = set(before), set(others)
    back: dict[str, str] = {}
    for old, new in sorted(mapping.items(), key=lambda pair: pair[0] in waited):
        if old in waited or new not in both:
            back[new] = old
    return back


def _likeness(one: Words, other: Words) -> float:
    if one.zh == other.zh:
        return 2.0
    return SequenceMatcher(None, one.zh, other.zh).ratio()
