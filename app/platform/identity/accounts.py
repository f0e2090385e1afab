"""Accounts: how they come to be, and how their passwords, phones and doors are changed."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.forms.names import is_person_name
from app.platform.identity import attempts, captcha, logins, passwords, people, phones, posts, sessions
from app.platform.identity.entities import Account, Token
from app.platform.identity.messages import Refusal
from app.platform.identity.passwords import FirstPassword, draw
from app.platform.identity.signing import SignedIn, sign_in, sign_out
from app.platform.registry import Acting, house

__all__ = [
    "AccountFacts",
    "FirstPassword",
    "Registration",
    "SignedIn",
    "by_username",
    "change_password",
    "check_password",
    "close",
    "complaints",
    "create",
    "disable",
    "draw",
    "enable",
    "get",
    "register",
    "reset_password",
    "set_login_phone",
    "set_password",
    "sign_in",
    "sign_out",
    "username_complaint",
]

GENERATED_LASTS = timedelta(hours=72)
_USERNAME = re.compile(r"[\w.\-]{3,30}")


@dataclass(frozen=True, slots=True)
class Registration:
    """What a newcomer fills in. `system` is the one he registers through."""

    username: str
    password: str
    phone: str
    name: str
    system: str
    agreed: bool
    repeat: str | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account as its owner and administrators see it."""

    person: str
    username: str
    login_phone: str | None
    registered_through: str | None
    is_disabled: bool
    must_change_password: bool
    is_demo: bool
    created_at: datetime
    closed_at: datetime | None = None


def complaints(registration: Registration) -> tuple[Refusal, ...]:
    """Return all that is wrong with a registration by itself, so that a page says it at once."""
    found = [username_complaint(registration.username)]
    if not registration.name.strip():
        found.append(Refusal("name_required", "name"))
    elif not is_person_name(registration.name.strip()):
        found.append(Refusal("name_bad", "name"))
    phone = phones.normal(registration.phone)
    if phone is None:
        found.append(Refusal("phone_bad", "phone"))
    person = {"name": registration.name.strip(), "phone": phone or "", "username": registration.username}
    found.append(passwords.complaint(registration.password, **person))
    if registration.repeat is not None and registration.repeat != registration.password:
        found.append(Refusal("password_unequal", "repeat"))
    if not registration.agreed:
        found.append(Refusal("agreement_required", "agreed"))
    return tuple(complaint for complaint in found if complaint is not None)


def username_complaint(username: str) -> Refusal | None:
    """Why nobody may be called so; None where it is a user name."""
    name = logins.username(username)
    good = _USERNAME.fullmatch(name) and not re.sub(r"[.\-_]", "", name).isdigit()
    return None if good else Refusal("username_bad", "username")


def register(
    session: Session, registration: Registration, answer: captcha.Answer, now: datetime, address: str = ""
) -> str:
    """Make a newcomer a person with an account (P-01); return the person's id.

    Raises the first `Refusal` of: registration_closed (C-06), captcha_wrong, `complaints`, account_exists
    (P-04).
    """
    lease = house.systems.get(registration.system)
    if lease is None or not lease.registers:
        raise Refusal("registration_closed")
    if not captcha.take(session, answer, now):
        raise Refusal("captcha_wrong", "captcha")
    for complaint in complaints(registration):
        raise complaint
    phone = phones.normal(registration.phone)
    return _enter(
        session,
        Account(
            username=logins.username(registration.username),
            login_phone=phone,
            password_hash=passwords.hashed(registration.password),
            password_at=now,
            registered_through=registration.system,
            agreed_at=now,
            created_at=now,
        ),
        {"name": registration.name.strip(), "phone": phone},
        None,
        {"system": registration.system, "address": address},
    )


