"""The doctor's look at places and people: nothing lies where no place is (I9), who was merged holds nothing (I10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.identity.entities import Account, HeldPost, Person, Region, Unit
from app.platform.personnel.moving_places import columns
from app.platform.runtime.doctor import ALIVE, Finding
from app.platform.runtime.entities import Instance, Seat, Task
from app.platform.runtime.seats import LEFT

MOST = 100


def places(session: Session, _now: datetime) -> Iterator[Finding]:
    """What does not hold of regions, units and everything placed in them; the first hundred of each kind."""
    for code, path in session.execute(_crooked_regions().limit(MOST)):
        yield Finding("I9", None, "region_path", f"region {code} has the path {path}")
    for unit, path in session.execute(_crooked_units().limit(MOST)):
        yield Finding("I9", None, "unit_path", f"unit {unit} has the path {path}")
    for table, column in columns():
        if table in (Region.__table__, Unit.__table__):
            continue
        nowhere = (
            select(column)
            .where(
                column.is_not(None),
                column != "",
                ~exists().where(Region.path == column),
                ~exists().where(Unit.path == column),
            )
            .distinct()
        )
        for path in session.scalars(nowhere.limit(MOST)):
            yield Finding("I9", None, "no_such_place", f"{table.name}.{column.key} has {path}")


def _crooked_regions() -> Any:
    Above = aliased(Region)
    expected = func.coalesce(Above.path, "") + Region.code + "/"
    return (
        select(Region.code, Region.path)
        .select_from(Region)
        .outerjoin(Above, Above.code == Region.parent)
        .where(Region.path != expected)
    )


def _crooked_units() -> Any:
    Above = aliased(Unit)
    expected = func.coalesce(Above.path, Region.path) + "u" + Unit.id + "/"
    inside = and_(Unit.path == expected, func.substr(Unit.path, 1, func.length(Region.path)) == Region.path)
    return (
        select(Unit.id, Unit.path)
        .select_from(Unit)
        .join(Region, Region.code == Unit.region_code)
        .outerjoin(Above, Above.id == Unit.parent_id)
        .where(~inside)
    )


def doubles(session: Session, now: datetime) -> Iterator[Finding]:
    """Whoever was merged into another holds nothing any more (I10); the first hundred of each kind."""
    gone = select(Person.id).where(Person.merged_into_id.is_not(None))
    Other = aliased(Person)
    lost = gone.where(~exists().where(Other.id == Person.merged_into_id, Other.id != Person.id))
    held = or_(HeldPost.until_at.is_(None), HeldPost.until_at > now)
    looks = (
        ("merged_nowhere", lost),
        ("merged_post", select(HeldPost.person_id).where(HeldPost.ended_at.is_(None), held)),
        ("merged_account", select(Account.person_id).where(Account.closed_at.is_(None))),
        ("merged_task", select(Task.assignee_id).where(Task.state == "open")),
        ("merged_task", select(Task.claimed_by_id).where(Task.state == "open")),
        ("merged_seat", select(Seat.person_id).where(Seat.state.in_(LEFT))),
        ("merged_starter", select(Instance.starter_id).where(Instance.state.in_(ALIVE))),
    )
    for code, asked in looks:
        (column,) = asked.selected_columns
        for person in session.scalars(asked.where(column.in_(gone)).distinct().limit(MOST)):
            yield Finding("I10", None, code, f"person {person} was merged into another")
