"""A task in somebody's inbox: user tasks and manual tasks."""

from __future__ import annotations

from typing import Any

from app.platform.engine import properties as read
from app.platform.engine.chart import Chart, Node, UnknownRole
from app.platform.engine.definition import DONE, UserTask
from app.platform.engine.elements.kind import Kind
from app.platform.engine.machine import Station, Waits
from app.platform.engine.net import Net

NEEDING_DUE = {
    "remind": ("提前提醒", "the reminder"),
    "escalate": ("逾期上报", "the escalation"),
    "pause": ("征询期间停止计时", "stopping the clock while asking"),
}
"""What means nothing without a deadline, as it is called."""


class Asking(Station):
    """Waits for people."""

    kind: Waits | None = "user"


class PersonTask(Kind):
    """What a user task and a manual task have in common: all properties of a task in the inbox."""

    properties = frozenset(
        "assignee form outcomes seats due remind escalate allow pause summary stage nobody avoid".split()  # noqa: SIM905 - a table of words
    )
    is_person = True
    is_activity = True

    def read(self, chart: Chart, node: Node) -> None:
        """Read and check every property; what it means is the runtime's."""
        own = node.properties

        def take(name: str, syntax: Any) -> Any:
            return chart.property(node.id, own, name, syntax)

        lane, outcomes = node.lane, take("outcomes", read.outcomes) or (DONE,)
        node.detail = UserTask(
            id=node.id,
            name=node.name,
            lane=lane.id if lane else None,
            role=lane.role if lane else None,
            at=lane.at if lane else None,
            subject=lane.subject if lane else None,
            assignee=self._assignee(chart, node),
            form=self._form(chart, node),
            outcomes=outcomes,
            seats=take("seats", read.seats) or "one",
            due=take("due", read.duration),
            remind=take("remind", read.duration),
            escalate=self._role_at(chart, node, "escalate"),
            allow=take("allow", lambda value: read.several(value, read.VERBS)) or frozenset(),
            pause=take("pause", lambda value: read.several(value, read.PAUSES)) or frozenset(),
            summary=self._summary(chart, node),
            stage=node.stage,
            nobody=self._nobody(chart, node, {outcome.key for outcome in outcomes}),
            avoid=take("avoid", lambda value: read.several(value, read.RECUSALS)) or frozenset(),
        )
        if not (lane and lane.role) and "assignee" not in own:
            chart.complain("no_one", node.id)
        for late, (zh, en) in NEEDING_DUE.items():
            if late in own and "due" not in own:
                chart.complain("needs_due", node.id, name=late, zh=zh, en=en)
        if node.detail.pause and "ask" not in node.detail.allow:
            chart.complain("needs_ask", node.id, name="pause")

    def _role_at(self, chart: Chart, node: Node, name: str) -> str | None:
        try:
            found = chart.property(node.id, node.properties, name, chart.role_at)
        except UnknownRole as error:
            chart.unknown("unknown_role", node.id, error.role, chart.catalogue.roles)
            return None
        where = (found or "").partition("@")[2]
        at = chart.property(node.id, {name: where}, name, read.place) if where else None
        if at is not None and at.variable is not None:
            chart.variable_uses.append((node.id, at.variable))
        return found

    def _nobody(self, chart: Chart, node: Node, outcomes: set[str]) -> str:
        value = node.properties.get("nobody", "incident").strip()
        if value in ("incident", "up"):
            return value
        if value.startswith("skip:"):
            if value[5:] not in outcomes:
                chart.unknown("unknown_outcome", node.id, value[5:], outcomes)
            return value
        if "@" not in value:
            expected = "incident, up, skip:<outcome>, role@place"
            chart.complain("property_value", node.id, name="nobody", value=value[:80], expected=expected)
            return "incident"
        return self._role_at(chart, node, "nobody") or "incident"

    def _assignee(self, chart: Chart, node: Node) -> str | None:
        value = node.properties.get("assignee", "").strip()
        kind, _, name = value.partition(":")
        if kind == "variable" and name:
            chart.variable_uses.append((node.id, name))
        elif kind == "hook" and name:
            if name not in chart.catalogue.assignees:
                chart.unknown("unknown_assignee", node.id, name, chart.catalogue.assignees)
        elif kind == "last" and name:
            people = {other.id for other in chart.nodes.values() if other.kind.is_person}
            if name not in people:
                chart.unknown("unknown_task", node.id, name, people)
        elif value != "starter" and "assignee" in node.properties:
            expected = "starter, variable:x, hook:<system>/<name>, last:<element>"
            chart.complain("property_value", node.id, name="assignee", value=value[:80], expected=expected)
        return value or None

    def _form(self, chart: Chart, node: Node) -> str | None:
        form = node.properties.get("form")
        if form is not None and form not in chart.catalogue.forms:
            chart.unknown("unknown_form", node.id, form, chart.catalogue.forms)
        return form

    def _summary(self, chart: Chart, node: Node) -> tuple[str, ...]:
        names = tuple(filter(None, node.properties.get("summary", "").replace(",", " ").split()))
        known: set[str] = set()
        for other in [chart.properties, *(other.properties for other in chart.nodes.values())]:
            facts = chart.catalogue.forms.get(other.get("form", ""))
            known |= facts.fields if facts else set()
        for name in names:
            if name not in known:
                chart.unknown("unknown_field", node.id, name, known)
        if len(names) > 5:
            chart.complain(
                "property_value", node.id, name="summary", value=" ".join(names)[:80], expected="≤ 5"
            )
        return names

    def station(self, net: Net, node: Node) -> Station:
        """A station that waits for people."""
        return Asking(net, node.id, node.stage)


class UserTaskKind(PersonTask):
    """A user task."""

    tag = "userTask"


class ManualTaskKind(PersonTask):
    """A manual task: done outside, reported in the inbox."""

    tag = "manualTask"
