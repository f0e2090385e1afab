"""Decision tables tried out while they are drawn: what is wrong with them, and what they give for what one supposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.platform.engine import Faulty, Problem
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.decisions import Decision, evaluate, matching
from app.platform.expressions import BadExpression, EvaluationFailed, parse
from app.platform.registry import Words

LONGEST_SUPPOSED = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """A decision tried: the rules that hold (from 1), the outputs, or why not.

    `asks`: the variables it reads, each with the heading of the column that asks for nothing else, or `""`.
    """

    decision: str
    name: Words
    asks: Mapping[str, str]
    rules: tuple[int, ...] = ()
    outputs: Mapping[str, Any] | None = None
    why_not: Words | None = None


def look(
    file: str, content: bytes, supposed: Mapping[str, str], now: datetime
) -> tuple[list[Tried], list[Problem]]:
    """Every decision of a file with what it gives for `supposed` (variable -> a value of the language as text).

    A variable not supposed is nothing (null). Whatever is wrong with the file comes beside it.
    """
    decisions, problems = read_decisions(file, content)
    return [_tried(one, supposed, now) for one in decisions.values()], problems


def _tried(decision: Decision, supposed: Mapping[str, str], now: datetime) -> Tried:
    heads = {one.expression.text: one.label for one in decision.inputs if one.label != one.expression.text}
    asks = {name: heads.get(name, "") for name in sorted(decision.names)}
    try:
        given = {name: _value(name, supposed.get(name, ""), now) for name in asks}
        held = tuple(each + 1 for each in matching(decision, given, now))
        outputs = evaluate(decision, given, now)
    except _Unreadable as error:
        return Tried(decision.id, decision.name, asks, why_not=error.words)
    except (Faulty, EvaluationFailed) as error:
        return Tried(decision.id, decision.name, asks, why_not=_why(error))
    return Tried(decision.id, decision.name, asks, held, outputs)


class _Unreadable(Exception):
    """What was supposed of a variable is no value of the language."""

    def __init__(self, name: str) -> None:
        zh = f'“{name}”的值写法不对：文字加双引号，如 "张三"；数字直接写，如 3；是写 true，否写 false'
        en = f"The value of “{name}” is not readable: texts in double quotes, numbers as they are, true or false"
        super().__init__(zh)
        self.words = Words(zh, en)


def _value(name: str, text: str, now: datetime) -> Any:
    if not text.strip():
        return None
    if len(text) > LONGEST_SUPPOSED:
        raise _Unreadable(name)
    try:
        found = parse(text)
        if found.names:
            raise _Unreadable(name)
        return found.evaluate({}, now)
    except (BadExpression, EvaluationFailed) as error:
        raise _Unreadable(name) from error


def _why(error: Faulty | EvaluationFailed) -> Words:
    if error.code == "several_rules":
        rules = error.parameters.get("rules", "")
        return Words(
            f"同时有多条规则成立（第 {rules} 条），而命中策略是唯一",
            f"Several rules hold ({rules}), but one is allowed",
        )
    return Words(
        "这些值不能放进表里比较：数字和文字不能比大小",
        "These values cannot be compared: a number and a text have no order",
    )
