"""JUEL (`${…}`) and FEEL (`= …`) read into a small tree and written in our language; nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from app.platform.expressions import BadExpression, parse

Tree = tuple[Any, ...]
"""`("name", n)`, `("value", v)`, `("entry", whole, key)`, `("not" | "minus", a)`, `("and" | "or", a, b)`,
`(sign, a, b)`, `("call", name, a, …)`, `("list", a, …)`, `("if", condition, then, otherwise)`."""

LONGEST: Final = 800
MOST_PARTS: Final = 300
DEEPEST: Final = 30
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)
      |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<name>[^\W\d]\w*(?::[^\W\d]\w*)?)
      |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>=!?:.,()\[\]]))""",
    re.VERBOSE,
)
_WRITTEN = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/", "mod": "%",
    "&&": "and", "||": "or", "!": "not",
}  # fmt: skip
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_METHODS = {"equals": "==", "contains": "contains", "startsWith": "starts_with"}
_LENGTHS = frozenset({"size", "length"})
_FEEL_FUNCTIONS = {
    "count": "len", "contains": "contains", "sum": "sum", "min": "min", "max": "max",
    "starts with": "starts_with", "upper case": "upper", "lower case": "lower", "string length": "len",
}  # fmt: skip


class Untranslatable(Exception):
    """The text is not of the part of the language that ours has, too."""


def wrapped(text: str) -> tuple[str, bool] | None:
    """What stands in `${…}`, `#{…}` or after `=`, and whether it is FEEL; None where it is no foreign expression."""
    text = text.strip()
    if text[:2] in ("${", "#{"):
        if not text.endswith("}") or "${" in text[2:] or "#{" in text[2:]:
            raise Untranslatable
        return text[2:-1], False
    if text.startswith("=") and not text.startswith("=="):
        return text[1:], True
    return None


