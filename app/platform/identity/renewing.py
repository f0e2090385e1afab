"""What a proved code opens: the door, a new password (C-49), another login phone or mailbox of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import (
    accounts,
    attempts,
    logins,
    one_time_codes,
    passwords,
    people,
    phones,
    sessions,
)
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.identity.one_time_codes import EMAIL, LOGIN, PHONE, RESET, Asked
from app.platform.identity.signing import SignedIn

_EMAIL = re.compile(r"[^@\s\0]{1,64}@[^@\s\0]+\.[^@\s\0.]{2,}")


@dataclass(frozen=True, slots=True)
class Renewal:
    """The code was right, but the password is a generated one: with this ticket a new one is chosen first (C-07)."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """The code was right, and the phone is nobody's yet: to be registered, where a system allows it (C-06)."""

    phone: str


def email(text: str) -> str | None:
    """Return the one spelling of a mail address, or None if it is none."""
    plain = text.strip().casefold()
    return plain if len(plain) <= 100 and _EMAIL.fullmatch(plain) else None


def sign_in_by_code(
    session: Session, phone: str, code_id: str, code: str, asked: Asked, now: datetime, agent: str = ""
) -> SignedIn | Renewal | Stranger:
    """Let in whoever reads the code that was sent to this login phone (C-02).

    Raises `Refusal`: code_wrong, code_void, account_disabled (C-08, only to who has the phone).
    """
    number = phones.normal(phone) or ""
    proved = one_time_codes.check(session, LOGIN, code_id, code, now)
    if proved.to_hash != one_time_codes.to_hash("login", number):
        raise Refusal("code_void", "code")
    if proved.person is None:
        with transaction(session):
            one_time_codes.use(session, proved, now)
        return Stranger(number)
    person = proved.person
    with transaction(session):
        account = session.get(Account, person, with_for_update=True, populate_existing=True)
        if account is None or account.closed_at or account.login_phone_hash != logins.phone_hash(number):
            raise Refusal("code_void", "code")
        if account.is_disabled:
            raise Refusal("account_disabled")
        if account.must_change_password and not account.is_demo:
            return Renewal(one_time_codes.ticket(session, proved, now))
        one_time_codes.use(session, proved, now)
        first = account.first_sign_in_at is None
        account.first_sign_in_at = account.first_sign_in_at or now
        account.agreed_at = account.agreed_at or now
        session.flush()
        attempts.came_in(session, attempts.account_hash(person, ""), asked.address, asked.device, now)
        token = sessions.begin(session, person, asked.address, agent, now)
        body = {"address": asked.address, "agent": agent[:200], "by": "code"}
        audit.log(session, "identity", "account.signed_in", person, now, body, f"person:{person}")
    return SignedIn(person, token, False, first)


def prove_reset(session: Session, code_id: str, code: str, now: datetime) -> str:
    """Exchange the code of 找回密码 for a ticket. Raises `Refusal`: code_wrong, code_void."""
    return one_time_codes.ticket(session, one_time_codes.check(session, RESET, code_id, code, now), now)


def username_of(session: Session, ticket: str, now: datetime) -> str:
    """Return whose password a ticket renews, by the user name. Raises `Refusal("ticket_void")`."""
    person = one_time_codes.shown(session, ticket, now).person
    found = session.scalar(select(Account.username).where(Account.person_id == person))
    if found is None:
        raise Refusal("ticket_void")
    return found


