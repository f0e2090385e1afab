"""The profile of 基础建档 (EN-P3): the platform's person and the permits' own part of it, read as one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import people
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.systems.permits.entities import Profile

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
    """Everything the profile form shows, under its field names; what is not known yet is left out."""
    row = session.execute(
        select(Person, Profile).outerjoin(Profile, Profile.person_id == Person.id).where(Person.id == person)
    ).one()
    values = {field: _json(getattr(row.Person, column)) for field, column in PERSONAL.items()}
    if row.Profile is not None:
        values |= {name: getattr(row.Profile, name) for name in OWN}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def store(session: Session, person: str, values: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """Write the changed fields to the person and to the profile, inside the caller's verb."""
    personal = {PERSONAL[name]: value for name, value in values.items() if name in PERSONAL}
    if "birth_on" in personal:
        day = personal["birth_on"]
        personal["birth_on"] = date.fromisoformat(day) if day else None
    if personal:
        people.change(session, person, personal, by, now)
    own = {name: value or None for name, value in values.items() if name in OWN}
    if not own:
        return
    row = session.get(Profile, person)
    if row is None:
        session.add(Profile(person_id=person, saved_at=now, **own))
    else:
        for name, value in own.items():
            setattr(row, name, value)
        row.saved_at = now
    session.flush()
