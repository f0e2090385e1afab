"""Whom an administrator may look at and change: asked by every page and verb over people before anything else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.platform.identity import authority, posts, roles
from app.platform.identity.entities import HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.identity.places import inside
from app.platform.registry import Acting


def is_seen(session: Session, person: str, by: Acting, now: datetime, *permissions: str) -> bool:
    """Whether `by` looks after a person under any of `permissions` (else `roles.PEOPLE`). One statement."""
    parts = [authority.seen_within(roles.reach_of(by, one), now) for one in permissions or (roles.PEOPLE,)]
    found = select(Person.id).where(Person.id == person, or_(*parts))
    return session.scalar(found) is not None


def hold(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Lock a person for a verb of `by`, who may change him. Inside a transaction.

    Raises `Refusal`: unknown_person (also for one he does not see), person_merged, person_elsewhere, person_higher.
    """
    merged = posts.lock(session, person)
    if not is_seen(session, person, by, now):
        raise Refusal("unknown_person")
    if merged is not None:
        raise Refusal("person_merged")
    refused = authority.why_not_manage(session, person, by, now)
    if refused is not None:
        raise refused


def is_within(place: str | None, by: Acting) -> bool:
    """Whether `by` looks after people kept at this place."""
    return place is not None and inside(place, roles.reach_of(by, roles.PEOPLE))


def has_posts(session: Session, person: str, now: datetime) -> bool:
    """Whether somebody holds a post, now or later."""
    found = select(HeldPost.id).where(
        HeldPost.person_id == person,
        HeldPost.ended_at.is_(None),
        or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
    )
    return session.scalar(found.limit(1)) is not None
