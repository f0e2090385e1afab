"""What the events of a diagram have in common: their definitions read, and the stations that wait and throw."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from lxml import etree

from app.platform.engine import properties as syntax
from app.platform.engine.chart import Chart, Node, UnknownRole
from app.platform.engine.definition import Event
from app.platform.engine.errors import Faulty
from app.platform.engine.machine import ACTIVE, Side, Station, Token, Waits
from app.platform.engine.run import Run, Scalar, Thrown, scalar
from app.platform.engine.vocabulary import local
from app.platform.expressions import Expression

if TYPE_CHECKING:
    from app.platform.engine.net import Net

DEFINITIONS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "terminateEventDefinition": "terminate",
}
REFERENCES = {"message": "messageRef", "signal": "signalRef", "error": "errorRef"}
PROPERTIES = frozenset({"correlation", "deliver", "from", "data", "stage"})
PARTS = frozenset({*DEFINITIONS, "timeDate", "timeDuration"})

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")


def read_event(chart: Chart, node: Node, allowed: frozenset[str]) -> Event | None:
    """Read the one event definition of a node into `node.event`, or complain; none at all gives None."""
    found = [child for child in node.xml if local(child) in DEFINITIONS]
    if len(found) > 1:
        chart.complain("several_events", node.id)
        return None
    if not found:
        return None
    kind = DEFINITIONS[local(found[0])]
    if kind not in allowed:
        chart.complain("event_not_here", node.id, found=local(found[0]))
        return None
    name = _name(chart, node, kind, found[0].get(REFERENCES[kind]) if kind in REFERENCES else None)
    timer = _timer(chart, node, found[0]) if kind == "timer" else None
    node.event = event_of(chart, node, kind, name, timer)
    return node.event


def event_of(
    chart: Chart, node: Node, kind: str, name: str | None, timer: str | Expression | None = None
) -> Event:
    """Read the properties of an event, and put it together."""
    own = node.properties
    correlation = None
    if "correlation" in own:
        correlation = chart.expression(node.id, own["correlation"])
    deliver = own.get("deliver", "after").strip()
    if deliver not in ("after", "together"):
        chart.complain(
            "property_value", node.id, name="deliver", value=deliver[:80], expected="after, together"
        )
    data = tuple(filter(None, re.split(r"[\s,;]+", own.get("data", ""))))
    for each in data:
        if not syntax.VARIABLE.fullmatch(each) or each == "outcome":
            chart.complain("property_value", node.id, name="data", value=each[:80], expected="a, b, c")
    if kind not in ("message", "signal"):
        for stray in sorted(own.keys() & {"correlation", "deliver", "from", "data"}):
            chart.unknown("unknown_property", node.id, stray, {"stage"})
    return Event(
        cast(Any, kind),
        name,
        timer,
        correlation,
        data,
        "together" if deliver == "together" else "after",
        _sender(chart, node),
        node.xml.get("cancelActivity", node.xml.get("isInterrupting", "true")) != "false",
    )


def _sender(chart: Chart, node: Node) -> str:
    value = node.properties.get("from", "hooks").strip()
    if value == "hooks":
        return value
    try:
        return chart.property(node.id, {"from": value}, "from", chart.role_at) or "hooks"
    except UnknownRole as error:
        chart.unknown("unknown_role", node.id, error.role, chart.catalogue.roles)
        return "hooks"


def _name(chart: Chart, node: Node, kind: str, reference: str | None) -> str | None:
    if kind in ("timer", "terminate"):
        return None
    if reference is None:
        if kind != "error" or node.kind.tag == "endEvent":
            chart.complain("event_without_name", node.id)
        return None
    return named(chart, node, reference)


def named(chart: Chart, node: Node, reference: str) -> str | None:
    """The name of the message, signal or error that `reference` points to."""
    reference = reference.rpartition(":")[2]
    if reference not in chart.named:
        chart.complain("dangling", node.id, found=reference[:80])
        return None
    return chart.named[reference]


def _timer(chart: Chart, node: Node, definition: etree._Element) -> str | Expression | None:
    times = [child for child in definition if local(child) in ("timeDate", "timeDuration")]
    text = (times[0].text or "").strip() if len(times) == 1 else ""
    if not text:
        chart.complain("timer_without_time", node.id)
        return None
    bare = text.strip("\"'")
    if local(times[0]) == "timeDuration" and syntax.is_duration(bare):
        return bare
    if local(times[0]) == "timeDate" and _is_moment(bare):
        return bare
    if _MOMENT.fullmatch(bare) or re.fullmatch(r"[\"']?[PR][\w./:-]*[\"']?", text):
        chart.complain("timer_time", node.id, text=text[:60])
        return None
    return chart.expression(node.id, text)


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False  # the 45th of a month
    return True


class Catch(Station):
    """Waits for its event."""

    event: Event

    def __init__(self, net: Net, node: Node) -> None:
        assert node.event is not None
        self.event = node.event
        waits = node.event.kind in ("timer", "message", "signal")
        self.kind = cast(Waits, node.event.kind) if waits else None
        super().__init__(net, node.id, node.stage)
        self.interrupting = node.event.interrupting

    def catches(self, code: str) -> bool:
        """An error event takes its own code, or any where it names none."""
        return self.event.kind == "error" and self.event.name in (None, code)

    def _on_ready_hook(self, token: Token) -> None:
        if self.kind is not None:
            token.parameters = self._asked(token)
        super()._on_ready_hook(token)

    def _asked(self, token: Token) -> dict[str, Scalar]:
        if self.kind == "timer":
            return {"timer": self._time(token)}
        return {"name": self.event.name, "correlation": correlated(self, token)}

    def _time(self, token: Token) -> str:
        assert self.event.timer is not None
        if isinstance(self.event.timer, str):
            return self.event.timer
        value = token.workflow.value(self.event.timer, token)
        text = value if isinstance(value, str) else value.isoformat() if hasattr(value, "isoformat") else ""
        if not (syntax.is_duration(text) or _is_moment(text)):
            raise Faulty(self.bpmn_id, "bad_timer", {"text": str(value)[:60]})
        return text

    def fire(self, token: Token) -> None:
        """The event has come: go on, and give up what was waited for instead."""
        run: Run = token.workflow
        parent = token.parent
        if getattr(parent.task_spec, "is_rivalry", False) and parent._state & ~ACTIVE:
            for child in list(parent._children):
                if child != token.id:
                    run.cut(run.tasks[child])
        token.visit, token.parameters = 0, None
        token.run()


class Edge(Catch, Side):
    """A boundary event: interrupts what it guards, or opens a flow beside it."""

    def _run(self, token: Token) -> Any:
        return Station._run(self, token)

    def _run_hook(self, token: Token) -> Any:
        return True

    def fire(self, token: Token) -> None:
        """Take the place of the host, or run beside it."""
        run: Run = token.workflow
        host = run.tasks[token.host]  # type: ignore[index]
        token.host, token.visit, token.parameters = None, 0, None
        if self.interrupting:
            run.note("entered", self.bpmn_id)
            run.cut(host)
            token.run()
            return
        if self.kind != "timer":
            run.arm(host, [self])
        self.open_at(token, self)


class Begin(Catch):
    """The start event of an event sub-process, armed while its scope is alive."""

    def fire(self, token: Token) -> None:
        """Start the sub-process."""
        run: Run = token.workflow
        token.visit = 0
        run.begin_beside(token.scope, self, token)


def correlated(station: Any, token: Token) -> Scalar:
    """The correlation of a message or signal, where `token` stands."""
    if station.event.correlation is None:
        return None
    value = token.workflow.value(station.event.correlation, token)
    return scalar(station.bpmn_id, "correlation", value)


def throw(station: Any, token: Token) -> None:
    """Send a message or signal out."""
    run: Run = token.workflow
    event: Event = station.event
    known = {**run.variables, **run.own(token)}
    run.thrown.append(
        Thrown(
            cast(Literal["message", "signal"], event.kind),
            event.name or "",
            correlated(station, token),
            {name: known.get(name) for name in event.data},
            event.deliver,
            station.bpmn_id,
        )
    )


class Throw(Station):
    """Sends a message or signal, and goes on."""

    event: Event

    def _run_hook(self, token: Token) -> bool:
        throw(self, token)
        return True
