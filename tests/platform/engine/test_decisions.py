"""Decision tables say what they are drawn to say, refuse what they may not, and run nothing that stands in them."""

from __future__ import annotations

import contextlib
import operator
import time
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.engine import Bundle, Definition, Faulty, Unusable, load
from app.platform.engine.decision_files import overlaps, read_decisions
from app.platform.engine.decisions import Decision, evaluate, parse_cell
from app.platform.expressions import BadExpression, EvaluationFailed
from tests.platform.engine.drawing import HOUSE, NOW, Drawing, Walk, refusals

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
Rows = Sequence[tuple[Sequence[str], Sequence[str]]]


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Rows,
    policy: str | None = None,
    aggregation: str | None = None,
    id: str = "level",
    more: str = "",
) -> str:
    """One decision as bpmn.io writes it."""
    columns = "".join(
        f'<input id="{id}_in{n}" label="列{n}"><inputExpression id="{id}_ex{n}" typeRef="string">'
        f"<text>{escape(text)}</text></inputExpression></input>"
        for n, text in enumerate(inputs)
    )
    columns += "".join(
        f'<output id="{id}_out{n}" name="{name}" typeRef="string"/>' for n, name in enumerate(outputs)
    )
    rules = "".join(
        f'<rule id="{id}_r{n}"><description>why</description>'
        + "".join(f"<inputEntry id='i{id}{n}'><text>{escape(cell)}</text></inputEntry>" for cell in cells)
        + "".join(f"<outputEntry id='o{id}{n}'><text>{escape(cell)}</text></outputEntry>" for cell in results)
        + "</rule>"
        for n, (cells, results) in enumerate(rows)
    )
    given = (f' hitPolicy="{policy}"' if policy else "") + (
        f' aggregation="{aggregation}"' if aggregation else ""
    )
    return (
        f'<decision id="{id}" name="级别">{more}'
        f'<decisionTable id="{id}_table"{given}>{columns}{rules}</decisionTable></decision>'
    )


def file(*decisions: str, space: str = DMN13, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{space}" '
        'xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" id="file" name="DRD" '
        f'namespace="http://camunda.org/schema/1.0/dmn">{"".join(decisions)}{more}</definitions>'
    ).encode()


def read(*given: Any, **more: Any) -> Decision:
    """The decision, which must be good."""
    found, problems = read_decisions("permits/level.dmn", file(table(*given, **more)))
    assert problems == [], [problem.message("en") for problem in problems]
    return found["level"]


def wrong(content: bytes | str) -> list[str]:
    """The codes a file is refused for, at once and in both languages."""
    began = time.process_time()
    _found, problems = read_decisions("a.dmn", content.encode() if isinstance(content, str) else content)
    assert time.process_time() - began < 2
    for problem in problems:
        assert problem.message("zh") != problem.message("en")
    return [problem.code for problem in problems]


def ask(decision: Decision, **variables: Any) -> dict[str, Any]:
    return evaluate(decision, variables, NOW)


FEES = read(
    ["amount", "kind"],
    ["level", "term"],
    [
        (["< 1000", "-"], ['"district"', "3"]),
        (["[1000..50000)", '"fair", "show"'], ['"city"', "5"]),
        (["[1000..50000)", 'not("fair", "show")'], ['"province"', "amount / 1000"]),
        ([">= 50000", ""], ['"nation"', ""]),
    ],
)


@pytest.mark.parametrize(
    ("amount", "kind", "level", "term"),
    [
        (999.99, "fair", "district", 3),
        (1000, "show", "city", 5),
        (49_999, "talk", "province", 49.999),
        (2_000, None, "province", 2),  # not("fair", "show") is true of nothing: it is neither
        (50_000, "fair", "nation", None),
        (None, "fair", None, None),  # nothing is less than nothing
    ],
)
def test_the_one_rule_that_holds_gives_the_outputs(amount: Any, kind: Any, level: Any, term: Any) -> None:
    assert ask(FEES, amount=amount, kind=kind) == {"level": level, "term": term}


def test_a_variable_not_set_is_nothing() -> None:
    assert ask(FEES) == {"level": None, "term": None}


def test_two_rules_at_once_are_an_incident_that_names_them() -> None:
    decision = read(["a"], ["x"], [(["> low"], ["1"]), (["> 5"], ["2"])])  # `low` is only known when it runs
    assert ask(decision, a=6, low=7) == {"x": 2}
    with pytest.raises(Faulty) as told:
        evaluate(decision, {"a": 6, "low": 1}, NOW, "rule_task")
    assert (told.value.element, told.value.code) == ("rule_task", "several_rules")
    assert told.value.parameters == {"decision": "level", "rules": "1, 2"}