def create(
    session: Session,
    username: str,
    name: str,
    by: Acting | str | None,
    now: datetime,
    password: str | None = None,
    phone: str | None = None,
    person: str | None = None,
    demo: bool = False,
    first: FirstPassword | None = None,
) -> tuple[str, str]:
    """Make an account for somebody else (C-07): for the known `person`, or for a new one with this name.

    Returns the person's id and the password: the given one, or one drawn at random (`first`, where the caller has
    drawn it before his transaction) that is good for 72 hours. It must be changed at the first login, except in a
    demonstration. Raises `Refusal`.
    """
    complaint = username_complaint(username)
    if complaint is not None:
        raise complaint
    normal_phone = phones.normal(phone) if phone else None
    if phone and normal_phone is None:
        raise Refusal("phone_bad", "phone")
    if password:
        first = FirstPassword(password, passwords.hashed(password))
    elif first is None:
        first = draw()
    account = Account(
        person_id=person,
        username=logins.username(username),
        login_phone=normal_phone,
        password_hash=first.kept,
        password_at=now,
        password_until_at=None if password or demo else now + GENERATED_LASTS,
        must_change_password=not demo,
        is_demo=demo,
        created_at=now,
    )
    return _enter(session, account, {"name": name, "phone": normal_phone}, by, {}), first.secret


def _enter(
    session: Session,
    account: Account,
    facts: dict[str, str | None],
    by: Acting | str | None,
    body: dict[str, str],
) -> str:
    """Write the account, and the person if it is for a new one."""
    if account.login_phone:
        account.login_phone_hash = logins.phone_hash(account.login_phone)
    try:
        with transaction(session):
            _refuse_taken(session, account)
            if account.person_id is None:
                account.person_id = people.add(session, facts, by, now=account.created_at)
            session.add(account)
            session.flush()
            kind = "account.registered" if account.registered_through else "account.created"
            about = f"person:{account.person_id}"
            audit.log(session, "identity", kind, by or account.person_id, account.created_at, body, about)
            return account.person_id
    except IntegrityError as error:  # somebody took the name between the look and the write
        raise Refusal("account_exists") from error


def _refuse_taken(session: Session, account: Account) -> None:
    taken = [Account.username == account.username]
    if account.login_phone_hash:
        taken.append(Account.login_phone_hash == account.login_phone_hash)
    if account.person_id:
        taken.append(Account.person_id == account.person_id)
    if session.scalar(select(func.count()).select_from(Account).where(or_(*taken))):
        raise Refusal("account_exists", "username")


def get(session: Session, person: str) -> AccountFacts | None:
    """Return a person's account, or None."""
    row = session.get(Account, person)
    if row is None:
        return None
    must_change = row.must_change_password and not row.is_demo
    return AccountFacts(
        row.person_id,
        row.username,
        row.login_phone,
        row.registered_through,
        row.is_disabled,
        must_change,
        row.is_demo,
        row.created_at,
        row.closed_at,
    )


def by_username(session: Session, username: str) -> str | None:
    """Return the person whose account has this user name, or None."""
    return session.scalar(select(Account.person_id).where(Account.username == logins.username(username)))


def change_password(
    session: Session,
    by: sessions.Visit,
    old: str,
    new: str,
    now: datetime,
    repeat: str | None = None,
) -> str:
    """Change one's own password. All sessions end; returns the token of the one that replaces this one.

    Raises `Refusal`: old_password_wrong, password_*.
    """
    account = _account(session, by.person)
    person = people.get(session, by.person)
    address, agent = sessions.whence(session, by)
    known = {
        "username": account.username,
        "phone": account.login_phone or "",
        "name": person.name if person else "",
    }
    kept = account.password_hash
    if repeat is not None and repeat != new:
        raise Refusal("password_unequal", "repeat")
    attempt = attempts.admit(session, attempts.account_hash(by.person, ""), address, None, now)
    if isinstance(attempt, attempts.Pause):
        raise attempt.refusal(now)
    if not passwords.matches(kept, old):
        raise Refusal("old_password_wrong", "old")
    attempts.passed(session, attempt)
    complaint = Refusal("password_same", "password") if new == old else passwords.complaint(new, **known)
    if complaint is not None:
        raise complaint
    fresh = passwords.hashed(new)
    with transaction(session):
        if _account(session, by.person).password_hash != kept:
            raise Refusal("old_password_wrong", "old")
        proved = sessions.proved_at(session, by)
        set_password(session, by.person, fresh, now, must_change=False)
        audit.log(session, "identity", "account.password_changed", by, now, {}, f"person:{by.person}")
        return sessions.begin(session, by.person, address, agent, now, proved)


