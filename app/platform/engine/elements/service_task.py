"""A service task: a hook of a system, run in the verb (`now`) or as a job after it (`after`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.platform.engine.chart import Chart, Node
from app.platform.engine.elements.kind import Kind
from app.platform.engine.errors import Faulty
from app.platform.engine.facts import ActionFacts
from app.platform.engine.machine import Station, Token, Waits
from app.platform.engine.net import Net
from app.platform.engine.run import Run, Scalar, scalar
from app.platform.expressions import Expression
from app.platform.registry import Outcome


@dataclass(frozen=True, slots=True)
class Errand:
    """What a service task calls."""

    action: str
    facts: ActionFacts
    parameters: Mapping[str, Expression]
    when: str


class Calling(Station):
    """Calls the hook when it runs, and keeps the variables it declares."""

    errand: Errand

    @property
    def action(self) -> str:
        """The hook's name."""
        return self.errand.action

    def given(self, token: Token) -> dict[str, Scalar]:
        """The parameters, computed where `token` stands."""
        return {
            name: scalar(self.bpmn_id, name, token.workflow.value(expression, token))
            for name, expression in self.errand.parameters.items()
        }

    def accept(self, token: Token, result: Mapping[str, Any] | None) -> None:
        """Keep what the hook returned, if it is exactly what it declares."""
        result, declared = result or {}, self.errand.facts.returns
        for name in declared.keys() | result.keys():
            if name not in declared or name not in result or not _is(result[name], declared[name]):
                raise Faulty(self.bpmn_id, "bad_return", {"action": self.action, "name": name})
        token.workflow.keep(self.bpmn_id, result, token)

    def fail(self, token: Token, code: str) -> None:
        """Take the error boundary `code`, here or further out. Raises `Faulty` where nobody catches it."""
        if not token.workflow.raise_error(token, code, own=True):
            raise Faulty(self.bpmn_id, "no_boundary", {"outcome": code[:80]})

    def _run_hook(self, token: Token) -> bool | None:
        run: Run = token.workflow
        try:
            result = run.ask(self.bpmn_id, self.action, self.given(token))
        except Outcome as error:
            self.fail(token, error.code)
            return None
        self.accept(token, result)
        return True


class Waiting(Calling):
    """Waits for its work to be done elsewhere; `complete` brings the result."""

    kind: Waits | None = "work"

    def _on_ready_hook(self, token: Token) -> None:
        token.parameters = self.given(token)
        super()._on_ready_hook(token)

    def _run_hook(self, token: Token) -> bool:
        return True


def _is(value: Any, declared: type) -> bool:
    if value is None or type(value) is declared:
        return True
    return declared is float and type(value) is int


class ServiceTask(Kind):
    """Names one action with its parameters; `when` may put a `now` action off, not the other way round."""

    tag = "serviceTask"
    properties = frozenset({"when", "stage"})
    children = frozenset({"multiInstanceLoopCharacteristics"})
    operator = True
    raises = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read the operator and check it against the hooks there are."""
        operators = node.xml.findall("{*}extensionElements/{*}serviceTaskOperator")
        if len(operators) != 1 or not operators[0].get("id"):
            chart.complain("no_action", node.id)
            return
        action = operators[0].get("id", "").strip()
        facts = chart.catalogue.actions.get(action)
        if facts is None:
            chart.unknown("unknown_action", node.id, action, chart.catalogue.actions)
            return
        when = node.properties.get("when", facts.when)
        if when not in ("now", "after"):
            chart.complain("property_value", node.id, name="when", value=when[:80], expected="now, after")
        elif when == "now" and facts.when == "after":
            chart.complain("never_now", node.id, action=action)
        parameters: dict[str, Expression] = {}
        for parameter in operators[0].findall("{*}parameters/{*}parameter"):
            name = parameter.get("id", "")
            if name not in facts.parameters:
                chart.unknown("unknown_parameter", node.id, name, facts.parameters)
            elif name in parameters:
                chart.complain("twice", node.id, name=name)
            elif expression := chart.expression(node.id, parameter.get("value", "")):
                parameters[name] = expression
        given = {p.get("id", "") for p in operators[0].findall("{*}parameters/{*}parameter")}
        for name in sorted(facts.required - given):
            chart.complain("missing_parameter", node.id, name=name, action=action)
        node.detail = Errand(action, facts, parameters, when)

    def produces(self, chart: Chart, node: Node) -> frozenset[str]:
        """What the action returns."""
        return frozenset(node.detail.facts.returns) if node.detail else frozenset()

    def station(self, net: Net, node: Node) -> Station:
        """A station that calls, or one that waits for the work."""
        station = (Waiting if node.detail.when == "after" else Calling)(net, node.id, node.stage)
        station.errand = node.detail
        return station
