"""The likely way on: the steps an instance comes to if everybody agrees, found by letting the engine play it.

Nothing is written and no hook is called: the engine is pure, and what a hook would return stays as it is. Where that
is not enough the play ends, and so does what is foreseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.platform import engine
from app.platform.engine import Definition, Step, Token, UserTask
from app.platform.registry import house

MOST_MOVES = 16
_SENT = ("message", "signal")
_WAITS = ("timer", *_SENT)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The tasks, and messages waited for, that come after the present ones; `ends`: whether the end comes after them.

    `awaited`: the message it waits for now, where it waits for nothing but events.
    """

    steps: tuple[str, ...] = ()
    ends: bool = False
    awaited: str | None = None


def likely(definition: Definition, state: bytes, variables: Mapping[str, Any], now: datetime) -> Ahead:
    """What comes after the present steps of `state` if each takes its first outcome that says yes."""
    steps: dict[str, None] = {}
    here: set[str] = set()
    awaited, ends = None, False
    try:
        waiting = _moving(definition, state)
        here = {token.element for token in waiting}
        if waiting and all(token.kind in _WAITS for token in waiting) and waiting[0].kind in _SENT:
            awaited = waiting[0].element
        for _ in range(MOST_MOVES):
            if not waiting or ends:
                break
            if waiting[0].kind in _SENT:
                steps[waiting[0].element] = None
            step = _move(definition, state, waiting[0], variables, now)
            steps |= {token.element: None for token in step.opened if token.kind == "user"}
            state, variables, ends = step.state, step.variables, step.ended is not None
            waiting = _moving(definition, state)
    except (engine.Faulty, engine.Fuse, engine.Corrupt, engine.NoSuchToken):
        pass  # what comes after depends on what nobody knows yet
    return Ahead(tuple(one for one in steps if one not in here), ends, awaited)


def _moving(definition: Definition, state: bytes) -> list[Token]:
    """Where it stands, what usually goes on first: a message that takes back, or a deadline, comes last."""
    standing = [token for token in engine.tokens(definition, state) if not token.guards]
    return sorted(standing, key=lambda token: _takes_back(definition, token) or token.kind == "timer")


def _takes_back(definition: Definition, token: Token) -> bool:
    return token.kind in _WAITS and not engine.leads_on(definition, token.element)


def _move(
    definition: Definition, state: bytes, token: Token, variables: Mapping[str, Any], now: datetime
) -> Step:
    def call(_element: str, action: str, _parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return _returned(action, variables)

    at = (definition, state, token.element, token.visit)
    if token.kind in _WAITS:
        return engine.fire(*at, {}, call, now)
    if token.kind == "user":
        return engine.complete(*at, _yes(definition.tasks[token.element]), {}, call, now)
    return engine.complete(*at, None, _returned(token.action or "", variables), call, now)


def _yes(task: UserTask) -> str:
    return next((one.key for one in task.outcomes if not one.negative), task.outcomes[0].key)


def _returned(action: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a hook would return if nothing changed: the variables as they are, or empty ones of their type."""
    known = house.actions.get(action)
    returns = known.returns if known is not None else {}
    return {
        name: variables[name] if type(variables.get(name)) is kind else kind()
        for name, kind in returns.items()
    }
