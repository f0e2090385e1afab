"""Steps that look back to what cannot have been before them."""

from __future__ import annotations

from collections.abc import Iterator

from app.platform.design.finding import Finding, fix
from app.platform.design.rules.drawn import Drawn, called, note
from app.platform.engine.chart import Chart, Node
from app.platform.engine.checks.graph import reached
from app.platform.registry import Words


def check(drawn: Drawn) -> Iterator[Finding]:
    """`last:<element>` needs that step before it; the button for returning needs some step of people before it."""
    for chart, node in drawn.steps():
        if chart is not drawn.main or node.scope is not chart.scopes[0]:
            continue  # inside another the way goes on outside: it cannot be told here
        before = reached(node.before(), Node.before)
        kind, _, target = node.properties.get("assignee", "").partition(":")
        other = chart.nodes.get(target.strip())
        if kind == "last" and other is not None and other not in before and other.scope is node.scope:
            name = called(other)
            yield note(
                "warning",
                "last_not_before",
                chart,
                node,
                f"由“{name.zh}”的办理人办理，但走到这里时那一步还没有办过",
                f"it is asked of whoever did “{name.en}”, which never comes before it",
            )
        yield from _nothing_before(chart, node, before)


def _nothing_before(chart: Chart, node: Node, before: set[Node]) -> Iterator[Finding]:
    allowed: frozenset[str] = getattr(node.detail, "allow", frozenset())
    people = any(
        each.kind.is_person or each.inside or each.kind.tag == "callActivity" for each in before - {node}
    )
    if "return" not in allowed or people:
        return
    left = " ".join(sorted(allowed - {"return"}))
    words = Words("去掉“退回”", "Take “return” away")
    change = (
        fix("set_property", words, element=node.id, name="allow", value=left)
        if left
        else fix("remove_property", words, element=node.id, name="allow")
    )
    yield note(
        "warning",
        "nothing_to_return_to",
        chart,
        node,
        "允许退回，但前面没有任何人办理的环节可以退回",
        "it allows returning, but no step of people comes before it",
        change,
    )


RULES = (check,)
