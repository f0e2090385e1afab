"""From when and until when a post is held, changed by an administrator: never beyond what he could give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import authority, posts
from app.platform.identity.entities import HeldPost
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, house


def redate(
    session: Session,
    post: str,
    from_at: datetime | None,
    until_at: datetime | None,
    by: Acting,
    now: datetime,
) -> None:
    """Set from when (None: as it is) and until when (None: for good) a post is held that `by` could give so.

    To let it end sooner he need only be able to end it. Raises `Refusal`: unknown_post, own_post, not_yours, post_over,
    post_begun (what is held has begun when it has), dates_wrong, beyond_term and what else `authority.give` raises.
    """
    with transaction(session):
        held = session.execute(select(HeldPost.__table__).where(HeldPost.id == post)).first()
        if held is None:
            raise Refusal("unknown_post")
        for one in sorted({held.person_id, by.person}):
            posts.lock(session, one)
        held = session.execute(select(HeldPost.__table__).where(HeldPost.id == post)).one()
        if from_at is not None and held.from_at > now:
            from_at = max(from_at, now)  # nothing is given for days that are over
        refused = why_not(session, held, from_at, until_at, by, now)
        if refused is not None:
            raise refused
        posts.redate(session, post, from_at or held.from_at, until_at, now, by)


def why_not(
    session: Session,
    held: Any,
    from_at: datetime | None,
    until_at: datetime | None,
    by: Acting,
    now: datetime,
) -> Refusal | None:
    """Why `by` may not let a post (its row) be held from and until these moments; None where he may."""
    refused = authority.why_not_take(session, held.person_id, held, by, now)
    if refused is not None:
        return refused
    if held.ended_at is not None or (held.until_at is not None and held.until_at <= now):
        return Refusal("post_over")
    begins = from_at or held.from_at
    if begins != held.from_at and held.from_at <= now:
        return Refusal("post_begun", "from")
    if until_at is not None and until_at <= max(begins, now):
        return Refusal("dates_wrong", "until")
    is_sooner = until_at is not None and (held.until_at is None or until_at <= held.until_at)
    if is_sooner and begins >= held.from_at:
        return None
    subject = held.subject if house.roles[held.role].subject else None
    return authority.why_not(
        session, authority.Wanted(held.role, held.place, subject, max(begins, now), until_at), by, now
    )
