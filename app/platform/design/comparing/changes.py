"""What a comparison is made of: changes, and the lines in which old stands beside new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.platform.registry import Words

Kind = Literal["added", "removed", "changed", "moved"]
Labels = Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is otherwise now: what it is, as it was and as it is; None where it was not, or is no more."""

    label: Words
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One element, field, rule or file that differs. `element` is its id in the diagram, where it has one.

    `sort` says what it is (用户任务, 字段), `title` what it is called. `moved`: only its place in the drawing, or its
    order, differs.
    """

    kind: Kind
    file: str
    element: str | None
    sort: Words
    title: Words
    lines: tuple[Line, ...] = ()


def lines(labels: Labels, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Line]:
    """The facts that differ, in the order of `after` and then `before`. Labels by the whole name, or its first word."""
    for name in dict.fromkeys([*after, *before]):
        if before.get(name) != after.get(name):
            yield Line(label(labels, name), before.get(name), after.get(name))


def label(labels: Labels, name: str) -> Words:
    """What a fact is called: by its name, or by the part before a dot with the rest as it is."""
    if name in labels:
        return labels[name]
    first, _, rest = name.partition(".")
    if rest and first in labels:
        return Words(f"{labels[first].zh} {rest}", f"{labels[first].en} {rest}")
    return Words(name, name)