def renew_password(
    session: Session, ticket: str, new: str, repeat: str, asked: Asked, now: datetime, agent: str = ""
) -> SignedIn:
    """Set a new password with a ticket; all sessions end, and one is opened here (C-49).

    The second factor, where one is asked for, is still to be shown in it. Raises `Refusal`: password_*,
    ticket_void, account_disabled.
    """
    proved = one_time_codes.shown(session, ticket, now)
    account = session.get(Account, proved.person) if proved.person else None
    if account is None:
        raise Refusal("ticket_void")
    facts = people.get(session, account.person_id)
    known = {
        "username": account.username,
        "phone": account.login_phone or "",
        "name": facts.name if facts else "",
    }
    complaint = passwords.complaint(new, **known)
    if complaint is not None:
        raise complaint
    if repeat != new:
        raise Refusal("password_unequal", "repeat")
    person, fresh = account.person_id, passwords.hashed(new)
    with transaction(session):
        kept = session.get(Account, person, with_for_update=True, populate_existing=True)
        if kept is None or kept.closed_at:
            raise Refusal("ticket_void")
        if kept.is_disabled:
            raise Refusal("account_disabled")
        one_time_codes.use(session, proved, now)
        accounts.set_password(session, person, fresh, now, must_change=False)
        kept.first_sign_in_at = kept.first_sign_in_at or now
        session.flush()
        attempts.came_in(session, attempts.account_hash(person, ""), asked.address, asked.device, now)
        token = sessions.begin(session, person, asked.address, agent, now)
        body = {"address": asked.address}
        audit.log(session, "identity", "account.password_renewed", person, now, body, f"person:{person}")
    return SignedIn(person, token, False, False)


def prove_owner(session: Session, by: sessions.Visit, password: str, asked: Asked, now: datetime) -> None:
    """Ask for the password once more before an address by which one is reached changes. Raises `Refusal`: paused,
    password_wrong."""
    kept = session.scalar(select(Account.password_hash).where(Account.person_id == by.person))
    account = attempts.account_hash(by.person, "")
    permit = attempts.admit(session, account, asked.address, asked.device, now)
    if isinstance(permit, attempts.Pause):
        raise permit.refusal(now)
    if not passwords.matches(kept, password):
        raise Refusal("password_wrong", "password")
    attempts.passed(session, permit)


def change_phone(
    session: Session, by: sessions.Visit, phone: str, code_id: str, code: str, now: datetime
) -> None:
    """Sign in with another phone from now on: its owner has read the code. Raises `Refusal`: code_*, phone_taken."""
    number = phones.normal(phone) or ""
    proved = one_time_codes.check(session, PHONE, code_id, code, now)
    if proved.person != by.person or proved.to_hash != one_time_codes.to_hash("login", number):
        raise Refusal("code_void", "code")
    try:
        with transaction(session):
            one_time_codes.use(session, proved, now)
            account = session.get_one(Account, by.person, with_for_update=True)
            account.login_phone = number
            account.login_phone_hash = logins.phone_hash(number)
            session.flush()
            audit.log(session, "identity", "account.phone_changed", by, now, {}, f"person:{by.person}")
    except IntegrityError as error:
        raise Refusal("phone_taken", "to") from error


def change_email(
    session: Session, by: sessions.Visit, address: str, code_id: str, code: str, now: datetime
) -> None:
    """Be reached at another mailbox from now on: its owner has read the code. Raises `Refusal`: code_*."""
    mailbox = email(address) or ""
    proved = one_time_codes.check(session, EMAIL, code_id, code, now)
    if proved.person != by.person or proved.to_hash != one_time_codes.to_hash("email", mailbox):
        raise Refusal("code_void", "code")
    with transaction(session):
        one_time_codes.use(session, proved, now)
        people.change(session, by.person, {"email": mailbox}, by, now)


def reached_by_phone(session: Session, phone: str) -> str | None:
    """Return whose login phone this is; None for nobody's."""
    return session.scalar(
        select(Account.person_id).where(logins.matching(phone), Account.closed_at.is_(None))
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """Whose password is forgotten and where a code goes; all None where there is nobody, or no way to reach him."""

    person: str | None = None
    to: str | None = None


def reached_by_login(session: Session, login: str, channel: str) -> Reached:
    """Return who has forgotten a password, by user name, login phone or mailbox, and where `channel` reaches him.

    One statement. A mailbox that several people have is nobody's. Who is disabled or deregistered is not reached.
    """
    mailbox = email(login)
    matching = Person.email_hash == people.email_hash(mailbox) if mailbox else logins.matching(login)
    rows = session.execute(
        select(Account.person_id, Account.login_phone, Person.email, Account.is_disabled)
        .join(Person, Person.id == Account.person_id)
        .where(matching, Account.closed_at.is_(None))
        .limit(2)
    ).all()
    if len(rows) != 1 or rows[0].is_disabled:
        return Reached()
    to = rows[0].login_phone if channel == "sms" else rows[0].email
    return Reached(rows[0].person_id, to) if to else Reached()
