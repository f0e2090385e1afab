"""Who may have been entered twice: the same ID number, the same phone, or the same name and birthday or place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.platform.identity import authority, roles
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.places import below
from app.platform.registry import Acting, house

STEP: Final = 20_000
"""So many people are compared with all others at a time, the latest first: each by indexes."""
MOST: Final = 50
FOUND: Final = 20

Why = Literal["id_number", "phone", "birthday", "place"]


@dataclass(frozen=True, slots=True)
class One:
    """Somebody, with what tells him from others. Whoever shows it masks the numbers."""

    id: str
    name: str
    gender: str | None
    id_number: str | None
    birth_on: date | None
    phone: str | None
    email: str | None
    place: str | None
    created_at: datetime
    username: str | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Double:
    """Two who may be one, the one entered earlier first, and why."""

    earlier: One
    later: One
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Likely:
    """Some doubles; `before`: where to go on from, empty where everybody has been looked at."""

    doubles: tuple[Double, ...]
    before: str = ""


def likely(session: Session, by: Acting, now: datetime, before: str = "") -> Likely:
    """Likely doubles among those `by` looks after, both of them; the latest entered first. Three statements."""
    within = roles.reach_of(by, roles.PEOPLE)
    mine = [Person.merged_into_id.is_(None), Person.id != by.person]
    window = (
        select(
            Person.id,
            Person.id_number_hash,
            Person.phone_hash,
            Person.name,
            Person.birth_on,
            Person.place,
        )
        .where(*mine, authority.seen_of_many(within, now), Person.id < before if before else true())
        .order_by(Person.id.desc())
        .limit(STEP)
        .cte("latest")
    )
    last, count = session.execute(select(func.min(window.c.id), func.count()).select_from(window)).one()
    Later = aliased(Person)
    rules: Sequence[tuple[Why, ColumnElement[bool]]] = (
        ("id_number", Person.id_number_hash == window.c.id_number_hash),
        ("phone", Person.phone_hash == window.c.phone_hash),
        ("birthday", and_(Person.name == window.c.name, Person.birth_on == window.c.birth_on)),
        ("place", and_(Person.name == window.c.name, Person.place == window.c.place)),
    )
    parts = [
        select(window.c.id.label("later"), Person.id.label("earlier"), literal(why).label("why"))
        .join(Later, Later.id == window.c.id)
        .join(Person, and_(alike, Person.id < window.c.id))
        .where(
            *mine,
            authority.visible(by, now),
            _is_inside(Person, within, now),
            _is_inside(Later, within, now),
        )
        for why, alike in rules
    ]
    every = parts[0].union_all(*parts[1:]).subquery()
    order = (every.c.later.desc(), every.c.earlier.desc(), every.c.why)
    rows = session.execute(select(every).order_by(*order).limit(len(rules) * (MOST + 1))).all()
    found: dict[tuple[str, str], list[Why]] = {}
    for row in rows:
        found.setdefault((row.earlier, row.later), []).append(row.why)
    go_on = str(last) if count == STEP else ""
    pairs = list(found)
    if len(pairs) > MOST:
        cut = pairs[MOST][1]
        pairs = [pair for pair in pairs[:MOST] if pair[1] != cut] or pairs[:MOST]
        go_on = pairs[-1][1]
    people = of(session, [one for pair in pairs for one in pair])
    doubles = tuple(Double(people[one], people[other], tuple(found[one, other])) for one, other in pairs)
    return Likely(doubles, go_on)


def _is_inside(table: Any, within: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Kept, and holding posts, within the reach alone: whom an administrator may change."""
    if "" in within:
        return true()
    nowhere = [key for key, role in house.roles.items() if role.place == "none" and role.chosen_by_oneself]
    outside = exists().where(
        HeldPost.person_id == table.id,
        HeldPost.ended_at.is_(None),
        or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        HeldPost.role.not_in(nowhere),
        *(~below(HeldPost.place, one) for one in within),
    )
    return and_(or_(table.place.is_(None), *(below(table.place, one) for one in within)), ~outside)


def found(session: Session, asked: ColumnElement[bool], but: str, by: Acting, now: datetime) -> list[One]:
    """The people that `asked` means and `by` looks after, for one to be chosen beside `but`: twenty at most."""
    ids = session.scalars(
        select(Person.id)
        .where(
            asked,
            Person.id.not_in([but, by.person]),
            Person.merged_into_id.is_(None),
            authority.seen_of_many(roles.reach_of(by, roles.PEOPLE), now),
        )
        .order_by(Person.id.desc())
        .limit(FOUND)
    ).all()
    people = of(session, ids)
    return [people[one] for one in ids]


def of(session: Session, people: Sequence[str]) -> dict[str, One]:
    """What is known of these people, by id. One statement."""
    if not people:
        return {}
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.gender,
            Person.id_number,
            Person.birth_on,
            Person.phone,
            Person.email,
            Person.place,
            Person.created_at,
            Account.username,
            Account.closed_at,
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(people))
    )
    return {
        row.id: One(*row[:9], row.username, row.username is not None and row.closed_at is None)
        for row in rows
    }
