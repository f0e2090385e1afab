"""Entering a chunk of units: each in its region, or under a unit there that is known or stands in an earlier row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from app.platform import audit
from app.platform.data import new_id
from app.platform.identity import posts, roles
from app.platform.identity.entities import Unit
from app.platform.identity.places import inside, is_whole
from app.platform.personnel.intake import saying
from app.platform.personnel.intake.prepared import Known, is_in_office, spelled, take_turns
from app.platform.registry import Words
from app.platform.sheets import Bad, Intake, Row, Stored


def store(intake: Intake, rows: Sequence[Row]) -> Stored:
    """Enter the units that are not there yet; one of the same name in the same region is left as it is."""
    session, known = intake.session, intake.prepared
    take_turns(session)
    posts.lock(session, intake.by.person)
    if not is_in_office(session, intake.by, intake.now):
        return Stored([Bad(row.number, None, saying.NO_LONGER) for row in rows])
    reach = roles.reach_of(intake.by, roles.UNITS)
    there = _there(intake, rows, known)
    bad: list[Bad] = []
    new: list[dict[str, Any]] = []
    for row in rows:
        made = _unit(intake, row, known, reach, there)
        if isinstance(made, Words):
            bad.append(Bad(row.number, "parent" if made is saying.NO_PARENT else "region", made))
        elif made is not None:
            new.append(made)
    if new:
        session.execute(insert(Unit), new)
        body = {"units": len(new)}
        audit.log(session, "identity", "units.imported", intake.by, intake.now, body, intake.record)
    return Stored(bad, len(new))


def _there(intake: Intake, rows: Sequence[Row], known: Known) -> dict[tuple[str, str], list[Any]]:
    """The open units that rows of the chunk name, by region and name. One statement."""
    names = {str(row.values[key]) for row in rows for key in ("name", "parent") if row.values.get(key)}
    found: dict[tuple[str, str], list[Any]] = {}
    wanted = (
        select(Unit.id, Unit.name, Unit.path, Unit.region_code)
        .where(Unit.name.in_(names), Unit.is_closed.is_(False))
        .order_by(Unit.path)
    )
    for one in intake.session.execute(wanted):
        found.setdefault((one.region_code, spelled(one.name)), []).append((one.id, one.path))
    return found


def _unit(
    intake: Intake,
    row: Row,
    known: Known,
    reach: Sequence[str],
    there: dict[tuple[str, str], list[Any]],
) -> dict[str, Any] | Words | None:
    """The new unit, what is wrong, or None where it is there already."""
    code, name, parent = str(row.values["region"]), str(row.values["name"]), row.values.get("parent")
    place = known.regions[spelled(code)]
    above = None
    if parent:
        found = [one for one in there.get((code, spelled(parent)), []) if inside(one[1], reach)]
        if len(found) != 1:
            return saying.SEVERAL if found else saying.NO_PARENT
        above, place = found[0]
    if not is_whole(place, reach):
        return saying.NO_UNIT_HERE
    mine = there.setdefault((code, spelled(name)), [])
    if any(_above(path) == place for _, path in mine):
        return None
    unit = new_id()
    path = f"{place}u{unit}/"
    mine.append((unit, path))
    return {
        "id": unit,
        "name": name,
        "region_code": code,
        "parent_id": above,
        "path": path,
        "is_closed": False,
        "import_id": intake.record,
    }


def _above(path: str) -> str:
    return path[: path.rstrip("/").rindex("/") + 1]
