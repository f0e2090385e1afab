"""Decision tables tried out: what they give is what the engine gives, and bad values are answered in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.platform.design import tables

NOW = datetime(2026, 11, 26, 4, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


def table(policy: str = "UNIQUE", *rules: tuple[str, str]) -> bytes:
    rows = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>{result}</text></outputEntry></rule>'
        for n, (cell, result) in enumerate(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">'
        f'<decision id="level" name="级别"><decisionTable id="t" hitPolicy="{policy}">'
        '<input id="in" label="天数"><inputExpression id="ask" typeRef="number"><text>length</text>'
        "</inputExpression></input>"
        f'<output id="out" name="level" typeRef="string" />{rows}</decisionTable></decision></definitions>'
    ).encode()


LEAVE = table("UNIQUE", ("&lt;= 3", '"office"'), ("&gt; 3", '"deputy"'))


@pytest.mark.parametrize(("length", "rule", "level"), [("3", 1, "office"), ("3.5", 2, "deputy")])
def test_the_rule_that_holds_is_named_with_what_it_gives(length: str, rule: int, level: str) -> None:
    (one,), problems = tables.look("a.dmn", LEAVE, {"length": length}, NOW)
    assert problems == []
    assert (one.asks, one.rules, one.outputs) == ({"length": "天数"}, (rule,), {"level": level})


def test_nothing_supposed_is_nothing_and_no_rule_holds() -> None:
    (one,), _ = tables.look("a.dmn", LEAVE, {}, NOW)
    assert (one.rules, one.outputs, one.why_not) == ((), {"level": None}, None)


@pytest.mark.parametrize("length", ["three", "length", "__import__('os')", "1 +", "x" * 300, '"3'])
def test_what_is_no_value_is_answered_in_words(length: str) -> None:
    (one,), _ = tables.look("a.dmn", LEAVE, {"length": length}, NOW)
    assert one.outputs is None
    assert one.why_not is not None
    assert "length" in one.why_not.zh


def test_a_text_among_numbers_and_two_rules_at_once_are_said() -> None:
    (one,), _ = tables.look("a.dmn", LEAVE, {"length": '"three"'}, NOW)
    assert one.why_not is not None
    assert "不能比大小" in one.why_not.zh
    both = table("UNIQUE", ("x &lt; 3", "1"), ("-", "2")).replace(b"x &lt;", b"&lt;")
    found, problems = tables.look("a.dmn", both, {"length": "1"}, NOW)
    assert problems or (found[0].why_not and "命中策略" in found[0].why_not.zh)


@pytest.mark.parametrize("content", [b"", b"<", b"<svg/>", b"\x89PNG", b"<!DOCTYPE x><x/>"])
def test_what_is_no_table_has_problems_and_no_decisions(content: bytes) -> None:
    found, problems = tables.look("a.dmn", content, {}, NOW)
    assert found == []
    assert problems


def test_the_tables_of_the_repository_can_be_tried() -> None:
    for path in (ROOT / "processes").rglob("*.dmn"):
        found, problems = tables.look(path.name, path.read_bytes(), {}, NOW)
        assert found
        assert problems == []
