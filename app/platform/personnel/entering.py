"""Entering somebody new: the person, and if wanted an account and a post, in one act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.forms import id_numbers
from app.platform.forms.names import is_person_name
from app.platform.identity import accounts, authority, logins, people, phones
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import locating, seeing, taking_over
from app.platform.personnel.telling import tell_password
from app.platform.registry import Acting

EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)+")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be entered. `place`: where he is kept, a path.

    `username` None: no account. `is_another`: the phone is somebody else's too, and they are two people.
    """

    name: str
    id_number: str = ""
    gender: str = ""
    phone: str = ""
    email: str = ""
    place: str = ""
    username: str | None = None
    login_phone: str = ""
    post: authority.Wanted | None = None
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has the same number. `id` and `name` only where the asker looks after him."""

    by: str
    id: str | None = None
    name: str | None = None
    place: str | None = None


class PersonKnown(Refusal):
    """He is entered already. `known` says who, as far as the asker may know."""

    def __init__(self, known: Known) -> None:
        field_of = {"id_number": "id_number", "phone": "phone", "login_phone": "login_phone"}
        code = "id_number_known" if known.by == "id_number" else "phone_known"
        super().__init__(code, field_of[known.by])
        self.known = known


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of it. `secret`: the first password, only where there is no address to send it to."""

    person: str
    post: str | None = None
    is_told: bool = False
    secret: str | None = field(default=None, repr=False)


def enter(session: Session, newcomer: Newcomer, by: Acting, now: datetime) -> Entered:
    """Enter a person with all that is wanted, or nothing of it.

    The first password goes to his own phone or mail by the outbox; where he has none, whoever enters him reads it
    once. Raises the first `Refusal` of `complaints`, `PersonKnown`, username_bad, username_taken, phone_taken, or
    what `authority.give` raises.
    """
    for complaint in complaints(session, newcomer, by, now):
        raise complaint
    first = accounts.draw() if newcomer.username is not None else None
    with transaction(session):
        known = find_known(session, newcomer, by, now)
        if known is not None:
            raise PersonKnown(known)
        person = people.add(session, facts_of(newcomer, now), by, now)
        session.get_one(Person, person).place = newcomer.place or None
        session.flush()
        told = False
        if first is not None:
            _open_account(session, newcomer, person, first, by, now)
            told = tell_password(session, person, first.secret, now, is_first=True)
        post = taking_over.give(session, person, newcomer.post, by, now).post if newcomer.post else None
    return Entered(person, post, told, first.secret if first and not told else None)


def _open_account(
    session: Session,
    newcomer: Newcomer,
    person: str,
    first: accounts.FirstPassword,
    by: Acting,
    now: datetime,
) -> None:
    wanted = newcomer.username or ""
    if accounts.by_username(session, wanted) is not None:
        raise Refusal("username_taken", "username")
    phone = phones.normal(newcomer.login_phone)
    if phone and session.scalar(select(Account.person_id).where(logins.matching(phone))):
        raise Refusal("phone_taken", "login_phone")
    accounts.create(session, wanted, newcomer.name, by, now, phone=phone, person=person, first=first)


def complaints(session: Session, newcomer: Newcomer, by: Acting, now: datetime) -> list[Refusal]:
    """All that is wrong with what was typed by itself, so that a page says it at once."""
    found = [
        *name_complaints(newcomer.name),
        *number_complaints(newcomer.id_number, now),
        *address_complaints(newcomer.phone, newcomer.email),
        *place_complaints(session, newcomer.place, by),
    ]
    if newcomer.username is not None:
        if (wrong := accounts.username_complaint(newcomer.username)) is not None:
            found.append(wrong)
        if newcomer.login_phone and phones.normal(newcomer.login_phone) is None:
            found.append(Refusal("phone_bad", "login_phone"))
    if newcomer.post is not None:
        refused = authority.why_not(session, newcomer.post, by, now)
        if refused is not None:
            found.append(refused)
    return found


def name_complaints(name: str) -> list[Refusal]:
    """What is wrong with a name."""
    if not name.strip():
        return [Refusal("name_required", "name")]
    return [] if is_person_name(name.strip()) else [Refusal("name_bad", "name")]


def number_complaints(number: str, now: datetime) -> list[Refusal]:
    """What is wrong with the number of a resident's identity card; none at all is fine."""
    wrong = number and id_numbers.complaint(number.upper(), today(now))
    return [Refusal("id_number_bad", "id_number")] if wrong else []


def address_complaints(phone: str, email: str) -> list[Refusal]:
    """What is wrong with a phone and a mail address; none at all are fine."""
    found = []
    if phone and phones.normal(phone) is None:
        found.append(Refusal("phone_bad", "phone"))
    if email and not (EMAIL.fullmatch(email) and len(email) <= 120):
        found.append(Refusal("email_bad", "email"))
    return found


def place_complaints(session: Session, place: str, by: Acting) -> list[Refusal]:
    """What is wrong with where somebody is to be kept: nowhere only for who looks after everybody."""
    if not seeing.is_within(place, by):
        return [Refusal("place_beyond" if place else "place_needed", "place")]
    return [] if not place or locating.names(session, [place]) else [Refusal("place_needed", "place")]


def facts_of(newcomer: Newcomer, now: datetime) -> Mapping[str, Any]:
    """What is kept of a newcomer; sex and birthday come from the number where it is given."""
    number = newcomer.id_number.upper()
    facts: dict[str, Any] = {
        "name": newcomer.name.strip(),
        "gender": newcomer.gender,
        "phone": phones.normal(newcomer.phone),
        "email": newcomer.email.strip(),
    }
    return facts | (number_facts(number) if number else {})


def number_facts(number: str) -> dict[str, Any]:
    """What a resident's number says besides itself."""
    return {
        "id_type": "resident_id",
        "id_number": number,
        "gender": id_numbers.sex(number),
        "birth_on": id_numbers.birth_date(number),
    }


def find_known(
    session: Session, newcomer: Newcomer, by: Acting, now: datetime, but: str | None = None
) -> Known | None:
    """Who has the same ID number or phone already; of another than `by` looks after only that there is one."""
    asked = []
    if newcomer.id_number:
        same = Person.id_number_hash == people.id_number_hash(newcomer.id_number)
        asked.append(("id_number", [select(Person.id).where(same)]))
    if login := phones.normal(newcomer.login_phone):
        asked.append(("login_phone", [_signing_in(login)]))
    if (phone := phones.normal(newcomer.phone)) and not newcomer.is_another:
        same = Person.phone_hash == people.phone_hash(phone)
        asked.append(("phone", [select(Person.id).where(same), _signing_in(phone)]))
    for kind, parts in asked:
        rows = session.execute(
            select(Person.id, Person.name, Person.place)
            .where(
                Person.id.in_(union(*parts) if len(parts) > 1 else parts[0]),
                Person.id != (but or ""),
                Person.merged_into_id.is_(None),
            )
            .order_by(Person.id)
            .limit(5)
        ).all()
        seen = next((row for row in rows if seeing.is_seen(session, row.id, by, now)), None)
        if seen is not None:
            return Known(kind, seen.id, seen.name, seen.place)
        if rows:
            return Known(kind)
    return None


def _signing_in(phone: str) -> Any:
    return select(Account.person_id).where(Account.login_phone_hash == logins.phone_hash(phone))


def today(now: datetime) -> date:
    """The day of a moment, as it is said here."""
    return now.astimezone().date()
