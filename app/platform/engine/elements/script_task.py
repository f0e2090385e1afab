"""A script task: assignments `name = expression`, one a line, and nothing else."""

from __future__ import annotations

import re

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Token
from app.platform.engine.net import Net
from app.platform.engine.properties import VARIABLE
from app.platform.expressions import FUNCTIONS, Expression

_ASSIGNMENT = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=(?!=)(?P<expression>.*)", re.DOTALL)


class Assign(Station):
    """Sets variables, line by line."""

    lines: tuple[tuple[str, Expression], ...] = ()

    def _run_hook(self, token: Token) -> bool:
        for name, expression in self.lines:
            token.workflow.keep(self.bpmn_id, {name: token.workflow.value(expression, token)}, token)
        return True


class ScriptTask(Kind):
    """Only assignments; anything else is refused line by line."""

    tag = "scriptTask"
    children = frozenset({"script"})
    attributes = frozenset({"scriptFormat"})

    def read(self, chart: Chart, node: Node) -> None:
        """Read the lines."""
        if node.xml.get("scriptFormat", "") not in ("", "expression"):
            chart.complain("script_format", node.id, found=node.xml.get("scriptFormat", "")[:40])
        text = "".join(node.xml.findtext("{*}script") or "")
        lines: list[tuple[str, Expression]] = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            match = _ASSIGNMENT.fullmatch(line)
            name = match["name"] if match else ""
            if match is None or not VARIABLE.fullmatch(name) or name in FUNCTIONS or name == "outcome":
                chart.complain("not_an_assignment", node.id, line=str(number), text=line.strip()[:60])
                continue
            expression = chart.expression(node.id, match["expression"])
            if expression is not None:
                lines.append((name, expression))
        if not text.strip():
            chart.complain("empty_script", node.id)
        node.detail = tuple(lines)

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """The names assigned."""
        return frozenset(name for name, _expression in node.detail)

    def station(self, net: Net, node: Node) -> Station:
        """A station that assigns."""
        station = Assign(net, node.id)
        station.lines = node.detail
        return station
