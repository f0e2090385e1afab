"""The profile: the platform's person and the fairs' own part of it, read as one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import people
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from tests.tenants.fairs.entities import Profile

OWN = ("landline", "address", "postcode", "origin", "employer", "department", "position")
PERSONAL = {
    "full_name": "name",
    "gender": "gender",
    "id_type": "id_type",
    "id_number": "id_number",
    "birth_date": "birth_on",
    "ethnicity": "ethnicity",
    "mobile": "phone",
    "email": "email",
}


def load(session: Session, person: str) -> dict[str, Any]:
    """What the profile form shows, under its field names."""
    row = session.execute(
        select(Person, Profile).outerjoin(Profile, Profile.person_id == Person.id).where(Person.id == person)
    ).one()
    values = {field: getattr(row.Person, column) for field, column in PERSONAL.items()}
    if row.Profile is not None:
        values |= {name: getattr(row.Profile, name) for name in OWN}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value not in (None, "")
    }


def store(session: Session, person: str, values: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """Write the changed fields, inside the caller's verb."""
    personal = {PERSONAL[name]: value for name, value in values.items() if name in PERSONAL}
    if personal.get("birth_on"):
        personal["birth_on"] = date.fromisoformat(personal["birth_on"])
    if personal:
        people.change(session, person, personal, by, now)
    own = {name: value or None for name, value in values.items() if name in OWN}
    row = session.get(Profile, person)
    if own and row is None:
        session.add(Profile(person_id=person, **own))
    for name, value in own.items() if row else ():
        setattr(row, name, value)
    session.flush()
