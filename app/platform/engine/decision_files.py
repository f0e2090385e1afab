"""From a DMN file to decision tables: everything in it is either understood or complained of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce
from itertools import islice, pairwise, product
from typing import Any, Final, Literal

from lxml import etree

from app.platform.engine.decisions import (
    Aggregation,
    Cell,
    Decision,
    Input,
    Rule,
    matching,
    parse_cell,
    parse_result,
)
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.problems import Problem
from app.platform.engine.products import shown
from app.platform.engine.properties import VARIABLE
from app.platform.engine.vocabulary import ID, local, space
from app.platform.expressions import FUNCTIONS, BadExpression, EvaluationFailed, Expression, parse
from app.platform.expressions.tree import Literal as Constant
from app.platform.expressions.tree import Name
from app.platform.registry import Words

DMN: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
    }
)
DRAWING: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/DMNDI/",
        "https://www.omg.org/spec/DMN/20191111/DMNDI/",
        "http://www.omg.org/spec/DMN/20180521/DI/",
        "http://www.omg.org/spec/DMN/20180521/DC/",
        "http://bpmn.io/schema/dmn/biodi/1.0",
        "http://bpmn.io/schema/dmn/biodi/2.0",
    }
)
CARRIED: Final = frozenset({"description", "inputData", "knowledgeSource", "textAnnotation", "association"})
BESIDE: Final = frozenset(
    {"variable", "question", "allowedAnswers", "authorityRequirement", "description", "literalExpression"}
)  # a decision without a table is refused for that
AGGREGATIONS: Final[Mapping[str, Aggregation]] = {"SUM": "SUM", "MIN": "MIN", "MAX": "MAX", "COUNT": "COUNT"}
POLICIES: Final[Mapping[str, Literal["UNIQUE", "COLLECT"]]] = {"UNIQUE": "UNIQUE", "COLLECT": "COLLECT"}
MOST_RULES: Final = 500
MOST_TRIES: Final = 20_000
OVERLAPS_TOLD: Final = 5
_NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)


def read_decisions(file: str, content: bytes) -> tuple[dict[str, Decision], list[Problem]]:
    """Read the tables of one file by id, and what is wrong with them; never raises for what a file contains."""
    try:
        root = admit(content)
    except NotAdmitted as refused:
        return {}, [Problem(refused.code, file, None, refused.parameters)]
    if local(root) != "definitions" or space(root) not in DMN:
        return {}, [Problem("not_dmn", file)]
    decisions: dict[str, Decision] = {}
    problems: list[Problem] = []
    found = False
    for child in root:
        if space(child) in DRAWING or (space(child) == space(root) and local(child) in CARRIED):
            continue
        if space(child) != space(root) or local(child) != "decision":
            problems.append(_unknown(file, None, child))
            continue
        found = True
        table = _Table(file, child)
        decision = table.read()
        if decision is not None and decision.id in decisions:
            table.complain("twice", name=decision.id)
        elif decision is not None:
            decisions[decision.id] = decision
        problems += table.problems
    if not found and not problems:
        problems.append(Problem("no_decision", file))
    return decisions, problems


def _unknown(file: str, owner: str | None, xml: etree._Element) -> Problem:
    if local(xml) == "extensionElements" or space(xml) not in DMN | DRAWING:
        return Problem("foreign", file, owner, {"found": shown(xml.tag)[:120]})
    return Problem("unknown_element", file, owner, {"found": local(xml), "line": str(xml.sourceline)})


def _is_drawing(xml: etree._Element) -> bool:
    """Whether it only says where things stand on the sheet (DMN 1.1 keeps that in extensionElements)."""
    inner = list(xml) if local(xml) == "extensionElements" else [xml]
    return all(space(each) in DRAWING for each in inner)


class _Table:
    """Reads one `decision` element."""

    def __init__(self, file: str, xml: etree._Element) -> None:
        self.file, self.xml = file, xml
        self.id = xml.get("id") or ""
        self.problems: list[Problem] = []

    def complain(self, code: str, **parameters: str) -> None:
        """Note a problem of this decision."""
        self.problems.append(Problem(code, self.file, self.id or None, parameters))

    def read(self) -> Decision | None:
        """The decision, or None when it has a problem."""
        if not ID.fullmatch(self.id):
            self.complain("bad_id", found="decision", line=str(self.xml.sourceline))
            return None
        tables = [child for child in self.xml if self._is_table(child)]
        if len(tables) != 1:
            self.complain("no_table", decision=self.id)
            return None
        table = tables[0]
        named = table.get("hitPolicy", "UNIQUE")
        policy = POLICIES.get(named)
        if policy is None:
            self.complain("hit_policy", found=named[:40])
            return None
        gathered = table.get("aggregation")
        aggregation = AGGREGATIONS.get(gathered or "")
        if gathered is not None and (aggregation is None or policy == "UNIQUE"):
            self.complain("aggregation", found=gathered[:40])
        inputs = [column for child in self._parts(table, "input") if (column := self._input(child))]
        outputs = self._outputs(self._parts(table, "output"))
        if self.problems:
            return None
        rules = self._rules(self._parts(table, "rule"), inputs, outputs)
        if self.problems:
            return None
        name = (self.xml.get("name") or self.id).strip()[:200]
        decision = Decision(
            self.id, Words(name, name), tuple(inputs), outputs, policy, aggregation, tuple(rules)
        )
        self._gathers_texts(decision)
        if policy == "UNIQUE":
            for first, second, witness in islice(overlaps(decision), OVERLAPS_TOLD):
                self.complain("rules_overlap", first=str(first), second=str(second), witness=witness[:120])
        return None if self.problems else decision

    def _is_table(self, child: etree._Element) -> bool:
        tag, known = local(child), space(child) in DMN
        if known and tag == "informationRequirement":
            for required in child:
                if local(required) == "requiredDecision":
                    self.complain(
                        "chained_decision", decision=self.id, found=required.get("href", "")[:80].lstrip("#")
                    )
        elif known and tag == "decisionTable":
            for part in child:
                if space(part) not in DMN or local(part) not in ("input", "output", "rule", "annotation"):
                    self.problems.append(_unknown(self.file, self.id, part))
            return True
        elif not (_is_drawing(child) or (known and tag in BESIDE)):
            self.problems.append(_unknown(self.file, self.id, child))
        return False

    @staticmethod
    def _parts(xml: etree._Element, tag: str) -> list[etree._Element]:
        return [child for child in xml if local(child) == tag and space(child) in DMN]

    def _language(self, xml: etree._Element) -> None:
        if xml.get("expressionLanguage"):
            self.complain("language", found=xml.get("expressionLanguage", "")[:80])

    def _input(self, xml: etree._Element) -> Input | None:
        asked = self._parts(xml, "inputExpression")
        text = (asked[0].findtext("{*}text") or "") if asked else ""
        for each in asked:
            self._language(each)
        label = (xml.get("label") or text).strip()[:60]
        if not text.strip():
            self.complain("no_question", column=label or "?")
            return None
        expression = self._expression(text, "", label, parse)
        return None if expression is None else Input(label, expression)

    def _outputs(self, columns: list[etree._Element]) -> tuple[str, ...]:
        names: list[str] = []
        for number, column in enumerate(columns, 1):
            name = (column.get("name") or "").strip()
            if not VARIABLE.fullmatch(name) or name in FUNCTIONS or name == "outcome":
                self.complain("output_name", column=str(number), found=name[:40])
            elif name in names:
                self.complain("twice", name=name)
            names.append(name)
        if not names:
            self.complain("no_outputs")
        return tuple(names)

    def _rules(self, rows: list[etree._Element], inputs: list[Input], outputs: tuple[str, ...]) -> list[Rule]:
        if not inputs:
            self.complain("no_inputs")
        if not rows:
            self.complain("no_rules")
        if len(rows) > MOST_RULES:
            self.complain("too_many_rules", limit=str(MOST_RULES), found=str(len(rows)))
            return []
        rules = []
        for number, row in enumerate(rows, 1):
            cells = self._texts(number, row, "inputEntry", len(inputs), Words("输入", "input"))
            results = self._texts(number, row, "outputEntry", len(outputs), Words("输出", "output"))
            if cells is None or results is None:
                continue
            read = [
                self._expression(text, str(number), column.label, parse_cell)
                for text, column in zip(cells, inputs, strict=True)
            ]
            given = [
                self._expression(text, str(number), name, parse_result)
                for text, name in zip(results, outputs, strict=True)
            ]
            rules.append(Rule(tuple(filter(None, read)), tuple(filter(None, given))))
        return rules

    def _texts(
        self, number: int, row: etree._Element, tag: str, expected: int, side: Words
    ) -> list[str] | None:
        entries = self._parts(row, tag)
        for entry in entries:
            self._language(entry)
        if len(entries) != expected:
            self.complain(
                "cells",
                rule=str(number),
                found=str(len(entries)),
                expected=str(expected),
                side_zh=side.zh,
                side_en=side.en,
            )
            return None
        return [entry.findtext("{*}text") or "" for entry in entries]

    def _expression(self, text: str, rule: str, column: str, read: Any) -> Any:
        try:
            return read(text)
        except BadExpression as error:
            self.complain(
                "cell" if rule else "question",
                rule=rule,
                column=column or "?",
                text=text.strip()[:60],
                position=str(error.position + 1),
                reason_zh=error.words.zh,
                reason_en=error.words.en,
            )
            return None

    def _gathers_texts(self, decision: Decision) -> None:
        """A COLLECT without aggregation joins texts: a literal that is none is told at publication."""
        if decision.hit_policy != "COLLECT" or decision.aggregation is not None:
            return
        for number, rule in enumerate(decision.rules, 1):
            for name, result in zip(decision.outputs, rule.results, strict=True):
                if isinstance(result.tree, Constant) and type(result.tree.constant) not in (str, type(None)):
                    self.complain("not_a_text", rule=str(number), column=name)


def overlaps(decision: Decision) -> Iterator[tuple[int, int, str]]:
    """Pairs of rules (counted from 1) that hold together, each with a witness; only what is proved.

    Where every input is a variable of its own, column by column: two rules overlap if each column has a value
    both cells hold for. Otherwise over values of the variables, as long as the tries last.
    """
    names = [
        column.expression.tree.name for column in decision.inputs if isinstance(column.expression.tree, Name)
    ]
    if len(names) == len(decision.inputs) == len(set(names)):
        yield from _overlaps_by_column(decision, names)
    else:
        yield from _overlaps_by_trial(decision)


def _overlaps_by_column(decision: Decision, names: list[str]) -> Iterator[tuple[int, int, str]]:
    count = len(decision.rules)
    columns: list[list[tuple[Any, int]]] = []
    meets: list[list[int]] = []
    for position in range(len(names)):
        cells = [rule.cells[position] for rule in decision.rules]
        tried: list[tuple[Any, int]] = []
        met = [0] * count
        candidates = _candidates(cells, ())
        for value in islice(candidates, max(50, MOST_TRIES * 10 // (count * len(names)))):
            mask = sum(1 << row for row, cell in enumerate(cells) if _holds(cell, value))
            tried.append((value, mask))
            for row in _bits(mask):
                met[row] |= mask
        columns.append(tried)
        meets.append(met)
    for row in range(count):
        together = reduce(int.__and__, (met[row] for met in meets))
        for other in _bits(together >> (row + 1)):
            second = row + 1 + other
            both = (1 << row) | (1 << second)
            witness = [
                f"{name} = {next(value for value, mask in tried if mask & both == both)!r}"
                for name, tried in zip(names, columns, strict=True)
            ]
            yield row + 1, second + 1, ", ".join(witness)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _overlaps_by_trial(decision: Decision) -> Iterator[tuple[int, int, str]]:
    names = sorted(decision.names)
    cells = [cell for rule in decision.rules for cell in rule.cells]
    values = list(_candidates(cells, tuple(column.expression for column in decision.inputs)))
    told: set[tuple[int, int]] = set()
    most = max(1, MOST_TRIES * 5 // len(decision.rules))
    for chosen in islice(product(values, repeat=len(names)), most):
        given = dict(zip(names, chosen, strict=True))
        try:
            holding = matching(decision, given, _NOON)
        except EvaluationFailed:
            continue
        if len(holding) > 1 and (pair := (holding[0] + 1, holding[1] + 1)) not in told:
            told.add(pair)
            yield *pair, ", ".join(f"{name} = {value!r}" for name, value in given.items())


def _holds(cell: Cell, value: Any) -> bool:
    """Whether a cell surely holds for `value`; one that reads variables of its own is never sure."""
    if cell.names:
        return False
    try:
        return cell.holds(value, {}, _NOON)
    except EvaluationFailed:
        return False


def _candidates(cells: list[Cell], more: tuple[Expression, ...]) -> Iterator[Any]:
    """Values worth a try: those written in the cells, their neighbours, and some that nobody wrote."""
    trees = [test for cell in cells for test in cell.tests] + [each.tree for each in more]
    written = {
        type(part.constant).__name__ + repr(part.constant): part.constant
        for tree in trees
        for part in tree.walk()
        if isinstance(part, Constant)
    }
    positive = {value for value in written.values() if type(value) in (int, float)}
    numbers = sorted(positive | {-value for value in positive})  # a minus sign stands beside its number
    texts = [value for value in written.values() if type(value) is str]
    yield from written.values()
    yield from numbers
    yield from ((low + high) / 2 for low, high in pairwise(numbers))
    yield from [numbers[0] - 1, numbers[-1] + 1] if numbers else [0]
    yield from (True, False, None, "…")
    yield from (value + "…" for value in texts)
