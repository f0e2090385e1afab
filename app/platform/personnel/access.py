"""Somebody's account in an administrator's hands: shut, opened, closed for good, a new password, signed out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import accounts, attempts, authority, posts, roles, sessions
from app.platform.identity.entities import Account, Attempt, HeldPost, OpenSession, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import seeing
from app.platform.personnel.telling import is_reachable, tell_password
from app.platform.registry import Acting, Role, house
from app.platform.runtime.entities import Seat, Task


def open_account(
    session: Session, person: str, username: str, login_phone: str, by: Acting, now: datetime
) -> str | None:
    """Give an account to somebody who has none; return the first password where it could not be sent.

    Raises `Refusal`: what `hold` raises, own_account, username_bad, phone_bad, account_exists, no_address.
    """
    first = accounts.draw()
    with transaction(session):
        _hold(session, person, by, now)
        accounts.create(session, username, "", by, now, phone=login_phone or None, person=person, first=first)
        return _hand_over(session, person, first.secret, by, now, is_first=True)


def disable(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Shut an account (C-08). Raises `Refusal`: what `hold` raises, own_account, no_account, last_holder."""
    with transaction(session):
        _hold(session, person, by, now)
        _refuse_last_holder(session, person, by, now)
        accounts.disable(session, person, by, now)


def enable(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Open an account again. Raises `Refusal`: what `hold` raises, own_account, no_account, account_closed."""
    with transaction(session):
        _hold(session, person, by, now)
        accounts.enable(session, person, by, now)


def deregister(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Close an account for good (注销): sessions, tokens and open posts end, its names are free again.

    Raises `Refusal`: what `hold` raises, own_account, no_account, last_holder (with `role`), work_open (with
    `count`), not_yours for a post that is not his to end.
    """
    with transaction(session):
        _hold(session, person, by, now)
        refused = why_not_deregister(session, person, by, now)
        if refused is not None:
            raise refused
        for post in _open_posts(session, person, now):
            posts.end(session, post.id, now, by)
        accounts.close(session, person, by, now)


def why_not_deregister(session: Session, person: str, by: Acting, now: datetime) -> Refusal | None:
    """Why an account may not be closed yet; None where it may."""
    last = last_held(session, person, now)
    if last is not None:
        return Refusal("last_holder", role=last.title.said("zh"))
    count = open_work(session, person)
    if count:
        return Refusal("work_open", count=count)
    for post in _open_posts(session, person, now):
        if (refused := authority.why_not_take(session, person, post, by, now)) is not None:
            return refused
    return None


def reset_password(session: Session, person: str, by: Acting, now: datetime) -> str | None:
    """Draw a new password and send it to the person; return it only where that cannot be done.

    Then it is shown once, to who could give all his posts himself. Raises `Refusal`: what `hold` raises, own_account,
    no_account, account_closed, no_address.
    """
    first = accounts.draw()
    with transaction(session):
        _hold(session, person, by, now)
        accounts.reset_password(session, person, by, now, first=first)
        return _hand_over(session, person, first.secret, by, now)


def unlock(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Forget the failed tries that pause an account (C-09). Raises `Refusal`: what `hold` raises, no_account."""
    with transaction(session):
        _hold(session, person, by, now)
        if session.get(Account, person) is None:
            raise Refusal("no_account")
        failed = (
            Attempt.account_hash == attempts.account_hash(person, ""),
            Attempt.has_passed.is_(False),
            Attempt.at > now - attempts.PAUSE * 2,
        )
        session.execute(delete(Attempt).where(*failed))
        audit.log(session, "identity", "account.unlocked", by, now, {}, f"person:{person}")


def failures(session: Session, person: str, now: datetime) -> int:
    """How many tries to sign in have failed within the time that is counted."""
    failed = (
        Attempt.account_hash == attempts.account_hash(person, ""),
        Attempt.has_passed.is_(False),
        Attempt.at > now - attempts.PAUSE,
    )
    return session.scalar(select(func.count()).select_from(Attempt).where(*failed)) or 0


def end_session(session: Session, person: str, one: str, by: Acting, now: datetime) -> None:
    """Sign somebody out of one browser. Raises `Refusal`: what `hold` raises, unknown_token."""
    with transaction(session):
        _hold(session, person, by, now)
        mine = delete(OpenSession).where(OpenSession.id == one, OpenSession.person_id == person)
        if session.scalar(mine.returning(OpenSession.id)) is None:
            raise Refusal("unknown_token")
        audit.log(session, "identity", "account.session_ended", by, now, {}, f"person:{person}")


def end_sessions(session: Session, person: str, by: Acting, now: datetime) -> None:
    """Sign somebody out everywhere. Raises `Refusal`: what `hold` raises."""
    with transaction(session):
        _hold(session, person, by, now)
        sessions.end_all(session, person)
        audit.log(session, "identity", "account.sessions_ended", by, now, {}, f"person:{person}")


def open_work(session: Session, person: str) -> int:
    """How many open tasks wait for this very person: assigned to him, claimed by him, or with a seat of his."""
    tasks = (
        select(Task.id)
        .where(Task.state == "open", or_(Task.assignee_id == person, Task.claimed_by_id == person))
        .union(
            select(Seat.task_id)
            .join(Task, Task.id == Seat.task_id)
            .where(Task.state == "open", Seat.person_id == person, Seat.state.in_(("open", "waiting")))
        )
    )
    return session.scalar(select(func.count()).select_from(tasks.subquery())) or 0


def last_held(session: Session, person: str, now: datetime) -> Role | None:
    """A role of the house that nobody else holds who can sign in; None where there is none."""
    for role in roles.ROLES:
        holders = set(
            session.scalars(
                select(HeldPost.person_id)
                .join(Account, Account.person_id == HeldPost.person_id)
                .where(HeldPost.role == role.key, posts.live(now), Account.is_disabled.is_(False))
                .distinct()
                .limit(2)
            )
        )
        if holders == {person}:
            return house.roles.get(role.key, role)
    return None


def _refuse_last_holder(session: Session, person: str, by: Acting, now: datetime) -> None:
    last = last_held(session, person, now)
    if last is not None:
        raise Refusal("last_holder", role=last.title.said("zh"))


def _open_posts(session: Session, person: str, now: datetime) -> list[HeldPost]:
    rows = session.scalars(
        select(HeldPost).where(
            HeldPost.person_id == person,
            HeldPost.ended_at.is_(None),
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > now),
        )
    )
    return list(rows)


def _hold(session: Session, person: str, by: Acting, now: datetime) -> None:
    seeing.hold(session, person, by, now)
    if person == by.person:
        raise Refusal("own_account")
    if session.scalar(select(Person.merged_into_id).where(Person.id == person)) is not None:
        raise Refusal("unknown_person")


def _hand_over(
    session: Session, person: str, secret: str, by: Acting, now: datetime, *, is_first: bool = False
) -> str | None:
    """Send a password, or return it to who could give all the person's posts himself."""
    if tell_password(session, person, secret, now, is_first=is_first):
        return None
    if not authority.could_give_all(session, person, by, now):
        raise Refusal("no_address")
    return secret


def is_shown(session: Session, person: str, by: Acting, now: datetime) -> bool:
    """Whether a new password would be shown on the page: nothing can be sent, and `by` could give all posts."""
    return not is_reachable(session, person) and authority.could_give_all(session, person, by, now)
