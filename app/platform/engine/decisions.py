"""Decision tables (DMN): which rules hold for what an instance knows, and the values they give.

A table is data: inputs, cells and outputs are expressions of the house's language, parsed once and interpreted.
This is the table as it runs; `decision_files` reads it from XML.

An input cell is `-` or empty (anything), a value, a comparison (`>= 3`, `!= "x"`), a range (`[a..b]`, `(a..b]`), a
comma list of these (any of them), or `not(…)` around such a list. Nothing (null) matches `-`, `null` and `!= x`
only, never an order, a range, or a `not(…)` around one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.platform.engine.errors import Faulty
from app.platform.engine.run import Scalar, scalar
from app.platform.expressions import FUNCTIONS, BadExpression, EvaluationFailed, Expression, parse
from app.platform.expressions.functions import number
from app.platform.expressions.tree import Compare, Given, Logic, Name, Node
from app.platform.registry import Words

ASKED = ":input"  # the name the cells of a column know its value by; no variable can be called so
LONGEST_CELL = 1_000

Aggregation = Literal["SUM", "MIN", "MAX", "COUNT"]

_COMPARISON = re.compile(r"(?P<sign><=|>=|!=|==|<|>|=(?!=))(?P<rest>.*)", re.DOTALL)
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class Cell:
    """The condition of a rule on one input: any of `tests`, or none of them when `negated`; no tests: anything."""

    text: str
    tests: tuple[Node, ...] = ()
    negated: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The variables the cell itself reads."""
        parts = (part for test in self.tests for part in test.walk())
        return frozenset(part.name for part in parts if isinstance(part, Name)) - {ASKED}

    def holds(self, value: Any, variables: Mapping[str, Any], now: datetime) -> bool:
        """Whether the cell holds for the input's `value`; raises `EvaluationFailed`."""
        if not self.tests:
            return True
        given, held = Given({**variables, ASKED: value}, now), False
        for test in self.tests:
            try:
                held = held or bool(test._value(given))
            except (TypeError, ValueError, ArithmeticError) as error:
                if value is not None:
                    raise _failed(error) from error
                if self.negated:
                    return False  # neither an order nor its contrary is true of nothing
        return held is not self.negated


def _failed(error: Exception) -> EvaluationFailed:
    return error if isinstance(error, EvaluationFailed) else EvaluationFailed("type", {"operation": "?"})


@dataclass(frozen=True, slots=True)
class Input:
    """A column asked: its heading and the expression whose value the cells below speak of."""

    label: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a cell for each input, an expression for each output."""

    cells: tuple[Cell, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table. `outputs` are the variables it sets."""

    id: str
    name: Words
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    hit_policy: Literal["UNIQUE", "COLLECT"]
    aggregation: Aggregation | None
    rules: tuple[Rule, ...]

    @property
    def expressions(self) -> Iterator[Expression]:
        """The expressions of inputs and outputs: their variables must be set somewhere."""
        yield from (column.expression for column in self.inputs)
        for rule in self.rules:
            yield from rule.results

    @property
    def names(self) -> frozenset[str]:
        """Every variable the table reads."""
        cells = (cell.names for rule in self.rules for cell in rule.cells)
        return frozenset().union(*(each.names for each in self.expressions), *cells)


def parse_cell(text: str) -> Cell:
    """Read an input cell. Raises `BadExpression` with a position in `text`."""
    text = text.strip()
    if text in ("", "-"):
        return Cell(text)
    if len(text) > LONGEST_CELL:
        raise BadExpression("too_long", LONGEST_CELL, {"limit": str(LONGEST_CELL)})
    negated = re.fullmatch(r"not\s*\((.*)\)", text, re.DOTALL) is not None and _closes_last(text)
    start, end = (text.index("(") + 1, len(text) - 1) if negated else (0, len(text))
    tests = tuple(_test(text, *piece) for piece in _pieces(text, start, end))
    return Cell(text, tests, negated)


def parse_result(text: str) -> Expression:
    """Read an output cell; empty or `-` is nothing (null). Raises `BadExpression`."""
    return parse("null" if text.strip() in ("", "-") else text)


def _bare(text: str) -> str:
    """The text with the insides of its literals blanked, so that signs in them mean nothing."""
    return _TEXT.sub(lambda found: " " * len(found.group()), text)


