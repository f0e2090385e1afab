"""What is at a place: how many people are kept there, which posts are held, and who looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.entities import HeldPost, Person, Unit
from app.platform.identity.places import above, below
from app.platform.identity.posts import live
from app.platform.registry import Words, house

MOST: Final = 50
EXACT: Final = 10_000
CARES: Final = frozenset({roles.PEOPLE, roles.UNITS, roles.POSTS})


@dataclass(frozen=True, slots=True)
class Holder:
    """A post held: by whom, which, at which path, from and until."""

    person: str
    name: str
    role: Words
    place: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """How many units, people and posts are at a place and below; more than `EXACT` are not counted."""

    units: int
    people: int
    posts: int


def figures(session: Session, path: str) -> Figures:
    """Count what is at and below a place. One statement."""
    asked = (
        select(Unit.path).where(below(Unit.path, path), Unit.path != path),
        select(Person.place).where(below(Person.place, path)),
        select(HeldPost.id).where(below(HeldPost.place, path), HeldPost.ended_at.is_(None)),
    )
    counted = [
        select(func.count()).select_from(one.limit(EXACT + 1).subquery()).scalar_subquery() for one in asked
    ]
    return Figures(*session.execute(select(*counted)).one())


def holders(session: Session, path: str, now: datetime) -> tuple[list[Holder], bool]:
    """Up to 50 posts held at exactly this place now, and whether there are more. One statement."""
    return _holders(session, HeldPost.place == path, now, func.length(HeldPost.place))


def administrators(session: Session, path: str, now: datetime) -> list[Holder]:
    """Who looks after people, organisations or posts at a place, the nearest first. One statement."""
    caring = [role for role in house.roles.values() if role.permissions & CARES]
    far = [role.key for role in caring if role.reach == "below"]
    where = or_(
        and_(HeldPost.role.in_([role.key for role in caring]), HeldPost.place.in_(("", path))),
        and_(HeldPost.role.in_(far), HeldPost.place.in_(above(path))),
    )
    return _holders(session, where, now, -func.length(HeldPost.place))[0]


def _holders(session: Session, where: Any, now: datetime, order: Any) -> tuple[list[Holder], bool]:
    rows = session.execute(
        select(Person.id, Person.name, HeldPost.role, HeldPost.place, HeldPost.from_at, HeldPost.until_at)
        .join(HeldPost, HeldPost.person_id == Person.id)
        .where(where, live(now))
        .order_by(order, HeldPost.role, Person.name, HeldPost.id)
        .limit(MOST + 1)
    ).all()
    found = [
        Holder(row.id, row.name, house.roles[row.role].title, row.place, row.from_at, row.until_at)
        for row in rows[:MOST]
        if row.role in house.roles
    ]
    return found, len(rows) > MOST
