"""Acting for a person who is not at the door: work he has asked for earlier, with what he may do by now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.registry import Acting, Post


def acting(session: Session, person: str, now: datetime) -> Acting | None:
    """The person with the posts he holds at `now`; None where there is no account, or it is disabled. One statement."""
    rows = session.execute(
        select(Person.name, Account.username, HeldPost.id, HeldPost.role, HeldPost.place, HeldPost.subject)
        .select_from(Person)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(HeldPost, and_(HeldPost.person_id == Person.id, posts.live(now)))
        .where(Person.id == person, Account.is_disabled.is_(False))
        .order_by(HeldPost.id)
    ).all()
    if not rows:
        return None
    held = tuple(Post(row.id, row.role, row.place, row.subject) for row in rows if row.id is not None)
    return Acting(person, rows[0].name, rows[0].username, held)
