"""Coming in and going out: captcha, limiter, password, session, in this order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import attempts, captcha, logins, passwords, sessions
from app.platform.identity.entities import Account
from app.platform.identity.messages import Refusal


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The door is open. `token` goes into the cookie; `first` tells the first time ever (P-02)."""

    person: str
    token: str
    must_change: bool
    first: bool


def sign_in(
    session: Session,
    login: str,
    password: str,
    answer: captcha.Answer,
    address: str,
    device: str | None,
    now: datetime,
    agent: str = "",
) -> SignedIn:
    """Let in whoever knows the password of the account with this user name or phone (C-02).

    `device` is a random cookie the browser keeps for long. Raises `Refusal`: captcha_wrong, paused (C-09),
    wrong_login (the same for unknown accounts and wrong passwords, after the same work), account_disabled
    (C-08, only to who knows the password), password_expired.
    """
    if not captcha.take(session, answer, now):
        raise Refusal("captcha_wrong", "captcha")
    found = session.execute(
        select(Account.person_id, Account.password_hash).where(logins.matching(login))
    ).first()
    person, kept = found or (None, None)
    account = attempts.account_hash(person, logins.spelled(login))
    permit = attempts.admit(session, account, address, device, now)
    if isinstance(permit, attempts.Pause):
        raise permit.refusal(now)
    is_right = passwords.matches(kept, password)
    if not is_right or person is None or kept is None:
        body = {"account": account, "address": address}
        audit.log(session, "identity", "account.sign_in_failed", None, now, body)
        raise Refusal("wrong_login")
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else None
    return _open(session, person, kept, fresh, permit, address, agent, now)


def _open(
    session: Session,
    person: str,
    kept: str,
    fresh: str | None,
    permit: attempts.Permit,
    address: str,
    agent: str,
    now: datetime,
) -> SignedIn:
    with transaction(session):
        account = session.get(Account, person, with_for_update=True, populate_existing=True)
        if account is None or account.password_hash != kept:  # changed while it was being checked
            raise Refusal("wrong_login")
        if account.is_disabled:
            raise Refusal("account_disabled")
        if account.password_until_at is not None and account.password_until_at <= now:
            raise Refusal("password_expired")
        first = account.first_sign_in_at is None
        account.first_sign_in_at = account.first_sign_in_at or now
        account.password_hash = fresh or kept
        must_change = account.must_change_password and not account.is_demo
        session.flush()
        attempts.passed(session, permit)
        token = sessions.begin(session, person, address, agent, now)
        body = {"address": address, "agent": agent[:200]}
        audit.log(session, "identity", "account.signed_in", person, now, body, f"person:{person}")
    return SignedIn(person, token, must_change, first)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session of this cookie."""
    sessions.end(session, token, now)