def check_password(session: Session, by: sessions.Visit, password: str, now: datetime) -> None:
    """See that `by` knows his password. Raises `Refusal`: paused, password_wrong."""
    address, _ = sessions.whence(session, by)
    permit = attempts.admit(session, attempts.account_hash(by.person, ""), address, None, now)
    if isinstance(permit, attempts.Pause):
        raise permit.refusal(now)
    if not passwords.matches(_account(session, by.person).password_hash, password):
        raise Refusal("password_wrong", "password")
    attempts.passed(session, permit)


def reset_password(
    session: Session, person: str, by: Acting | str | None, now: datetime, first: FirstPassword | None = None
) -> str:
    """Draw a new password for somebody; it is good for 72 hours and must be changed. All his sessions end.

    `first`: the one the caller has drawn before his transaction. Raises `Refusal`: no_account, account_closed.
    """
    drawn = first or draw()
    with transaction(session):
        _refuse_closed(session, person)
        set_password(session, person, drawn.kept, now, must_change=True)
        audit.log(session, "identity", "account.password_reset", by, now, {}, f"person:{person}")
    return drawn.secret


def set_password(session: Session, person: str, kept: str, now: datetime, *, must_change: bool) -> None:
    """Keep another password's hash, in the open transaction of a verb that logs why; all sessions end."""
    account = _account(session, person)
    account.password_hash = kept
    account.password_at = now
    account.password_until_at = now + GENERATED_LASTS if must_change else None
    account.must_change_password = must_change
    session.flush()
    sessions.end_all(session, person)


def disable(session: Session, person: str, by: Acting | str | None, now: datetime) -> None:
    """Shut an account (C-08): its sessions end at once."""
    _open(session, person, False, by, now)


def enable(session: Session, person: str, by: Acting | str | None, now: datetime) -> None:
    """Open an account again. Raises `Refusal`: no_account, account_closed."""
    _open(session, person, True, by, now)


def _open(session: Session, person: str, is_open: bool, by: Acting | str | None, now: datetime) -> None:
    with transaction(session):
        _refuse_closed(session, person)
        _account(session, person).is_disabled = not is_open
        session.flush()
        sessions.end_all(session, person)
        posts.tell(session, person, now)
        kind = "account.enabled" if is_open else "account.disabled"
        audit.log(session, "identity", kind, by, now, {}, f"person:{person}")


def close(session: Session, person: str, by: Acting | str | None, now: datetime) -> None:
    """Deregister an account (注销): it opens for nobody, and its user name and login phone are free again.

    Its sessions end and its tokens are revoked. Doing it twice does nothing. Raises `Refusal("no_account")`.
    """
    with transaction(session):
        account = _account(session, person)
        if account.closed_at is not None:
            return
        account.closed_at, account.is_disabled = now, True
        body = {"username": account.username}
        account.username = f"~{person}"  # no user name may have this sign
        account.login_phone = account.login_phone_hash = None
        account.password_hash = ""
        session.flush()
        sessions.end_all(session, person)
        posts.tell(session, person, now)
        opening = (Token.person_id == person, Token.revoked_at.is_(None))
        session.execute(update(Token).where(*opening).values(revoked_at=now))
        audit.log(session, "identity", "account.closed", by, now, body, f"person:{person}")


def set_login_phone(
    session: Session, person: str, phone: str | None, by: Acting | str | None, now: datetime
) -> None:
    """Change the phone somebody signs in with. Raises `Refusal`: no_account, account_closed, phone_bad, phone_taken."""
    wanted = phones.normal(phone) if phone else None
    if phone and wanted is None:
        raise Refusal("phone_bad", "login_phone")
    kept = logins.phone_hash(wanted) if wanted else None
    try:
        with transaction(session):
            _refuse_closed(session, person)
            account = _account(session, person)
            if account.login_phone_hash == kept:
                return
            account.login_phone, account.login_phone_hash = wanted, kept
            session.flush()
            audit.log(session, "identity", "account.phone_changed", by, now, {}, f"person:{person}")
    except IntegrityError as error:
        raise Refusal("phone_taken", "login_phone") from error


def _refuse_closed(session: Session, person: str) -> None:
    if _account(session, person).closed_at is not None:
        raise Refusal("account_closed")


def _account(session: Session, person: str) -> Account:
    account = session.get(Account, person, with_for_update=True)
    if account is None:
        raise Refusal("no_account")
    return account
