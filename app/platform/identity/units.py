"""Organisations: each lies in a region, or under another unit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.identity import regions
from app.platform.identity.entities import Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import below
from app.platform.registry import Acting


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as others see it."""

    id: str
    name: str
    region: str
    path: str
    parent: str | None
    is_closed: bool
    merged_into: str | None = None


_FACTS = select(
    Unit.id,
    Unit.name,
    Unit.region_code,
    Unit.path,
    Unit.parent_id,
    Unit.is_closed,
    Unit.merged_into_id,
)


def add(
    session: Session,
    name: str,
    region: str,
    by: Acting | str | None,
    now: datetime,
    parent: str | None = None,
) -> str:
    """Add a unit in the region with code `region`, or under the unit `parent` of it; return its id."""
    with transaction(session):
        place = regions.path_of(session, region)
        if parent is not None:
            above = get(session, parent)
            if above is None or above.region != region:
                raise Refusal("unknown_unit", "parent")
            place = above.path
        unit = new_id()
        values = {"id": unit, "name": name, "region_code": region, "parent_id": parent, "is_closed": False}
        session.execute(insert(Unit), values | {"path": f"{place}u{unit}/"})
        body = {"name": name, "region": region}
        audit.log(session, "identity", "unit.added", by, now, body, f"unit:{unit}")
    return unit


def change(
    session: Session,
    unit: str,
    by: Acting | str | None,
    now: datetime,
    name: str | None = None,
    is_closed: bool | None = None,
) -> None:
    """Rename, close or reopen a unit. Raises `Refusal("unknown_unit")`."""
    given = {"name": name, "is_closed": is_closed}
    changes = {key: value for key, value in given.items() if value is not None}
    with transaction(session):
        if get(session, unit) is None:
            raise Refusal("unknown_unit")
        if changes:
            session.execute(update(Unit).where(Unit.id == unit).values(**changes))
            audit.log(session, "identity", "unit.changed", by, now, changes, f"unit:{unit}")


def get(session: Session, unit: str) -> UnitFacts | None:
    """Return a unit, or None."""
    row = session.execute(_FACTS.where(Unit.id == unit)).first()
    return UnitFacts(*row) if row else None


def path_of(session: Session, unit: str) -> str:
    """Return the path of a unit; of a merged one that of the unit it has become. Raises `Refusal("unknown_unit")`."""
    seen: set[str] = set()
    found = get(session, unit)
    while found is not None and found.merged_into is not None and found.id not in seen:
        seen.add(found.id)
        found = get(session, found.merged_into)
    if found is None:
        raise Refusal("unknown_unit")
    return found.path


def under(session: Session, place: str) -> list[UnitFacts]:
    """Return the open units at or below a place, by name."""
    rows = session.execute(
        _FACTS.where(below(Unit.path, place), Unit.is_closed.is_(False)).order_by(Unit.name, Unit.id)
    )
    return [UnitFacts(*row) for row in rows]
