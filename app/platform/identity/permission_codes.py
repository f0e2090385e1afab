"""Permission codes (权限码, C-14): each lets one person take its post, once, while its issuer may give it.

The code itself is shown to its issuer alone: it is found by a keyed hash, and sealed for him to read again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.calendar import ZONE
from app.platform.data import new_id, sealing, transaction
from app.platform.identity import attempts, authority, behalf, places, posts, roles
from app.platform.identity.authority import Wanted
from app.platform.identity.entities import CodeBatch, PermissionCode
from app.platform.identity.messages import Refusal
from app.platform.identity.places import inside
from app.platform.registry import Acting, house

LARGEST = 500
"""Codes of one batch at most: more is another batch, with a note of its own."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 20  # 4.95 bits a letter: 99 bits
_GROUP = 5


@dataclass(frozen=True, slots=True)
class Issue:
    """What a batch is to be: so many codes for this post, redeemed until `until_at`, held until `post_until_at`."""

    role: str
    place: str
    subject: str | None
    count: int
    until_at: datetime
    post_until_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the codes of a batch, or of many, have come. Each counts once: the sums are `cap`.

    `active` are bound and have signed in since; `bound` are taken and have not; `open` can be redeemed; the others
    were revoked, have expired, or were never drawn.
    """

    cap: int = 0
    active: int = 0
    bound: int = 0
    open: int = 0
    revoked: int = 0
    expired: int = 0


def issue(session: Session, wanted: Issue, by: Acting, now: datetime) -> str:
    """Draw a batch of codes; return its id. Raises `Refusal`: what `authority.why_not` says, count_bad, dates_wrong."""
    if not 1 <= wanted.count <= LARGEST:
        raise Refusal("count_bad", "count", most=LARGEST)
    if wanted.until_at <= now:
        raise Refusal("dates_wrong", "until")
    with transaction(session):
        posts.lock(session, by.person)
        post = Wanted(wanted.role, wanted.place, wanted.subject, until_at=wanted.post_until_at)
        refused = authority.why_not(session, post, by, now)
        if refused is not None:
            raise refused
        batch, has_subject = new_id(), house.roles[wanted.role].subject is not None
        session.execute(
            insert(CodeBatch).values(
                id=batch,
                role=wanted.role,
                place=wanted.place,
                subject=(wanted.subject if has_subject else None) or posts.EVERY_SUBJECT,
                cap=wanted.count,
                note=wanted.note[:100],
                issued_by_id=by.person,
                issued_at=now,
                until_at=wanted.until_at,
                post_until_at=wanted.post_until_at,
            )
        )
        drawn = [_draw() for _ in range(wanted.count)]
        rows = [{"id": new_id(), "batch_id": batch, "hash": _hash(code), "code": code} for code in drawn]
        session.execute(insert(PermissionCode), rows)
        body = {"batch": batch, "role": wanted.role, "place": wanted.place, "count": wanted.count}
        if has_subject:
            body["subject"] = wanted.subject or posts.EVERY_SUBJECT
        audit.log(session, "identity", "codes.issued", by, now, body)
    return batch


def shown(session: Session, batch: str, by: Acting, now: datetime) -> list[tuple[str, str]]:
    """The codes of a batch that can still be redeemed, as (id, code): to its issuer alone, and written down.

    Raises `Refusal("unknown_batch")` for anybody else.
    """
    with transaction(session):
        row = session.get(CodeBatch, batch)
        if row is None or row.issued_by_id != by.person:
            raise Refusal("unknown_batch")
        rows = session.execute(
            select(PermissionCode.id, PermissionCode.code)
            .where(PermissionCode.batch_id == batch, *_unused())
            .order_by(PermissionCode.id)
        ).all()
        audit.log(session, "identity", "codes.shown", by, now, {"batch": batch, "count": len(rows)})
    return [(row.id, grouped(row.code)) for row in rows if row.code]


def redeem(
    session: Session,
    text: str,
    by: Acting,
    address: str,
    now: datetime,
    then: Callable[[str], None] = lambda post: None,
) -> str:
    """Take the post a code stands for; return the post's id. `then(post)` is done in the same transaction.

    A try is counted before the code is looked up, like one with a password but apart from those; one that is refused
    is written down, without the code. Raises `Refusal`: paused_tries, code_unknown (no such code, or one that is used,
    revoked or over: a stranger is not told which), code_own, issuer_void (its issuer may not give this post any
    more), separation.
    """
    permit = attempts.admit(session, attempts.codes_hash(by.person), address, None, now)
    if isinstance(permit, attempts.Pause):
        raise Refusal("paused_tries", "code", **permit.refusal(now).parameters)
    try:
        with transaction(session):
            batch, post = _taken(session, _hash(plain(text)), by, now)
            attempts.passed(session, permit)
            body = {"batch": batch, "post": post}
            audit.log(session, "identity", "codes.redeemed", by, now, body, f"person:{by.person}")
            then(post)
    except Refusal as refused:
        with transaction(session):
            body = {"why": refused.code, "address": address}
            audit.log(session, "identity", "codes.refused", by, now, body, f"person:{by.person}")
        raise
    return post


def _taken(session: Session, code_hash: str, by: Acting, now: datetime) -> tuple[str, str]:
    """Use a code up and give its post; the batch and the post."""
    found = session.execute(
        select(PermissionCode.id, PermissionCode.batch_id)
        .where(PermissionCode.hash == code_hash, *_unused())
        .with_for_update()
    ).first()
    batch = session.get(CodeBatch, found.batch_id) if found else None
    if found is None or batch is None or batch.revoked_at is not None or batch.until_at <= now:
        raise Refusal("code_unknown", "code")
    if batch.issued_by_id == by.person:
        raise Refusal("code_own", "code")
    issuer = behalf.acting(session, batch.issued_by_id, now)
    if issuer is None or batch.role not in house.roles:
        raise Refusal("issuer_void", "code")
    try:
        post = authority.give(session, by.person, _post_of(batch), issuer, now)
    except Refusal as refused:
        if refused.code == "separation":
            raise
        raise Refusal("issuer_void", "code") from refused
    used = update(PermissionCode).where(PermissionCode.id == found.id, *_unused())
    session.execute(used.values(redeemed_by_id=by.person, redeemed_at=now, post_id=post, code=None))
    return batch.id, post


def _post_of(batch: CodeBatch) -> Wanted:
    """The post that the codes of a batch give."""
    role = house.roles.get(batch.role)
    subject = batch.subject if role is not None and role.subject else None
    return Wanted(batch.role, batch.place, subject, until_at=batch.post_until_at)


def extend(session: Session, batch: str, until_at: datetime, by: Acting, now: datetime) -> None:
    """Let the codes of a batch that nobody has used be redeemed until a later day: its issuer, while he may give.

    Raises `Refusal`: unknown_batch for anybody else, batch_over, dates_wrong, until_shorter, until_beyond_post, and
    what `authority.why_not` says.
    """
    with transaction(session):
        row = _held(session, batch)
        if row is None or row.issued_by_id != by.person:
            raise Refusal("unknown_batch")
        posts.lock(session, by.person)
        unused = select(PermissionCode.id).where(PermissionCode.batch_id == batch, *_unused()).limit(1)
        if row.revoked_at is not None or session.scalar(unused) is None:
            raise Refusal("batch_over")
        if until_at <= now:
            raise Refusal("dates_wrong", "until")
        if until_at <= row.until_at:
            raise Refusal("until_shorter", "until", until=last_day(row.until_at))
        if row.post_until_at is not None and until_at > row.post_until_at:
            raise Refusal("until_beyond_post", "until", until=last_day(row.post_until_at))
        refused = authority.why_not(session, _post_of(row), by, now)
        if refused is not None:
            raise refused
        body = {"batch": batch, "before": row.until_at.isoformat(), "after": until_at.isoformat()}
        session.execute(update(CodeBatch).where(CodeBatch.id == batch).values(until_at=until_at))
        audit.log(session, "identity", "codes.extended", by, now, body)


def revoke(session: Session, batch: str, by: Acting, now: datetime, code: str | None = None) -> int:
    """Let a batch, or one code of it, be redeemed no more; return how many codes that were. What is bound stays.

    By its issuer, or by who manages posts at its place. Raises `Refusal`: unknown_batch; codes_gone, where somebody was
    quicker.
    """
    with transaction(session):
        row = _held(session, batch)
        reach = roles.reach_of(by, roles.POSTS)
        if row is None or not (row.issued_by_id == by.person or inside(row.place, reach)):
            raise Refusal("unknown_batch")
        wanted = [PermissionCode.batch_id == batch]
        if code is not None:
            wanted.append(PermissionCode.id == code)
            if session.scalar(select(PermissionCode.id).where(*wanted)) is None:
                raise Refusal("unknown_batch")
        gone = session.execute(
            update(PermissionCode).where(*wanted, *_unused()).values(revoked_at=now, code=None)
        )
        count = int(gone.rowcount)  # type: ignore[attr-defined]
        if not count:
            raise Refusal("codes_gone")
        if code is None and row.revoked_at is None:
            session.execute(
                update(CodeBatch).where(CodeBatch.id == batch).values(revoked_at=now, revoked_by_id=by.person)
            )
        audit.log(session, "identity", "codes.revoked", by, now, {"batch": batch, "count": count})
    return count


def _held(session: Session, batch: str) -> CodeBatch | None:
    """A batch under lock, as it is now."""
    asked = select(CodeBatch).where(CodeBatch.id == batch).with_for_update()
    return session.execute(asked.execution_options(populate_existing=True)).scalar_one_or_none()


def last_day(until_at: datetime) -> str:
    """The last day of what ends at a moment, as it is typed: the day before, where that is midnight."""
    return (until_at - timedelta(seconds=1)).astimezone(ZONE).date().isoformat()


def counts(now: datetime, *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The funnel of the batches that `where` asks for, one row a batch: `batch` and the parts of `Funnel`."""
    code, batch = PermissionCode, CodeBatch
    bound = code.redeemed_at.is_not(None)
    is_active = code.active_at.is_not(None)
    revoked = code.redeemed_at.is_(None) & or_(code.revoked_at.is_not(None), batch.revoked_at.is_not(None))
    expired = code.redeemed_at.is_(None) & ~revoked & (batch.until_at <= now)
    kinds = case(
        (is_active, "active"),
        (bound, "bound"),
        (revoked, "revoked"),
        (expired, "expired"),
        else_="open",
    )
    return (
        select(
            batch.id.label("batch"),
            batch.place.label("place"),
            batch.cap.label("cap"),
            *(
                func.count().filter(kinds == kind).label(kind)
                for kind in ("active", "bound", "open", "revoked", "expired")
            ),
        )
        .join(code, code.batch_id == batch.id)
        .where(*where)
        .group_by(batch.id, batch.place, batch.cap)
    )


def within(reach: Sequence[str], by: Acting) -> ColumnElement[bool]:
    """The batches a person may see: those he issued, and those at or below one of the places."""
    return or_(CodeBatch.issued_by_id == by.person, places.within(CodeBatch.place, reach))


def sum_of(rows: Sequence[Any]) -> Funnel:
    """The funnels of several batches together."""
    names = ("cap", "active", "bound", "open", "revoked", "expired")
    return Funnel(*(sum(getattr(row, name) for row in rows) for name in names))


def grouped(code: str) -> str:
    """A code as it is read: in groups of five."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def plain(text: str) -> str:
    """What was typed, without what groups it and whatever its case."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _draw() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _hash(code: str) -> str:
    return sealing.digest("permission_code", code)


def _unused() -> tuple[ColumnElement[bool], ...]:
    return PermissionCode.redeemed_at.is_(None), PermissionCode.revoked_at.is_(None)
