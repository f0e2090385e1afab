"""The posts of somebody who was entered twice: they go over with their dates, as far as they may be taken and given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.identity import authority, posts, roles
from app.platform.identity.entities import HeldPost
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Post, house


@dataclass(frozen=True, slots=True)
class PostFate:
    """What becomes of a post: it goes over, or ends because the other has the same. `why`: nothing may be merged."""

    post: Post
    from_at: datetime
    until_at: datetime | None
    becomes: Literal["moves", "ends"]
    why: Refusal | None = None
    said: Refusal | None = None


def draw_up(session: Session, drop: str, keep: str, by: Acting, now: datetime) -> list[PostFate]:
    """What becomes of the posts somebody has or will have, in the order they were given."""
    mine = {(row.role, row.place, row.subject): row for row in _open(session, keep, now)}
    found = []
    for row in _open(session, drop, now):
        equal = mine.get((row.role, row.place, row.subject))
        until = row.until_at if equal is None else _wider(equal, row)[1]
        refused: Refusal | None = None
        if equal is None or _wider(equal, row) != (equal.from_at, equal.until_at):
            refused = _why_not(session, row, until, keep, mine.values(), by, now)
        post = Post(row.id, row.role, row.place, row.subject)
        why = refused and Refusal(
            "merge_identity" if refused.code == "merge_identity" else "merge_post",
            post=roles.title_of(row.role).said("zh"),
        )
        becomes: Literal["moves", "ends"] = "moves" if equal is None else "ends"
        found.append(PostFate(post, row.from_at, row.until_at, becomes, why, refused))
    return found


def move(
    session: Session, drop: str, keep: str, fates: Iterable[PostFate], by: Acting, now: datetime
) -> None:
    """Do what was drawn up; what is over goes along as what was held. In the open transaction; people are locked."""
    mine = {(row.role, row.place, row.subject): row for row in _open(session, keep, now)}
    _close_lapsed(session, (drop, keep), now)
    for fate in fates:
        if fate.becomes == "moves":
            continue
        equal = mine[(fate.post.role, fate.post.place, fate.post.subject)]
        begins, ends = _wider(equal, fate)
        session.execute(update(HeldPost).where(HeldPost.id == equal.id).values(from_at=begins, until_at=ends))
        session.execute(
            update(HeldPost).where(HeldPost.id == fate.post.id).values(ended_at=now, ended_by=by.person)
        )
    session.execute(update(HeldPost).where(HeldPost.person_id == drop).values(person_id=keep))
    session.expire_all()
    for one in (drop, keep):
        posts.tell(session, one, now)
    for until in {row.until_at for row in _open(session, keep, now) if row.until_at is not None}:
        posts.tell(session, keep, now, until)


def _why_not(
    session: Session,
    row: Any,
    until: datetime | None,
    keep: str,
    mine: Iterable[Any],
    by: Acting,
    now: datetime,
) -> Refusal | None:
    facts = house.roles.get(row.role)
    if facts is not None and facts.chosen_by_oneself:
        return _other_identity(row.role, mine)
    refused = authority.why_not_take(session, row.person_id, row, by, now)
    wanted = authority.Wanted(row.role, row.place, row.subject, row.from_at, until)
    return refused or authority.why_not(session, wanted, by, now) or posts.apart(session, keep, row.role, now)


def _other_identity(role: str, mine: Iterable[Any]) -> Refusal | None:
    """Of the identities that people choose in a system, everybody has one."""
    offered = next(
        (
            {one.key for one in lease.roles if one.chosen_by_oneself}
            for lease in house.systems.values()
            if any(one.key == role for one in lease.roles)
        ),
        set[str](),
    )
    is_taken = any(row.role in offered and row.role != role for row in mine)
    return Refusal("merge_identity") if is_taken else None


def _close_lapsed(session: Session, people: Sequence[str], now: datetime) -> None:
    """Posts whose time is over, and that nobody has ended, hold the place of equal ones."""
    over = (HeldPost.person_id.in_(people), HeldPost.ended_at.is_(None), HeldPost.until_at <= now)
    session.execute(update(HeldPost).where(*over).values(ended_at=HeldPost.until_at))


def _open(session: Session, person: str, now: datetime) -> Sequence[Any]:
    return session.execute(
        select(HeldPost.__table__)
        .where(HeldPost.person_id == person, HeldPost.ended_at.is_(None))
        .where((HeldPost.until_at.is_(None)) | (HeldPost.until_at > now))
        .order_by(HeldPost.id)
    ).all()


def _wider(one: Any, other: Any) -> tuple[datetime, datetime | None]:
    ends = (one.until_at, other.until_at)
    return min(one.from_at, other.from_at), None if None in ends else max(ends)
