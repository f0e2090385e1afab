"""A business rule task: a decision table of the same bundle, whose outputs become variables."""

from __future__ import annotations

from app.platform.engine.chart import Chart, Node, Use
from app.platform.engine.decisions import Decision, evaluate
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Token
from app.platform.engine.net import Net
from app.platform.engine.run import Run


class Deciding(Station):
    """Asks the table when it runs, and keeps what it gives."""

    decision: Decision

    def _run_hook(self, token: Token) -> bool:
        run: Run = token.workflow
        assert run.now is not None
        known = {**run.variables, **run.own(token)}
        given = {name: known.get(name) for name in self.decision.names}
        if "outcome" in given:
            given["outcome"] = token.outcome
        run.keep(self.bpmn_id, evaluate(self.decision, given, run.now, self.bpmn_id), token)
        return True


class BusinessRuleTask(Kind):
    """Names one decision by its id (`calledDecisionId`)."""

    tag = "businessRuleTask"
    extensions = frozenset({"calledDecisionId"})

    def read(self, chart: Chart, node: Node) -> None:
        """Find the decision among those of the bundle."""
        called = [
            (each.text or "").strip()
            for each in node.xml.iterfind("{*}extensionElements/{*}calledDecisionId")
        ]
        if len(called) != 1 or not called[0]:
            chart.complain("no_called_decision", node.id)
            return
        decision = chart.decisions.get(called[0])
        if decision is None:
            chart.unknown("unknown_decision", node.id, called[0], chart.decisions)
            return
        node.detail = decision
        chart.uses += [Use(node.id, expression) for expression in decision.expressions]
        asked = frozenset().union(*(cell.names for rule in decision.rules for cell in rule.cells))
        chart.variable_uses += [(node.id, name) for name in sorted(asked)]

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """The outputs of the table."""
        return frozenset(node.detail.outputs) if node.detail else frozenset()

    def station(self, net: Net, node: Node) -> Station:
        """A station that decides."""
        station = Deciding(net, node.id, node.stage)
        station.decision = node.detail
        return station
