"""Ending posts (结束岗位) and changing their dates, many at once: what open work is left behind is shown before."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import authority, posts, redating, roles
from app.platform.identity.eligibility import eligible_clause
from app.platform.identity.entities import HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.identity.places import within
from app.platform.personnel import bounds
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import policy, unattended
from app.platform.runtime.entities import Instance, Task

MOST: Final = 100


class Changed(Exception):
    """What would end, or be left behind, is no longer what was shown: it must be looked at again (409)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A post that was ticked. `why`: why it cannot be ended (None: it can)."""

    post: Post
    person: str
    name: str
    from_at: datetime
    until_at: datetime | None
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A step at a place whose open tasks nobody could answer any more: how many there are."""

    process: str
    step: Words
    role: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What ending posts would do: to each of them; what nobody could answer; how many claims go back to all.

    `mark` tells this preview from any other.
    """

    posts: tuple[Ending, ...]
    left: tuple[Left, ...]
    claims: int
    mark: str

    @property
    def ready(self) -> tuple[Ending, ...]:
        """Those that can be ended."""
        return tuple(one for one in self.posts if one.why is None)


def ticked(session: Session, ids: Collection[str], by: Acting, now: datetime) -> list[Any]:
    """The rows of those posts that `by` sees: of the people and places where he gives posts. One statement (C-11)."""
    reach = bounds.reach(session, by, now, roles.POSTS)
    return list(
        session.execute(
            select(HeldPost.__table__, Person.name)
            .join(Person, Person.id == HeldPost.person_id)
            .where(HeldPost.id.in_(sorted(set(ids))[:MOST]), within(HeldPost.place, reach))
            .order_by(HeldPost.id)
        )
    )


def preview(session: Session, ids: Collection[str], by: Acting, now: datetime) -> Preview:
    """Draw up what `end` would do now. Nothing is written. Five statements, whatever the number of posts and tasks."""
    rows = ticked(session, ids, by, now)
    refusals = authority.why_not_take_each(session, rows, by, now)
    found = tuple(
        Ending(
            _post(row),
            row.person_id,
            row.name,
            row.from_at,
            row.until_at,
            _why_not(row, refusals.get(row.id), now),
        )
        for row in rows
    )
    ending = [row for row, one in zip(rows, found, strict=True) if one.why is None]
    left, claims = _left(session, ending, now), _claims(session, ending)
    steps = [(*one.step, one.place, one.count) for one in left]
    said = [[one.post.id for one in found if one.why is None], steps, claims]
    return Preview(found, left, claims, hashlib.sha256(orjson.dumps(said)).hexdigest()[:32])


def end(session: Session, ids: Collection[str], mark: str, by: Acting, now: datetime) -> Preview:
    """End the posts that can be ended, exactly as the preview with `mark` said. Raises `Changed`.

    What they claimed goes back to all, by the job that each ending leaves.
    """
    with transaction(session):
        people = {row.person_id for row in ticked(session, ids, by, now)}
        for person in sorted({*people, by.person}):
            posts.lock(session, person)
        drawn = preview(session, ids, by, now)
        if drawn.mark != mark:
            raise Changed()
        for one in drawn.ready:
            authority.take(session, one.post.id, by, now)
        return drawn


def redate(
    session: Session,
    ids: Collection[str],
    from_at: datetime | None,
    until_at: datetime | None,
    by: Acting,
    now: datetime,
    *,
    keeps_end: bool = False,
) -> int:
    """Let all of the posts be held from (None: as they are) and until (None: for good) these moments, or none of them.

    `keeps_end`: only the beginning is set. Return how many. Raises the first `Refusal` of `redating.redate`, and
    unknown_post where one is not seen.
    """
    with transaction(session):
        rows = ticked(session, ids, by, now)
        if len(rows) != len(set(ids)) or not rows:
            raise Refusal("unknown_post")
        for person in sorted({by.person, *(row.person_id for row in rows)}):
            posts.lock(session, person)
        for row in rows:
            ends = row.until_at if keeps_end else until_at
            redating.redate(session, row.id, from_at, ends, by, now)
        return len(rows)


def _why_not(row: Any, refused: Refusal | None, now: datetime) -> Words | None:
    if row.ended_at is not None or (row.until_at is not None and row.until_at <= now):
        refused = Refusal("post_over")
    return None if refused is None else Words(refused.message("zh"), refused.message("en"))


def _post(row: Any) -> Post:
    return Post(row.id, row.role, row.place, row.subject)


def _left(session: Session, rows: Sequence[Any], now: datetime) -> tuple[Left, ...]:
    """What somebody can answer now, and nobody could without these posts, counted by step and place."""
    held = [row for row in rows if row.from_at <= now]
    if not held:
        return ()
    group = (Task.process, Task.name_zh, Task.name_en, Task.role, Task.place)
    found = session.execute(
        select(*group, func.count().label("many"))
        .join(Instance, Instance.id == Task.instance_id)
        .where(
            eligible_clause([_post(row) for row in held], policy.COLUMNS),
            ~unattended.unattended(now),
            unattended.unattended(now, [row.id for row in held]),
        )
        .group_by(*group)
        .order_by(func.count().desc(), *group)
    )
    return tuple(
        Left(row.process, Words(row.name_zh, row.name_en), row.role, row.place, row.many) for row in found
    )


def _claims(session: Session, rows: Sequence[Any]) -> int:
    """Tasks that holders have claimed and these posts answer for."""
    if not rows:
        return 0
    parts: list[ColumnElement[bool]] = [
        and_(Task.claimed_by_id == row.person_id, eligible_clause([_post(row)], policy.COLUMNS))
        for row in rows
    ]
    return session.scalar(select(func.count()).where(Task.state == "open", or_(*parts))) or 0
