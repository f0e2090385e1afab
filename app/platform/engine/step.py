"""The verbs of the engine: state in, event in, new state and effects out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.platform.engine.codec import pack, unpack
from app.platform.engine.definition import Definition
from app.platform.engine.errors import Faulty, NoSuchToken
from app.platform.engine.machine import Token as Live
from app.platform.engine.machine import Waits
from app.platform.engine.net import EVENTS
from app.platform.engine.run import Caller, Run, Scalar, Thrown
from app.platform.expressions import EvaluationFailed
from app.platform.registry import Words


@dataclass(frozen=True, slots=True)
class Token:
    """A place where an instance waits: for people (`user`), for a service task's work, or for an event.

    `timer`: an ISO date, moment or duration, from now on. `name`, `correlation`: of the message or signal.
    `guards`: whether it only listens, on an edge or for an event sub-process; the instance does not stand there.
    `host`: the element on whose edge, or in whose inside, it does; None in that of the process itself.
    `own`: the variables of the multi-instance bodies it stands in, beside those of the instance.
    """

    element: str
    visit: int
    kind: Waits
    action: str | None = None
    parameters: Mapping[str, Scalar] | None = None
    timer: str | None = None
    name: str | None = None
    correlation: Scalar = None
    guards: bool = False
    host: str | None = None
    own: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Log:
    """An element entered or left in this step, in order."""

    kind: Literal["entered", "left"]
    element: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a step has come to: the new state, and everything the runtime has to make true."""

    state: bytes
    opened: tuple[Token, ...]
    closed: tuple[Token, ...]
    variables: Mapping[str, Scalar]
    stage: Words | None
    ended: str | None
    log: tuple[Log, ...]
    thrown: tuple[Thrown, ...] = ()


def start(
    definition: Definition,
    variables: Mapping[str, Any],
    call: Caller,
    now: datetime,
    at: str | None = None,
) -> Step:
    """Begin an instance with `variables`, at the plain start or the start event `at`.

    `call` runs hooks, `now` is the moment (aware). Raises `Faulty` where there is no such start.
    """
    plain = next((element for element, event in definition.begins.items() if event is None), None)
    if (at or plain) not in definition.begins:
        raise Faulty(at or definition.process, "no_such_start")
    run = Run(definition, {}, call, now)
    run.keep(definition.process, variables)
    run.begin(definition.plan.first[at or plain])
    return settle(run)


def complete(
    definition: Definition,
    state: bytes,
    element: str,
    visit: int,
    outcome: str | None,
    variables: Mapping[str, Any],
    call: Caller,
    now: datetime,
) -> Step:
    """Complete the token `element`#`visit`: a task with its outcome, or work with its result.

    Without `outcome` a task with a single outcome takes that. Raises `NoSuchToken`, `Corrupt`, `Faulty`,
    `Fuse`, and whatever `call` raises; the state handed in stays valid after each.
    """
    run, token = resume(definition, state, element, visit, call, now, ("user", "work"))
    if token.task_spec.kind == "user":
        offered = [each.key for each in definition.tasks[element].outcomes]
        if outcome is None and len(offered) == 1:
            outcome = offered[0]
        if outcome not in offered:
            raise Faulty(element, "unknown_outcome", {"outcome": str(outcome)[:40]})
        token.outcome = outcome
        run.keep(element, variables, token)
    else:
        token.task_spec.accept(token, variables)
    shown = _take(run, token)
    if token.back:
        _come_back(run, token)
    else:
        token.run()
    return settle(run, shown)


def fire(
    definition: Definition,
    state: bytes,
    element: str,
    visit: int,
    variables: Mapping[str, Any],
    call: Caller,
    now: datetime,
) -> Step:
    """Let the event come that `element`#`visit` waits for; `variables` are what a message brings.

    Only those the event names as its `data` are kept. Raises as `complete` does.
    """
    run, token = resume(definition, state, element, visit, call, now, EVENTS)
    taken = token.task_spec.event.data
    run.keep(element, {name: value for name, value in variables.items() if name in taken}, token)
    shown = _take(run, token)
    token.task_spec.fire(token)
    return settle(run, shown)


def fail(
    definition: Definition, state: bytes, element: str, visit: int, code: str, call: Caller, now: datetime
) -> Step:
    """End the work `element`#`visit` with an error: whoever catches `code` goes on; `Faulty` where nobody does."""
    run, token = resume(definition, state, element, visit, call, now, ("work",))
    shown = _take(run, token)
    token.task_spec.fail(token, code)
    return settle(run, shown)