def test_an_order_between_a_text_and_a_number_is_an_incident() -> None:
    with pytest.raises(Faulty) as told:
        ask(FEES, amount="viel")
    assert (told.value.element, told.value.code) == ("level", "type")


NUMBERS: Rows = [(["> 0"], ["10"]), (["> 5"], ["30"]), (["> 7"], ["20"]), (["> 7"], ["-"])]


@pytest.mark.parametrize(
    ("aggregation", "at_8", "at_0"),
    [("SUM", 60, None), ("MIN", 10, None), ("MAX", 30, None), ("COUNT", 3, 0)],
)
def test_collect_gathers_what_holds_and_leaves_nulls_out(aggregation: str, at_8: int, at_0: Any) -> None:
    decision = read(["a"], ["x"], NUMBERS, "COLLECT", aggregation)
    assert ask(decision, a=8) == {"x": at_8}
    assert ask(decision, a=0) == {"x": at_0}


def test_a_bare_collect_joins_texts_in_the_order_of_the_rules() -> None:
    rows: Rows = [(["> 0"], ['"身份证"']), (["> 5"], ['"户口本"']), (["> 9"], ['"护照"']), (["-"], ["null"])]
    decision = read(["a"], ["papers"], rows, "COLLECT")
    assert ask(decision, a=6) == {"papers": "身份证, 户口本"}
    assert ask(decision, a=0) == {"papers": None}


def test_a_bare_collect_of_a_number_is_refused_and_of_a_computed_one_an_incident() -> None:
    assert wrong(file(table(["a"], ["x"], [(["-"], ["3"])], "COLLECT"))) == ["not_a_text"]
    with pytest.raises(Faulty):
        ask(read(["a"], ["x"], [(["-"], ["a + 1"])], "COLLECT"), a=1)


@pytest.mark.parametrize(
    ("cell", "holds", "not_"),
    [
        ("-", [None, 1, "x", True], []),
        ("", [None, 1], []),
        ("3", [3, 3.0], [4, "3", None]),
        ('"a"', ["a"], ["b", None]),
        ("'a, b'", ["a, b"], ["a"]),
        ('"a..b"', ["a..b"], ["a"]),
        ("null", [None], [0, ""]),
        ("true", [True], [False, None]),
        ("= 3", [3], [4]),
        ('!= "x"', ["y", None, 1], ["x"]),
        (">= 3", [3, 4], [2.9, None]),
        ("[1..3]", [1, 2, 3], [0.9, 3.1, None]),
        ("(1..3)", [2], [1, 3]),
        ("(1 .. 3]", [3], [1]),
        ("[-3..-1]", [-2], [0]),
        ('["a".."c"]', ["b"], ["d"]),
        ("1, [5..6), > 10", [1, 5, 11], [6, 10, None]),
        ("not(1, [5..6))", [6, 2], [1, 5, None]),
        ("not(null)", [1, ""], [None]),
        ("max(2, 3)", [3], [2]),
        ("x + 1", [6], [5]),
    ],
)
def test_a_cell_holds_for(cell: str, holds: list[Any], not_: list[Any]) -> None:
    parsed = parse_cell(cell)
    for value in holds:
        assert parsed.holds(value, {"x": 5}, NOW), value
    for value in not_:
        assert not parsed.holds(value, {"x": 5}, NOW), value


@pytest.mark.parametrize(
    "cell",
    [
        ",", "1,", "> ", ">= , 3", "[1..]", "[..3]", "(1..2", "[1..2..3]", "not(", "not()", "a; b", "x.__class__",
        "().__class__", "__import__('os').system('x')", "open('/etc/passwd')", "lambda: 1", "10**10**10",
        "[x for x in y]", "'a'*10**9", ">> 3", "=> 3", "1 2", "x" * 1_001, "(" * 60 + "1" + ")" * 60,
    ],
)  # fmt: skip
def test_a_cell_that_is_not_of_the_language_is_refused(cell: str) -> None:
    with pytest.raises(BadExpression) as refused:
        parse_cell(cell)
    assert 0 <= refused.value.position <= len(cell)
    assert wrong(file(table(["a"], ["x"], [([cell], ["1"])]))) == ["cell"]
    assert wrong(file(table(["a"], ["x"], [(["-"], ["open('x')"])]))) == ["cell"]
    assert wrong(file(table(["__import__('os')"], ["x"], [(["-"], ["1"])]))) == ["question"]


