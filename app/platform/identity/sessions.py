"""Sessions on the server: a cookie holds a random token, the table its hash; revoking is deleting."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.data import transaction
from app.platform.identity import masks as masks  # entered here, where every request begins
from app.platform.identity import posts, proof
from app.platform.identity.entities import Account, Factor, HeldPost, OpenSession, PermissionCode, Person
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Post, house

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Visit(Acting):
    """The acting person of one session, with what the door must know before letting him further in.

    `must_change`: only the password page is open. `must_choose`: the key of the system whose identity
    selection is still to be done (P-02), else None. `must_prove`: what is to be done with a second factor before
    anything else (`proof.step`). `more`: what `acting` was asked besides.
    """

    session: str = ""
    must_change: bool = False
    must_choose: str | None = None
    must_prove: proof.Step | None = None
    more: bool | None = None


def session_id(token: str) -> str:
    """Return the id under which the table knows the cookie `token`."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(
    session: Session, person: str, address: str, agent: str, now: datetime, proved_at: datetime | None = None
) -> str:
    """Open a session for a person who has proved who he is; return the token for the cookie.

    `proved_at`: when the session this one replaces has shown the second factor.
    Whoever has redeemed a permission code and comes back is active by it.
    """
    token = secrets.token_urlsafe(32)
    with transaction(session):
        session.execute(
            insert(OpenSession),
            {
                "id": session_id(token),
                "person_id": person,
                "created_at": now,
                "seen_at": now,
                "expires_at": now + ABSOLUTE,
                "address": address[:45],
                "agent": agent[:200],
                "proved_at": proved_at,
            },
        )
        came = update(PermissionCode).where(
            PermissionCode.redeemed_by_id == person, PermissionCode.active_at.is_(None)
        )
        session.execute(came.values(active_at=now), execution_options={"synchronize_session": False})
    return token


_FIND = (
    select(
        OpenSession.person_id,
        OpenSession.seen_at,
        OpenSession.expires_at,
        OpenSession.working_post,
        OpenSession.proved_at,
        Factor.confirmed_at,
        Person.name,
        Account.username,
        Account.is_disabled,
        Account.is_demo,
        Account.must_change_password,
        Account.registered_through,
        HeldPost.id,
        HeldPost.role,
        HeldPost.place,
        HeldPost.subject,
        settings.revision().label("revision"),
    )
    .join(Person, Person.id == OpenSession.person_id)
    .join(Account, Account.person_id == OpenSession.person_id)
    .outerjoin(Factor, Factor.person_id == OpenSession.person_id)
    .order_by(HeldPost.id)
)


def acting(
    session: Session,
    token: str,
    now: datetime,
    *,
    more: ColumnElement[bool] | None = None,
    counts: bool = True,
) -> Visit | None:
    """Return who acts with the cookie `token`, with the posts held now; None when the session has ended.

    One statement, and once a minute a second one that notes the visit; where a setting was changed since, those that
    read them all anew. That one commits: call it before
    anything else in a request. `more`: a question about `OpenSession.person_id` to be answered along with it.
    `counts`: whether somebody is there; a page that asks by itself keeps no session alive.
    """
    key = session_id(token)
    held = and_(HeldPost.person_id == OpenSession.person_id, posts.live(now))
    asked = _FIND if more is None else _FIND.add_columns(more.label("more"))
    rows = session.execute(asked.outerjoin(HeldPost, held).where(OpenSession.id == key)).all()
    if not rows:
        return None
    first = rows[0]
    if first.is_disabled or now >= first.expires_at or now - first.seen_at >= IDLE:
        return None
    if counts and now - first.seen_at >= _SEEN_EVERY:
        with transaction(session):
            session.execute(update(OpenSession).where(OpenSession.id == key).values(seen_at=now))
    settings.catch_up(session, first.revision)
    mine = tuple(Post(row.id, row.role, row.place, row.subject) for row in rows if row.id is not None)
    return Visit(
        person=first.person_id,
        name=first.name,
        username=first.username,
        posts=mine,
        post=next((post for post in mine if post.id == first.working_post), None),
        session=key,
        must_change=first.must_change_password and not first.is_demo,
        must_choose=_to_choose(first.registered_through, mine),
        must_prove=proof.step(mine, first.confirmed_at, first.proved_at),
        more=None if more is None else bool(first.more),
    )


def _to_choose(system: str | None, held: tuple[Post, ...]) -> str | None:
    """Return `system` if it lets people choose an identity and this one has none of them yet (P-02)."""
    lease = house.systems.get(system or "")
    if lease is None:
        return None
    offered = {role.key for role in lease.roles if role.chosen_by_oneself}
    return lease.key if offered and not any(post.role in offered for post in held) else None


def work_as(session: Session, by: Visit, post: str | None) -> None:
    """Choose the post to work under, or none (C-01). Raises `Refusal("unknown_post")` for another's."""
    if post is not None and all(held.id != post for held in by.posts):
        raise Refusal("unknown_post")
    with transaction(session):
        session.execute(update(OpenSession).where(OpenSession.id == by.session).values(working_post=post))


def whence(session: Session, by: Visit) -> tuple[str, str]:
    """Return the address and the browser a session was opened from."""
    row = session.execute(
        select(OpenSession.address, OpenSession.agent).where(OpenSession.id == by.session)
    ).first()
    return (row.address, row.agent) if row else ("", "")


def proved_at(session: Session, by: Visit) -> datetime | None:
    """Return when a session has shown its second factor."""
    return session.scalar(select(OpenSession.proved_at).where(OpenSession.id == by.session))


def end(session: Session, token: str, now: datetime) -> None:
    """Sign out: from now on the cookie is worth nothing."""
    with transaction(session):
        person = session.scalar(
            delete(OpenSession).where(OpenSession.id == session_id(token)).returning(OpenSession.person_id)
        )
        if person is not None:
            audit.log(session, "identity", "account.signed_out", person, now, {}, f"person:{person}")


def end_all(session: Session, person: str, but: str | None = None) -> None:
    """End every session of a person at once, except the one with the id `but`. The caller logs why."""
    with transaction(session):
        mine = delete(OpenSession).where(OpenSession.person_id == person)
        session.execute(mine if but is None else mine.where(OpenSession.id != but))


def sweep(session: Session, now: datetime) -> None:
    """Remove sessions that have run out."""
    with transaction(session):
        session.execute(delete(OpenSession).where(OpenSession.expires_at <= now))
        session.execute(delete(OpenSession).where(OpenSession.seen_at <= now - IDLE))
