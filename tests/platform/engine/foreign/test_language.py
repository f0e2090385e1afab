"""JUEL and FEEL in our language: what is understood, what is not, and that the meaning stays."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.engine.foreign.language import Reader, Tree, Untranslatable, negated, read, written
from app.platform.expressions import EvaluationFailed, parse

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def ours(text: str) -> str | None:
    tree = read(text)
    return None if tree is None else written(tree, lambda name: name)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("${approved}", "approved"),
        ("#{!approved}", "not approved"),
        ("${amount > 3 && ok == 'yes'}", 'amount > 3 and ok == "yes"'),
        ("${a || b && c}", "a or b and c"),
        ("${(a || b) && c}", "(a or b) and c"),
        ("${a eq 1 and b ne 2 or c le 3}", "a == 1 and b != 2 or c <= 3"),
        ("${not (a gt b)}", "a <= b"),
        ("${empty x}", 'x == None or x == ""'),
        ("${!empty list}", 'not (list == None or list == "")'),
        ("${order.customer.level == 'A'}", 'order.customer.level == "A"'),
        ("${map['key'] == 1}", "map.key == 1"),
        ("${a ? b : c}", "b if a else c"),
        ("${x.equals('a')}", 'x == "a"'),
        ("${'a'.equals(x)}", 'x == "a"'),
        ("${items.size() > 3}", "len(items) > 3"),
        ("${execution.getVariable('x') == 2}", "x == 2"),
        ("${vars:eq(x, 1)}", "x == 1"),
        ("${a + b * -2 >= (a + b) * 2}", "a + b * -2 >= (a + b) * 2"),
        ("${a - (b - c) == 0}", "a - (b - c) == 0"),
        ("${10 div 3 mod 2 == 1}", "10 / 3 % 2 == 1"),
        ("${x == null}", "x == None"),
        ('= amount > 3 and ok = "yes"', 'amount > 3 and ok == "yes"'),
        ('=not(a = "x")', 'a != "x"'),
        ("= a in [1, 2]", "a in [1, 2]"),
        ("= a between 1 and 5", "a >= 1 and a <= 5"),
        ("= if a then 1 else 2", "1 if a else 2"),
        ("= count(list) > 0", "len(list) > 0"),
        ('= starts with(name, "A")', 'starts_with(name, "A")'),
        ("= is defined(x)", "x != None"),
        ("approved", None),
        ("a == 1", None),
        ("==", None),
    ],
)
def test_what_is_understood(text: str, made: str | None) -> None:
    assert ours(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "${bean.method(x)}", "${a b}", "${}", "${a", "${a}${b}", "x ${a}"[2:] + "!", "= for x in y return x",
        "= {a: 1}", "= some x in y satisfies x", "${T(java.lang.Runtime)}", "${a = 1}", "${'a\\nb'}", "${__class__}",
        "${a.__class__}", "${" + "(" * 40 + "a" + ")" * 40 + "}", "${" + "!" * 60 + "a}", "${" + "a+" * 900 + "a}",
        "= date(\"2026-01-01\")", "${a < b < c}", "${class}", "${''.getClass().forName('java.lang.Runtime')}",
    ],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    with pytest.raises(Untranslatable):
        ours(text)


def trees(depth: int = 3) -> st.SearchStrategy[Tree]:
    leaf = st.one_of(
        st.sampled_from(["a", "b", "c"]).map(lambda name: ("name", name)),
        st.integers(0, 3).map(lambda value: ("value", value)),
    )
    if not depth:
        return leaf
    inner = trees(depth - 1)
    binary = st.tuples(st.sampled_from(["+", "-", "*", "==", "!=", "<", ">=", "and", "or"]), inner, inner)
    return st.one_of(
        leaf, binary, binary, inner.map(lambda tree: ("not", tree)), inner.map(lambda tree: ("minus", tree)),
        st.tuples(st.just("if"), inner, inner, inner),
    )  # fmt: skip


JUEL = {"and": "&&", "or": "||"}


def juel(tree: Tree) -> str:
    """A tree as JUEL, every part in brackets."""
    if tree[0] in ("name", "value"):
        return str(tree[1])
    if tree[0] in ("not", "minus"):
        return f"({'!' if tree[0] == 'not' else '-'}{juel(tree[1])})"
    if tree[0] == "if":
        return f"({juel(tree[1])} ? {juel(tree[2])} : {juel(tree[3])})"
    return f"({juel(tree[1])} {JUEL.get(tree[0], tree[0])} {juel(tree[2])})"


def value(tree: Tree, given_: dict[str, Any]) -> Any:
    """What a tree comes to, by itself."""
    kind = tree[0]
    if kind == "name":
        return given_[tree[1]]
    if kind == "value":
        return tree[1]
    if kind == "if":
        return value(tree[2] if value(tree[1], given_) else tree[3], given_)
    if kind in ("and", "or"):
        left = value(tree[1], given_)
        return value(tree[2], given_) if bool(left) is (kind == "and") else left
    parts = [value(part, given_) for part in tree[1:]]
    if kind == "not":
        return not parts[0]
    if kind == "minus":
        return -number(parts[0])
    if kind in ("==", "!="):
        return (parts[0] == parts[1]) is (kind == "==")
    left, right = map(number, parts)
    return {"+": left + right, "-": left - right, "*": left * right, "<": left < right, ">=": left >= right}[
        kind
    ]


def number(found: Any) -> Any:
    if type(found) is bool:
        raise TypeError
    return found


@given(trees(), st.tuples(*3 * [st.integers(0, 3)]))
@settings(max_examples=400, deadline=None)
def test_the_meaning_stays(tree: Tree, chosen: tuple[int, ...]) -> None:
    variables = dict(zip("abc", chosen, strict=True))
    try:
        made = ours(f"${{{juel(tree)}}}")
    except Untranslatable:
        return
    try:
        expected = value(tree, variables)
    except TypeError:
        return
    assert made is not None
    try:
        assert parse(made).evaluate(variables, NOW) == expected
    except EvaluationFailed:
        pytest.fail(f"{juel(tree)} became {made}")


@given(trees())
@settings(max_examples=100, deadline=None)
def test_the_contrary_of_the_contrary_is_itself(tree: Tree) -> None:
    if tree[0] in ("==", "!=", "<", ">="):
        assert negated(negated(tree)) == tree
    assert negated(tree) != tree


@given(st.text(max_size=60), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str, feel: bool) -> None:
    with suppress(Untranslatable):
        written(Reader(text, feel).read(), lambda name: name)
