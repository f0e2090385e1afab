"""Messages and signals: who waits for them, and that each gets them once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.identity.eligibility import covers
from app.platform.jobs import PutOff, enqueue
from app.platform.registry import Acting, house
from app.platform.runtime import firing, incidents, instances, receipts, stepping, work
from app.platform.runtime.entities import Subscription
from app.platform.runtime.errors import Forbidden, InstanceChanged, TooManyReceivers, Unknown
from app.platform.runtime.history import Happening
from app.platform.runtime.subscriptions import TABLE, key

MOST_RECEIVERS = 1_000
LONGEST_KEY = 100  # of an instance's business key
DEEPEST = 20  # messages that answer messages, in one transaction
WAIT = timedelta(minutes=5)
DEADLOCKED = frozenset({"40P01", "55P03"})

WANTED = (
    select(TABLE)
    .where(
        TABLE.c.kind == bindparam("kind"),
        TABLE.c.name == bindparam("name"),
        or_(TABLE.c.correlation == bindparam("correlation"), TABLE.c.instance_id.is_(None)),
    )
    .order_by(TABLE.c.instance_id, TABLE.c.visit, TABLE.c.id)
)
WANTED_EACH = (
    select(TABLE)
    .where(
        TABLE.c.kind == "message",
        TABLE.c.name == bindparam("name"),
        TABLE.c.correlation.in_(bindparam("correlations", expanding=True)),
        TABLE.c.instance_id.is_not(None),
    )
    .order_by(TABLE.c.instance_id, TABLE.c.visit, TABLE.c.id)
)
LOCK_ALL = (
    select(stepping.INSTANCE.c.id)
    .where(stepping.INSTANCE.c.id.in_(bindparam("instances", expanding=True)))
    .order_by(stepping.INSTANCE.c.id)
    .with_for_update(of=stepping.INSTANCE)
)


def deliver(
    session: Session,
    name: str,
    correlation: Any,
    data: Mapping[str, Any],
    by: Acting,
    now: datetime,
    key: str | None = None,
) -> int:
    """Deliver a message from outside; return how many got it, 0 where nobody waits for it.

    Whoever waits says in his diagram (`from`) who may send it; where none of them lets `by`, `Forbidden`.
    All in one transaction. Raises `KeyReused`, `TooManyReceivers`, `InstanceChanged`, and the engine's errors.
    """
    body = receipts.body_of("message", name, correlation, dict(data))

    turns: list[str] = []

    def run() -> Mapping[str, Any]:
        count = _reach(session, "message", name, correlation, data, by, now, outside=True, turns=turns)
        return {"delivered": count}

    joins = bool(session.info.get("verb"))
    try:
        return int(receipts.once(session, by.person, key, body, now, run)["delivered"])
    except incidents.BROKEN as broken:
        if turns and not joins:  # whoever could not take it is stuck, and nobody else hears of it
            incidents.report(session, broken, by, now, instance=turns[-1])
        raise


def send(
    session: Session,
    name: str,
    correlation: Any,
    data: Mapping[str, Any],
    by: Acting,
    now: datetime,
    kind: str = "message",
) -> int:
    """Send a message or signal from a hook or a system's verb, within its transaction; return how many got it."""
    with transaction(session):
        return _reach(session, kind, name, correlation, data, by, now, outside=False)


def send_each(
    session: Session,
    name: str,
    correlations: Collection[Any],
    data: Mapping[str, Any],
    by: Acting,
    now: datetime,
) -> int:
    """Send one message to all who wait for it by one of `correlations`, in one transaction; return how many got it.

    As `send` for each of them, but who waits is found and locked at once; it begins nothing. Raises `TooManyReceivers`.
    """
    wanted = {"name": name, "correlations": sorted({key(each) for each in correlations})}
    with transaction(session), _deeper(session):
        found = session.execute(WANTED_EACH, wanted).all()
        if len(found) > MOST_RECEIVERS:
            raise TooManyReceivers(MOST_RECEIVERS)
        locked = _lock(session, sorted({row.instance_id for row in found}))
        return sum(
            _reach_one(session, row, data, by, now)
            for row in session.execute(WANTED_EACH, wanted).all()  # anew: who waited may have moved on
            if row.instance_id in locked
        )


def _reach_one(session: Session, row: Any, data: Mapping[str, Any], by: Acting, now: datetime) -> int:
    held = stepping.hold(session, by, now, instance=row.instance_id)
    return _keep_for_later(held, row, data) if held.state == "suspended" else _receive(held, row, data)


@contextmanager
def _deeper(session: Session) -> Iterator[None]:
    """Count how many messages answer each other. Raises `TooManyReceivers`."""
    depth = session.info["messages"] = session.info.get("messages", 0) + 1
    try:
        if depth > DEEPEST:
            raise TooManyReceivers(DEEPEST)
        yield
    finally:
        session.info["messages"] = depth - 1


