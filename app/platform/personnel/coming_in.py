"""Asking for a code: the captcha first (C-03), then a row that counts and a letter that leaves, in one transaction.

Known and unknown addresses are answered by the same statements: nobody's code goes by a letter to nobody.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import audit, notices
from app.platform.data import transaction
from app.platform.identity import captcha, logins, one_time_codes, people, phones, renewing
from app.platform.identity.messages import Refusal
from app.platform.identity.one_time_codes import EMAIL, LOGIN, PHONE, RESET, Asked, Issued
from app.platform.identity.sessions import Visit
from app.platform.registry import Words

_TITLES = {
    LOGIN: Words("登录验证码", "Sign-in code"),
    RESET: Words("找回密码验证码", "Password reset code"),
    PHONE: Words("更换登录手机验证码", "Code for a new phone number"),
    EMAIL: Words("更换邮箱验证码", "Code for a new e-mail address"),
}
_TEXT = Words(
    "{title}：{{secret}}，5分钟内有效。非本人操作请忽略，切勿告知他人。",
    "{title}: {{secret}}. Valid for 5 minutes. Ignore it if this was not you, and tell nobody.",
)


def ask_to_sign_in(
    session: Session,
    phone: str,
    answer: captcha.Answer,
    agreed: bool,
    asked: Asked,
    now: datetime,
    *,
    registers: bool = False,
) -> str:
    """Send a code to a login phone (C-02); return the code's id. `registers`: to a stranger's phone as well (C-06).

    Raises `Refusal`: phone_bad, agreement_required (C-05), captcha_wrong, code_soon, code_day.
    """
    number = phones.normal(phone)
    if number is None:
        raise Refusal("phone_bad", "to")
    if not agreed:
        raise Refusal("agreement_required", "agreed")
    _take(session, answer, now)
    to = one_time_codes.to_hash("login", number)
    with transaction(session):
        person = renewing.reached_by_phone(session, number)
        issued = one_time_codes.issue(session, LOGIN, to, person, asked, now, for_anybody=registers)
        _send(session, LOGIN, "sms", number, issued, to, None, asked, now)
    return issued.id


def ask_to_reset(
    session: Session, login: str, channel: str, answer: captcha.Answer, asked: Asked, now: datetime
) -> str:
    """Send a code to whoever forgot his password, by `sms` or `email` (C-49); return the code's id.

    Raises `Refusal`: login_needed, captcha_wrong, code_soon, code_day; the same for names that nobody has.
    """
    if not login.strip():
        raise Refusal("login_needed", "to")
    _take(session, answer, now)
    to = one_time_codes.to_hash("login", renewing.email(login) or logins.spelled(login))
    with transaction(session):
        reached = renewing.reached_by_login(session, login, channel)
        issued = one_time_codes.issue(session, RESET, to, reached.person, asked, now)
        _send(session, RESET, channel, reached.to, issued, to, None, asked, now)
    return issued.id


def ask_for_address(
    session: Session,
    by: Visit,
    channel: str,
    typed: str,
    password: str,
    answer: captcha.Answer,
    asked: Asked,
    now: datetime,
) -> str:
    """Send a code to one's own new phone (`sms`) or mailbox (`email`); return the code's id.

    Whether somebody else has that phone is said only after the code. Raises `Refusal`: phone_bad, email_bad,
    captcha_wrong, paused, password_wrong, code_soon, code_day.
    """
    is_phone = channel == "sms"
    address = phones.normal(typed) if is_phone else renewing.email(typed)
    if address is None:
        raise Refusal("phone_bad" if is_phone else "email_bad", "to")
    _take(session, answer, now)
    renewing.prove_owner(session, by, password, asked, now)
    purpose = PHONE if is_phone else EMAIL
    to = one_time_codes.to_hash("login" if is_phone else "email", address)
    with transaction(session):
        issued = one_time_codes.issue(session, purpose, to, by.person, asked, now, counted_by_person=False)
        _send(session, purpose, channel, address, issued, to, by.person, asked, now)
    return issued.id


def has_channel(channel: str) -> bool:
    """Whether this installation can send a code by `sms` or `email`."""
    ways = notices.settings()
    return (ways.sms if channel == "sms" else ways.mail) is not None


def email_of(session: Session, person: str) -> str | None:
    """Return a person's own mail address, for its owner."""
    facts = people.get(session, person)
    return facts.email if facts else None


def _take(session: Session, answer: captcha.Answer, now: datetime) -> None:
    if not captcha.take(session, answer, now):
        raise Refusal("captcha_wrong", "captcha")


def _send(
    session: Session,
    purpose: str,
    channel: str,
    address: str | None,
    issued: Issued,
    to: str,
    by: str | None,
    asked: Asked,
    now: datetime,
) -> None:
    title = _TITLES[purpose]
    text = Words(_TEXT.zh.format(title=title.zh), _TEXT.en.format(title=title.en))
    until = now + one_time_codes.LIFETIME
    letter = notices.SealedLetter(channel, address if issued.gets else None, title, text, issued.code, until)
    notices.write_to(session, letter, now)
    body = {"purpose": purpose, "channel": channel, "to": to, "address": asked.address}
    audit.log(session, "identity", "code.asked", by, now, body)
