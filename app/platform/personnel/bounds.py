"""How far an administrator of organisations reaches at this moment, and one change of the tree after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, or_, select, text
from sqlalchemy.orm import Session

from app.platform.identity import authority, posts, roles
from app.platform.identity.eligibility import covers
from app.platform.identity.entities import HeldPost, Person, Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import above, inside, is_whole, lies_below, unit_of
from app.platform.registry import Acting, Post, Words, house

LONGEST_PATH: Final = 200
LONGEST_UNIT: Final = 120
LONGEST_REGION: Final = 60
LONGEST_FULL: Final = 200
NAMED: Final = 3
"""Posts that a refusal names; of the others it says how many there are."""
_TURN: Final = 6_402_451


def take_turn(session: Session) -> None:
    """Let changes to the tree happen one after the other, until the transaction ends (SQLite does by itself)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _TURN})


def reach(session: Session, by: Acting, now: datetime, permission: str = roles.UNITS) -> tuple[str, ...]:
    """The places within which `by` manages organisations now, read anew: what has just ended reaches nothing."""
    held = posts.of(session, by.person, now)
    if by.post is None:
        return roles.reach_of(replace(by, posts=held), permission)
    under = [post for post in held if post.id == by.post.id]
    return roles.reach_of(replace(by, posts=held, post=under[0]), permission) if under else ()


def unit_within(session: Session, unit: str, within: Iterable[str]) -> Unit:
    """The unit, locked. Raises `Refusal("unknown_unit")` where there is none, or it lies elsewhere."""
    found = session.get(Unit, unit, with_for_update=True, populate_existing=True)
    if found is None or not inside(found.path, within):
        raise Refusal("unknown_unit")
    return found


def region_within(session: Session, code: str, within: Iterable[str]) -> Region:
    """The region, locked. Raises `Refusal("unknown_region")` where there is none, or it lies elsewhere."""
    found = session.get(Region, code, with_for_update=True, populate_existing=True)
    if found is None or not inside(found.path, within):
        raise Refusal("unknown_region")
    return found


def local_within(session: Session, code: str, within: Iterable[str]) -> Region:
    """A local region below what one reaches: one's own highest is changed by who looks after what lies above it.

    Raises `Refusal`: unknown_region, region_locked (it is published), region_own.
    """
    found = region_within(session, code, within)
    if not found.is_local:
        raise Refusal("region_locked")
    if not inside(above_of(found.path), within):
        raise Refusal("region_own")
    return found


def target(session: Session, path: str, within: Iterable[str]) -> Region | Unit:
    """Where something is to lie: open, and within reach with what lies below it.

    Raises `Refusal`: place_elsewhere, place_closed.
    """
    path = path.replace("\0", "")
    found: Region | Unit | None = None
    if unit_of(path):
        found = session.scalar(select(Unit).where(Unit.path == path))
    elif path:
        found = session.scalar(select(Region).where(Region.path == path))
    if found is None or not is_whole(path, within):
        raise Refusal("place_elsewhere", "to")
    if found.is_closed:
        raise Refusal("place_closed", "to")
    return found


def no_gain(
    session: Session, by: Acting, before: str, after: str, now: datetime, *, merges: bool = False
) -> None:
    """Raise `Refusal("place_gain")` where a move would let posts of `by` include what they do not include now.

    Nobody gives himself anything, by no route: not by moving a unit under his own desk either, nor by merging his own
    unit into another.
    """
    held = posts.of(session, by.person, now)
    for post in held:
        comes = _includes(post, after) and not _includes(post, before)
        goes = merges and post.place == before
        alike = (one for one in held if (one.role, one.subject) == (post.role, post.subject))
        end = after if goes else before
        if (comes or goes) and not any(_includes(one, end) for one in alike):
            raise Refusal("place_gain")


def _includes(post: Post, path: str) -> bool:
    facts = house.roles.get(post.role)
    return lies_below(path, roles.reached(facts, post.place) if facts else post.place)


def no_grant(session: Session, by: Acting, before: str, after: str, now: datetime) -> None:
    """Raise `Refusal("posts_beyond")` where merging `before` into `after` would give somebody what `by` may not give.

    A post held at a unit is held at the other one once they are merged. That is a gift, unless its holder has as much
    there already; and nobody gives what he may not, by no route. Posts below the unit include afterwards what they did.
    """
    held = session.scalars(_open(now).where(HeldPost.place == before).order_by(HeldPost.id)).all()
    there = session.scalars(
        _open(now).where(
            HeldPost.person_id.in_({post.person_id for post in held}), HeldPost.place.in_(above(after))
        )
    ).all()
    gifts = [post for post in held if not any(_is_as_much(one, post, after, now) for one in there)]
    wrong = authority.beyond(session, gifts, after, by, now) if gifts else []
    if wrong:
        sees = (reach(session, by, now, one) for one in (roles.PEOPLE, roles.POSTS))
        said = _said(session, wrong[:NAMED], any(inside(before, one) for one in sees))
        raise Refusal("posts_beyond", "to", count=len(wrong), posts=said)


def _open(now: datetime) -> Select[HeldPost]:
    return select(HeldPost).where(
        HeldPost.ended_at.is_(None), or_(HeldPost.until_at.is_(None), HeldPost.until_at > now)
    )


def _is_as_much(one: HeldPost, post: HeldPost, place: str, now: datetime) -> bool:
    """Whether `one` gives its holder at `place`, for as long, whatever `post` would give him there."""
    if (one.person_id, one.role) != (post.person_id, post.role) or one.id == post.id:
        return False
    if not covers(Post(one.id, one.role, one.place, one.subject), post.role, place, post.subject):
        return False
    is_long = one.until_at is None or (post.until_at is not None and post.until_at <= one.until_at)
    return is_long and one.from_at <= max(post.from_at, now)


def _said(session: Session, held: Sequence[HeldPost], names_people: bool) -> Words:
    """Posts in words; with names only for who may look at people there."""
    named = session.execute(
        select(Person.id, Person.name).where(Person.id.in_([one.person_id for one in held]))
    )
    names = {row.id: row.name for row in named} if names_people else {}
    titles = [(names.get(one.person_id), roles.title_of(one.role)) for one in held]
    zh = "、".join(f"{name}（{title.zh}）" if name else title.zh for name, title in titles)
    en = ", ".join(f"{name} ({title.en})" if name else title.en for name, title in titles)
    return Words(zh, en)


def above_of(path: str) -> str:
    """The path without its last step."""
    return path[: path.rstrip("/").rfind("/") + 1]


def named(name: str, longest: int) -> str:
    """A name without space around it. Raises `Refusal("place_name")` for none, a too long one, or control signs."""
    kept = " ".join(name.split())
    if not kept or len(kept) > longest or not kept.isprintable():
        raise Refusal("place_name", "name", limit=longest)
    return kept
