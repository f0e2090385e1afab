"""What a manager does to a running instance: stop it and let it go on, end it, set its variables; each with a reason.

Suspended, an instance can be read and nothing more: no decision, no timer, no work. Timers stay armed and work stays
written down; both are taken up again when it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.forms import Wrong
from app.platform.forms.typed import tidy
from app.platform.jobs import again
from app.platform.registry import Acting
from app.platform.runtime import firing, handing, instances, policy, receipts, stepping, timers
from app.platform.runtime.errors import (
    BadOpinion,
    BadVariable,
    Forbidden,
    InstanceChanged,
    MissingReason,
    Unknown,
)
from app.platform.runtime.history import Happening

LONGEST_REASON = 2_000
LONGEST_VALUE = 2_000
LARGEST_NUMBER = 10**15


def suspend(
    session: Session, instance: str, reason: str, by: Acting, now: datetime, key: str | None = None
) -> None:
    """Stop a running instance. Raises `Unknown`, `Forbidden`, `InstanceChanged` if it is not running, and for the
    reason `MissingReason` and `BadOpinion`.
    """

    def run(held: stepping.Held, why: str) -> None:
        if held.state != "running":
            raise InstanceChanged()
        held.state = "suspended"
        timers.rest(held)
        held.pen.write(Happening("suspended", by=by.person, body={"comment": why, "name": by.name}))
        stepping.save(held)

    _managed(session, "suspend", instance, reason, by, now, key, run)


def resume(
    session: Session, instance: str, reason: str, by: Acting, now: datetime, key: str | None = None
) -> None:
    """Let a suspended instance go on: what was due meanwhile is due now, and its work is taken up again.

    Raises as `suspend` does; `InstanceChanged` if it is not suspended.
    """

    def run(held: stepping.Held, why: str) -> None:
        if held.state != "suspended":
            raise InstanceChanged()
        held.state = "running"
        timers.go_on(held)
        waiting = [t for t in engine.tokens(held.program.definition, held.tokens) if t.kind == "work"]
        again(held.session, [f"work:{held.id}:{token.visit}" for token in waiting], now)
        for token in waiting:
            handing.hand_to_worker(held, token)
        held.pen.write(Happening("resumed", by=by.person, body={"comment": why, "name": by.name}))
        stepping.save(held)

    _managed(session, "resume", instance, reason, by, now, key, run)


def cancel(
    session: Session, instance: str, reason: str, by: Acting, now: datetime, key: str | None = None
) -> None:
    """End an instance before its time, as `instances.cancel`, with a key and a reason that must be there."""
    why = _reason(reason)
    body = receipts.body_of("cancel", instance, why)

    def run() -> Mapping[str, Any]:
        instances.cancel(session, instance, why, by, now)
        return {"instance": instance}

    receipts.once(session, by.person, key, body, now, run)


def set_variables(
    session: Session,
    instance: str,
    values: Mapping[str, Any],
    reason: str,
    by: Acting,
    now: datetime,
    key: str | None = None,
) -> None:
    """Set variables of an instance that is not over, to repair it; the history keeps what they were before.

    `values`: names the process declares, each a text, a bounded number, true, false or nothing. Raises as `suspend`
    does, and `BadVariable`.
    """

    def run(held: stepping.Held, why: str) -> None:
        if held.state not in ("running", "suspended"):
            raise InstanceChanged()
        definition = held.program.definition
        for name, value in values.items():
            if name not in definition.variables or not _may_be(value):
                raise BadVariable(name)
        before = {name: held.variables.get(name) for name in values}
        step = engine.assign(definition, held.tokens, values)
        body = {"before": before, "after": dict(values), "comment": why, "name": by.name}
        held.pen.write(Happening("variables", by=by.person, body=body))
        stepping.write(held, step)

    if not values:
        raise BadVariable("")
    _managed(session, "set_variables", instance, reason, by, now, key, run, dict(values))


def _managed(
    session: Session,
    verb: str,
    instance: str,
    reason: str,
    by: Acting,
    now: datetime,
    key: str | None,
    run: Callable[[stepping.Held, str], None],
    *more: Any,
) -> None:
    """One verb of a manager: lock, ask, do, and write the receipt, in one transaction."""
    why = _reason(reason)
    body = receipts.body_of(verb, instance, why, *more)
    with transaction(session):
        held = stepping.hold(session, by, now, instance=instance)
        if not policy.may_read(session, by, instance):
            raise Unknown(instance)
        if not policy.may_manage(by, held.row.place, held.row.starter_id):
            raise Forbidden(f"instance.{verb}")
        if receipts.answered(session, by.person, key, body) is not None:
            return
        firing.overtake(held)
        run(held, why)
        receipts.give(session, by.person, key, body, {"instance": instance}, now)


def _reason(text: str) -> str:
    try:
        why = tidy(text, lines=True).strip()
    except Wrong as wrong:
        raise BadOpinion(wrong.code) from wrong
    if not why:
        raise MissingReason()
    if len(why) > LONGEST_REASON:
        raise BadOpinion("too_long", LONGEST_REASON, len(why))
    return why


def _may_be(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    if isinstance(value, bool) or value is None:
        return True
    return isinstance(value, int | float) and -LARGEST_NUMBER <= value <= LARGEST_NUMBER
