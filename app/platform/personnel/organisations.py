"""What an administrator does with organisations within his reach: adds, renames, closes, reopens, merges doubles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import Base, transaction
from app.platform.identity import posts, units
from app.platform.identity.entities import OpenSession, Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import below, inside, is_whole
from app.platform.personnel import bounds, moving_places
from app.platform.registry import Acting


def add(session: Session, name: str, to: str, by: Acting, now: datetime) -> str:
    """Add a unit in the region, or under the unit, at the path `to`; return its id.

    Raises `Refusal`: place_name, place_elsewhere, place_closed, place_deep.
    """
    kept = bounds.named(name, bounds.LONGEST_UNIT)
    with transaction(session):
        bounds.take_turn(session)
        above = bounds.target(session, to, bounds.reach(session, by, now))
        if len(above.path) + 28 > bounds.LONGEST_PATH:
            raise Refusal("place_deep", "to")
        if isinstance(above, Region):
            return units.add(session, kept, above.code, by, now)
        return units.add(session, kept, above.region_code, by, now, parent=above.id)


def rename(session: Session, unit: str, name: str, by: Acting, now: datetime) -> None:
    """Give a unit another name. Raises `Refusal`: unknown_unit, place_name."""
    with transaction(session):
        row = bounds.unit_within(session, unit, bounds.reach(session, by, now))
        kept, before = bounds.named(name, bounds.LONGEST_UNIT), row.name
        if kept == before:
            return
        session.execute(update(Unit).where(Unit.id == unit).values(name=kept))
        body = {"before": {"name": before}, "after": {"name": kept}}
        audit.log(session, "identity", "unit.changed", by, now, body, f"unit:{unit}")


def close(session: Session, unit: str, by: Acting, now: datetime) -> None:
    """Let a unit be offered no more; posts there stay until they are ended. Closing it again does nothing.

    Raises `Refusal`: unknown_unit, open_below (there are open units under it).
    """
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.unit_within(session, unit, bounds.reach(session, by, now))
        open_below = select(Unit.id).where(
            below(Unit.path, row.path), Unit.id != unit, Unit.is_closed.is_(False)
        )
        if session.scalar(open_below.limit(1)) is not None:
            raise Refusal("open_below")
        _state(session, row, True, by, now)


def reopen(session: Session, unit: str, by: Acting, now: datetime) -> None:
    """Let a closed unit be offered again. Raises `Refusal`: unknown_unit, unit_merged, place_closed (above it)."""
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.unit_within(session, unit, bounds.reach(session, by, now))
        if row.merged_into_id:
            raise Refusal("unit_merged")
        closed = (
            select(Unit.is_closed).where(Unit.id == row.parent_id)
            if row.parent_id
            else select(Region.is_closed).where(Region.code == row.region_code)
        )
        if session.scalar(closed):
            raise Refusal("place_closed")
        _state(session, row, False, by, now)


def _state(session: Session, row: Unit, is_closed: bool, by: Acting, now: datetime) -> None:
    if row.is_closed == is_closed:
        return
    session.execute(update(Unit).where(Unit.id == row.id).values(is_closed=is_closed))
    body = {"before": {"is_closed": not is_closed}, "after": {"is_closed": is_closed}}
    audit.log(session, "identity", "unit.changed", by, now, body, f"unit:{row.id}")


def merge(
    session: Session, unit: str, into: str, by: Acting, now: datetime, seen: str | None = None
) -> moving_places.Moving:
    """Let a unit that was entered twice be the one at the path `into`: what was its own is the other's.

    Units under it, people, posts, running cases, open tasks and records go over; it stays, closed, as a name for what
    was written before. Raises `Refusal`: unknown_unit, place_elsewhere, place_closed, place_circular, place_deep,
    place_gain, posts_beyond, unit_merged, place_changed.
    """
    with transaction(session):
        bounds.take_turn(session)
        row, other = _two(session, unit, into, by, now)
        if seen is not None and seen != row.path:
            raise Refusal("place_changed")
        before, after = row.path, other.path
        went = moving_places.Moving(before, after, moving_places.counts(session, before))
        doubles = _one_post_each(session, before, after, now)
        session.execute(update(Unit).where(Unit.parent_id == unit).values(parent_id=other.id))
        inside = (below(Unit.path, before), Unit.id != unit)
        session.execute(update(Unit).where(*inside).values(region_code=other.region_code))
        session.execute(update(Unit).where(Unit.id == unit).values(is_closed=True, merged_into_id=other.id))
        moving_places.follow(session, before, after, keeping=unit)
        _refer(session, unit, other.id)
        body = {
            "before": {"unit": unit, "place": before},
            "after": {"unit": other.id, "place": after},
            "rows": {**went.counts, "doubles": doubles},
        }
        audit.log(session, "identity", "unit.merged", by, now, body, f"unit:{unit}")
        moving_places.later(session, unit, before, now)
        posts.tell_of(session, now, place=after)
    return went


def preview_merge(session: Session, unit: str, into: str, by: Acting, now: datetime) -> moving_places.Moving:
    """What would go over; nothing changes. Raises as `merge` does."""
    row, other = _two(session, unit, into, by, now)
    return moving_places.Moving(row.path, other.path, moving_places.counts(session, row.path))


def _two(session: Session, unit: str, into: str, by: Acting, now: datetime) -> tuple[Unit, Unit]:
    within = bounds.reach(session, by, now)
    row = session.get(Unit, unit, populate_existing=True)
    if row is None or not inside(row.path, within):
        raise Refusal("unknown_unit")
    if not is_whole(row.path, within):
        raise Refusal("place_elsewhere")
    if row.merged_into_id:
        raise Refusal("unit_merged")
    if into.startswith(row.path):
        raise Refusal("place_circular", "to")
    other = bounds.target(session, into, within)
    if not isinstance(other, Unit):
        raise Refusal("place_elsewhere", "to")
    bounds.no_gain(session, by, row.path, other.path, now, merges=True)
    bounds.no_grant(session, by, row.path, other.path, now)
    moving_places.fits(session, row.path, other.path)
    return row, other


def _one_post_each(session: Session, before: str, after: str, now: datetime) -> int:
    """End what would be held twice; whoever works under such a post goes on under the other."""
    kept = moving_places.end_doubles(session, before, after, now)
    for one, other in kept:
        session.execute(update(OpenSession).where(OpenSession.working_post == one).values(working_post=other))
    return len(kept)


def _refer(session: Session, unit: str, other: str) -> None:
    """Let every row of whichever table that names the unit by its id name the other."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if table.name != Unit.__tablename__ and _names_units(column):
                session.execute(update(table).where(column == unit).values({column.key: other}))


def _names_units(column: Any) -> bool:
    return any(key.column is Unit.__table__.c.id for key in column.foreign_keys)