def assign(definition: Definition, state: bytes, variables: Mapping[str, Any]) -> Step:
    """Set variables of a running instance, to repair it. Raises `Faulty` for a value that cannot be one."""
    run = unpack(definition, state)
    run.keep(definition.process, variables)
    return settle(run)


def tokens(definition: Definition, state: bytes) -> tuple[Token, ...]:
    """Return the places where the instance of `state` waits, oldest visit first."""
    run = unpack(definition, state)
    return tuple(show(run, token) for token in run.waiting_tokens())


def people_after(definition: Definition, element: str) -> tuple[str, ...]:
    """The user tasks that may come next after the user task `element`, whichever way is taken."""
    return tuple(definition.plan.people_after(element))


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes after a decision: user tasks and ends by their elements; not `sure` where a way had to be guessed.

    `waits`: the gateways and events at which it is waited for an event; `then`: the tasks and ends that come after
    that, if nothing is taken back.
    """

    people: tuple[str, ...]
    ends: tuple[str, ...]
    sure: bool
    waits: tuple[str, ...] = ()
    then: tuple[str, ...] = ()


def coming_after(
    definition: Definition, element: str, outcome: str, variables: Mapping[str, Any], now: datetime
) -> Coming:
    """What comes after the user task `element` is decided with `outcome`, as far as it can be told beforehand.

    Nothing is run. A condition that reads a variable which is not among `variables`, or which a step on the way may
    set, cannot be told: then every way it may take counts.
    """

    def holds(condition: Any, settled: bool) -> bool | None:
        names, known = condition.expression.names, {**variables, "outcome": outcome}
        if not names <= known.keys() or not (settled or names <= {"outcome"}):
            return None
        try:
            return bool(condition.expression.evaluate({name: known[name] for name in names}, now))
        except EvaluationFailed:
            return None

    return Coming(*definition.plan.coming_after(element, holds))


def leads_on(definition: Definition, element: str) -> bool:
    """Whether an event leads to anything but what every way to it has passed: one that takes back does not."""
    return bool(definition.plan.leads_on(element))


def resume(
    definition: Definition,
    state: bytes,
    element: str,
    visit: int,
    call: Caller | None,
    now: datetime | None,
    kinds: tuple[str, ...],
) -> tuple[Run, Live]:
    """Take a state up, and the token that waits at `element`#`visit`. Raises `NoSuchToken`."""
    run = unpack(definition, state)
    run.call, run.now = call, now
    for token in run.waiting_tokens():
        if token.visit == visit and token.element == element and token.task_spec.kind in kinds:
            return run, token
    raise NoSuchToken(element, visit)


def show(run: Run, token: Live) -> Token:
    """What the runtime may know of a waiting token."""
    station = token.task_spec
    host = run.tasks.get(token.host) if token.host is not None else None
    own = run.own(token) if run.spec.has_own else {}
    if station.kind in EVENTS:
        asked = token.parameters or {}
        return Token(
            token.element,
            token.visit,
            station.kind,
            timer=asked.get("timer"),  # type: ignore[arg-type]
            name=asked.get("name"),  # type: ignore[arg-type]
            correlation=asked.get("correlation"),
            guards=host is not None,
            host=(host.task_spec.bpmn_id or None) if host else None,
            own=own,
        )
    return Token(
        token.element,
        token.visit,
        station.kind or "user",
        getattr(station, "action", None),
        token.parameters,
        own=own,
    )


def _take(run: Run, token: Live) -> tuple[Token, ...]:
    """Close the visit of a token that goes on."""
    shown = show(run, token)
    token.visit = 0
    return (shown,)


def _come_back(run: Run, token: Live) -> None:
    """After a task done again: on to the next one owed, or afresh to the task that had sent the matter back."""
    assert token.back is not None
    run.note("left", token.element)
    token.back.pop()
    if token.back:
        run.note("entered", token.element)
        run.open(token)
        return
    parent, station = token.parent, token.task_spec.name
    run.cut(token)
    run.put(parent, station)


def settle(run: Run, closed: tuple[Token, ...] = ()) -> Step:
    """Run on until everything waits, prune, and say what has come of it."""
    run.drive()
    gone = closed + tuple(show(run, token) for token in run.closed)
    run.prune()
    return Step(
        state=pack(run),
        opened=tuple(show(run, token) for token in run.opened),
        closed=gone,
        variables=run.variables,
        stage=run.stage,
        ended=run.ended if run.completed else None,
        log=tuple(Log(kind, element) for kind, element in run.log),  # type: ignore[arg-type]
        thrown=tuple(run.thrown),
    )
