"""Proving that no row of the audit was changed, added, swapped or cut off since it was written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.platform.audit import chain, keys
from app.platform.audit.entities import AuditHead, AuditKey, AuditRow
from app.platform.data.sealing import Unreadable

ERASED = "audit.erased"
"""What the row that tells of an erased key is called."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ended at some time."""

    stream: str
    seq: int
    link: bytes


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row that does not hold. `reason`: sequence, link, body, key, head (rows cut off), outside."""

    stream: str
    seq: int
    reason: str


_ROWS = select(
    AuditRow.stream,
    AuditRow.seq,
    AuditRow.at,
    AuditRow.kind,
    AuditRow.by_id,
    AuditRow.about,
    AuditRow.key_id,
    AuditRow.body,
    AuditRow.digest,
    AuditRow.link,
)


def verify(session: Session, outside: Sequence[Head] = (), *, bodies: bool = True) -> BadRow | None:
    """Walk every stream; return the first bad row (by stream and number) or None.

    `outside` are heads kept elsewhere: they find a tail that was cut off together with its head.
    `bodies=False` checks the chain alone, without any key.
    """
    kept: dict[str, dict[int, bytes]] = {}
    for head in outside:
        kept.setdefault(head.stream, {})[head.seq] = head.link
    ends = {row.stream: (row.seq, row.link) for row in session.execute(select(AuditHead.__table__))}
    streams = set(ends) | set(kept) | set(session.scalars(select(AuditRow.stream).distinct()))
    erased = _erased(session)

    @lru_cache(maxsize=4096)
    def key_of(key_id: str) -> keys.RecordKey | None:
        return keys.by_id(session, key_id)

    for stream in sorted(streams):
        rows = session.execute(_ROWS.where(AuditRow.stream == stream).order_by(AuditRow.seq))
        last, previous = 0, chain.START
        for row in rows.yield_per(1000):
            reason = _fault(row, last, previous, kept.get(stream, {}))
            if reason is None and bodies:
                reason = _body_fault(row, key_of, erased)
            if reason is not None:
                return BadRow(stream, last + 1 if reason == "sequence" else row.seq, reason)
            last, previous = row.seq, row.link
        if ends.get(stream, (0, chain.START)) != (last, previous):
            return BadRow(stream, last + 1, "head")
        if any(seq > last for seq in kept.get(stream, {})):
            return BadRow(stream, last + 1, "outside")
    return None


def _fault(row: Row[*tuple[Any, ...]], last: int, previous: bytes, kept: Mapping[int, bytes]) -> str | None:
    if row.seq != last + 1:
        return "sequence"
    fields = (row.stream, row.seq, row.at, row.kind, row.by_id, row.about, row.key_id)
    if chain.link(previous, fields, row.digest) != row.link:
        return "link"
    if kept.get(row.seq, row.link) != row.link:
        return "outside"
    return None


def _body_fault(
    row: Row[*tuple[Any, ...]], key_of: Callable[[str], keys.RecordKey | None], erased: frozenset[str]
) -> str | None:
    try:
        key = key_of(row.key_id)
        if key is None:
            return None if row.key_id in erased else "key"
        return None if key.digest(key.unseal(row.body)) == row.digest else "body"
    except InvalidTag:
        return "body"
    except Unreadable:
        return "key"


def _erased(session: Session) -> frozenset[str]:
    """Keys whose erasure is itself a row: only those may be missing."""
    gone = (
        select(AuditKey.id)
        .join(AuditRow, AuditRow.about == AuditKey.record)
        .where(AuditKey.key.is_(None), AuditRow.kind == ERASED)
    )
    return frozenset(session.scalars(gone))
