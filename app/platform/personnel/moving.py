"""Moving somebody between units and regions (调动): posts end here and go on there, in one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import authority, places, posts
from app.platform.identity.entities import HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import amending, entering, seeing, taking_over
from app.platform.registry import Acting, Post, house


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where to, from when, and which posts (their ids) move along. None of them: only where he is kept changes."""

    to: str
    posts: tuple[str, ...] = ()
    from_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One post and where it goes on: ends at `at`, begins there at the same moment, until `until_at`."""

    post: Post
    to: str
    at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a transfer changes. `kept` and `to`: where the person is kept before and after."""

    kept: str | None
    to: str
    moves: tuple[Move, ...]


def plan(session: Session, person: str, wanted: Transfer, by: Acting, now: datetime) -> Plan:
    """What the transfer would change; raises what it would raise: see `transfer`."""
    refused = authority.why_not_manage(session, person, by, now)
    if refused is not None:
        raise refused
    for complaint in entering.place_complaints(session, wanted.to, by):
        complaint.field = "to"
        raise complaint
    at = max(wanted.from_at or now, now)
    moves = tuple(
        _move(session, person, one, wanted.to, at, by, now) for one in _posts(session, person, wanted, now)
    )
    kept = session.scalar(select(Person.place).where(Person.id == person))
    if not moves and (kept or "") == wanted.to:
        raise Refusal("place_same", "to")
    return Plan(kept, wanted.to, moves)


def transfer(session: Session, person: str, wanted: Transfer, by: Acting, now: datetime) -> Plan:
    """Carry a transfer out: old posts end on the day, the same roles begin there, and where he is kept moves at once.

    Both sides must lie within what `by` may give and look after. Raises `Refusal`: unknown_person, unknown_post,
    own_post, person_elsewhere, person_higher, place_beyond, place_wrong, place_same, not_yours, beyond_term.
    """
    with transaction(session):
        seeing.hold(session, person, by, now)
        made = plan(session, person, wanted, by, now)
        for move in made.moves:
            if move.at <= now:
                posts.end(session, move.post.id, now, by)
            else:
                posts.shorten(session, move.post.id, move.at, now, by)
            taking_over.give(session, person, _there(move), by, now)
        amending.keep_at(session, person, made.to, by, now)
        body = {"to": made.to, "posts": [move.post.id for move in made.moves]}
        audit.log(session, "identity", "person.transferred", by, now, body, f"person:{person}")
    return made


def movable(
    session: Session, person: str, by: Acting, now: datetime
) -> list[tuple[HeldPost, Refusal | None]]:
    """The open posts held at a place, each with why `by` may not end it here (None: he may)."""
    rows = session.scalars(
        _open(person, now)
        .where(HeldPost.place != "")
        .order_by(HeldPost.id)
        .execution_options(populate_existing=True)
    ).all()
    return [(row, authority.why_not_take(session, person, row, by, now)) for row in rows]


def _posts(session: Session, person: str, wanted: Transfer, now: datetime) -> Sequence[HeldPost]:
    rows = session.scalars(
        _open(person, now).where(HeldPost.id.in_(wanted.posts)).order_by(HeldPost.id)
    ).all()
    if len(rows) != len(set(wanted.posts)):
        raise Refusal("unknown_post")
    return rows


def _move(
    session: Session, person: str, held: HeldPost, to: str, at: datetime, by: Acting, now: datetime
) -> Move:
    refused = authority.why_not_take(session, person, held, by, now)
    if refused is not None:
        raise refused
    role = house.roles.get(held.role)
    if role is None or role.place == "none":
        raise Refusal("place_wrong", "to")
    target = places.region_of(to) if role.place == "region" else to
    if target == held.place:
        raise Refusal("place_same", "to")
    post = Post(held.id, held.role, held.place, held.subject)
    found = Move(post, target, max(at, held.from_at), held.until_at)
    wrong = authority.why_not(session, _there(found), by, now)
    if wrong is not None:
        wrong.field = "to"
        raise wrong
    return found


def _there(move: Move) -> authority.Wanted:
    return authority.Wanted(move.post.role, move.to, move.post.subject, move.at, move.until_at)


def _open(person: str, now: datetime) -> Select[HeldPost]:
    return select(HeldPost).where(
        HeldPost.person_id == person,
        HeldPost.ended_at.is_(None),
        or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
    )
