"""What units and regions are called, for pages that say where somebody is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Region, Unit


@dataclass(frozen=True, slots=True)
class Located:
    """A region or a unit; `detail` tells it from others of the same name."""

    path: str
    name: str
    detail: str
    is_unit: bool


def names(session: Session, paths: Collection[str]) -> dict[str, Located]:
    """What places are called, by path; what is no place (any more) is not among them. Two statements."""
    wanted = sorted({path for path in paths if path})
    if not wanted:
        return {}
    found = {
        row.path: Located(row.path, row.name, row.full_name, False)
        for row in session.execute(_REGIONS.where(Region.path.in_(wanted)))
    }
    left = [path for path in wanted if path not in found]
    if left:
        rows = session.execute(_UNITS.where(Unit.path.in_(left)))
        found |= {row.path: Located(row.path, row.name, row.full_name, True) for row in rows}
    return found


_REGIONS = select(Region.path, Region.name, Region.full_name)
_UNITS = select(Unit.path, Unit.name, Region.full_name).join(Region, Region.code == Unit.region_code)
