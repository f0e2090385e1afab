"""A branch more or less, by hand: a token put where there is room for one, or taken away as if its way were done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.registry import Acting
from app.platform.runtime import firing, stepping, tasks
from app.platform.runtime.errors import CannotMove, InstanceChanged, MissingOpinion
from app.platform.runtime.history import Happening
from app.platform.runtime.moving import MOVED, hold_to_manage
from app.platform.runtime.stepping import Held

Token = tuple[str, int]
"""Its element, and which visit."""


def add(
    session: Session,
    instance: str,
    beside: Token,
    target: str,
    reason: str,
    by: Acting,
    now: datetime,
    item: str | None = None,
) -> None:
    """Put one token more at `target`, in a scope around the token `beside`.

    `item`: what one more of several instances is for. Raises `Unknown`, `Forbidden`, `MissingOpinion`, `CannotMove`,
    `InstanceChanged`, and the engine's errors.
    """
    with transaction(session):
        held = _hold(session, instance, reason, by, now)
        definition, tokens = held.program.definition, held.tokens
        step = _asked(
            held, beside, lambda call: engine.add(definition, tokens, beside, target, call, now, item)
        )
        said = {"comment": reason, "name": by.name} | ({"item": item} if item else {})
        held.pen.write(Happening("put_in", target[:60], by=by.person, body=said))
        stepping.write(held, step)


def take_away(session: Session, instance: str, token: Token, reason: str, by: Acting, now: datetime) -> None:
    """Take `token` away, and what it opened with it; whatever waited for its branch goes on.

    Raises `Unknown`, `Forbidden`, `MissingOpinion`, `CannotMove`, `InstanceChanged`, and the engine's errors.
    """
    with transaction(session):
        held = _hold(session, instance, reason, by, now)
        definition, tokens = held.program.definition, held.tokens
        step = _asked(held, token, lambda call: engine.remove(definition, tokens, token, call, now))
        said = {"comment": reason, "name": by.name}
        held.pen.write(Happening("taken_away", token[0], by=by.person, body=said))
        if held.row.has_incident:
            stepping.close_incidents(held, stepping.INCIDENT.c.element == token[0])
        stepping.write(held, step)


def _hold(session: Session, instance: str, reason: str, by: Acting, now: datetime) -> Held:
    """Lock a running instance for whoever looks after it and says why."""
    if not reason.strip():
        raise MissingOpinion(MOVED)
    tasks.mind_opinion(reason)
    held = hold_to_manage(session, instance, by, now)
    firing.overtake(held)
    if held.state != "running":
        raise InstanceChanged()
    return held


def _asked(held: Held, token: Token, verb: Callable[[Any], engine.Step]) -> engine.Step:
    """What the engine says to a verb, which is handed how hooks are called."""
    try:
        return verb(stepping.caller(held))
    except engine.NoSuchToken as error:
        raise CannotMove(token[0], "nothing_here") from error
    except engine.Immovable as error:
        raise CannotMove(error.target, error.code) from error
