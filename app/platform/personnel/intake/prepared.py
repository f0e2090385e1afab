"""What all rows of a workbook need, read once: units and regions by their names, roles by their titles."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.platform.identity import posts, roles
from app.platform.identity.entities import HeldPost, Region, Unit
from app.platform.identity.places import within
from app.platform.registry import Acting, Role, house

_TURN = 0x696E74616B65  # "intake"


@dataclass(slots=True)
class Known:
    """Where rows look names up. `units` and `roles` by every way of naming them: more than one is ambiguous.

    `regions`: a path by code and by full name. `of_unit`: a unit's id and region by its path. `serials`: the last
    number drawn for each prefix of user names.
    """

    units: dict[str, list[str]] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    of_unit: dict[str, tuple[str, str]] = field(default_factory=dict)
    roles: dict[str, list[Role]] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)

    def enter_unit(self, name: str, unit: str, path: str, region: str, region_name: str) -> None:
        """Know a unit by its name, by its region's full name before it, and by its id."""
        self.of_unit[path] = (unit, region)
        for called in {spelled(name), spelled(region_name + name), spelled(unit)}:
            self.units.setdefault(called, []).append(path)

    def places(self, typed: str) -> list[str]:
        """The paths that what was typed may mean: of a region, or of units."""
        wanted = spelled(typed)
        region = self.regions.get(wanted)
        return [region] if region is not None else self.units.get(wanted, [])


def prepare(session: Session, by: Acting, now: datetime) -> Known:
    """Read regions, and the open units within the reach of `by`: others he cannot name."""
    known = Known()
    full: dict[str, str] = {}
    for code, name, path in session.execute(select(Region.code, Region.full_name, Region.path)):
        known.regions[spelled(code)] = known.regions[spelled(name)] = path
        known.codes[path] = code
        full[code] = name
    reach = {*roles.reach_of(by, roles.PEOPLE), *roles.reach_of(by, roles.UNITS)}
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.path, Unit.region_code)
        .where(Unit.is_closed.is_(False), within(Unit.path, reach))
        .order_by(Unit.path)
    )
    for row in rows:
        known.enter_unit(row.name, row.id, row.path, row.region_code, full[row.region_code])
    for key, role in house.roles.items():
        for called in {spelled(key), spelled(role.title.zh), spelled(role.title.en)}:
            known.roles.setdefault(called, []).append(role)
    return known


def spelled(typed: str) -> str:
    """One spelling of a name: what separates its parts, and full-width letters, make no difference."""
    plain = unicodedata.normalize("NFKC", typed).casefold()
    return re.sub(r"[\s/\\,，、>-]", "", plain)


def is_in_office(session: Session, by: Acting, now: datetime) -> bool:
    """Whether the post one imports under is still held; asked under the lock, so that its end is felt at once."""
    if by.post is None:
        return True
    held = select(HeldPost.id).where(
        HeldPost.id == by.post.id, HeldPost.person_id == by.person, posts.live(now)
    )
    return session.scalar(held) is not None


def take_turns(session: Session) -> None:
    """Of two imports one enters first, so that the other finds its people and user names there."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _TURN})
