"""Draws small chains for tests: BPMN text from a few calls, and a house to check them against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from app.platform.engine import (
    ActionFacts,
    Bundle,
    Catalogue,
    Definition,
    FormFacts,
    RoleFacts,
    Step,
    Unusable,
    complete,
    load,
    start,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="file" targetNamespace="urn:test">'
)
TAIL = "</bpmn:definitions>"

HOUSE = Catalogue(
    actions={
        "platform/document": ActionFacts(frozenset({"template"}), frozenset({"template"}), {}, "after"),
        "platform/grant": ActionFacts(frozenset({"role", "person"}), frozenset({"role"})),
        "permits/quota": ActionFacts(frozenset({"district"}), frozenset(), {"quota_left": int}),
        "permits/scan": ActionFacts(frozenset(), frozenset(), {"pages": int, "grade": float}, "after"),
    },
    roles={
        "organiser": RoleFacts("none"),
        "city_admin": RoleFacts("region"),
        "manager": RoleFacts("region", "project"),
    },
    forms={
        "permits/apply": FormFacts(
            frozenset({"project", "district"}), {"project": "text", "district": "text"}
        ),
        "permits/fee": FormFacts(frozenset({"fee"}), {"fee": "number", "paid": "boolean"}),
    },
    assignees=frozenset({"permits/next_reviewer"}),
)


def properties(given: Mapping[str, str], more: str = "") -> str:
    """An `extensionElements` with our properties."""
    if not given and not more:
        return ""
    entries = "".join(
        f"<spiffworkflow:property name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in given.items()
    )
    body = f"<spiffworkflow:properties>{entries}</spiffworkflow:properties>" if given else ""
    return f"<bpmn:extensionElements>{more}{body}</bpmn:extensionElements>"


class Drawing:
    """A process being drawn; every call returns the drawing, so that a chain reads as one sentence."""

    def __init__(self, process: str = "permits_test", name: str | None = "测试", **given: str) -> None:
        self.process = process
        self.name = name
        self.given = {"name.en": "Test", "start": "person"} | given
        self.parts: list[str] = []
        self.lanes: list[str] = []
        self.flows = 0

    def node(self, tag: str, id: str, body: str = "", attributes: str = "", **given: str) -> Drawing:
        """Any element; a keyword `name_en` is the property `name.en`, `for_` is `for`."""
        own = {{"name_en": "name.en", "for_": "for"}.get(k, k): v for k, v in given.items()}
        self.parts.append(f"<bpmn:{tag} id={quoteattr(id)} {attributes}>{properties(own)}{body}</bpmn:{tag}>")
        return self

    def start(self, id: str = "begin") -> Drawing:
        return self.node("startEvent", id)

    def end(self, id: str = "done", **given: str) -> Drawing:
        return self.node("endEvent", id, **given)

    def task(self, id: str, tag: str = "userTask", **given: str) -> Drawing:
        given = {"assignee": "starter", "name_en": id} | given
        return self.node(tag, id, attributes=f'name="任务{id}"', **{k: v for k, v in given.items() if v})

    def xor(self, id: str, default: str | None = None) -> Drawing:
        return self.node("exclusiveGateway", id, attributes=f'default="{default}"' if default else "")

    def both(self, id: str, **given: str) -> Drawing:
        return self.node("parallelGateway", id, **given)

    def some(self, id: str, default: str | None = None, **given: str) -> Drawing:
        return self.node(
            "inclusiveGateway", id, attributes=f'default="{default}"' if default else "", **given
        )

    def service(self, id: str, action: str, when: str | None = None, **parameters: str) -> Drawing:
        entries = "".join(
            f'<spiffworkflow:parameter id="{name}" type="any" value={quoteattr(value)}/>'
            for name, value in parameters.items()
        )
        operator = (
            f'<spiffworkflow:serviceTaskOperator id="{action}">'
            f"<spiffworkflow:parameters>{entries}</spiffworkflow:parameters>"
            "</spiffworkflow:serviceTaskOperator>"
        )
        body = properties({"when": when} if when else {}, operator)
        self.parts.append(f'<bpmn:serviceTask id="{id}" name="{id}">{body}</bpmn:serviceTask>')
        return self

    def script(self, id: str, *lines: str, attributes: str = "") -> Drawing:
        text = escape("\n".join(lines))
        return self.node("scriptTask", id, f"<bpmn:script>{text}</bpmn:script>", attributes)

    def lane(self, id: str, *members: str, name: str = "泳道", **given: str) -> Drawing:
        own = {{"name_en": "name.en", "for_": "for"}.get(k, k): v for k, v in given.items()}
        refs = "".join(f"<bpmn:flowNodeRef>{member}</bpmn:flowNodeRef>" for member in members)
        self.lanes.append(f'<bpmn:lane id="{id}" name="{name}">{properties(own)}{refs}</bpmn:lane>')
        return self

    def flow(self, source: str, target: str, condition: str | None = None, id: str | None = None) -> Drawing:
        self.flows += 1
        body = ""
        if condition is not None:
            text = escape(condition)
            kind = 'xsi:type="bpmn:tFormalExpression"'
            body = f"<bpmn:conditionExpression {kind}>{text}</bpmn:conditionExpression>"
        self.parts.append(
            f'<bpmn:sequenceFlow id="{id or f"flow{self.flows}"}" sourceRef="{source}" targetRef="{target}">'
            f"{body}</bpmn:sequenceFlow>"
        )
        return self

    def line(self, *ids: str) -> Drawing:
        """Flows along `ids`."""
        for source, target in pairwise(ids):
            self.flow(source, target)
        return self

    def text(self) -> str:
        lanes = f'<bpmn:laneSet id="lanes">{"".join(self.lanes)}</bpmn:laneSet>' if self.lanes else ""
        name = f"name={quoteattr(self.name)}" if self.name else ""
        return (
            f'{HEAD}<bpmn:process id="{self.process}" {name} isExecutable="true">'
            f"{properties(self.given)}{lanes}{''.join(self.parts)}</bpmn:process>{TAIL}"
        )

    def bundle(self) -> Bundle:
        return Bundle(self.process, {"permits/test.bpmn": self.text().encode()})

    def load(self, house: Catalogue = HOUSE) -> Definition:
        """Load it, which must succeed."""
        found = load(self.bundle(), house)
        assert isinstance(found, Definition), [problem.message("en") for problem in found.problems]
        return found

    def problems(self, house: Catalogue = HOUSE) -> list[tuple[str, str | None]]:
        """The codes and elements it is refused for; every message must be readable."""
        return refusals(load(self.bundle(), house))


def refusals(found: Definition | Unusable) -> list[tuple[str, str | None]]:
    """Codes and elements of an unusable bundle."""
    assert isinstance(found, Unusable), "it was accepted"
    for problem in found.problems:
        assert problem.message("zh")
        assert problem.message("en") != problem.message("zh")
    return [(problem.code, problem.element) for problem in found.problems]


def review(process: str = "permits_test", **given: str) -> Drawing:
    """The plain chain: apply, review with a return, end."""
    return (
        Drawing(process, **given)
        .start()
        .task("apply", form="permits/apply")
        .task("review", outcomes="approve=同意|Approve; return=退回|Return!-")
        .xor("decided", default="good")
        .end()
        .line("begin", "apply", "review", "decided")
        .flow("decided", "apply", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )


def never_called(element: str, action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    raise AssertionError(f"{element} called {action}")


class Walk:
    """An instance walked by hand; packs and restores at every step as the runtime does."""

    def __init__(self, definition: Definition, call: Any = never_called, **variables: Any) -> None:
        self.definition, self.call = definition, call
        self.step: Step = start(definition, variables, call, NOW)
        self.open = {token.element: token for token in self.step.opened}

    def do(self, element: str, outcome: str | None = None, **variables: Any) -> Walk:
        token = self.open.pop(element)
        self.step = complete(
            self.definition, self.step.state, element, token.visit, outcome, variables, self.call, NOW
        )
        self.open |= {token.element: token for token in self.step.opened}
        return self
