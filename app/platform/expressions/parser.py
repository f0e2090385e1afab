"""From text to a checked tree: few known signs, Python's parser for the grammar, an allow-list."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.platform.expressions.errors import BadExpression, EvaluationFailed
from app.platform.expressions.functions import FUNCTIONS, LARGEST_NUMBER
from app.platform.expressions.tree import (
    Arithmetic,
    Call,
    Choose,
    Compare,
    Entry,
    Given,
    Items,
    Literal,
    Logic,
    Minus,
    Name,
    Node,
    Not,
)

LONGEST = 1_000
DEEPEST = 40
LARGEST = 150
LONGEST_LITERAL = 300

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<text>(?:"[^"\\\r\n]*"|'[^'\\\r\n]*')(?!['"]))
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![A-Za-z0-9_.]))
      | (?P<name>[A-Za-z][A-Za-z0-9_]*(?!['"]))
      | (?P<sign>==|!=|<=|>=|//(?!/)|\*(?!\*)|<(?!<)|>(?!>)|[+\-/%().,\[\]])""",
    re.VERBOSE,
)
_LITERALS = {"true": True, "false": False, "null": None}
_KEYWORDS = frozenset(keyword.kwlist) - {
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "True",
    "False",
    "None",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: its text, its checked tree, and the variables it reads."""

    text: str
    tree: Node
    names: frozenset[str]

    def evaluate(self, variables: Mapping[str, Any], now: datetime) -> Any:
        """Compute the value from `variables` at `now` (aware); raises `EvaluationFailed`."""
        try:
            return self.tree._value(Given(variables, now))
        except (TypeError, ValueError, ArithmeticError) as error:
            if isinstance(error, EvaluationFailed):
                raise
            raise EvaluationFailed("type", {"operation": "?"}) from error


@lru_cache(maxsize=4_096)
def _parse(text: str) -> Expression:
    prepared = _scan(text)
    try:
        body = ast.parse(prepared, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        position = getattr(error, "offset", None) or 1
        raise BadExpression("syntax", min(position - 1, len(text))) from None
    _measure(body)
    tree = _read(body)
    return Expression(text, tree, frozenset(n.name for n in tree.walk() if isinstance(n, Name)))


def parse(text: str) -> Expression:
    """Parse and check `text` (ends trimmed); the answer is kept. Raises `BadExpression` with a position."""
    text = text.strip()
    if len(text) > LONGEST:
        raise BadExpression("too_long", LONGEST, {"limit": str(LONGEST)})
    return _parse(text)


def _scan(text: str) -> str:
    """Refuse every sign the language does not have, and deep nesting, before the grammar is asked."""
    position, depth, pieces = 0, 0, []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadExpression("character", position, {"found": text[position]})
        kind, found = match.lastgroup, match.group()
        if kind == "name" and found in _KEYWORDS:
            raise BadExpression("name", position, {"found": found})
        if kind == "text" and len(found) > LONGEST_LITERAL + 2:
            raise BadExpression("text", position, {"limit": str(LONGEST_LITERAL)})
        if kind == "number" and float(found) > LARGEST_NUMBER:
            raise BadExpression("number", position)
        depth += (found in ("(", "[")) - (found in (")", "]"))
        if depth > DEEPEST:
            raise BadExpression("too_deep", position, {"limit": str(DEEPEST)})
        pieces.append(" " * len(found) if kind == "space" else found)
        position = match.end()
    prepared = "".join(pieces)
    if not prepared:
        raise BadExpression("empty", 0)
    return prepared


def _measure(body: ast.expr) -> None:
    """Refuse trees with too many parts or levels; iterative, so that no depth can exhaust the stack."""
    parts, todo = 0, [(body, 0)]
    while todo:
        node, depth = todo.pop()
        parts += 1
        if depth > DEEPEST:
            raise BadExpression("too_deep", node.col_offset, {"limit": str(DEEPEST)})
        if parts > LARGEST:
            raise BadExpression("too_large", node.col_offset, {"limit": str(LARGEST)})
        todo += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _refuse(node: ast.expr, found: str) -> BadExpression:
    return BadExpression("not_allowed", node.col_offset, {"found": found})


def _read(node: ast.expr) -> Node:
    reader = _READERS.get(type(node))
    if reader is None:
        raise _refuse(node, type(node).__name__)
    return reader(node)


def _constant(node: ast.Constant) -> Node:
    if node.value is not None and type(node.value) not in (str, int, float, bool):
        raise _refuse(node, type(node.value).__name__)
    return Literal(node.value)


def _name(node: ast.Name) -> Node:
    if node.id in _LITERALS:
        return Literal(_LITERALS[node.id])
    if "__" in node.id or node.id in FUNCTIONS:
        raise BadExpression("name", node.col_offset, {"found": node.id})
    return Name(node.id)


def _attribute(node: ast.Attribute) -> Node:
    if "__" in node.attr:
        raise BadExpression("name", node.col_offset, {"found": node.attr})
    return Entry(_read(node.value), Literal(node.attr))


def _subscript(node: ast.Subscript) -> Node:
    return Entry(_read(node.value), _read(node.slice))


def _items(node: ast.List | ast.Tuple) -> Node:
    return Items(tuple(_read(item) for item in node.elts))


def _logic(node: ast.BoolOp) -> Node:
    return Logic(isinstance(node.op, ast.And), tuple(_read(value) for value in node.values))


def _unary(node: ast.UnaryOp) -> Node:
    if isinstance(node.op, ast.Not):
        return Not(_read(node.operand))
    if isinstance(node.op, ast.USub):
        return Minus(_read(node.operand))
    raise _refuse(node, "+")


_SIGNS: Mapping[type[ast.operator | ast.cmpop], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def _arithmetic(node: ast.BinOp) -> Node:
    return Arithmetic(_SIGNS[type(node.op)], _read(node.left), _read(node.right))


def _compare(node: ast.Compare) -> Node:
    signs = [_SIGNS[type(sign)] for sign in node.ops]
    for sign, other in zip(signs, node.comparators, strict=True):
        if sign in ("is", "is not") and not (isinstance(other, ast.Constant) and other.value is None):
            raise _refuse(other, sign)
    return Compare(_read(node.left), tuple(zip(signs, map(_read, node.comparators), strict=True)))


def _choose(node: ast.IfExp) -> Node:
    return Choose(_read(node.test), _read(node.body), _read(node.orelse))


def _call(node: ast.Call) -> Node:
    if not isinstance(node.func, ast.Name):
        raise _refuse(node, "( )")
    name, function = node.func.id, FUNCTIONS.get(node.func.id)
    if function is None:
        hint = "".join(difflib.get_close_matches(name, FUNCTIONS, 1))
        raise BadExpression("unknown_function", node.col_offset, {"found": name, "hint": hint})
    if not function.least <= len(node.args) <= function.most:
        raise BadExpression("arguments", node.col_offset, {"found": name})
    return Call(name, tuple(_read(argument) for argument in node.args))


_READERS: Mapping[type[ast.expr], Callable[[Any], Node]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.List: _items,
    ast.Tuple: _items,
    ast.BoolOp: _logic,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.Compare: _compare,
    ast.IfExp: _choose,
    ast.Call: _call,
}
