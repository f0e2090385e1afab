"""The verbs of the engine: state in, event in, new state and effects out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.platform.engine.codec import pack, unpack
from app.platform.engine.definition import Definition
from app.platform.engine.errors import Faulty, NoSuchToken
from app.platform.engine.machine import Token as Live
from app.platform.engine.run import Caller, Run, Scalar
from app.platform.registry import Words


@dataclass(frozen=True, slots=True)
class Token:
    """A place where an instance waits: for people (`user`) or for a service task's work (`work`)."""

    element: str
    visit: int
    kind: Literal["user", "work"]
    action: str | None = None
    parameters: Mapping[str, Scalar] | None = None


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


def start(definition: Definition, variables: Mapping[str, Any], call: Caller, now: datetime) -> Step:
    """Begin an instance with `variables`; `call` runs hooks, `now` is the moment (aware)."""
    run = Run(definition, {}, call, now)
    run.keep(definition.process, variables)
    run.begin()
    return _settle(run, ())


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
    run = unpack(definition, state)
    run.call, run.now = call, now
    token = _find(run, element, visit)
    closed = _shown(token)
    if closed.kind == "user":
        offered = [each.key for each in definition.tasks[element].outcomes]
        if outcome is None and len(offered) == 1:
            outcome = offered[0]
        if outcome not in offered:
            raise Faulty(element, "unknown_outcome", {"outcome": str(outcome)[:40]})
        token.outcome = outcome
        run.keep(element, variables)
    else:
        token.task_spec.accept(run, variables)
    token.visit = 0
    token.run()
    return _settle(run, (closed,))


def tokens(definition: Definition, state: bytes) -> tuple[Token, ...]:
    """Return the places where the instance of `state` waits."""
    return tuple(_shown(token) for token in unpack(definition, state).waiting_tokens())


def _find(run: Run, element: str, visit: int) -> Live:
    for token in run.waiting_tokens():
        if token.visit == visit and token.task_spec.bpmn_id == element:
            return token
    raise NoSuchToken(element, visit)


def _shown(token: Live) -> Token:
    station = token.task_spec
    return Token(
        station.bpmn_id,
        token.visit,
        station.kind or "user",
        getattr(station, "action", None),
        token.parameters,
    )


def _settle(run: Run, closed: tuple[Token, ...]) -> Step:
    run.drive()
    run.prune()
    return Step(
        state=pack(run),
        opened=tuple(_shown(token) for token in run.opened),
        closed=closed,
        variables=run.variables,
        stage=run.stage,
        ended=run.ended if run.completed else None,
        log=tuple(Log(kind, element) for kind, element in run.log),  # type: ignore[arg-type]
    )
