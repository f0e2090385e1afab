"""Finds whoever a task can be handed to, by a part of the name or of the unit: near ones first, no numbers shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.platform.identity import places
from app.platform.identity.entities import Account, HeldPost, Person, Region, Unit
from app.platform.identity.posts import live
from app.platform.registry import Post, Words, house

MOST = 20
LONGEST = 60
UnitRegion = aliased(Region)
PLACED = func.coalesce(Region.full_name, UnitRegion.full_name)


@dataclass(frozen=True, slots=True)
class Findable:
    """Somebody who can sign in, as others may see him. `place`: his unit, else the region of his post."""

    id: str
    name: str
    post: Words | None
    place: str
    near: bool


@dataclass(frozen=True, slots=True)
class Found:
    """At most 20 people; `more` says that there are others."""

    people: tuple[Findable, ...]
    more: bool


def may_leaf(posts: Iterable[Post]) -> bool:
    """Whether whoever holds `posts` may search by parts of names: he holds an office, nobody gave it to himself."""
    return any(post.role in _offices() for post in posts)


def people(
    session: Session,
    text: str,
    near: Collection[str],
    now: datetime,
    chosen: Collection[str] = (),
    *,
    leafing: bool = True,
    only: ColumnElement[bool] | None = None,
) -> Found:
    """Return those who can sign in and whose name, unit or region has each word of `text`, those at `near` first.

    `near`: places; without `text` only who is there. `chosen` stand first whatever `text` says. Whoever holds no
    post, or only one he chose himself, is found by his whole name alone: a register of citizens is nobody's to
    leaf through. Without `leafing` (`may_leaf`) everybody is: nor is the directory of officials everybody's. `only`:
    a condition over `Person` outside which nobody is found, chosen or not. One statement.
    """
    words = text.replace("\0", "")[:LONGEST].split()[:3]
    rank = _rank(near)
    kept = [one for one in chosen if one][:MOST]
    asked = _asked(words, rank, leafing=leafing)
    wanted = or_(asked, Person.id.in_(kept)) if kept else asked
    order = case((Person.id.in_(kept), -1), else_=rank) if kept else rank
    first = (
        select(
            Person.id,
            Person.name,
            HeldPost.role,
            func.coalesce(Unit.name, PLACED, "").label("place"),
            order.label("rank"),
            func.row_number().over(partition_by=Person.id, order_by=(order, HeldPost.id)).label("nth"),
        )
        .join(Account, and_(Account.person_id == Person.id, Account.is_disabled.is_(False)))
        .outerjoin(HeldPost, and_(HeldPost.person_id == Person.id, live(now)))
        .outerjoin(Unit, Unit.path == HeldPost.place)
        .outerjoin(Region, Region.path == HeldPost.place)
        .outerjoin(UnitRegion, UnitRegion.code == Unit.region_code)
        .where(wanted, true() if only is None else Person.id.in_(_apart(only)))
        .subquery()
    )
    rows = session.execute(
        select(first)
        .where(first.c.nth == 1)
        .order_by(first.c.rank, first.c.name, first.c.id)
        .limit(MOST + len(kept) + 1)
    ).all()
    most = MOST + len(kept)
    return Found(tuple(_findable(row) for row in rows[:most]), len(rows) > most)


def _apart(only: ColumnElement[bool]) -> Any:
    """The people of a condition, asked by themselves: what it says of posts is not of the post that is shown."""
    return select(Person.id).where(only).correlate(None)


def _asked(words: Sequence[str], rank: Any, *, leafing: bool) -> Any:
    if not leafing:
        return Person.name == " ".join(words) if words else false()
    office = HeldPost.role.in_(_offices())
    if not words:
        return and_(office, rank < 2)
    parts = [
        or_(
            Person.name.contains(word, autoescape=True),
            Unit.name.contains(word, autoescape=True),
            PLACED.contains(word, autoescape=True),
        )
        for word in words
    ]
    return or_(and_(office, *parts), Person.name == " ".join(words))


def _rank(near: Collection[str]) -> Any:
    """0 at the same place, 1 in the same region, 2 elsewhere."""
    here = sorted({place for place in near if place})
    if not here:
        return literal(2)
    around = [
        places.below(HeldPost.place, region) for region in sorted({places.region_of(one) for one in here})
    ]
    return case((HeldPost.place.in_(here), 0), (or_(*around), 1), else_=2)


def _offices() -> list[str]:
    """The roles nobody gives himself."""
    return sorted(key for key, role in house.roles.items() if not role.chosen_by_oneself)


def _findable(row: Any) -> Findable:
    role = house.roles.get(row.role) if row.role else None
    return Findable(row.id, row.name, role.title if role else None, row.place, row.rank < 2)
