"""Writing down what belongs to no instance: one row at the end of one of a few streams."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from app.platform.audit import chain, keys
from app.platform.audit.entities import AuditHead, AuditRow
from app.platform.audit.verifying import ERASED, Head
from app.platform.data import transaction
from app.platform.registry import Acting

STREAMS = 8
"""Streams of one kind: as many verbs can write at a time without waiting for each other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row about a record, as people may read it."""

    at: datetime
    kind: str
    by: str | None
    body: Mapping[str, Any] | None


_HEADS = select(AuditHead.stream, AuditHead.seq, AuditHead.link)


def log(
    session: Session,
    stream_kind: str,
    kind: str,
    by: Acting | str | None,
    now: datetime,
    body: Mapping[str, Any],
    about: str | None = None,
) -> None:
    """Write a row, in the caller's transaction if one is open.

    `stream_kind` is the room (`identity`), `kind` what happened (`account.registered`), `about` the record it
    speaks of (`person:<id>`): its key seals `body`. Without one, the key is the stream's.
    """
    who = by.person if isinstance(by, Acting) else by
    text = orjson.dumps(body)
    with transaction(session):
        stream, seq, previous = _take_head(session, stream_kind)
        key = keys.of(session, about or f"stream:{stream}", now)
        digest = key.digest(text)
        link = chain.link(previous, (stream, seq + 1, now, kind, who, about, key.id), digest)
        session.execute(
            insert(AuditRow),
            {
                "stream": stream,
                "seq": seq + 1,
                "at": now,
                "kind": kind,
                "by_id": who,
                "about": about,
                "key_id": key.id,
                "body": key.seal(text),
                "digest": digest,
                "link": link,
            },
        )
        session.execute(
            update(AuditHead).where(AuditHead.stream == stream).values(seq=seq + 1, link=link),
            execution_options={"synchronize_session": False},
        )


def _take_head(session: Session, kind: str) -> tuple[str, int, bytes]:
    """Lock the first free stream of `kind`. One's own counts as free, so no two wait in a ring."""
    free = _HEADS.where(AuditHead.kind == kind).order_by(AuditHead.stream).limit(1)
    found = session.execute(free.with_for_update(skip_locked=True)).first()
    if found is None:
        fresh = [
            {"stream": f"{kind}:{n}", "kind": kind, "seq": 0, "link": chain.START} for n in range(STREAMS)
        ]
        keys.insert_if_absent(session, AuditHead, *fresh)
        found = session.execute(free.with_for_update(skip_locked=True)).first()
    if found is None:
        any_one = _HEADS.where(AuditHead.stream == f"{kind}:{random.randrange(STREAMS)}")
        found = session.execute(any_one.with_for_update()).one()
    return found.stream, found.seq, found.link


def heads(session: Session) -> tuple[Head, ...]:
    """Return where every stream ends, to be kept outside the database and handed to `verify` later."""
    rows = session.execute(_HEADS.where(AuditHead.seq > 0).order_by(AuditHead.stream))
    return tuple(Head(row.stream, row.seq, row.link) for row in rows)


def erase(session: Session, record: str, by: Acting | str | None, now: datetime, reason: str) -> None:
    """Make all that was written about `record` unreadable, and write down that it was done.

    The chain still verifies. What is written about the record later gets a key of its own.
    """
    with transaction(session):
        keys.forget(session, record, now)
        log(session, "audit", ERASED, by, now, {"reason": reason}, about=record)


def read(session: Session, about: str) -> tuple[Entry, ...]:
    """Return the rows about a record in the order of time; `body` is None where the key was erased."""
    rows = session.execute(
        select(AuditRow.at, AuditRow.kind, AuditRow.by_id, AuditRow.key_id, AuditRow.body)
        .where(AuditRow.about == about)
        .order_by(AuditRow.at, AuditRow.stream, AuditRow.seq)
    ).all()
    found = {key_id: keys.by_id(session, key_id) for key_id in {row.key_id for row in rows}}
    return tuple(
        Entry(row.at, row.kind, row.by_id, orjson.loads(key.unseal(row.body)) if key else None)
        for row in rows
        for key in (found[row.key_id],)
    )


def latest(session: Session, records: Iterable[str]) -> dict[str, Entry]:
    """Return the newest row about each of these records, without its body; of some there may be none."""
    wanted = list(records)
    newest = (
        select(AuditRow.about, func.max(AuditRow.at).label("at"))
        .where(AuditRow.about.in_(wanted))
        .group_by(AuditRow.about)
        .subquery()
    )
    rows = session.execute(
        select(AuditRow.about, AuditRow.at, AuditRow.kind, AuditRow.by_id).join(
            newest, and_(AuditRow.about == newest.c.about, AuditRow.at == newest.c.at)
        )
    )
    return {row.about: Entry(row.at, row.kind, row.by_id, None) for row in rows}