def _reach(
    session: Session,
    kind: str,
    name: str,
    correlation: Any,
    data: Mapping[str, Any],
    by: Acting,
    now: datetime,
    *,
    outside: bool,
    turns: list[str] | None = None,
) -> int:
    """Lock all receivers in the order of their ids, then let the event come to each.

    Each is read anew when its turn comes: what one of them answers may have reached the next already. `turns` is
    given their ids, each before it is reached.
    """
    wanted = _wanted(session, kind, name, correlation, by, outside)
    if len(wanted) > MOST_RECEIVERS:
        raise TooManyReceivers(MOST_RECEIVERS)
    with _deeper(session):
        locked = _lock(session, sorted({row.instance_id for row in wanted if row.instance_id}))
        count = 0
        for row in _wanted(
            session, kind, name, correlation, by, outside
        ):  # anew: who waited may have moved on
            if row.instance_id is None:
                if turns is not None:
                    turns.clear()  # what fails now is none of theirs
                _begin(session, row, correlation, data, by, now)
                count += 1
            elif row.instance_id in locked:
                if turns is not None:
                    turns.append(row.instance_id)
                count += _reach_one(session, row, data, by, now)
        return count


def _wanted(
    session: Session, kind: str, name: str, correlation: Any, by: Acting, outside: bool
) -> Sequence[Any]:
    found = session.execute(WANTED, {"kind": kind, "name": name, "correlation": key(correlation)}).all()
    if not outside:
        return found
    let_in = [row for row in found if _may_send(by, row)]
    if found and not let_in:
        raise Forbidden("message.send")
    return let_in


def _may_send(by: Acting, row: Any) -> bool:
    """Whether whoever waits lets this person send: matched like a lane, and never where only hooks may."""
    return row.sender_role is not None and any(
        covers(post, row.sender_role, row.sender_place or "", None)
        or (row.sender_place == "" and post.role == row.sender_role)
        for post in by.posts
    )


def _lock(session: Session, wanted: list[str]) -> frozenset[str]:
    if not wanted:
        return frozenset()
    try:
        return frozenset(session.scalars(LOCK_ALL, {"instances": wanted}))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in DEADLOCKED:
            raise InstanceChanged() from error  # two that write to each other at once: one tries again
        raise


def _keep_for_later(held: stepping.Held, row: Any, data: Mapping[str, Any]) -> int:
    """Let a suspended instance have the message when it goes on; nobody else is held up by it."""
    arguments = {"by": held.by.person, "subscription": row.id, "data": dict(data), "correlation": None}
    enqueue(
        held.session, "runtime/receive", arguments, held.now, key=f"receive:later:{row.id}", instance=held.id
    )
    return 1


def _receive(held: stepping.Held, row: Any, data: Mapping[str, Any]) -> int:
    if held.state != "running":
        raise InstanceChanged()
    firing.overtake(held)
    definition = held.program.definition
    token = next((t for t in engine.tokens(definition, held.tokens) if t.visit == row.visit), None)
    if token is None:
        return 0  # the same event has ended the wait already
    held.pen.write(Happening(row.kind, token.element, by=held.by.person, outcome=row.name[:60]))
    call = stepping.caller(held)
    step = engine.fire(definition, held.tokens, token.element, row.visit, data, call, held.now)
    stepping.write(held, step)
    return 1


def _begin(
    session: Session, row: Any, correlation: Any, data: Mapping[str, Any], by: Acting, now: datetime
) -> None:
    business = None if correlation is None else str(correlation)[:LONGEST_KEY]
    instances.start_by_event(session, row.process, row.element, data, by, now, business)


def together(held: stepping.Held, thrown: Sequence[engine.Thrown]) -> None:
    """Deliver what a step has thrown in the step's own transaction, after it is written."""
    for each in thrown:
        _reach(
            held.session, each.kind, each.name, each.correlation, each.data, held.by, held.now, outside=False
        )


@house.job("runtime/message")
def spread(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Deliver what a step has thrown after its commit: a job for each receiver, so that none holds up another."""
    by = work.acting(session, arguments["by"])
    found = _wanted(
        session, arguments["kind"], arguments["name"], arguments["correlation"], by, outside=False
    )
    for row in found:
        enqueue(
            session,
            "runtime/receive",
            {**arguments, "subscription": row.id},
            now,
            key=f"receive:{arguments['message']}:{row.id}",
            instance=row.instance_id,
        )


@house.job("runtime/receive")
def receive(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Let one receiver have a message, if it still waits for it."""
    by = work.acting(session, arguments["by"])
    row = session.execute(select(TABLE).where(Subscription.id == arguments["subscription"])).one_or_none()
    if row is None:
        return
    if row.instance_id is None:
        _begin(session, row, arguments["correlation"], arguments["data"], by, now)
        return
    try:
        held = stepping.hold(session, by, now, instance=row.instance_id)
    except Unknown:
        return
    if held.state == "suspended":
        raise PutOff(WAIT)  # it gets the message when it goes on
    again = session.execute(select(TABLE.c.id).where(TABLE.c.id == row.id)).one_or_none()
    if again is not None:
        _receive(held, row, arguments["data"])