def test_a_column_that_asks_for_nothing_is_told_apart_from_a_wrong_cell() -> None:
    assert wrong(file(table([""], ["x"], [(["-"], ["1"])]))) == ["no_question"]


GOOD: Rows = [(["1"], ["2"])]
SOUND = file(table(["a"], ["x"], GOOD))
REQUIRES = '<informationRequirement><requiredDecision href="#b"/></informationRequirement>'
TYPED = SOUND.decode().replace("UTF-8", "UTF-16").replace("<def", "<!DOCTYPE x><def").encode("utf-16")


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (file(table(["a"], ["x"], GOOD, "FIRST")), ["hit_policy"]),
        (file(table(["a"], ["x"], GOOD, "COLLECT", "MEDIAN")), ["aggregation"]),
        (file(table(["a"], ["x"], GOOD, "UNIQUE", "SUM")), ["aggregation"]),
        (file(table(["a"], ["x"], [])), ["no_rules"]),
        (file(table([], ["x"], [([], ["1"])])), ["no_inputs"]),
        (file(table(["a"], [], [(["1"], [])])), ["no_outputs"]),
        (file(table(["a"], ["x", "x"], [(["1"], ["1", "2"])])), ["twice"]),
        (file(table(["a"], ["outcome"], GOOD)), ["output_name"]),
        (file(table(["a"], ["len"], GOOD)), ["output_name"]),
        (file(table(["a"], [""], GOOD)), ["output_name"]),
        (file(table(["a", "b"], ["x"], [(["1"], ["2"])])), ["cells"]),
        (file(table(["a"], ["x"], [(["1"], ["2", "3"])])), ["cells"]),
        (file(table([""], ["x"], GOOD)), ["no_question"]),
        (file(table(["a"], ["x"], [([str(n)], ["1"]) for n in range(501)])), ["too_many_rules"]),
        (file(table(["a"], ["x"], GOOD), table(["a"], ["x"], GOOD)), ["twice"]),
        (file(), ["no_decision"]),
        (file('<decision id="d"><literalExpression><text>1</text></literalExpression></decision>'), ["no_table"]),
        (file("<decision name='d'/>"), ["bad_id"]),
        (file(table(["a"], ["x"], GOOD), "<businessKnowledgeModel id='b'/>"), ["unknown_element"]),
        (file(table(["a"], ["x"], GOOD), "<evil:x xmlns:evil='urn:x'/>"), ["foreign"]),
        (
            file(table(["a"], ["x"], GOOD, more=REQUIRES)),
            ["chained_decision"],
        ),
        (SOUND.replace(b"<inputEntry", b"<inputEntry expressionLanguage='python'", 1), ["language"]),
        (file(table(["a"], ["x"], GOOD), space="urn:other"), ["not_dmn"]),
        (b"<html/>", ["not_dmn"]),
        (b"", ["not_xml"]),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + SOUND[38:], ["doctype"]),
        (TYPED, ["doctype"]),
        (file(table(["a"], ["x"], [(["1"], ['"' + "x" * 600_000 + '"'])])), ["file_too_large"]),
        (b"<a>" + b"<b/>" * 20_001 + b"</a>", ["too_many_nodes"]),
    ],
)  # fmt: skip
def test_a_table_is_refused(content: bytes, codes: list[str]) -> None:
    assert wrong(content) == codes


def test_a_problem_names_file_decision_rule_and_column() -> None:
    rows: Rows = [(["1", "-"], ["2"]), (["2", ">= "], ["2"])]
    _, (problem,) = read_decisions("permits/level.dmn", file(table(["a", "b"], ["x"], rows)))
    assert problem.message("en") == (
        "permits/level.dmn · level: rule 2, column “列1”: “>=”, character 3: the expression is empty"
    )
    assert "第 2 条规则“列1”列" in problem.message("zh")


