"""Changing what is known of somebody, and reading a number in full: by whoever looks after him, with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import accounts, authority, people, phones
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import entering, seeing
from app.platform.registry import Acting

REVEALED: Final = ("id_number", "phone", "login_phone", "email")
"""What is shown masked, and in full only after a reason was given."""

_ADDRESSES = ("phone", "email", "login_phone")


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be different; None: stays as it is. `place`: where he is kept."""

    name: str | None = None
    gender: str | None = None
    id_number: str | None = None
    phone: str | None = None
    email: str | None = None
    login_phone: str | None = None
    place: str | None = None

    @property
    def has_address(self) -> bool:
        """Whether it changes where a new password would go, or what he signs in with."""
        return any(getattr(self, name) is not None for name in _ADDRESSES)


def amend(session: Session, person: str, amendment: Amendment, by: Acting, now: datetime) -> None:
    """Change what the amendment names, in one act.

    Raises `Refusal`: unknown_person, person_elsewhere, person_higher, addresses_kept (where a password would go is
    changed only by who could give him all his posts), the first of `complaints`, phone_taken, `PersonKnown`.
    """
    with transaction(session):
        seeing.hold(session, person, by, now)
        if amendment.has_address and not may_address(session, person, by, now):
            raise Refusal(
                "addresses_kept", next(one for one in _ADDRESSES if getattr(amendment, one) is not None)
            )
        for complaint in complaints(session, amendment, by, now):
            raise complaint
        number = entering.Newcomer(name="", id_number=amendment.id_number or "")
        known = entering.find_known(session, number, by, now, but=person)
        if known is not None:
            raise entering.PersonKnown(known)
        facts = _facts(amendment)
        if facts:
            people.change(session, person, facts, by, now)
        if amendment.login_phone is not None:
            accounts.set_login_phone(session, person, amendment.login_phone, by, now)
        if amendment.place is not None:
            keep_at(session, person, amendment.place, by, now)


def complaints(session: Session, amendment: Amendment, by: Acting, now: datetime) -> list[Refusal]:
    """All that is wrong with what was typed by itself."""
    found = entering.name_complaints(amendment.name) if amendment.name is not None else []
    found += entering.number_complaints(amendment.id_number or "", now)
    found += entering.address_complaints(amendment.phone or "", amendment.email or "")
    if amendment.login_phone and phones.normal(amendment.login_phone) is None:
        found.append(Refusal("phone_bad", "login_phone"))
    if amendment.place is not None:
        found += entering.place_complaints(session, amendment.place, by)
    return found


def may_address(session: Session, person: str, by: Acting, now: datetime) -> bool:
    """Whether `by` may change where a new password of this person would go (never his own, on this way)."""
    return person != by.person and authority.could_give_all(session, person, by, now)


def keep_at(session: Session, person: str, place: str, by: Acting, now: datetime) -> None:
    """Write down where somebody is kept. The caller has asked whether he may."""
    with transaction(session):
        row = session.get_one(Person, person, with_for_update=True)
        if (row.place or "") != place:
            body = {"from": row.place, "to": place or None}
            row.place = place or None
            session.flush()
            audit.log(session, "identity", "person.moved", by, now, body, f"person:{person}")


def reveal(session: Session, person: str, field: str, reason: str, by: Acting, now: datetime) -> str:
    """Read one of `REVEALED` in full; which one, and why, is written down.

    Raises `Refusal`: unknown_person, reason_needed, field_empty.
    """
    told = " ".join(reason.split())
    with transaction(session):
        if field not in REVEALED or not seeing.is_seen(session, person, by, now):
            raise Refusal("unknown_person")
        if not 2 <= len(told) <= 200:
            raise Refusal("reason_needed", "reason")
        row = session.execute(
            select(Person.id_number, Person.phone, Person.email, Account.login_phone)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(Person.id == person)
        ).one()
        value = getattr(row, field)
        if not value:
            raise Refusal("field_empty", "field")
        body = {"field": field, "reason": told}
        audit.log(session, "identity", "person.revealed", by, now, body, f"person:{person}")
    return str(value)


def _facts(amendment: Amendment) -> Mapping[str, Any]:
    facts: dict[str, Any] = {}
    if amendment.name is not None:
        facts["name"] = amendment.name.strip()
    if amendment.gender is not None:
        facts["gender"] = amendment.gender or None
    if amendment.phone is not None:
        facts["phone"] = phones.normal(amendment.phone)
    if amendment.email is not None:
        facts["email"] = amendment.email.strip() or None
    if amendment.id_number:
        facts |= entering.number_facts(amendment.id_number.upper())
    return facts
