"""Which open tasks may have nobody who answers: found by whom they are asked of, so that not every task is looked at.

`unattended.unattended` says of one task whether nobody can answer it. Asked of a million it looks at a million. Here
the roles and places that are asked at all are walked along an index, a few thousand however many tasks they have, and
held against the posts there are. What is left, and what keeps its own people out, is looked at task by task.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.orm import Session

from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.places import above
from app.platform.identity.posts import EVERY_SUBJECT, live
from app.platform.registry import house
from app.platform.runtime import indexes, unattended
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.waiting import ALONE, OPEN

Condition = ColumnElement[bool]
Asked = tuple[str, str, str | None]
"""Whom tasks are asked of: role, place and subject."""
REACH: Final = 10_000
"""So many of each condition are looked at, the longest open first."""
ASKED: Final = and_(OPEN, Task.assignee_id.is_(None), Task.role.is_not(None))
AVOIDING: Final = and_(OPEN, Task.avoided.is_not(None))
ONE: Final = func.substr(Task.avoided, literal_column("1"), literal_column("27"))
LENGTH: Final = func.length(Task.avoided) > literal_column("26")
ALWAYS: Final[tuple[Condition, ...]] = (
    and_(OPEN, or_(Task.avoided_unit.is_not(None), LENGTH)),
    and_(OPEN, Task.assignee_id.is_not(None), or_(Task.avoided.is_not(None), Task.avoided_unit.is_not(None))),
    and_(OPEN, Task.assignee_id.is_(None), Task.role.is_(None)),
    and_(OPEN, Task.seats != literal_column("'one'")),
)
"""Where several or a unit are kept out; named for somebody who may be kept out; asked of nobody; with seats."""

_ROLES = f"""
WITH RECURSIVE asked(role) AS (
  SELECT min(role) FROM runtime_task WHERE {indexes.ASKED}
  UNION ALL
  SELECT (SELECT min(role) FROM runtime_task WHERE {indexes.ASKED} AND role > asked.role)
  FROM asked WHERE asked.role IS NOT NULL
)"""
# Reading the smallest beyond the last, again and again: a step of an index for each, whatever lies between.
ROLES = text(f"{_ROLES} SELECT role FROM asked WHERE role IS NOT NULL").columns(column("role", String))
WALK = text(
    f"""{_ROLES}, placed(role, place) AS (
  SELECT asked.role, (SELECT min(place) FROM runtime_task WHERE {indexes.ASKED} AND role = asked.role)
  FROM asked WHERE asked.role IN :roles
  UNION ALL
  SELECT placed.role, (
    SELECT min(place) FROM runtime_task WHERE {indexes.ASKED} AND role = placed.role AND place > placed.place
  ) FROM placed WHERE placed.place IS NOT NULL
), about(role, place, subject) AS (
  SELECT placed.role, placed.place, (
    SELECT min(subject) FROM runtime_task WHERE {indexes.ASKED} AND role = placed.role AND place = placed.place
  ) FROM placed WHERE placed.place IS NOT NULL AND placed.role IN :by_subject
  UNION ALL
  SELECT about.role, about.place, (
    SELECT min(subject) FROM runtime_task
    WHERE {indexes.ASKED} AND role = about.role AND place = about.place AND subject > about.subject
  ) FROM about WHERE about.subject IS NOT NULL
)
SELECT role, place, subject FROM about
UNION ALL SELECT role, place, NULL FROM placed WHERE place IS NOT NULL AND role NOT IN :by_subject"""
).bindparams(
    bindparam("roles", expanding=True, type_=String), bindparam("by_subject", expanding=True, type_=String)
)


@dataclass(frozen=True, slots=True)
class Possible:
    """Conditions over `Task`, each found by an index: what is unattended, and only little besides.

    `unheld`: asked of roles at places where nobody holds them, which may be many. `others`: what must be looked at.
    """

    unheld: tuple[Condition, ...]
    others: tuple[Condition, ...]


def found(session: Session, now: datetime, here: Condition, limit: int) -> list[str]:
    """The tasks that nobody can answer at `now`, of those for which `here` holds: the first `limit` that were opened.

    `here` asks columns of `Task` alone. At most five statements, whatever there is.
    """
    look = possible(session, now)
    doubtful = _first(look.others, here)
    kept = [_kept(doubtful, _of_task(doubtful, unattended.unattended(now)), limit)]
    if look.unheld:  # of one that one person is asked for, that nobody holds its role says it all
        certain = _first([and_(one, ALONE) for one in look.unheld], here)
        kept.append(_kept(certain, _of_task(certain, Instance.state == literal_column("'running'")), limit))
    every = _united(kept)
    return list(session.scalars(select(every.c.id).order_by(every.c.opened_at, every.c.id).limit(limit)))


def _first(conditions: Iterable[Condition], here: Condition) -> Subquery:
    """The first tasks of each condition."""
    columns: Any = select(Task.id, Task.opened_at).order_by(Task.opened_at, Task.id)
    return _united([columns.where(one, here).limit(REACH) for one in conditions])


def _united(found: Sequence[Select[Any]]) -> Subquery:
    each = [select(one.subquery()) for one in found]
    return union(*each).subquery() if len(each) > 1 else each[0].subquery()


def _of_task(tasks: Subquery, condition: Condition) -> Any:
    """Whether `condition` holds for one of `tasks` and its instance, asked row by row."""
    joined = select(condition).select_from(Task).join(Instance, Instance.id == Task.instance_id)
    return joined.where(Task.id == tasks.c.id).scalar_subquery()


def _kept(tasks: Subquery, holds: Any, limit: int) -> Select[Any]:
    return (
        select(tasks.c.id, tasks.c.opened_at)
        .where(holds)
        .order_by(tasks.c.opened_at, tasks.c.id)
        .limit(limit)
    )


def possible(session: Session, now: datetime) -> Possible:
    """Where to look for what nobody can answer at `now`. At most four statements, whatever there is."""
    everywhere = _everywhere(session, now)
    every, somebody = sorted(everywhere), {person for person in everywhere.values() if person}
    unheld = []
    for one, person in _asked(session, [role for role in every if everywhere[role] is None], now):
        if person is None:
            unheld.append(one)
        else:
            somebody.add(person)
    shut = session.scalars(select(Account.person_id).where(Account.is_disabled.is_(True))).all()
    nowhere = and_(ASKED, Task.role.in_(every), Task.place.is_(None))
    others = (
        and_(AVOIDING, ONE.in_(sorted(somebody))),
        and_(OPEN, Task.assignee_id.in_(sorted(one for one in shut if one))),
        nowhere,
        *ALWAYS,
    )
    return Possible(tuple(_of(unheld)), others)


def _everywhere(session: Session, now: datetime) -> dict[str, str | None]:
    """The roles that are asked, each with somebody who answers it for every place and subject, if anybody does.

    What such a role is asked need not be walked. One statement.
    """
    asked = ROLES.subquery()
    held = select(HeldPost.role, HeldPost.subject, HeldPost.person_id).where(
        *_answering(now), HeldPost.place == ""
    )
    posts = held.subquery()
    found: dict[str, str | None] = {}
    for row in session.execute(
        select(asked.c.role, posts.c.subject, posts.c.person_id).outerjoin(
            posts, posts.c.role == asked.c.role
        )
    ):
        answers = row.role in house.roles and (row.subject == EVERY_SUBJECT or not _has_subject(row.role))
        found[row.role] = (answers and row.person_id) or found.get(row.role)
    return found


def _asked(session: Session, roles: Sequence[str], now: datetime) -> Iterator[tuple[Asked, str | None]]:
    """Whom tasks of these roles are asked of, and one of those who answer. Two statements, none without a role."""
    if not roles:
        return
    by_subject = [role for role in roles if _has_subject(role)]
    posts = _posts(session, roles, now)
    for row in session.execute(WALK, {"roles": roles, "by_subject": by_subject}):
        one = (row.role, row.place, row.subject)
        yield one, posts.holder(*one)


def _has_subject(role: str) -> bool:
    facts = house.roles.get(role)
    return facts is not None and facts.subject is not None


@dataclass(slots=True)
class _Posts:
    """One person for each role, subject and place that somebody holds: by role and subject, by place."""

    held: Mapping[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def holder(self, role: str, place: str, subject: str | None) -> str | None:
        """Somebody who answers what is asked of a role: the rule of `eligibility.covers`; None where nobody does."""
        facts = house.roles.get(role)
        if facts is None:
            return None
        for about in (EVERY_SUBJECT,) if facts.subject is None else (EVERY_SUBJECT, subject or EVERY_SUBJECT):
            there = self.held.get((role, about), {})
            if place in there:  # as almost every one is: what lies above is not even named
                return there[place]
            for one in above(place) if facts.reach == "below" else ("",):
                if one in there:
                    return there[one]
        return None


def _posts(session: Session, roles: Iterable[str], now: datetime) -> _Posts:
    """The posts that are held now by people whose accounts are not shut. One statement."""
    found = _Posts()
    asked = (
        select(HeldPost.role, HeldPost.place, HeldPost.subject, func.min(HeldPost.person_id).label("person"))
        .where(*_answering(now), HeldPost.role.in_(sorted(roles)))
        .group_by(HeldPost.role, HeldPost.place, HeldPost.subject)
    )
    for row in session.execute(asked):
        subject = row.subject if _has_subject(row.role) else EVERY_SUBJECT
        found.held[row.role, subject][row.place] = row.person
    return found


def _answering(now: datetime) -> tuple[Condition, Condition]:
    """Of posts: held now, by somebody who can sign in."""
    shut = select(Account.person_id).where(Account.is_disabled.is_(True), Account.person_id.is_not(None))
    return live(now), HeldPost.person_id.not_in(shut)


def _of(unheld: Sequence[Asked]) -> list[Condition]:
    """The tasks asked of roles at places where nobody holds them; one condition for each role."""
    places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for role, place, subject in unheld:
        places[role, subject].append(str(place))
    by_role: dict[str, list[Condition]] = defaultdict(list)
    for (role, subject), there in sorted(places.items(), key=str):
        where: list[Any] = [Task.place.in_(sorted(there))]
        if _has_subject(role):
            where.append(Task.subject.is_(None) if subject is None else Task.subject == subject)
        by_role[role].append(and_(*where))
    return [and_(ASKED, Task.role == role, or_(*each)) for role, each in by_role.items()]
