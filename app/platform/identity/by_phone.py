"""Accounts of people who were entered by name and phone: they sign in by a text message, and have no password."""

from datetime import datetime

from sqlalchemy import Exists, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.forms.names import is_person_name
from app.platform.identity import logins, passwords, people, phones
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import MESSAGES
from app.platform.registry import Acting, Refused, Words

SHUT = Words(
    "使用该手机号码的账号已停用，请联系管理员",
    "The account of this phone number is disabled; please ask an administrator",
)
CLOSED = Words(
    "使用该手机号码的账号已注销，请换一个手机号码，或请本人重新注册",
    "The account of this phone number was closed; give another number, or let its owner register anew",
)


def open_account(session: Session, name: str, phone: str, by: Acting | str | None, now: datetime) -> str:
    """Find the account that is signed in to by `phone`, or make one for a new person; return the person's id.

    Whoever is found keeps the name he has. Two at once with one number get the same account. Joins the verb of
    the system that enters people. Raises `Refused` in words, its field `name` or `phone`: what is wrong with what was
    typed, an account that is disabled, a number whose only account was deregistered.
    """
    wanted, number = name.strip(), phones.normal(phone)
    if not wanted or not is_person_name(wanted):
        raise Refused(*MESSAGES["name_bad" if wanted else "name_required"], "name")
    if number is None:
        raise Refused(*MESSAGES["phone_bad"], "phone")
    with transaction(session):
        found = _found(session, number)
        if found is not None:
            return found
        if session.scalar(select(_was_closed(number))):
            raise Refused(*CLOSED, "phone")
        try:
            with session.begin_nested():  # the verb goes on with the other's account where one was faster
                return _make(session, wanted, number, by, now)
        except IntegrityError:
            found = _found(session, number)
            if found is None:
                raise
            return found


def _found(session: Session, number: str) -> str | None:
    """Whose account is signed in to by this number. Raises `Refused` where it lets nobody in."""
    row = session.execute(
        select(Account.person_id, Account.is_disabled).where(logins.matching(number))
    ).one_or_none()
    if row is not None and row.is_disabled:
        raise Refused(*SHUT, "phone")
    return None if row is None else str(row.person_id)


def _was_closed(number: str) -> Exists:
    """Ask whether somebody of this number has deregistered: his account is not made anew behind his back."""
    return exists().where(
        Person.phone_hash == people.phone_hash(number),
        Account.person_id == Person.id,
        Account.closed_at.is_not(None),
    )


def _make(session: Session, name: str, number: str, by: Acting | str | None, now: datetime) -> str:
    person = people.add(session, {"name": name, "phone": number}, by, now)
    session.add(
        Account(
            person_id=person,
            username=f"sms-{new_id()[-12:]}",
            login_phone=number,
            login_phone_hash=logins.phone_hash(number),
            password_hash=passwords.UNUSABLE,
            password_at=now,
            created_at=now,
        )
    )
    session.flush()
    audit.log(session, "identity", "account.created", by or person, now, {"way": "phone"}, f"person:{person}")
    return person
