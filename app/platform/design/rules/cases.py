"""What conditions say of every case there can be: exact where it can be told, and nothing where it cannot.

A variable that is only compared with constants splits into finitely many cases between which no condition can tell
apart: the constants themselves and the open intervals between them. Each case is tried by the interpreter itself, so
that nothing here can disagree with what runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, product
from typing import Any, Final

from app.platform.expressions import EvaluationFailed, Expression
from app.platform.expressions.tree import Compare, Items, Literal, Logic, Minus, Name, Node, Not

MOST_CASES: Final = 4_000
OTHER: Final = "\N{BULLET}"
"""Stands for every text that no condition names."""
_NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one variable: a value that stands for it, whether it is that value alone, and its bounds."""

    value: Any
    is_point: bool = True
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a variable beforehand: the values it may have, or that it is a whole number."""

    values: tuple[Any, ...] = ()
    whole: bool = False


@dataclass(slots=True)
class _Seen:
    constants: list[Any] = field(default_factory=list)
    bare: bool = False


def cases(conditions: Sequence[Expression], domains: Mapping[str, Domain]) -> list[Mapping[str, Case]] | None:
    """Every case of the variables that the conditions read; None where that cannot be told."""
    seen: dict[str, _Seen] = {}
    if not all(_decidable(condition.tree, seen) for condition in conditions):
        return None
    names = sorted(seen)
    split = [_split(seen[name], domains.get(name, Domain())) for name in names]
    if any(each is None for each in split):
        return None
    parts = [each for each in split if each is not None]
    if math.prod(map(len, parts)) > MOST_CASES:
        return None
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*parts)]


def holds(condition: Expression, case: Mapping[str, Case]) -> bool:
    """Whether a condition holds in a case; one that fails there does not."""
    try:
        return bool(condition.evaluate({name: one.value for name, one in case.items()}, _NOON))
    except EvaluationFailed:
        return False


def _decidable(node: Node, seen: dict[str, _Seen]) -> bool:
    """Whether nothing but `and`, `or`, `not` and comparisons with constants is in it; notes the constants."""
    match node:
        case Logic():
            return all(_decidable(part, seen) for part in node.operands)
        case Not():
            return _decidable(node.part, seen)
        case Name():
            seen.setdefault(node.name, _Seen()).bare = True
            return True
        case Literal():
            return type(node.constant) is bool
        case Compare():
            return _comparison(node, seen)
    return False


def _comparison(node: Compare, seen: dict[str, _Seen]) -> bool:
    parts = [node.first, *(part for _, part in node.rest)]
    names = {part.name for part in parts if isinstance(part, Name)}
    if len(names) != 1:
        return False
    signs = {sign for sign, _ in node.rest}
    if signs & {"in", "not in"} and (len(node.rest) > 1 or not isinstance(parts[0], Name)):
        return False
    found = seen.setdefault(names.pop(), _Seen())
    for part in parts:
        if isinstance(part, Name):
            continue
        constants = _constants(part)
        if constants is None:
            return False
        found.constants += constants
    return True


def _constants(node: Node) -> list[Any] | None:
    if isinstance(node, Literal):
        return [node.constant]
    if (
        isinstance(node, Minus)
        and isinstance(node.part, Literal)
        and type(node.part.constant) in (int, float)
    ):
        return [-node.part.constant]
    if isinstance(node, Items):
        each = [_constants(item) for item in node.items]
        return None if any(one is None for one in each) else [value for one in each for value in one or ()]
    return None


def _split(seen: _Seen, domain: Domain) -> list[Case] | None:
    kinds = {type(constant) for constant in seen.constants}
    if domain.values:
        return [Case(value) for value in domain.values]
    if kinds <= {bool} and (seen.bare or kinds):
        return [Case(True), Case(False)]
    if seen.bare or not kinds:
        return None
    if kinds <= {int, float}:
        return list(_numbers(sorted(set(seen.constants)), domain.whole))
    if kinds == {str}:
        return [Case(value) for value in (*dict.fromkeys(seen.constants), OTHER)]
    return None


def _numbers(points: Sequence[float], whole: bool) -> Iterator[Case]:
    """The points and what lies between them; of whole numbers only where a whole number lies."""
    yield Case(math.ceil(points[0]) - 1, False, high=points[0])
    for low, high in pairwise([*points, math.inf]):
        if not whole or float(low).is_integer():
            yield Case(low)
        if high == math.inf:
            yield Case(math.floor(low) + 1, False, low=low)
        elif not whole:
            yield Case((low + high) / 2, False, low, high)
        elif math.floor(low) + 1 < high:
            yield Case(math.floor(low) + 1, False, low, high)
