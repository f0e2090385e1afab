"""What an administrator may give and look after: never more than he holds, nor longer, nor elsewhere, by any route.

A post may be given by who holds (1) a role that makes and gives roles (`roles.ROLES_MADE`), everywhere; or (2) a
role named among the role's givers, at a place and for a subject that include it; or (3) the very role, including it,
together with `roles.POSTS` there, as long as both are held. What holds until a day is given until that day at most.
Nobody gives himself anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true, union
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import giving, posts, quicker, roles, subjects
from app.platform.identity.entities import Account, HeldPost, Person, Region, Unit
from app.platform.identity.giving import GIVERS as GIVERS
from app.platform.identity.giving import Held
from app.platform.identity.messages import Refusal
from app.platform.identity.places import below, inside
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Acting, Post, Role, house


@dataclass(frozen=True, slots=True)
class Wanted:
    """A post that somebody is to have. `place` a path (`""` everywhere), `subject` None where the role has none."""

    role: str
    place: str = ""
    subject: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


def give(
    session: Session, person: str, wanted: Wanted, by: Acting, now: datetime, *, anew: bool = False
) -> str:
    """Give `person` a post, as an administrator; return its id. It begins now at the earliest.

    What `by` holds is read again under the lock, so that a right that has just ended gives nothing. `anew`: refuse what
    would change nothing, because somebody was quicker (post_held). Raises `Refusal`: unknown_role, unknown_person,
    place_needed, place_wrong, subject_needed, subject_unknown, own_post, not_yours, beyond_term (with `until`),
    dates_wrong, separation.
    """
    with transaction(session):
        _take_turns(session, person, by.person)
        if person == by.person:
            raise Refusal("own_post")
        if session.scalar(select(Person.merged_into_id).where(Person.id == person)) is not None:
            raise Refusal("unknown_person")
        wanted = replace(wanted, from_at=max(wanted.from_at or now, now))
        refused = why_not(session, wanted, by, now) or _bridges(session, person, wanted, by, now)
        if refused is not None:
            raise refused
        subject = wanted.subject if house.roles[wanted.role].subject else None
        if anew:
            post = Post("", wanted.role, wanted.place, subject or EVERY_SUBJECT)
            held = quicker.given(session, person, post, wanted.from_at or now, wanted.until_at, now)
            if held is not None:
                raise held
        return posts.grant(
            session,
            person,
            wanted.role,
            wanted.place,
            subject,
            now,
            by,
            from_at=wanted.from_at,
            until_at=wanted.until_at,
        )


def _bridges(session: Session, person: str, wanted: Wanted, by: Acting, now: datetime) -> Refusal | None:
    """Why `by` may not give what lies between this post and an equal one that is still to come; None where he may.

    Equal posts are one, from the earlier beginning to the later end: what lies between is given with it.
    """
    has_subject = house.roles[wanted.role].subject is not None
    later = session.scalar(
        select(HeldPost.from_at).where(
            HeldPost.person_id == person,
            HeldPost.role == wanted.role,
            HeldPost.place == wanted.place,
            HeldPost.subject == ((wanted.subject if has_subject else None) or EVERY_SUBJECT),
            HeldPost.ended_at.is_(None),
            HeldPost.from_at > (wanted.from_at or now),
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        )
    )
    if later is None or wanted.until_at is None:
        return None
    return why_not(session, replace(wanted, until_at=max(later, wanted.until_at)), by, now)


def take(session: Session, post: str, by: Acting, now: datetime) -> None:
    """End a post that `by` could give. Raises `Refusal`: unknown_post, own_post, not_yours, post_ended (who, when)."""
    with transaction(session):
        held = session.execute(
            select(HeldPost.person_id, HeldPost.role, HeldPost.place, HeldPost.subject).where(
                HeldPost.id == post
            )
        ).first()
        if held is None:
            raise Refusal("unknown_post")
        _take_turns(session, held.person_id, by.person)
        refused = why_not_take(session, held.person_id, held, by, now) or quicker.ended(session, post, now)
        if refused is not None:
            raise refused
        posts.end(session, post, now, by)


def why_not_take(session: Session, person: str, held: Any, by: Acting, now: datetime) -> Refusal | None:
    """Why `by` may not end a post of `person` (anything with its role, place and subject); None where he may."""
    return _why_not_take(giving.held(session, by, now), person, held, by)


def why_not_take_each(session: Session, held: Iterable[Any], by: Acting, now: datetime) -> dict[str, Refusal]:
    """The same of many posts (their rows), by id; those that he may end are not in it. One statement."""
    mine = giving.held(session, by, now)
    found = {row.id: _why_not_take(mine, row.person_id, row, by) for row in held}
    return {post: refused for post, refused in found.items() if refused is not None}


def _why_not_take(mine: Sequence[Held], person: str, held: Any, by: Acting) -> Refusal | None:
    if person == by.person:
        return Refusal("own_post")
    return None if giving.givers(mine, held.role, held.place, held.subject) else Refusal("not_yours")


def beyond(session: Session, held: Iterable[HeldPost], to: str, by: Acting, now: datetime) -> list[HeldPost]:
    """Those of the open posts `held` that `by` may not let be held at `to` instead of where they are.

    He may where he could end them there, and give them here until their end. One statement.
    """
    mine = giving.held(session, by, now)
    return [
        post
        for post in held
        if post.person_id == by.person
        or not giving.givers(mine, post.role, post.place, post.subject)
        or not any(
            giving.lasts(giver.until_at, post.until_at)
            for giver in giving.givers(mine, post.role, to, post.subject)
        )
    ]


def why_not(session: Session, wanted: Wanted, by: Acting, now: datetime) -> Refusal | None:
    """Why `by` may not give this post to anybody; None where he may. Asked again when it is given."""
    return why_not_each(session, (wanted,), by, now)[wanted]


def why_not_each(
    session: Session, wanted: Collection[Wanted], by: Acting, now: datetime
) -> dict[Wanted, Refusal | None]:
    """The same of many posts at once: three statements at most, and one for each kind of subject."""
    mine = giving.held(session, by, now)
    there = _there(session, wanted)
    found = {one: _why_not(one, mine, there, now) for one in wanted}
    open_ = [one for one, refused in found.items() if refused is None and one.subject]
    unknown = subjects.unknown(session, ((one.role, one.subject or "") for one in open_))
    lost = {one for one in open_ if (one.role, one.subject) in unknown}
    return found | dict.fromkeys(lost, Refusal("subject_unknown", "subject"))


def _why_not(
    wanted: Wanted, mine: Sequence[Held], there: Mapping[tuple[str, str], bool], now: datetime
) -> Refusal | None:
    facts = house.roles.get(wanted.role)
    if facts is None:
        return Refusal("unknown_role", "role")
    wrong = _shape(facts, wanted, there, now)
    if wrong is not None:
        return wrong
    givers = giving.givers(mine, wanted.role, wanted.place, wanted.subject or EVERY_SUBJECT)
    if not givers:
        return Refusal("not_yours", "role")
    if any(giving.lasts(giver.until_at, wanted.until_at) for giver in givers):
        return None
    latest = max(giver.until_at for giver in givers if giver.until_at)
    return Refusal("beyond_term", "until", until=latest.astimezone().date().isoformat())


def _there(session: Session, wanted: Iterable[Wanted]) -> dict[tuple[str, str], bool]:
    """Which of the places asked for there are, each by its kind (unit, region) and path, and whether it is closed."""
    asked: dict[str, set[str]] = {"unit": set(), "region": set()}
    for one in wanted:
        facts = house.roles.get(one.role)
        if facts is not None and one.place:
            asked["unit" if facts.place == "unit" else "region"].add(one.place)
    return {
        (kind, row.path): row.is_closed
        for kind, table in (("unit", Unit), ("region", Region))
        if asked[kind]
        for row in session.execute(select(table.path, table.is_closed).where(table.path.in_(asked[kind])))
    }


def givable(session: Session, by: Acting, now: datetime) -> tuple[Role, ...]:
    """The roles that `by` may give at least somewhere, as they were entered."""
    mine = giving.held(session, by, now)
    return tuple(
        role
        for key, role in house.roles.items()
        if any(
            giving.gives(one, key) or (one.role == key and giving.managing(mine, one.place)) for one in mine
        )
    )


def _shape(
    role: Role, wanted: Wanted, there: Mapping[tuple[str, str], bool], now: datetime
) -> Refusal | None:
    """Whether the post is one that this role can have at all."""
    if role.place == "none" and wanted.place:
        return Refusal("place_wrong", "place")
    if role.place == "unit" and not wanted.place:
        return Refusal("place_needed", "place")
    if wanted.place:
        is_closed = there.get(("unit" if role.place == "unit" else "region", wanted.place))
        if is_closed is None:
            return Refusal("place_wrong", "place")
        if is_closed:
            return Refusal("place_closed", "place")
    if role.subject is not None and not wanted.subject:
        return Refusal("subject_needed", "subject")
    begins = wanted.from_at or now
    if wanted.until_at is not None and wanted.until_at <= max(begins, now):
        return Refusal("dates_wrong", "until")
    return None


def _take_turns(session: Session, *people: str) -> None:
    for person in sorted(set(people)):
        posts.lock(session, person)


def visible(by: Acting, now: datetime) -> ColumnElement[bool]:
    """The people `by` looks after, as a condition over `Person`: kept, or holding a post, within his reach (C-11)."""
    return seen_within(roles.reach_of(by, roles.PEOPLE), now)


def seen_within(reach: Iterable[str], now: datetime) -> ColumnElement[bool]:
    """The people kept, or holding a post, at or below one of the places."""
    within = list(reach)
    if "" in within:
        return true()
    parts = [
        or_(
            below(Person.place, place),
            exists().where(HeldPost.person_id == Person.id, below(HeldPost.place, place), posts.live(now)),
        )
        for place in within
    ]
    return or_(false(), *parts)


def seen_of_many(reach: Iterable[str], now: datetime) -> ColumnElement[bool]:
    """The same people as `seen_within`, for lists: each place a range of an index, so that none walks through all."""
    within = list(reach)
    if "" in within:
        return true()
    parts: list[Select[Any]] = []
    for place in within:
        parts.append(select(Person.id).where(below(Person.place, place)))
        parts.append(select(HeldPost.person_id).where(below(HeldPost.place, place), posts.live(now)))
    return Person.id.in_(union(*parts)) if parts else false()


def why_not_manage(session: Session, person: str, by: Acting, now: datetime) -> Refusal | None:
    """Why `by` may not change a person he sees, or his account; None where he may.

    person_elsewhere: he is kept, or holds a post (now or later), outside the reach of `by`, or in nobody's area: an
    identity he chose himself lies nowhere, and who has registered himself is nobody's by a post that `by` alone gave.
    person_higher: he holds permissions of the house that `by` has not got there: who resets an account must not come in
    as more than himself.
    """
    by = _as_now(session, by, now)
    reach = roles.reach_of(by, roles.PEOPLE)
    found = session.execute(select(Person.place).where(Person.id == person)).first()
    if found is None:
        return Refusal("unknown_person")
    open_posts = session.execute(
        select(HeldPost.role, HeldPost.place, HeldPost.granted_by).where(
            HeldPost.person_id == person,
            HeldPost.ended_at.is_(None),
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        )
    ).all()
    placed = [row for row in open_posts if not _is_nowhere(row.role)]
    places = [row.place for row in placed] + ([found.place] if found.place is not None else [])
    if "" not in reach:
        is_elsewhere = not places or not all(inside(place, reach) for place in places)
        is_his_alone = all(row.granted_by == by.person for row in placed)
        if is_elsewhere or (is_his_alone and _registered_himself(session, person)):
            return Refusal("person_elsewhere")
    if person == by.person:
        return None
    for row in open_posts:
        facts = house.roles.get(row.role)
        own = {code for code in (facts.permissions if facts else ()) if code.startswith("platform.")}
        if any(not inside(row.place, roles.reach_of(by, code)) for code in own):
            return Refusal("person_higher")
    return None


def could_give_all(session: Session, person: str, by: Acting, now: datetime) -> bool:
    """Whether `by` could himself give every post this person has or will have.

    Only then may he read a new password of his, change what he signs in with, or take his second factor away. Whoever
    registered himself and is kept nowhere is not opened by who alone has given him his posts, and looks after a part:
    to find somebody by his name and give him a post would else be to take him over.
    """
    mine = giving.held(session, by, now)
    rows = session.execute(
        select(HeldPost.role, HeldPost.place, HeldPost.subject, HeldPost.granted_by).where(
            and_(
                HeldPost.person_id == person,
                HeldPost.ended_at.is_(None),
                or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
            )
        )
    ).all()
    is_his_alone = bool(rows) and all(row.granted_by == by.person for row in rows)
    if (
        is_his_alone
        and "" not in roles.reach_of(_as_now(session, by, now), roles.PEOPLE)
        and _registered_himself(session, person)
    ):
        return False
    return all(
        row.role in house.roles and bool(giving.givers(mine, row.role, row.place, row.subject))
        for row in rows
    )


def _as_now(session: Session, by: Acting, now: datetime) -> Acting:
    """`by` with what he holds at this moment, not what he held at the door."""
    mine = tuple(Post(one.id, one.role, one.place, one.subject) for one in giving.held(session, by, now))
    return replace(by, posts=mine, post=None)


def _registered_himself(session: Session, person: str) -> bool:
    """Whether somebody came by himself, and is kept nowhere: no administrator has entered him."""
    found = (
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(Account.person_id == person, Account.registered_through.is_not(None), Person.place.is_(None))
    )
    return session.scalar(found) is not None


def _is_nowhere(role: str) -> bool:
    """Whether a role is an identity that people choose themselves and that has no place: it lies in nobody's area."""
    facts = house.roles.get(role)
    return facts is not None and facts.place == "none" and facts.chosen_by_oneself
