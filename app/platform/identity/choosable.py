"""Units and people that a form lets one choose: found by a part of their name, told apart by where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Account, HeldPost, Person, Region, Unit
from app.platform.identity.posts import live

MOST = 20


@dataclass(frozen=True, slots=True)
class Choosable:
    """A unit with its region, or a person; `detail` tells it from others of the same name."""

    id: str
    name: str
    detail: str = ""


def units(session: Session, text: str) -> list[Choosable]:
    """Return up to 20 open units whose name has `text`, the shortest names first. One statement."""
    found = _UNITS.where(Unit.name.contains(text, autoescape=True), Unit.is_closed.is_(False))
    rows = session.execute(found.order_by(func.length(Unit.name), Unit.name, Unit.id).limit(MOST))
    return [Choosable(*row) for row in rows]


def unit(session: Session, id_: str) -> Choosable | None:
    """Return a unit, closed or not."""
    row = session.execute(_UNITS.where(Unit.id == id_)).first()
    return Choosable(*row) if row else None


def holders(session: Session, text: str, role: str, now: datetime) -> list[Choosable]:
    """Return up to 20 people whose name has `text` and who hold `role` now. One statement.

    Only holders of a role: those who merely have an account are nobody's to look up.
    """
    found = (
        _holding(role)
        .where(Person.name.contains(text, autoescape=True), live(now), Account.is_disabled.is_not(True))
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    return [_person(row) for row in session.execute(found)]


def holder(session: Session, id_: str, role: str) -> Choosable | None:
    """Return somebody who holds `role` or has held it. One statement."""
    row = session.execute(_holding(role).where(Person.id == id_)).first()
    return _person(row) if row else None


_UNITS = select(Unit.id, Unit.name, Region.full_name).join(Region, Region.code == Unit.region_code)


def _holding(role: str) -> Any:
    """People with a post of `role`, each once, with one of the places it is held at."""
    return (
        select(Person.id, Person.name, func.min(Region.full_name).label("region"))
        .join(HeldPost, HeldPost.person_id == Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(Region, Region.path == HeldPost.place)
        .where(HeldPost.role == role)
        .group_by(Person.id, Person.name)
    )


def _person(row: Any) -> Choosable:
    return Choosable(row.id, row.name, row.region or "")
