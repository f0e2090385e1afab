"""Of two administrators who do the same at once one wins: what the other reads, with who it was and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.platform.calendar import saying
from app.platform.identity.entities import HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.registry import Post, Words

_SYSTEM = Words("系统", "The system")


def given(
    session: Session, person: str, post: Post, from_at: datetime, until_at: datetime | None, now: datetime
) -> Refusal | None:
    """`post_held`, where a person has this very post (its id says nothing) already, from then on and as long.

    Ask under the lock.
    """
    lasts: ColumnElement[bool] = HeldPost.until_at.is_(None)
    if until_at is not None:
        lasts = or_(lasts, HeldPost.until_at >= until_at)
    row = session.execute(
        select(Person.name, HeldPost.from_at)
        .select_from(HeldPost)
        .outerjoin(Person, Person.id == HeldPost.granted_by)
        .where(
            HeldPost.person_id == person,
            HeldPost.role == post.role,
            HeldPost.place == post.place,
            HeldPost.subject == post.subject,
            HeldPost.ended_at.is_(None),
            HeldPost.from_at <= from_at,
            lasts,
        )
    ).first()
    return _said("post_held", row.name, row.from_at, now) if row else None


def ended(session: Session, post: str, now: datetime) -> Refusal | None:
    """`post_ended`, where somebody has ended a post already; else None. Ask under the lock."""
    row = session.execute(
        select(HeldPost.ended_at, Person.name)
        .outerjoin(Person, Person.id == HeldPost.ended_by)
        .where(HeldPost.id == post, HeldPost.ended_at.is_not(None))
    ).first()
    return _said("post_ended", row.name, row.ended_at, now) if row else None


def _said(code: str, name: Any, at: datetime, now: datetime) -> Refusal:
    return Refusal(code, None, name=Words(name, name) if name else _SYSTEM, at=saying.moment(at, now))
