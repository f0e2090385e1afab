"""The checked tree of an expression: one small class per kind of node, each knowing its own value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.platform.expressions.errors import EvaluationFailed
from app.platform.expressions.functions import FUNCTIONS, LONGEST_LIST, number, text


@dataclass(frozen=True, slots=True)
class Given:
    """What an evaluation may look at: the variables and the moment."""

    variables: Mapping[str, Any]
    now: datetime


class Node:
    """A part of an expression."""

    __slots__ = ()

    def _value(self, given: Given) -> Any:
        """Compute the node's value; fails with `EvaluationFailed`."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def __iter__(self) -> Iterator[Node]:
        """The nodes directly below."""
        return iter(())

    def walk(self) -> Iterator[Node]:
        """This node and everything below it."""
        yield self
        for part in self:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text, a number, true, false or nothing."""

    constant: Any

    def _value(self, given: Given) -> Any:
        return self.constant


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable."""

    name: str

    def _value(self, given: Given) -> Any:
        try:
            return given.variables[self.name]
        except KeyError:
            raise EvaluationFailed("unset", {"name": self.name}) from None


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """`a.b`, `a["b"]` and `a[0]`: a look into data, never an attribute."""

    whole: Node
    key: Node

    def __iter__(self) -> Iterator[Node]:
        return iter((self.whole, self.key))

    def _value(self, given: Given) -> Any:
        whole, key = self.whole._value(given), self.key._value(given)
        if isinstance(whole, dict) and type(key) is str:
            if key in whole:
                return whole[key]
        elif isinstance(whole, list | tuple) and type(key) is int:
            if -len(whole) <= key < len(whole):
                return whole[key]
        else:
            raise EvaluationFailed("type", {"operation": "[ ]"})
        raise EvaluationFailed("missing", {"name": str(key)[:40]})


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list written out."""

    items: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def _value(self, given: Given) -> Any:
        return [item._value(given) for item in self.items]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`."""

    part: Node

    def __iter__(self) -> Iterator[Node]:
        return iter((self.part,))

    def _value(self, given: Given) -> Any:
        return not self.part._value(given)


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """`-a`."""

    part: Node

    def __iter__(self) -> Iterator[Node]:
        return iter((self.part,))

    def _value(self, given: Given) -> Any:
        return -number(self.part._value(given), "-")


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b`, `a or b`: the value that decided, as in Python."""

    is_and: bool
    operands: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.operands)

    def _value(self, given: Given) -> Any:
        found: Any = None
        for operand in self.operands:
            found = operand._value(given)
            if bool(found) is not self.is_and:
                return found
        return found


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """`a if c else b`."""

    condition: Node
    then: Node
    otherwise: Node

    def __iter__(self) -> Iterator[Node]:
        return iter((self.condition, self.then, self.otherwise))

    def _value(self, given: Given) -> Any:
        return (self.then if self.condition._value(given) else self.otherwise)._value(given)


ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a + b` and its like, on numbers; `+` also joins two texts. Results are bounded."""

    operation: str
    left: Node
    right: Node

    def __iter__(self) -> Iterator[Node]:
        return iter((self.left, self.right))

    def _value(self, given: Given) -> Any:
        left, right = self.left._value(given), self.right._value(given)
        sign = self.operation
        if sign == "+" and type(left) is str and type(right) is str:
            return text(text(left, sign) + text(right, sign), sign)
        number(left, sign), number(right, sign)
        if right == 0 and sign in ("/", "//", "%"):
            raise EvaluationFailed("division")
        return number(ARITHMETIC[sign](left, right), sign)


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, left: Any, right: Any) -> bool:
    """Compare two values; order is known between numbers and between texts only."""
    if sign in ("==", "is"):
        return bool(left == right)
    if sign in ("!=", "is not"):
        return bool(left != right)
    if sign in ("in", "not in"):
        if isinstance(right, str) and not isinstance(left, str):
            raise EvaluationFailed("type", {"operation": sign})
        if not isinstance(right, str | list | tuple | dict) or isinstance(left, list | tuple | dict):
            raise EvaluationFailed("type", {"operation": sign})
        if len(right) > LONGEST_LIST:
            raise EvaluationFailed("result")
        return (left in right) is (sign == "in")
    numbers = type(left) in (int, float) and type(right) in (int, float)
    if not numbers and not (type(left) is str and type(right) is str):
        raise EvaluationFailed("type", {"operation": sign})
    return bool(COMPARISONS[sign](left, right))


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`a < b <= c`, `a in b` and their like."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    def __iter__(self) -> Iterator[Node]:
        return iter((self.first, *(node for _sign, node in self.rest)))

    def _value(self, given: Given) -> Any:
        left = self.first._value(given)
        for sign, node in self.rest:
            right = node._value(given)
            if not compare(sign, left, right):
                return False
            left = right
        return True


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the language."""

    function: str
    arguments: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.arguments)

    def _value(self, given: Given) -> Any:
        return FUNCTIONS[self.function].run(given.now, *(part._value(given) for part in self.arguments))