def _closes_last(text: str) -> bool:
    """Whether the first bracket is closed by the last sign; the two kinds count alike, for `[1..2)`."""
    depth = 0
    for position, sign in enumerate(_bare(text)):
        depth += (sign in "([") - (sign in ")]")
        if sign in ")]" and depth == 0:
            return position == len(text) - 1
    return False


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a comma list as (start, end); commas inside brackets part nothing. `(a..b]` is well closed."""
    bare, at, depth = _bare(text), start, 0
    for position in range(start, end):
        sign = bare[position]
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield at, position
            at = position + 1
    yield at, end


def _test(text: str, start: int, end: int) -> Node:
    """One test of a list, as a tree over the input's value."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    asked = Name(ASKED)
    sign = _COMPARISON.fullmatch(piece)
    if sign is not None:
        operation = "==" if sign["sign"] == "=" else sign["sign"]
        return Compare(asked, ((operation, _part(sign["rest"], start + sign.start("rest"))),))
    dots = _bare(piece).find("..")
    if dots > 0 and piece[0] in "[(" and piece[-1] in "])":
        low = _part(piece[1:dots], start + 1)
        high = _part(piece[dots + 2 : -1], start + dots + 2)
        lower, upper = ">=" if piece[0] == "[" else ">", "<=" if piece[-1] == "]" else "<"
        return Logic(True, (Compare(asked, ((lower, low),)), Compare(asked, ((upper, high),))))
    return Compare(asked, (("==", _part(piece, start)),))


def _part(text: str, offset: int) -> Node:
    try:
        return parse(text).tree
    except BadExpression as error:
        raise BadExpression(error.code, error.position + offset, error.parameters) from None


def evaluate(
    decision: Decision, variables: Mapping[str, Any], now: datetime, element: str | None = None
) -> dict[str, Scalar]:
    """Return the outputs of `decision` for `variables` (one not given is nothing) at `now` (aware).

    UNIQUE: the values of the one rule that holds; every output None when none does; two or more are a `Faulty`
    with the code `several_rules`. COLLECT, column by column over the values of the rules that hold, nulls left
    out: SUM, MIN, MAX (None of no value), COUNT (how many); without an aggregation texts joined by ", " in the
    order of the rules, None of none. Raises `Faulty` at `element` (the decision's id if not given).
    """
    where = element or decision.id
    given: dict[str, Any] = dict.fromkeys(decision.names) | dict(variables)
    try:
        holding = matching(decision, given, now)
        if decision.hit_policy == "UNIQUE" and len(holding) > 1:
            rules = ", ".join(str(each + 1) for each in holding[:10])
            raise Faulty(where, "several_rules", {"decision": decision.id, "rules": rules})
        rows = [[result.evaluate(given, now) for result in decision.rules[each].results] for each in holding]
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        found = [_gathered(decision, column, now) for column in columns or [[] for _ in decision.outputs]]
    except EvaluationFailed as error:
        raise Faulty(where, error.code, {**error.parameters, "decision": decision.id}) from error
    return {name: scalar(where, name, value) for name, value in zip(decision.outputs, found, strict=True)}


def matching(decision: Decision, given: Mapping[str, Any], now: datetime) -> list[int]:
    """The positions of the rules that hold, in order; raises `EvaluationFailed`."""
    asked = [column.expression.evaluate(given, now) for column in decision.inputs]
    return [
        position
        for position, rule in enumerate(decision.rules)
        if all(cell.holds(value, given, now) for cell, value in zip(rule.cells, asked, strict=True))
    ]


def _gathered(decision: Decision, values: list[Any], now: datetime) -> Any:
    """One output of the rules that hold."""
    if decision.hit_policy == "UNIQUE":
        return values[0] if values else None
    values = [value for value in values if value is not None]
    if decision.aggregation == "COUNT":
        return len(values)
    if not values:
        return None
    if decision.aggregation is None:
        if any(type(value) is not str for value in values):
            raise EvaluationFailed("type", {"operation": "COLLECT"})
        return ", ".join(values)
    if decision.aggregation == "SUM":
        return number(sum(number(value, "SUM") for value in values), "SUM")
    return FUNCTIONS[decision.aggregation.lower()].run(now, values)
