"""Where roles are held today, read in a constant number of statements however large the country: for `reaching`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import and_, case, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Account, HeldPost, Region, Unit
from app.platform.identity.places import above, region_of, unit_of
from app.platform.identity.posts import live
from app.platform.registry import Words, house

REMEMBERED: Final = timedelta(days=366)
"""So long after the last post there ended a place still counts as one where a role is meant to be held."""
_BEGINS: Final = ","
EVERYWHERE: Final = Words("全部地区", "everywhere")


@dataclass(frozen=True, slots=True)
class Held:
    """Where a role is held. `able`: by whom who can sign in, by subject; `shut`: by whom who cannot; `meant`: or was
    within the past year. `alone`: by one person alone who can also start what asks for it, and by whom.
    """

    able: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shut: frozenset[str] = frozenset()
    meant: frozenset[str] = frozenset()
    alone: Mapping[str, str] = field(default_factory=dict)
    anywhere: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "anywhere", frozenset().union(*self.able.values()))


NOBODY: Final = Held()


@dataclass(frozen=True, slots=True)
class Located:
    """A region, or a unit, by its path; `level` is empty for a unit."""

    path: str
    name: str
    full_name: str
    level: str = ""


@dataclass(slots=True)
class Ground:
    """The places there are and where roles are held.

    `starting`: for persons who hold both a role by which somebody may start and one that is asked: the role and the
    place they start by.
    """

    places: Mapping[str, Located]
    held: Mapping[str, Held]
    starting: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def of(self, role: str) -> Held:
        """Where a role is held."""
        return self.held.get(role, NOBODY)

    def called(self, place: str) -> Words:
        """What people call a place; its path where it is none (any more)."""
        found = self.places.get(place)
        if found is None:
            return EVERYWHERE if not place else Words(place, place)
        return Words(found.name, found.name)

    def domain(self, roles: Iterable[str]) -> frozenset[str]:
        """The open regions in which a chain that asks these roles is meant to be used.

        Those below any region where one of the roles is held, or was within the past year, and the region of any unit
        where one is. What is held everywhere says nothing of where.
        """
        meant = frozenset().union(*(self.of(role).meant for role in roles))
        single = {region_of(place) for place in meant if unit_of(place)}
        whole = {place for place in meant if not unit_of(place)}
        whole.discard("")
        return frozenset(
            path
            for path, one in self.places.items()
            if one.level and (path in single or any(step in whole for step in steps(path)))
        )


@lru_cache(maxsize=20_000)
def steps(path: str) -> tuple[str, ...]:
    """Every place that `path` lies under, from everywhere down to itself."""
    return above(path)


def survey(
    session: Session, asked: Collection[str], starts: Collection[str], now: datetime, *, twice: bool = False
) -> Ground:
    """Read the places and where the roles `asked` of, and those that start, are held. At most five statements.

    `twice`: also who holds one of each, for steps that keep the starter out.
    """
    roles = sorted({*asked, *starts} & house.roles.keys())
    places = {
        row.path: Located(row.path, row.name, row.full_name, row.level)
        for row in session.execute(
            select(Region.path, Region.name, Region.full_name, Region.level)
            .where(Region.is_closed.is_(False))
            .order_by(Region.path)
        )
    }
    if any(house.roles[role].place == "unit" for role in roles):
        rows = session.execute(
            select(Unit.path, Unit.name, Region.full_name)
            .join(Region, Region.code == Unit.region_code)
            .where(Unit.is_closed.is_(False))
        )
        places |= {row.path: Located(row.path, row.name, row.full_name) for row in rows}
    starting, alone = _twice(session, asked, starts, now) if twice and starts and asked else ({}, {})
    return Ground(places, _held(session, roles, alone, now), starting)


def _able(now: datetime) -> Any:
    return and_(live(now), Account.is_disabled.is_not(True))


def _held(
    session: Session, roles: Collection[str], alone: Mapping[str, Mapping[str, str]], now: datetime
) -> dict[str, Held]:
    """Places are gathered into one text a role and subject: thousands of them are a row, not thousands of rows."""
    able = func.max(case((_able(now), 1), else_=0))
    shut = func.max(case((and_(live(now), Account.is_disabled.is_(True)), 1), else_=0))
    at = (
        select(HeldPost.role, HeldPost.subject, HeldPost.place, able.label("able"), shut.label("shut"))
        .outerjoin(Account, Account.person_id == HeldPost.person_id)
        .where(HeldPost.role.in_(roles), *_lately(now))
        .group_by(HeldPost.role, HeldPost.subject, HeldPost.place)
        .subquery()
    )
    marked = literal(_BEGINS).concat(at.c.place)

    def gathered(only: Any) -> Any:
        return func.aggregate_strings(case((only, marked)), "")

    rows = session.execute(
        select(at.c.role, at.c.subject, gathered(at.c.able == 1), gathered(at.c.shut == 1), gathered(true()))
        .group_by(at.c.role, at.c.subject)
        .order_by(at.c.role, at.c.subject)
    )
    found: dict[str, tuple[dict[str, frozenset[str]], set[str], set[str]]] = {}
    for role, subject, able_at, shut_at, meant_at in rows:
        by_subject, shut_ones, meant = found.setdefault(role, ({}, set(), set()))
        if able_at:
            by_subject[subject] = frozenset(_parted(able_at))
        shut_ones.update(_parted(shut_at))
        meant.update(_parted(meant_at))
    return {
        role: Held(by_subject, frozenset(shut_ones), frozenset(meant), alone.get(role, {}))
        for role, (by_subject, shut_ones, meant) in found.items()
    }


def _parted(text: str | None) -> list[str]:
    """The places of a gathered text, each of which begins with a mark: everywhere is an empty one."""
    return text.split(_BEGINS)[1:] if text else []


def _lately(now: datetime) -> tuple[Any, ...]:
    before = now - REMEMBERED
    return (
        or_(HeldPost.ended_at.is_(None), HeldPost.ended_at > before),
        or_(HeldPost.until_at.is_(None), HeldPost.until_at > before),
    )


def _twice(
    session: Session, asked: Collection[str], starts: Collection[str], now: datetime
) -> tuple[dict[str, frozenset[tuple[str, str]]], dict[str, dict[str, str]]]:
    """Of persons who hold a role of each sort: by what and where they start; and where one of them is alone."""
    starting, working, other, its = (
        aliased(HeldPost),
        aliased(HeldPost),
        aliased(HeldPost),
        aliased(Account),
    )
    starts_too = select(starting.person_id).where(
        starting.role.in_(sorted(starts)), starting.ended_at.is_(None)
    )
    works_too = select(working.person_id).where(working.role.in_(sorted(asked)), working.ended_at.is_(None))
    is_shut = (
        select(its.person_id).where(its.person_id == other.person_id, its.is_disabled.is_(True)).exists()
    )
    another = select(other.id).where(
        other.role == HeldPost.role,
        other.place == HeldPost.place,
        other.person_id != HeldPost.person_id,
        other.ended_at.is_(None),
        other.from_at <= now,
        or_(other.until_at.is_(None), other.until_at > now),
        ~is_shut,
    )
    mine = (
        select(HeldPost.person_id, HeldPost.role, HeldPost.place)
        .outerjoin(Account, Account.person_id == HeldPost.person_id)
        .where(_able(now), HeldPost.person_id.in_(starts_too), HeldPost.person_id.in_(works_too))
    )
    alone: dict[str, dict[str, str]] = defaultdict(dict)
    asking = HeldPost.role.in_(sorted({*asked, *starts}))
    for person, role, place in session.execute(mine.where(asking, ~another.exists())):
        alone[role][place] = person
    rows = session.execute(mine.where(HeldPost.role.in_(sorted(starts))))
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for person, role, place in rows:
        found[person].add((role, place))
    return {person: frozenset(at) for person, at in found.items()}, alone