class Reader:
    """Reads one expression."""

    def __init__(self, text: str, feel: bool) -> None:
        self.feel = feel
        self.tokens: list[tuple[str, str]] = []
        self.depth = self.at = 0
        if len(text) > LONGEST:
            raise Untranslatable
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or len(self.tokens) > MOST_PARTS:
                raise Untranslatable
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind]))
            position = match.end()
        if feel:
            self._join_names()

    def _join_names(self) -> None:
        """FEEL's functions of two words become one name."""
        joined: list[tuple[str, str]] = []
        for kind, found in self.tokens:
            both = f"{joined[-1][1]} {found}" if joined and joined[-1][0] == kind == "name" else ""
            if both in _FEEL_FUNCTIONS or both == "is defined":
                joined[-1] = ("name", both)
            else:
                joined.append((kind, found))
        self.tokens = joined

    def read(self) -> Tree:
        """The tree of the whole text."""
        tree = self._choice()
        if self.at < len(self.tokens):
            raise Untranslatable
        return tree

    def _peek(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        kind, found = self.tokens[self.at]
        if kind == "text":
            return ""
        found = found if self.feel else _WRITTEN.get(found, found)
        return "==" if self.feel and found == "=" else found

    def _next(self) -> str:
        found = self._peek()
        self.at += 1
        return found

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise Untranslatable

    def _choice(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Untranslatable
        if self.feel and self._peek() == "if":
            self._next()
            condition = self._choice()
            self._expect("then")
            then = self._choice()
            self._expect("else")
            tree: Tree = ("if", condition, then, self._choice())
        else:
            tree = self._or()
            if not self.feel and self._peek() == "?":
                self._next()
                then = self._choice()
                self._expect(":")
                tree = ("if", tree, then, self._choice())
        self.depth -= 1
        return tree

    def _row(self, signs: frozenset[str], below: Callable[[], Tree]) -> Tree:
        tree = below()
        while self._peek() in signs:
            tree = (self._next(), tree, below())
        return tree

    def _or(self) -> Tree:
        return self._row(frozenset({"or"}), lambda: self._row(frozenset({"and"}), self._comparison))

    def _comparison(self) -> Tree:
        left = self._sum()
        if self._peek() in _COMPARISONS:
            left = (self._next(), left, self._sum())
        elif self.feel and self._peek() == "between":
            self._next()
            low = self._sum()
            self._expect("and")
            left = ("and", (">=", left, low), ("<=", left, self._sum()))
        elif self.feel and self._peek() == "in":
            self._next()
            left = ("in", left, self._listed())
        if self._peek() in _COMPARISONS:
            raise Untranslatable
        return left

    def _listed(self) -> Tree:
        tree = self._sum()
        return tree if tree[0] in ("list", "name", "entry") else ("list", tree)

    def _sum(self) -> Tree:
        return self._row(frozenset("+-"), lambda: self._row(frozenset("*/%"), self._unary))

    def _unary(self) -> Tree:
        sign = self._peek()
        self.depth += 1
        if self.depth > DEEPEST:
            raise Untranslatable
        if sign == "-":
            self._next()
            tree: Tree = ("minus", self._unary())
        elif sign == "not":
            self._next()
            tree = negated(self._unary())
        elif sign == "empty" and not self.feel:
            self._next()
            tree = _empty(self._unary())
        else:
            tree = self._postfix()
        self.depth -= 1
        return tree

    def _postfix(self) -> Tree:
        tree = self._primary()
        while self._peek() in (".", "["):
            if self._next() == "[":
                tree = ("entry", tree, self._choice())
                self._expect("]")
                continue
            name = self._name()
            if self._peek() == "(":
                tree = _method(tree, name, self._arguments(")"))
            else:
                tree = ("entry", tree, ("value", name))
        return tree

    def _name(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "name":
            raise Untranslatable
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _arguments(self, closing: str) -> tuple[Tree, ...]:
        self._next()
        found: list[Tree] = []
        while self._peek() != closing or not self._is_sign():
            found.append(self._choice())
            if self._peek() == ",":
                self._next()
            elif self._peek() != closing:
                raise Untranslatable
        self._next()
        return tuple(found)

    def _is_sign(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] == "sign"

    def _primary(self) -> Tree:
        if self.at >= len(self.tokens):
            raise Untranslatable
        kind, found = self.tokens[self.at]
        if kind == "sign" and found == "(":
            self._next()
            tree = self._choice()
            self._expect(")")
            return tree
        if kind == "sign" and found == "[" and self.feel:
            return ("list", *self._arguments("]"))
        if kind == "sign":
            raise Untranslatable
        self.at += 1
        if kind == "number":
            return ("value", float(found) if "." in found else int(found))
        if kind == "text":
            return ("value", _text(found))
        if self._peek() == "(":
            return _function(found, self._arguments(")"), self.feel)
        if found in ("true", "false", "null"):
            return ("value", {"true": True, "false": False, "null": None}[found])
        if ":" in found:
            raise Untranslatable
        return ("name", found)


def _text(found: str) -> str:
    text = found[1:-1]
    if "\\" in text or len(text) > 200 or ('"' in text and "'" in text):
        raise Untranslatable
    return text


def _empty(tree: Tree) -> Tree:
    return ("or", ("==", tree, ("value", None)), ("==", tree, ("value", "")))


def negated(tree: Tree) -> Tree:
    """What holds where `tree` does not."""
    if tree[0] == "not" and tree[1][0] in {
        *_COMPARISONS,
        "not",
        "in",
    }:  # of others it is not the same: they are no bool
        return tuple(tree[1])
    if tree[0] in _NEGATED:
        return (_NEGATED[tree[0]], tree[1], tree[2])
    return ("not", tree)


def _method(whole: Tree, name: str, given: tuple[Tree, ...]) -> Tree:
    if (
        whole == ("name", "execution")
        and name == "getVariable"
        and len(given) == 1
        and given[0][0] == "value"
    ):
        return ("name", str(given[0][1]))
    if name == "equals" and len(given) == 1:
        return ("==", given[0], whole) if whole[0] == "value" else ("==", whole, given[0])
    if name in _METHODS and len(given) == 1:
        return ("call", _METHODS[name], whole, *given)
    if name in _LENGTHS and not given:
        return ("call", "len", whole)
    if name == "isEmpty" and not given:
        return ("==", ("call", "len", whole), ("value", 0))
    raise Untranslatable


def _function(name: str, given: tuple[Tree, ...], feel: bool) -> Tree:
    prefix, _, bare = name.rpartition(":")
    if prefix in ("vars", "variables", "var") and bare in ("eq", "equals") and len(given) == 2:
        first = given[0]
        return ("==", ("name", first[1]) if first[0] == "value" else first, given[1])
    if feel and name == "not" and len(given) == 1:
        return negated(given[0])
    if feel and name == "is defined" and len(given) == 1:
        return ("!=", given[0], ("value", None))
    if feel and name in _FEEL_FUNCTIONS:
        return ("call", _FEEL_FUNCTIONS[name], *given)
    raise Untranslatable


def read(text: str) -> Tree | None:
    """The tree of a foreign expression; None where `text` is none. Raises `Untranslatable`."""
    found = wrapped(text)
    return None if found is None else Reader(*found).read()


def written(tree: Tree, name: Callable[[str], str]) -> str:
    """`tree` in our language, variables by `name`. Raises `Untranslatable` where ours refuses it."""
    text = _write(tree, name, 0)
    try:
        parse(text)
    except BadExpression:
        raise Untranslatable from None
    return text


_BINDS = {"if": 1, "or": 2, "and": 3, "not": 4, "in": 5, **dict.fromkeys(_COMPARISONS, 5), "+": 6, "-": 6,
          "*": 7, "/": 7, "%": 7, "minus": 8}  # fmt: skip


def _write(tree: Tree, name: Callable[[str], str], around: int) -> str:
    kind, binds = tree[0], _BINDS.get(tree[0], 9)
    if kind == "name":
        return name(tree[1])
    if kind == "value":
        return _constant(tree[1])
    if kind == "entry":
        key = tree[2]
        if key[0] == "value" and "__" in str(key[1]):
            raise Untranslatable
        if key[0] == "value" and isinstance(key[1], str) and re.fullmatch(r"[A-Za-z]\w*", key[1], re.ASCII):
            return f"{_write(tree[1], name, 9)}.{key[1]}"
        return f"{_write(tree[1], name, 9)}[{_write(key, name, 0)}]"
    if kind in ("call", "list"):
        inner = ", ".join(_write(each, name, 0) for each in tree[2 if kind == "call" else 1 :])
        return f"{tree[1]}({inner})" if kind == "call" else f"[{inner}]"
    if kind == "if":
        condition, then, otherwise = (_write(each, name, binds + 1) for each in tree[1:])
        text = f"{then} if {condition} else {otherwise}"
    elif kind in ("not", "minus"):
        text = ("not " if kind == "not" else "-") + _write(tree[1], name, binds)
    else:
        chains = kind in _COMPARISONS or kind == "in"  # ours would read `a == b == c` as Python does
        text = f"{_write(tree[1], name, binds + chains)} {kind} {_write(tree[2], name, binds + 1)}"
    return f"({text})" if binds < around else text


def _constant(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'" if '"' in value else f'"{value}"'
    return (
        {True: "True", False: "False", None: "None"}.get(value, repr(value))
        if not isinstance(value, int | float) or isinstance(value, bool)
        else repr(value)
    )


def names(tree: Tree) -> set[str]:
    """The variables a tree reads."""
    if tree[0] == "name":
        return {tree[1]}
    return {name for part in tree[1:] if isinstance(part, tuple) for name in names(part)}
