"""What instances and processes wait for: one row for each message or signal, while it is waited for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.engine import Definition, Token
from app.platform.engine.properties import place as read_place
from app.platform.runtime import places
from app.platform.runtime.entities import Subscription

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

TABLE = Subscription.__table__
INSERT = insert(TABLE)  # type: ignore[arg-type]
DELETE = delete(TABLE).where(  # type: ignore[arg-type]
    TABLE.c.instance_id == bindparam("_instance"), TABLE.c.visit == bindparam("_visit")
)
DELETE_ALL = delete(TABLE).where(TABLE.c.instance_id == bindparam("_instance"))  # type: ignore[arg-type]
KINDS = ("message", "signal")
ANYWHERE = ("", "everywhere")


def key(correlation: Any) -> str:
    """A correlation as it is compared: JSON text."""
    return json.dumps(correlation, ensure_ascii=False)


def subscribe(held: Held, tokens: Iterable[Token]) -> None:
    """Write down what the instance waits for from now on. At most one statement, none if there is nothing."""
    events = held.program.definition.events
    rows = [
        {
            "id": new_id(),
            "instance_id": held.id,
            "process": held.row.process,
            "element": token.element,
            "visit": token.visit,
            "kind": token.kind,
            "name": token.name,
            "correlation": key(token.correlation),
            **_sender(held, token, events[token.element].sender),
        }
        for token in tokens
        if token.kind in KINDS
    ]
    if rows:
        held.session.execute(INSERT, rows)


def _sender(held: Held, token: Token, sender: str) -> dict[str, str | None]:
    role, _, where = sender.partition("@")
    if sender == "hooks":
        return {"sender_role": None, "sender_place": None}
    call = held.call(token.element, token.own)
    if where in ANYWHERE:
        return {"sender_role": role, "sender_place": ""}
    at = read_place(where)
    place = places.resolve(held.session, at, call.variables, held.row.place, token.element)
    return {"sender_role": role, "sender_place": place or None}


def unsubscribe(held: Held, tokens: Iterable[Token]) -> None:
    """Forget what the instance waits for no more. At most one statement."""
    gone = [{"_instance": held.id, "_visit": token.visit} for token in tokens if token.kind in KINDS]
    if gone:
        held.session.execute(DELETE, gone)


def end(held: Held) -> None:
    """Forget everything an ended instance waited for."""
    held.session.execute(DELETE_ALL, {"_instance": held.id})


def of_process(session: Session, definition: Definition) -> None:
    """Let a process start by the messages and signals of its current version, and by no others."""
    session.execute(
        delete(Subscription).where(
            Subscription.process == definition.process, Subscription.instance_id.is_(None)
        )
    )
    rows = [
        {
            "id": new_id(),
            "instance_id": None,
            "process": definition.process,
            "element": element,
            "visit": None,
            "kind": event.kind,
            "name": event.name,
            "correlation": key(None),
            "sender_role": None if event.sender == "hooks" else event.sender.partition("@")[0],
            "sender_place": "" if event.sender.partition("@")[2] in ANYWHERE else None,
        }
        for element, event in definition.begins.items()
        if event is not None and event.kind in KINDS
    ]
    if rows:
        session.execute(INSERT, rows)
