"""Draws what lies in and beside other things: sub-processes, events, calls. Extends the plain drawing."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from app.platform.engine import Bundle, Catalogue, Definition, Step, fail, fire, load, move, targets, tokens
from app.platform.engine.moving import repair
from tests.platform.engine.drawing import HOUSE, NOW, TAIL, Drawing, Walk, properties


def timer(text: str, tag: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{escape(text)}</bpmn:{tag}></bpmn:timerEventDefinition>"


def refers(kind: str, name: str | None = None) -> str:
    """A message, signal or error definition."""
    reference = f' {kind}Ref="{name}"' if name else ""
    return f"<bpmn:{kind}EventDefinition{reference}/>"


TERMINATE = "<bpmn:terminateEventDefinition/>"


class Nested(Drawing):
    """A drawing with events and sub-processes; `named` are the messages, signals and errors of the file."""

    def __init__(self, process: str = "permits_test", **given: str) -> None:
        super().__init__(process, **given)
        self.named: list[str] = []

    def flow(self, source: str, target: str, condition: str | None = None, id: str | None = None) -> Nested:
        super().flow(source, target, condition, id or f"{source}_to_{target}")
        return self

    def names(self, kind: str, *names: str) -> Nested:
        for name in names:
            code = f'errorCode="{name}"' if kind == "error" else f'name="{name}"'
            self.named.append(f'<bpmn:{kind} id="{name}" {code}/>')
        return self

    def event(self, tag: str, id: str, definition: str = "", attributes: str = "", **given: str) -> Nested:
        own = {"from" if k == "from_" else k: v for k, v in given.items()}
        self.parts.append(
            f"<bpmn:{tag} id={quoteattr(id)} {attributes}>{properties(own)}{definition}</bpmn:{tag}>"
        )
        return self

    def catch(self, id: str, definition: str, **given: str) -> Nested:
        return self.event("intermediateCatchEvent", id, definition, **given)

    def throws(self, id: str, definition: str, **given: str) -> Nested:
        return self.event("intermediateThrowEvent", id, definition, **given)

    def edge(self, id: str, host: str, definition: str, stops: bool = True, **given: str) -> Nested:
        attributes = f'attachedToRef="{host}"' + ("" if stops else ' cancelActivity="false"')
        return self.event("boundaryEvent", id, definition, attributes, **given)

    def sub(self, id: str, inner: Drawing, loop: str = "", attributes: str = "") -> Nested:
        self.parts.append(
            f'<bpmn:subProcess id="{id}" name="{id}" {attributes}>{loop}{"".join(inner.parts)}</bpmn:subProcess>'
        )
        return self

    def beside(self, id: str, inner: Drawing) -> Nested:
        return self.sub(id, inner, attributes='triggeredByEvent="true"')

    def call(self, id: str, process: str, loop: str = "") -> Nested:
        self.parts.append(
            f'<bpmn:callActivity id="{id}" name="{id}" calledElement="{process}">{loop}</bpmn:callActivity>'
        )
        return self

    def text(self) -> str:
        return super().text().replace(TAIL, "".join(self.named) + TAIL)

    def with_files(self, *others: Drawing, **files: bytes) -> Bundle:
        known = {f"permits/{other.process}.bpmn": other.text().encode() for other in others}
        return Bundle(self.process, {"permits/test.bpmn": self.text().encode(), **known, **files})

    def load_with(self, *others: Drawing, house: Catalogue = HOUSE) -> Definition:
        found = load(self.with_files(*others), house)
        assert isinstance(found, Definition), [problem.message("en") for problem in found.problems]
        return found


def inner(prefix: str = "i") -> Nested:
    """A start and an end for something inside; ids begin with `prefix`."""
    return Nested().start(f"{prefix}_begin").end(f"{prefix}_done")


def listening(start: str, message: str) -> Nested:
    """The inside of an event sub-process that ends everything once `message` comes."""
    drawn = Nested().event("startEvent", start, refers("message", message)).end(f"{start}_done")
    return drawn.line(start, f"{start}_done")  # type: ignore[return-value]


def loop(
    count: str | None = None,
    items: str | None = None,
    item: str = "item",
    until: str | None = None,
    one_by_one: bool = False,
) -> str:
    body = f"<bpmn:loopCardinality>{escape(count)}</bpmn:loopCardinality>" if count is not None else ""
    if items is not None:
        body += f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>"
        body += f'<bpmn:inputDataItem id="x_{item}" name="{item}"/>'
    if until is not None:
        body += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>"
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(one_by_one).lower()}">{body}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


class Events(Walk):
    """A walk that can fire, fail and move, too. `at` are the waiting tokens by element; several share a list."""

    def _after(self, step: Step) -> Events:
        before = tuple((t.element, t.visit) for t in tokens(self.definition, self.step.state))
        self.step = step
        now = tuple((t.element, t.visit) for t in tokens(self.definition, step.state))
        opened = {(t.element, t.visit) for t in step.opened}
        closed = {(t.element, t.visit) for t in step.closed}
        assert set(now) == (set(before) | opened) - closed, "opened and closed tell what waits"
        assert not opened & set(before)
        assert closed <= set(before)
        self.open = {t.element: t for t in tokens(self.definition, step.state)}
        return self

    def waits(self) -> list[str]:
        return sorted(t.element for t in tokens(self.definition, self.step.state))

    def do(self, element: str, outcome: str | None = None, **variables: object) -> Events:
        from app.platform.engine import complete

        token = self.open[element]
        return self._after(
            complete(
                self.definition, self.step.state, element, token.visit, outcome, variables, self.call, NOW
            )
        )

    def fires(self, element: str, **variables: object) -> Events:
        token = self.open[element]
        return self._after(
            fire(self.definition, self.step.state, element, token.visit, variables, self.call, NOW)
        )

    def fails(self, element: str, code: str) -> Events:
        return self._after(
            fail(self.definition, self.step.state, element, self.open[element].visit, code, self.call, NOW)
        )

    def back(self, source: str, target: str, straight: bool = False) -> Events:
        token = self.open[source]
        return self._after(
            move(self.definition, self.step.state, (source, token.visit), target, self.call, NOW, straight)
        )

    def put(self, source: str, target: str) -> Events:
        token = self.open[source]
        return self._after(
            repair(self.definition, self.step.state, (source, token.visit), target, self.call, NOW)
        )

    def may(self, source: str) -> dict[str, str | None]:
        return dict(targets(self.definition, self.step.state, source, self.open[source].visit))
