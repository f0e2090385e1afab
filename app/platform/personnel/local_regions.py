"""What an administrator does with local regions (开发区, 直属学校; C-51) within reach; published ones are locked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import Base, transaction
from app.platform.identity import regions
from app.platform.identity.entities import Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import below
from app.platform.personnel import bounds, moving_places
from app.platform.registry import Acting


def add(session: Session, to: str, code: str, name: str, by: Acting, now: datetime) -> str:
    """Add a local region under the region at the path `to`; return its code. It counts as a district (P-10).

    Raises `Refusal`: place_name, region_bad, region_exists, place_elsewhere, place_closed, place_deep.
    """
    kept, code = bounds.named(name, bounds.LONGEST_REGION), code.strip().upper()
    with transaction(session):
        bounds.take_turn(session)
        above = bounds.target(session, to, bounds.reach(session, by, now))
        if not isinstance(above, Region):
            raise Refusal("place_elsewhere", "to")
        if len(above.full_name) + len(kept) > bounds.LONGEST_FULL:
            raise Refusal("place_name", "name", limit=bounds.LONGEST_REGION)
        if len(above.path) + 13 > bounds.LONGEST_PATH:
            raise Refusal("place_deep", "to")
        regions.add_local(session, above.code, code, kept, by, now)
    return code


def rename(session: Session, code: str, name: str, by: Acting, now: datetime) -> None:
    """Give a local region another name, in the full names of all below it too. Raises `Refusal`: as `local_within`."""
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.local_within(session, code, bounds.reach(session, by, now))
        kept, before, full = bounds.named(name, bounds.LONGEST_REGION), row.name, row.full_name
        if kept == before:
            return
        moving_places.rename_below(session, row.path, full, full[: len(full) - len(before)] + kept)
        session.execute(update(Region).where(Region.code == code).values(name=kept))
        body = {"before": {"name": before}, "after": {"name": kept}}
        audit.log(session, "identity", "region.changed", by, now, body, f"region:{code}")


def close(session: Session, code: str, by: Acting, now: datetime) -> None:
    """Let a local region be offered no more; what is there stays. Raises `Refusal`: as `local_within`, open_below."""
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.local_within(session, code, bounds.reach(session, by, now))
        under = (
            select(Region.code).where(
                below(Region.path, row.path), Region.code != code, Region.is_closed.is_(False)
            ),
            select(Unit.id).where(below(Unit.path, row.path), Unit.is_closed.is_(False)),
        )
        if any(session.scalar(asked.limit(1)) is not None for asked in under):
            raise Refusal("open_below")
        _state(session, row, True, by, now)


def reopen(session: Session, code: str, by: Acting, now: datetime) -> None:
    """Let a closed local region be offered again. Raises `Refusal`: as `local_within`, place_closed (above it)."""
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.local_within(session, code, bounds.reach(session, by, now))
        if session.scalar(select(Region.is_closed).where(Region.code == row.parent)):
            raise Refusal("place_closed")
        _state(session, row, False, by, now)


def _state(session: Session, row: Region, is_closed: bool, by: Acting, now: datetime) -> None:
    if row.is_closed == is_closed:
        return
    session.execute(update(Region).where(Region.code == row.code).values(is_closed=is_closed))
    body = {"before": {"is_closed": not is_closed}, "after": {"is_closed": is_closed}}
    audit.log(session, "identity", "region.changed", by, now, body, f"region:{row.code}")


def remove(session: Session, code: str, by: Acting, now: datetime) -> None:
    """Delete a local region in which nothing was ever placed. Raises `Refusal`: as `local_within`, region_used."""
    with transaction(session):
        bounds.take_turn(session)
        row = bounds.local_within(session, code, bounds.reach(session, by, now))
        if is_used(session, code, row.path):
            raise Refusal("region_used")
        body = {"before": {"name": row.name, "parent": row.parent}, "after": None}
        session.expunge(row)
        session.execute(delete(Region).where(Region.code == code))
        audit.log(session, "identity", "region.removed", by, now, body, f"region:{code}")


def is_used(session: Session, code: str, path: str) -> bool:
    """Whether any row of whichever table lies at or below the region, or names it."""
    return any(session.execute(asked.limit(1)).first() is not None for asked in _traces(code, path))


def _traces(code: str, path: str) -> Iterator[Any]:
    for table, column in moving_places.columns():
        asked = select(column).where(below(column, path))
        yield asked.where(Region.__table__.c.code != code) if table is Region.__table__ else asked
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is Region.__table__.c.code for key in column.foreign_keys):
                yield select(column).where(column == code)