def test_the_dialects_of_bpmn_io_are_read() -> None:
    drawn = "<inputData id='i' name='amount'/><dmndi:DMNDI><dmndi:DMNDiagram/></dmndi:DMNDI>"
    for space in (
        DMN13,
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    ):
        more = '<informationRequirement id="q"><requiredInput href="#i"/></informationRequirement>'
        found, problems = read_decisions(
            "a.dmn", file(table(["a"], ["x"], GOOD, more=more), space=space, more=drawn)
        )
        assert (list(found), problems) == (["level"], [])


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        (["a"], [["< 5"], ["> 3"]]),
        (["a"], [["-"], ['"x"']]),
        (["a"], [['!= "x"'], ['!= "y"']]),
        (["a"], [["[1..5]"], ["[5..9]"]]),
        (["a"], [["(1..2)"], ["(1..2)"]]),
        (["a"], [["not(1)"], ["not(2)"]]),
        (["a", "b"], [["< 5", "true"], ["3", "-"]]),
        (["a + 1"], [["< 5"], ["> 3"]]),
        (["a", "a"], [["1", "-"], ["-", "1"]]),
    ],
)
def test_rules_that_overlap_are_proved_by_a_witness(inputs: list[str], rows: list[list[str]]) -> None:
    content = file(table(inputs, ["x"], [(cells, ["1"]) for cells in rows]))
    _, (problem,) = read_decisions("a.dmn", content)
    assert (problem.code, problem.parameters["first"], problem.parameters["second"]) == (
        "rules_overlap",
        "1",
        "2",
    )
    assert "a = " in problem.parameters["witness"]
    assert (
        wrong(content.replace(b"<decisionTable", b'<decisionTable hitPolicy="COLLECT" aggregation="SUM"'))
        == []
    )


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        (["a"], [["< 5"], [">= 5"]]),
        (["a"], [["[1..5)"], ["[5..9]"]]),
        (["a"], [['"x", "y"'], ['not("x", "y")']]),
        (["a", "b"], [["< 5", "true"], ["3", "false"]]),
        (["a", "a + 1"], [["1", "-"], ["-", "3"]]),
        (["a"], [["< low"], ["-"]]),  # not proved: `low` may be nothing
    ],
)
def test_rules_that_cannot_hold_together_are_accepted(inputs: list[str], rows: list[list[str]]) -> None:
    assert wrong(file(table(inputs, ["x"], [(cells, ["1"]) for cells in rows]))) == []


def test_the_largest_table_is_checked_at_once() -> None:
    rows: Rows = [([f"[{n * 10}..{n * 10 + 10})", "-", "true, false"], [f'"{n}"']) for n in range(500)]
    assert wrong(file(table(["a", "b", "c"], ["x"], rows))) == []
    rows = [([f"> {n}", f"< {n}", f"x{n}" if n else "-"], ["1"]) for n in range(500)]
    wrong(file(table(["a + 1", "b * 2", "c"], ["x"], rows)))


# against a model that knows nothing of expressions

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "!=": operator.ne,
}  # fmt: skip
Cell = tuple[str, Callable[[int], bool]]
values = st.integers(-3, 3)


@st.composite
def single(draw: st.DrawFn) -> Cell:
    kind = draw(st.sampled_from(["value", "order", "range"]))
    low = draw(values)
    if kind == "value":
        return str(low), lambda value: value == low
    if kind == "order":
        sign = draw(st.sampled_from(sorted(SIGNS)))
        return f"{sign} {low}", lambda value: SIGNS[sign](value, low)
    high, left, right = draw(values), draw(st.sampled_from("[(")), draw(st.sampled_from(")]"))
    return (
        f"{left}{low}..{high}{right}",
        lambda value: (
            (low <= value if left == "[" else low < value)
            and (value <= high if right == "]" else value < high)
        ),
    )


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    if draw(st.integers(0, 4)) == 0:
        return "-", lambda value: True
    parts = draw(st.lists(single(), min_size=1, max_size=3))
    text = ", ".join(text for text, _ in parts)
    if draw(st.integers(0, 3)) == 0:
        return f"not({text})", lambda value: not any(holds(value) for _, holds in parts)
    return text, lambda value: any(holds(value) for _, holds in parts)


tables = st.lists(st.tuples(cells(), cells(), values), min_size=1, max_size=6)


@settings(deadline=None)
@given(tables, st.sampled_from([None, "SUM", "MIN", "MAX", "COUNT"]), values, values)
def test_a_table_answers_as_a_naive_one_does(rows: Any, aggregation: str | None, a: int, b: int) -> None:
    policy = "COLLECT" if aggregation else None
    drawn = file(
        table(["a", "b"], ["x"], [([f[0], s[0]], [str(v)]) for f, s, v in rows], policy, aggregation)
    )
    found, problems = read_decisions("a.dmn", drawn)
    holding = [value for first, second, value in rows if first[1](a) and second[1](b)]
    if aggregation is None:
        if {problem.code for problem in problems} == {"rules_overlap"}:
            return
        assert len(holding) <= 1, "what is accepted never doubles here"
        expected: Any = holding[0] if holding else None
    else:
        gather: dict[str, Callable[[list[int]], Any]] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}
        expected = gather[aggregation](holding) if holding or aggregation == "COUNT" else None
    assert problems == []
    assert ask(found["level"], a=a, b=b) == {"x": expected}


