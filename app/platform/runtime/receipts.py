"""Idempotency: the same key and body answers the first result again; ids only, for 24 hours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.runtime.entities import Receipt
from app.platform.runtime.errors import KeyReused, RuntimeRefusal

KEPT = timedelta(hours=24)
LONGEST = 100
INSERT = insert(Receipt.__table__)  # type: ignore[arg-type]


def body_of(verb: str, *parts: Any) -> str:
    """A hash of what the verb was asked to do."""
    return hashlib.sha256(orjson.dumps([verb, *parts], option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def answered(session: Session, person: str, key: str | None, body: str) -> Mapping[str, Any] | None:
    """The answer this key has had. Raises `KeyReused` if it was for another body."""
    if key is None:
        return None
    row = session.execute(
        select(Receipt.body, Receipt.answer).where(Receipt.person_id == person, Receipt.key == _short(key))
    ).one_or_none()
    if row is None:
        return None
    if row.body != body:
        raise KeyReused(key)
    return dict(row.answer)


def once(
    session: Session,
    person: str,
    key: str | None,
    body: str,
    now: datetime,
    run: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Run a verb that locks no instance of its own first, in one transaction with its receipt; return its answer.

    Of two at once with the same key the later may be refused: the earlier has done it all, and its answer is both's.
    Raises `KeyReused`, and what `run` raises.
    """
    joins = bool(session.info.get("verb"))
    try:
        with transaction(session):
            before = answered(session, person, key, body)
            if before is not None:
                return before
            answer = run()
            give(session, person, key, body, answer, now)
            return answer
    except RuntimeRefusal:
        before = None if joins else answered(session, person, key, body)
        if before is None:
            raise
        return before


def give(
    session: Session, person: str, key: str | None, body: str, answer: Mapping[str, Any], now: datetime
) -> None:
    """Write the answer down, in the verb's transaction. Raises `KeyReused` if the key has had one."""
    if key is None:
        return
    row = {"person_id": person, "key": _short(key), "body": body, "answer": dict(answer), "at": now}
    try:
        session.execute(INSERT, row)
    except IntegrityError as error:
        raise KeyReused(key) from error


def _short(key: str) -> str:
    """A key as it is stored: callers choose it, and a column takes not everything."""
    return key if len(key) <= LONGEST and key.isprintable() else hashlib.sha256(key.encode()).hexdigest()


def sweep(session: Session, now: datetime) -> int:
    """Forget answers older than 24 hours."""
    with transaction(session):
        done = session.execute(delete(Receipt).where(Receipt.at < now - KEPT))
        return int(done.rowcount)  # type: ignore[attr-defined]
