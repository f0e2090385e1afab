"""What a page of a register says: recorded values and places in words, in as many statements for any number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.forms import Given
from app.platform.identity import choosable, places, regions
from app.platform.identity.entities import Person, Region, Unit
from app.platform.records.entities import Value
from app.platform.records.fields import Listed, Stored, restored
from app.platform.registry import Words
from app.platform.settings import dictionaries

TABLE = Value.__table__
Rows = Sequence[Mapping[str, Any]]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def told(session: Session, fields: Sequence[Listed], rows: Rows) -> list[dict[str, Any]]:
    """The rows of instances with `unit` and `region` named, and under `record` the cells of their fields by key.

    A field that the row's reader does not see (`sees`, a bit for each of `fields`) is not among them.
    """
    values = values_of(session, [row["id"] for row in rows])
    named = Names(session, fields, values.values(), [row["place"] for row in rows])
    return [
        {
            **row,
            "unit": named.units.get(places.unit_of(row["place"]) or "", ""),
            "region": named.regions_at.get(places.region_of(row["place"]), ""),
            "record": {
                one.key: named.cell(one, found)
                for place, one in enumerate(fields)
                if row["sees"] >> place & 1 and (found := values[row["id"]].get((one.form, one.field.name)))
            },
        }
        for row in rows
    ]


def values_of(session: Session, instances: Sequence[str]) -> dict[str, dict[tuple[str, str], list[Stored]]]:
    """What is recorded of instances, by form and field. One statement."""
    found: dict[str, dict[tuple[str, str], list[Stored]]] = {each: defaultdict(list) for each in instances}
    asked = (
        select(TABLE.c.instance_id, TABLE.c.form, TABLE.c.field, TABLE.c.text, TABLE.c.number)
        .where(TABLE.c.instance_id.in_(instances))
        .order_by(TABLE.c.instance_id, TABLE.c.form, TABLE.c.field, TABLE.c.position)
    )
    for row in session.execute(asked):
        found[row.instance_id][row.form, row.field].append((row.text, row.number))
    return found


class Names:
    """Regions, units and people of a page by their codes and ids: one statement of each kind there is."""

    def __init__(
        self, session: Session, fields: Sequence[Listed], values: Any, at: Sequence[str] = ()
    ) -> None:
        wanted: dict[str, set[str]] = defaultdict(set)
        for found in values:
            for one in fields:
                texts = (text for text, _ in found.get((one.form, one.field.name), ()) if text)
                wanted[one.sort].update(texts)
        wanted["unit"].update(unit for place in at if (unit := places.unit_of(place)))
        paths = {places.region_of(place) for place in at if place}
        self.regions_at = _pairs(session, Region.path, Region.name, paths)
        self.units = _pairs(session, Unit.id, Unit.name, wanted["unit"])
        self.people = _pairs(session, Person.id, Person.name, wanted["person"])
        self.regions = _regions(session, wanted["region"])
        self.given = Given(
            values={},
            now=BEGINNING,
            choices=lambda name: () if "/" in name else dictionaries.offered(name),
            label=dictionaries.label,
            region=self.regions.get,
            unit=lambda id_: _choosable(id_, self.units),
            holder=lambda id_, _role: _choosable(id_, self.people),
        )

    def cell(self, one: Listed, rows: Sequence[Stored]) -> Any:
        """What a list's cell says: a number, a day, a text, or words in both languages."""
        value = restored(one.sort, bool(one.field.settings.get("many")), rows)
        if one.sort == "number" and isinstance(value, int | float):
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-one.decimals)) if one.decimals else value
        if one.sort == "day" and isinstance(value, str):
            return _day(value)
        if one.sort in ("text", "unit", "person", "region", "moment"):
            return one.field.kind.said(one.field, value, self.given, "zh")
        return Words(*(one.field.kind.said(one.field, value, self.given, each) for each in ("zh", "en")))


def _pairs(session: Session, key: Any, name: Any, wanted: set[str]) -> dict[str, str]:
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(select(key, name).where(key.in_(sorted(wanted))))}


def _regions(session: Session, codes: set[str]) -> dict[str, regions.RegionFacts]:
    if not codes:
        return {}
    asked = select(Region.code, Region.name, Region.level, Region.path, Region.full_name)
    rows = session.execute(asked.where(Region.code.in_(sorted(codes))))
    return {row.code: regions.RegionFacts(*row) for row in rows}


def _choosable(id_: str, names: Mapping[str, str]) -> choosable.Choosable | None:
    return choosable.Choosable(id_, names[id_]) if id_ in names else None


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