@settings(deadline=None)
@given(tables)
def test_every_overlap_told_is_one(rows: Any) -> None:
    drawn = file(table(["a", "b"], ["x"], [([f[0], s[0]], ["1"]) for f, s, _ in rows], "COLLECT", "COUNT"))
    decision = read_decisions("a.dmn", drawn)[0]["level"]
    for first, second, witness in overlaps(decision):
        told = dict(part.split(" = ") for part in witness.split(", "))
        try:
            given_ = {name: float(value) for name, value in told.items()}
        except ValueError:  # true, nothing, a text: the language's own comparisons, checked above
            continue
        for row in (rows[first - 1], rows[second - 1]):
            assert row[0][1](given_["a"])
            assert row[1][1](given_["b"])


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=60))
def test_no_cell_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(BadExpression, EvaluationFailed):
        cell = parse_cell(text)
        cell.holds(1, dict.fromkeys(cell.names), NOW)


# in a diagram

CALLS = "<spiffworkflow:calledDecisionId>{}</spiffworkflow:calledDecisionId>"


def ruled(decision: str = "level", body: str | None = None) -> Drawing:
    extension = (
        f"<bpmn:extensionElements>{CALLS.format(decision) if body is None else body}</bpmn:extensionElements>"
    )
    return (
        Drawing(form="permits/fee")
        .start()
        .task("apply")
        .node("businessRuleTask", "rule", extension, 'name="定级"')
        .xor("which", default="low")
        .task("city")
        .end()
        .line("begin", "apply", "rule", "which")
        .flow("which", "city", 'level == "city"')
        .flow("which", "done", id="low")
        .line("city", "done")
    )


def bundled(drawing: Drawing, *files: bytes) -> Definition | Unusable:
    given = {f"permits/{n}.dmn": content for n, content in enumerate(files)}
    return load(Bundle(drawing.process, {**drawing.bundle().files, **given}), HOUSE)


LEVEL = file(table(["fee"], ["level"], [([">= 100"], ['"city"']), (["< 100"], ['"district"'])]))


def test_a_business_rule_task_sets_its_outputs_and_the_gateway_reads_them() -> None:
    definition = bundled(ruled(), LEVEL)
    assert isinstance(definition, Definition), definition
    walk = Walk(definition, fee=250).do("apply")
    assert (list(walk.open), walk.step.variables["level"]) == (["city"], "city")
    assert Walk(definition, fee=20).do("apply").step.ended == "done"
    assert Walk(definition).do("apply").step.variables["level"] is None


def test_the_outcome_before_it_may_be_asked() -> None:
    drawing = ruled()
    content = file(table(["outcome"], ["level"], [(['"done"'], ['"city"'])]))
    definition = bundled(drawing, content)
    assert isinstance(definition, Definition), definition
    assert list(Walk(definition).do("apply").open) == ["city"]


def test_an_unknown_decision_is_refused_with_the_nearest() -> None:
    refused = bundled(ruled("levle"), LEVEL)
    assert refusals(refused) == [("unknown_decision", "rule")]
    assert isinstance(refused, Unusable)
    assert "“level”" in refused.problems[0].message("en")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "no_called_decision"),
        (CALLS.format(""), "no_called_decision"),
        (CALLS.format("level") * 2, "no_called_decision"),
        ("<spiffworkflow:calledDecisionId x='1'>level</spiffworkflow:calledDecisionId>", "unknown_extension"),
    ],
)
def test_a_task_names_exactly_one_decision(body: str, code: str) -> None:
    assert (code, "rule") in refusals(bundled(ruled(body=body), LEVEL))


def test_a_variable_nobody_sets_is_refused_in_inputs_cells_and_outputs() -> None:
    for inputs, rows in (
        (["fe"], [(["-"], ["1"])]),
        (["fee"], [(["> fe"], ["1"])]),
        (["fee"], [(["-"], ["fe"])]),
    ):
        assert refusals(bundled(ruled(), file(table(inputs, ["level"], rows)))) == [
            ("unknown_variable", "rule")
        ]


def test_a_decision_in_two_files_is_refused() -> None:
    assert refusals(bundled(ruled(), LEVEL, LEVEL)) == [("twice", "level")]


def test_a_broken_table_refuses_the_bundle() -> None:
    assert refusals(bundled(ruled(), b"<x/>")) == [("not_dmn", None)]
