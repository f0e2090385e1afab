"""The drawing as read from XML, before anything runs: nodes, flows, lanes, and a place to complain."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from lxml import etree

from app.platform.engine.decisions import Decision
from app.platform.engine.definition import Element, Event, Lane
from app.platform.engine.facts import Catalogue
from app.platform.engine.problems import Problem
from app.platform.engine.properties import BadValue, place
from app.platform.expressions import BadExpression, Expression, parse
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.engine.elements.kind import Kind

Read = TypeVar("Read")
NOWHERE = Words("", "")


@dataclass(slots=True, eq=False, repr=False)
class Flow:
    """A sequence flow."""

    id: str
    source: Node
    target: Node
    condition: Expression | None = None
    name: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A flow node. `detail` is what its kind read from it."""

    id: str
    kind: Kind
    name: Words
    xml: etree._Element
    properties: dict[str, str]
    lane: Lane | None = None
    default: str | None = None
    stage: Words | None = None
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    detail: Any = None
    scope: Scope = field(init=False)
    inside: Scope | None = None
    event: Event | None = None
    loop: Loop | None = None
    host: Node | None = None
    boundaries: list[Node] = field(default_factory=list)

    def after(self) -> list[Node]:
        """The nodes a token may reach next, over its flows or the events that interrupt it."""
        return [*(flow.target for flow in self.outgoing), *(e for e in self.boundaries if e.interrupts)]

    def before(self) -> list[Node]:
        """The nodes a token may come from."""
        sources = [flow.source for flow in self.incoming]
        return [*sources, self.host] if self.host is not None and self.interrupts else sources

    def shown(self) -> Element:
        """What the house may know of it."""
        return Element(self.id, self.kind.tag, self.name, self.lane.id if self.lane else None, self.stage)

    @property
    def interrupts(self) -> bool:
        """Whether this event ends what it guards; everything else does."""
        return self.event is None or self.event.interrupting


@dataclass(slots=True, eq=False, repr=False)
class Scope:
    """What lies together: a process, a sub-process, an event sub-process (`beside`), or a side flow."""

    kind: Literal["process", "inside", "beside", "side"]
    owner: Node | None
    nodes: list[Node] = field(default_factory=list)

    def around(self) -> Scope | None:
        """The scope it lies in; a side flow lies where the host of its event does."""
        if self.owner is None:
            return None
        return self.owner.host.scope if self.kind == "side" and self.owner.host else self.owner.scope

    def depth(self) -> int:
        """How many scopes it lies in; a side flow that runs into its own host, which is refused, turns once."""
        above: list[Scope] = []
        at = self.around()
        while at is not None and at not in above:
            above.append(at)
            at = at.around()
        return len(above)

    def entries(self) -> list[Node]:
        """Where a token may begin."""
        if self.kind == "side" and self.owner is not None:
            return [self.owner]
        return [node for node in self.nodes if node.kind.tag == "startEvent"]


@dataclass(slots=True)
class Loop:
    """How often a multi-instance runs: `count` times, or once for each item of the variable `items`."""

    sequential: bool
    count: Expression | None = None
    items: str | None = None
    item: str = "item"
    until: Expression | None = None
    keeps: frozenset[str] = frozenset()


@dataclass(slots=True)
class Use:
    """An expression and where it stands; `free` names are known there besides the variables."""

    element: str | None
    expression: Expression
    free: frozenset[str] = frozenset()


@dataclass(slots=True)
class Chart:
    """One process of one file while it is read and checked."""

    file: str
    catalogue: Catalogue
    process: str = ""
    name: Words = NOWHERE
    properties: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    uses: list[Use] = field(default_factory=list)
    variable_uses: list[tuple[str | None, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    blocks: list[tuple[Node, Node, set[Node]]] = field(default_factory=list)  # split, way, what lies on it
    named: dict[str, str] = field(default_factory=dict)  # messages, signals and errors: id -> name or code
    calls: Callable[[Chart, Node, str], Chart | None] = lambda _chart, _node, _process: None
    called: dict[str, Chart] = field(default_factory=dict)  # by the call activity
    lane: Lane | None = None  # of the call activity that calls this process

    def complain(self, code: str, element: str | None = None, **parameters: str) -> None:
        """Note a problem that refuses publication."""
        told = {key: value[:200] for key, value in parameters.items()}
        self.problems.append(Problem(code, self.file, element and element[:100], told))

    def warn(self, code: str, element: str | None = None, **parameters: str) -> None:
        """Note something the designer should look at; it does not refuse."""
        self.problems.append(Problem(code, self.file, element, parameters, warning=True))

    def unknown(self, code: str, element: str | None, found: str, known: Iterable[str]) -> None:
        """Complain of a name there is not, with the nearest one there is."""
        hint = "".join(difflib.get_close_matches(found[:80], list(known), 1))
        self.complain(code, element, found=found[:80], hint=hint)

    def property(
        self, owner: str | None, properties: Mapping[str, str], name: str, read: Callable[[str], Read]
    ) -> Read | None:
        """Read one property by its syntax; absent or wrong gives None, wrong also a complaint."""
        if name not in properties:
            return None
        try:
            return read(properties[name])
        except BadValue as error:
            value = properties[name][:80]
            self.complain("property_value", owner, name=name, value=value, expected=str(error))
            return None

    def expression(
        self, element: str | None, text: str, free: frozenset[str] = frozenset()
    ) -> Expression | None:
        """Parse an expression that stands at `element`, or complain."""
        try:
            expression = parse(text)
        except BadExpression as error:
            self.complain(
                "expression",
                element,
                text=text.strip()[:60],
                position=str(error.position + 1),
                reason_zh=error.words.zh,
                reason_en=error.words.en,
            )
            return None
        self.uses.append(Use(element, expression, free))
        return expression

    def role_at(self, value: str) -> str:
        """Read `role` or `role@place` and check the role."""
        role, mark, where = value.strip().partition("@")
        if role not in self.catalogue.roles:
            raise UnknownRole(role)
        if mark and not where:
            raise BadValue("role@place")
        if mark:
            place(where)
        return value.strip()


class UnknownRole(ValueError):
    """A role the house does not have."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.role = role
