"""A loaded definition: what the rest of the house may know of a diagram that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.platform.engine.problems import Problem
from app.platform.expressions import Expression
from app.platform.registry import Words


@dataclass(frozen=True, slots=True)
class Place:
    """Where the role of a lane must be held; `level` lifts a region to its province, city or district."""

    kind: Literal["starter.unit", "starter.region", "variable", "everywhere"]
    variable: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: what people read, and who it stands for. Without `role` it is the system's own."""

    id: str
    name: Words
    role: str | None = None
    at: Place | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A button of a task: its key, its words, whether an opinion is required and whether it is negative."""

    key: str
    words: Words
    opinion: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node, by its BPMN id; `kind` is its BPMN tag."""

    id: str
    kind: str
    name: Words
    lane: str | None = None
    stage: Words | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What an event waits for or throws. `name`: of the message or signal, or the error's code (None: any).

    `timer`: an ISO date, moment or duration, or an expression that gives one. `data`: the variables a message
    carries. `sender`: who may send it from outside: `hooks` (nobody but service tasks and verbs), `role@place`.
    """

    kind: Literal["timer", "message", "signal", "error", "terminate"]
    name: str | None = None
    timer: str | Expression | None = None
    correlation: Expression | None = None
    data: tuple[str, ...] = ()
    deliver: Literal["after", "together"] = "after"
    sender: str = "hooks"
    interrupting: bool = True


DONE = Outcome("done", Words("提交", "Submit"))


@dataclass(frozen=True, slots=True)
class UserTask:
    """What is asked of people at an element; the properties of bpmn.md, read and checked."""

    id: str
    name: Words
    lane: str | None = None
    role: str | None = None
    at: Place | None = None
    subject: str | None = None
    assignee: str | None = None
    form: str | None = None
    outcomes: tuple[Outcome, ...] = (DONE,)
    seats: str = "one"
    due: str | None = None
    remind: str | None = None
    escalate: str | None = None
    allow: frozenset[str] = frozenset()
    pause: frozenset[str] = frozenset()
    summary: tuple[str, ...] = ()
    stage: Words | None = None
    nobody: str = "incident"
    avoid: frozenset[str] = frozenset()

    def outcome(self, key: str) -> Outcome | None:
        """The declared outcome `key`, or None."""
        return next((outcome for outcome in self.outcomes if outcome.key == key), None)

    def judges(self, starts: tuple[str, ...]) -> bool:
        """Whether this step judges the application of whoever started by one of `starts` (`role` or `role@place`).

        What is drawn for the starter, or for whoever did an earlier step, is the applicant's own. Else it judges when
        it can refuse (a negative outcome), or asks a role by which nobody starts.
        """
        if self.assignee == "starter" or (self.assignee or "").startswith("last:"):
            return False
        can_refuse = any(outcome.negative for outcome in self.outcomes)
        if self.assignee:
            return can_refuse
        return can_refuse or self.role not in {start.partition("@")[0] for start in starts}


@dataclass(frozen=True, slots=True)
class Definition:
    """One process of one version, checked and ready to run; share it freely, it never changes."""

    process: str
    name: Words
    title: Expression | None
    number: str | None
    starts: tuple[str, ...]
    form: str | None
    print: str | None
    category: str | None
    owner: str | None
    retention: str | None
    at: Place | None  # where what is started at no place belongs, once that is known
    elements: Mapping[str, Element]
    tasks: Mapping[str, UserTask]
    lanes: Mapping[str, Lane]
    variables: frozenset[str]
    warnings: tuple[Problem, ...]
    events: Mapping[str, Event]  # what waits for something, by its element
    begins: Mapping[str, Event | None]  # the start events: None for the plain one
    parents: Mapping[str, str | None]  # each element's sub-process or call activity
    flows: Mapping[str, tuple[str, ...]]  # what the flows of each element lead to
    hosts: Mapping[str, str]  # boundary events: what each stands on
    plan: Any = field(repr=False, compare=False)  # the engine's own; SpiffWorkflow stays behind it
