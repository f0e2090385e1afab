"""Persons: what all systems know of a human being. Numbers are sealed, and found again by keyed hashes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, sealing, transaction
from app.platform.identity import phones
from app.platform.identity.entities import Person
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting

FIELDS = ("name", "id_type", "id_number", "gender", "birth_on", "ethnicity", "phone", "email")
_LAST_FOUR = re.compile(r"\d{3}[\dXx]", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person in full. Whoever shows it masks it (C-38)."""

    id: str
    name: str
    id_type: str | None = None
    id_number: str | None = None
    gender: str | None = None
    birth_on: date | None = None
    ethnicity: str | None = None
    phone: str | None = None
    email: str | None = None


def add(session: Session, facts: Mapping[str, Any], by: Acting | str | None, now: datetime) -> str:
    """Enter a new person with `facts` (of `FIELDS`, `name` at least); return the id."""
    _refuse_foreign(facts)
    with transaction(session):
        person = Person(id=new_id(), created_at=now)
        _set(person, facts)
        session.add(person)
        session.flush()
        audit.log(session, "identity", "person.added", by or person.id, now, {}, f"person:{person.id}")
        return person.id


def change(
    session: Session, person: str, facts: Mapping[str, Any], by: Acting | str | None, now: datetime
) -> None:
    """Change what `facts` names; the audit keeps which. Raises `Refusal("unknown_person")`."""
    _refuse_foreign(facts)
    with transaction(session):
        row = session.get(Person, person, with_for_update=True)
        if row is None:
            raise Refusal("unknown_person")
        changed = [name for name in facts if getattr(row, name) != facts[name]]
        if changed:
            _set(row, facts)
            session.flush()
            body = {"fields": changed}
            audit.log(session, "identity", "person.changed", by, now, body, f"person:{person}")


def _refuse_foreign(facts: Mapping[str, Any]) -> None:
    unknown = set(facts) - set(FIELDS)
    if unknown:
        raise ValueError(f"a person has no {', '.join(sorted(unknown))}")


def _set(person: Person, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(person, name, value or None)
    if "id_number" in facts:
        number = facts["id_number"]
        person.id_number_hash = id_number_hash(number) if number else None
        person.id_number_last_hash = last_four_hash(number) if number else None
    if "phone" in facts:
        person.phone_hash = phone_hash(facts["phone"]) if facts["phone"] else None
    if "email" in facts:
        person.email_hash = email_hash(facts["email"]) if facts["email"] else None


def get(session: Session, person: str) -> PersonFacts | None:
    """Return a person, or None."""
    row = session.get(Person, person)
    return None if row is None else _facts(row)


def who_is(session: Session, person: str) -> str | None:
    """Who somebody is today: himself, or the one he was merged into; None where there is nobody of this id."""
    asked = select(Person.id, Person.merged_into_id)
    row = session.execute(asked.where(Person.id == person)).first()
    while row is not None and row.merged_into_id is not None:
        row = session.execute(asked.where(Person.id == row.merged_into_id)).first()
    return None if row is None else row.id


def by_id_number(session: Session, number: str) -> list[PersonFacts]:
    """Return the persons with this ID number: one, unless somebody was entered twice."""
    return _found(session, Person.id_number_hash == id_number_hash(number))


def by_last_four(session: Session, last: str) -> list[PersonFacts]:
    """Return the persons whose ID number ends in these four."""
    return _found(session, Person.id_number_last_hash == last_four_hash(last))


def by_phone(session: Session, phone: str) -> list[PersonFacts]:
    """Return the persons with this contact phone."""
    return _found(session, Person.phone_hash == phone_hash(phone))


def names(session: Session, people: set[str]) -> dict[str, str]:
    """Return the names of many by id."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return {row.id: row.name for row in rows}


def _found(session: Session, condition: Any) -> list[PersonFacts]:
    return [_facts(row) for row in session.scalars(select(Person).where(condition).order_by(Person.id))]


def _facts(row: Person) -> PersonFacts:
    return PersonFacts(row.id, **{name: getattr(row, name) for name in FIELDS})


def id_number_hash(number: str) -> str:
    """Return the keyed hash an ID number is found by."""
    return sealing.digest("person.id_number", "".join(number.split()).upper())


def last_four_hash(number: str) -> str:
    """Return the keyed hash of the last four of an ID number."""
    return sealing.digest("person.id_number.last", "".join(number.split()).upper()[-4:])


def ends_in(text: str, last_hash: Any) -> ColumnElement[bool]:
    """Ask whether an ID number ends in `text`, by the keyed hash in the column `last_hash`: four, no more, no less."""
    asked: ColumnElement[bool] = last_hash == last_four_hash(text)
    return asked if _LAST_FOUR.fullmatch(text) else false()


def phone_hash(phone: str) -> str:
    """Return the keyed hash a phone number is found by, however it is written."""
    return sealing.digest("person.phone", phones.normal(phone) or "".join(phone.split()))


def email_hash(email: str) -> str:
    """Return the keyed hash an e-mail address is found by."""
    return sealing.digest("person.email", email.strip().casefold())
