"""Posts: who holds which role where, for what, and from when to when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.data import Moment, new_id, transaction
from app.platform.identity import roles as house_roles
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.identity.places import above
from app.platform.registry import Acting, Post, Role, house

EVERY_SUBJECT = "*"
ALONE = "identity.alone"
"""Under this name a session's info may hold the ids of the persons who alone hold posts in it: a test's own cast."""
LAPSED = "runtime/lapsed"
"""The name under which the registry knows whoever must hear that somebody may do less than before."""
GIVEN = "design/given"
"""The same of whoever waits for somebody to be able to do more."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """A post with its dates, as an administrator sees it."""

    post: Post
    person: str
    from_at: datetime
    until_at: datetime | None
    granted_by: str | None
    instance: str | None
    ended_at: datetime | None


def live(now: Any) -> ColumnElement[bool]:
    """Ask whether a post is held at `now`."""
    return and_(
        HeldPost.ended_at.is_(None),
        HeldPost.from_at <= now,
        or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
    )


def grant(
    session: Session,
    person: str,
    role: str,
    place: str,
    subject: str | None,
    now: datetime,
    by: Acting | str | None,
    instance: str | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
) -> str:
    """Give `person` the post and return its id; an equal one that is still open is widened, never doubled.

    `subject` None means all; without dates the post is held from now on. Whoever was merged into another is that one.
    Raises `Refusal`: `unknown_role`, `unknown_person`, `separation`.
    """
    if role not in house.roles:
        raise Refusal("unknown_role", "role")
    wanted = {"person_id": person, "role": role, "place": place, "subject": subject or EVERY_SUBJECT}
    dates = {"from_at": from_at or now, "until_at": until_at}
    with transaction(session):
        merged = lock(session, person)
        if merged is not None:
            return grant(session, merged, role, place, subject, now, by, instance, from_at, until_at)
        _keep_apart(session, person, role, now)
        equal = session.execute(
            select(HeldPost.id, HeldPost.from_at, HeldPost.until_at).where(
                HeldPost.ended_at.is_(None), *(getattr(HeldPost, name) == wanted[name] for name in wanted)
            )
        ).first()
        if equal is not None and (equal.until_at is None or equal.until_at > now):
            _widen(session, person, equal, from_at or now, until_at, now, by)
            return str(equal.id)
        if equal is not None:
            _close(session, equal.id, equal.until_at, by)
        post = new_id()
        who = by.person if isinstance(by, Acting) else by
        values = wanted | dates | {"id": post, "granted_by": who, "instance_id": instance}
        session.execute(insert(HeldPost), values)
        if until_at is not None:
            tell(session, person, now, until_at)
        tell_given(session, [(role, place)], now, from_at)
        body = {
            "post": post,
            "role": role,
            "place": place,
            "subject": wanted["subject"],
            "instance": instance,
        }
        audit.log(session, "identity", "post.granted", by, now, body, f"person:{person}")
    return post


def _widen(
    session: Session,
    person: str,
    held: Row[*tuple[Any, ...]],
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
    by: Acting | str | None,
) -> None:
    """Let an open post begin as early and last as long as the longer of the two grants."""
    begins = min(held.from_at, from_at)
    ends = None if None in (held.until_at, until_at) else max(held.until_at, until_at)
    if (begins, ends) != (held.from_at, held.until_at):
        session.execute(update(HeldPost).where(HeldPost.id == held.id).values(from_at=begins, until_at=ends))
        if ends is not None:
            tell(session, person, now, ends)
        _tell_given_again(session, held.id, begins, now)
        audit.log(session, "identity", "post.widened", by, now, {"post": held.id}, f"person:{person}")


def end(session: Session, post: str, now: datetime, by: Acting | str | None) -> None:
    """End a post; ending one that has ended does nothing. Raises `Refusal("unknown_post")`.

    It waits for whatever its holder is just doing by it: what he gives, he gives before it ends, or not at all.
    """
    with transaction(session):
        person = session.scalar(select(HeldPost.person_id).where(HeldPost.id == post))
        if person is None:
            raise Refusal("unknown_post")
        lock(session, person)
        if session.scalar(select(HeldPost.ended_at).where(HeldPost.id == post)) is None:
            _close(session, post, now, by)
            tell(session, person, now)
            audit.log(session, "identity", "post.ended", by, now, {"post": post}, f"person:{person}")


def shorten(session: Session, post: str, until_at: datetime, now: datetime, by: Acting | str | None) -> None:
    """Let a post end on a later day; what ends before that day anyway stays. Raises `Refusal("unknown_post")`."""
    with transaction(session):
        held = session.execute(
            select(HeldPost.person_id, HeldPost.until_at, HeldPost.ended_at)
            .where(HeldPost.id == post)
            .with_for_update()
        ).first()
        if held is None:
            raise Refusal("unknown_post")
        if held.ended_at is None and (held.until_at is None or held.until_at > until_at):
            session.execute(update(HeldPost).where(HeldPost.id == post).values(until_at=until_at))
            tell(session, held.person_id, now, until_at)
            body = {"post": post, "until": until_at.isoformat()}
            audit.log(session, "identity", "post.shortened", by, now, body, f"person:{held.person_id}")


def redate(
    session: Session,
    post: str,
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
    by: Acting | str | None,
) -> None:
    """Let an open post be held from and until other moments. Raises `Refusal`: unknown_post, post_over."""
    with transaction(session):
        held = session.execute(
            select(HeldPost.person_id, HeldPost.from_at, HeldPost.until_at, HeldPost.ended_at)
            .where(HeldPost.id == post)
            .with_for_update()
        ).first()
        if held is None:
            raise Refusal("unknown_post")
        if held.ended_at is not None or (held.until_at is not None and held.until_at <= now):
            raise Refusal("post_over")
        if (from_at, until_at) == (held.from_at, held.until_at):
            return
        session.execute(
            update(HeldPost).where(HeldPost.id == post).values(from_at=from_at, until_at=until_at)
        )
        if until_at is not None:
            tell(session, held.person_id, now, until_at)
        _tell_given_again(session, post, from_at, now)
        before, after = (
            {"from": begins.isoformat(), "until": ends and ends.isoformat()}
            for begins, ends in ((held.from_at, held.until_at), (from_at, until_at))
        )
        body = {"post": post, "before": before, "after": after}
        audit.log(session, "identity", "post.redated", by, now, body, f"person:{held.person_id}")


def tell(session: Session, person: str, now: datetime, at: datetime | None = None) -> None:
    """Let whoever must hear it know that `person` may do less, now or from `at` on, or comes back.

    Joins the open transaction.
    """
    if LAPSED in house.jobs:
        jobs.enqueue(session, LAPSED, {"person": person}, now, due=at)


def tell_of(session: Session, now: datetime, **where: str) -> None:
    """The same of everybody who holds something by a `role` that has changed, or at a `place` that has moved.

    One job whatever their number. Joins the open transaction.
    """
    if LAPSED in house.jobs:
        jobs.enqueue(session, LAPSED, dict(where), now)


def tell_given(
    session: Session, held: Iterable[tuple[str, str]], now: datetime, at: datetime | None = None
) -> None:
    """Let whoever waits for it know that roles are held at places (`""`: anywhere), now or from `at` on.

    Joins the open transaction.
    """
    hear = house.jobs.get(GIVEN)
    if hear is not None:
        hear(session, {"held": sorted(set(held)), "at": at}, now)


def _tell_given_again(session: Session, post: str, at: datetime, now: datetime) -> None:
    row = session.execute(select(HeldPost.role, HeldPost.place).where(HeldPost.id == post)).one()
    tell_given(session, [(row.role, row.place)], now, at)


def lock(session: Session, person: str) -> str | None:
    """Let changes to one person's posts happen one after the other. Raises `Refusal("unknown_person")`.

    Returns whom he was merged into, if he was entered twice.
    """
    found = session.execute(
        select(Person.id, Person.merged_into_id).where(Person.id == person).with_for_update()
    ).first()
    if found is None:
        raise Refusal("unknown_person")
    merged: str | None = found.merged_into_id
    return merged


def _keep_apart(session: Session, person: str, role: str, now: datetime) -> None:
    refused = apart(session, person, role, now)
    if refused is not None:
        raise refused


def apart(session: Session, person: str, role: str, now: datetime) -> Refusal | None:
    """Why a person may not have `role` beside what he holds; None where he may.

    System, security and audit administrator are never one person (三员分立), whoever gives the post.
    """
    wanted = house_roles.sides(role)
    if not wanted:
        return None
    held = session.scalars(
        select(HeldPost.role).where(
            HeldPost.person_id == person,
            HeldPost.ended_at.is_(None),
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        )
    )
    if wanted.union(*(house_roles.sides(one) for one in held)) != wanted or len(wanted) > 1:
        return Refusal("separation", "role")
    return None


def _close(session: Session, post: str, at: datetime, by: Acting | str | None) -> None:
    who = by.person if isinstance(by, Acting) else by
    session.execute(update(HeldPost).where(HeldPost.id == post).values(ended_at=at, ended_by=who))


_POST = (HeldPost.id, HeldPost.role, HeldPost.place, HeldPost.subject)


def of(session: Session, person: str, now: datetime) -> tuple[Post, ...]:
    """Return the posts a person holds at `now`, in the order they were given."""
    rows = session.execute(
        select(*_POST).where(HeldPost.person_id == person, live(now)).order_by(HeldPost.id)
    )
    return tuple(Post(*row) for row in rows)


def tenures(session: Session, person: str) -> tuple[Tenure, ...]:
    """Return all posts a person has, had or will have."""
    rows = session.execute(
        select(HeldPost.__table__).where(HeldPost.person_id == person).order_by(HeldPost.id)
    )
    return tuple(
        Tenure(
            Post(row.id, row.role, row.place, row.subject),
            row.person_id,
            row.from_at,
            row.until_at,
            row.granted_by,
            row.instance_id,
            row.ended_at,
        )
        for row in rows
    )


def _holding(*where: ColumnElement[bool]) -> Any:
    now = bindparam("now", type_=Moment)
    return (
        select(Person.id, Person.name)
        .join(HeldPost, HeldPost.person_id == Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            HeldPost.role == bindparam("role"),
            HeldPost.place.in_(bindparam("places", expanding=True)),
            live(now),
            Account.is_disabled.is_not(True),
            *where,
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )


# Built once, for roles without and with a subject: asked at nearly every step.
_HOLDERS = {
    False: _holding(),
    True: _holding(HeldPost.subject.in_(bindparam("subjects", expanding=True))),
}


def holders(
    session: Session,
    role: str,
    place: str,
    subject: str | None,
    now: datetime,
    roles: Mapping[str, Role] | None = None,
) -> list[tuple[str, str]]:
    """Return `(person, name)` of everybody whose posts cover `role` at `place` for `subject`, by name.

    Whoever's account is disabled can do nothing, so he does not count (C-08).
    """
    facts = (house.roles if roles is None else roles).get(role)
    if facts is None:
        return []
    given: dict[str, Any] = {"role": role, "now": now}
    given["places"] = sorted({"", place} if facts.reach == "here" else set(above(place)))
    if facts.subject is not None:
        given["subjects"] = sorted({EVERY_SUBJECT, subject or EVERY_SUBJECT})
    found = [(row.id, row.name) for row in session.execute(_HOLDERS[facts.subject is not None], given)]
    alone = session.info.get(ALONE)
    return found if alone is None else [each for each in found if each[0] in alone]
