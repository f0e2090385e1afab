"""Moving a unit or a local region to another place: everything that lies there goes along, whatever table it is in.

A path is copied into every row that is asked "what lies below". All of them are columns of the type `places.Path`,
found by walking the metadata, so that a tenant's records follow without being named here. Codes of regions (in forms,
in saved filters, in variables) do not change, and need not follow.

A post held in what moves includes afterwards what it did. One held above its new place includes more: whoever looks
after a place looks after what comes to lie there. Only the mover's own posts may not (`bounds.no_gain`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, and_, func, literal, select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.data import Base, transaction
from app.platform.identity import authority, behalf, posts
from app.platform.identity.entities import HeldPost, Person, Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.identity.places import Path, below, inside, is_whole, region_of, unit_of
from app.platform.personnel import bounds
from app.platform.registry import Acting, house
from app.platform.runtime.entities import Instance, Task

STRAGGLERS = timedelta(minutes=2)
"""After that whatever a verb wrote that had read the old path before the move is written, and follows."""


@dataclass(frozen=True, slots=True)
class Moving:
    """What a move does: from path to path, and how many rows of what go along."""

    before: str
    after: str
    counts: Mapping[str, int]


def columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of the house and its tenants that is a path; those of units and regions first."""
    first = (Region.__tablename__, Unit.__tablename__)
    for table in sorted(Base.metadata.sorted_tables, key=lambda one: one.name not in first):
        for column in table.columns:
            if isinstance(column.type, Path):
                yield table, column


def preview(session: Session, path: str, to: str, by: Acting, now: datetime) -> Moving:
    """What would happen if what lies at `path` moved under `to`; nothing changes. Raises as the move does."""
    within = bounds.reach(session, by, now)
    if unit_of(path):
        row: Unit | Region | None = session.scalar(select(Unit).where(Unit.path == path))
    else:
        row = session.scalar(select(Region).where(Region.path == path))
    if row is None or not inside(path, within):
        raise Refusal("unknown_unit" if unit_of(path) else "unknown_region")
    after = _after(session, row, to, by, now)
    return Moving(path, after, counts(session, path))


def counts(session: Session, path: str) -> dict[str, int]:
    """How many rows lie at or below a path: regions, units, people kept, open posts, running cases, open tasks.

    `records`: all other rows, of whichever table. One statement for each kind.
    """
    wanted = {
        "regions": select(func.count()).where(below(Region.path, path)),
        "units": select(func.count()).where(below(Unit.path, path)),
        "people": select(func.count()).where(below(Person.place, path)),
        "posts": select(func.count()).where(below(HeldPost.place, path), HeldPost.ended_at.is_(None)),
        "running": select(func.count()).where(
            below(Instance.place, path), Instance.state.in_(("running", "suspended"))
        ),
        "tasks": select(func.count()).where(below(Task.place, path), Task.state == "open"),
    }
    told = (Region.path, Unit.path, Person.place, HeldPost.place, Instance.place, Task.place)
    named = {(one.table.name, one.key) for one in (column.expression for column in told)}
    found = {key: session.scalar(asked) or 0 for key, asked in wanted.items()}
    found["records"] = sum(
        session.scalar(select(func.count()).select_from(table).where(below(column, path))) or 0
        for table, column in columns()
        if (table.name, column.key) not in named
    )
    return found


def move_unit(
    session: Session, unit: str, to: str, by: Acting, now: datetime, seen: str | None = None
) -> Moving:
    """Let a unit lie in the region, or under the unit, at the path `to`, with all that is in it.

    `seen`: the path it had when the move was looked at. Both ends lie within the reach of `by`. Raises `Refusal`:
    unknown_unit, place_elsewhere, place_closed, place_circular, place_same, place_deep, place_changed, unit_merged.
    """
    with transaction(session):
        bounds.take_turn(session)
        within = bounds.reach(session, by, now)
        row = bounds.unit_within(session, unit, within)
        _as_seen(row.path, seen)
        before, after = row.path, _after(session, row, to, by, now)
        parent = unit_of(to)
        code = session.scalars(select(Region.code).where(Region.path == region_of(to))).one()
        went = Moving(before, after, counts(session, before))
        was = {"region": row.region_code, "parent": row.parent_id, "place": before}
        session.execute(update(Unit).where(Unit.id == unit).values(parent_id=parent))
        session.execute(update(Unit).where(below(Unit.path, before)).values(region_code=code))
        follow(session, before, after)
        body = {
            "before": was,
            "after": {"region": code, "parent": parent, "place": after},
            "rows": dict(went.counts),
        }
        audit.log(session, "identity", "unit.moved", by, now, body, f"unit:{unit}")
        later(session, unit, before, now)
        posts.tell_of(session, now, place=after)
    return went


def move_region(
    session: Session, code: str, to: str, by: Acting, now: datetime, seen: str | None = None
) -> Moving:
    """Let a local region lie under the region at the path `to`, with all that is in it.

    Raises `Refusal` as `move_unit` does, region_locked for a published one, region_own for the highest one reaches.
    """
    with transaction(session):
        bounds.take_turn(session)
        within = bounds.reach(session, by, now)
        row = bounds.local_within(session, code, within)
        _as_seen(row.path, seen)
        before, after = row.path, _after(session, row, to, by, now)
        above = session.scalars(select(Region).where(Region.path == to)).one()
        went = Moving(before, after, counts(session, before))
        was = {"parent": row.parent, "place": before}
        new = {"parent": above.code, "place": after}
        full = above.full_name + row.name
        session.execute(update(Region).where(Region.code == code).values(parent=above.code))
        rename_below(session, before, row.full_name, full)
        follow(session, before, after)
        body = {"before": was, "after": new, "rows": dict(went.counts)}
        audit.log(session, "identity", "region.moved", by, now, body, f"region:{code}")
        later(session, code, before, now)
        posts.tell_of(session, now, place=after)
    return went


def rename_below(session: Session, path: str, old: str, new: str) -> None:
    """Let the full names of a region and all below it begin with `new`. Raises `Refusal("place_name")`: too long."""
    longest = session.scalar(select(func.max(func.length(Region.full_name))).where(below(Region.path, path)))
    if (longest or 0) + len(new) - len(old) > bounds.LONGEST_FULL:
        raise Refusal("place_name", "name", limit=bounds.LONGEST_REGION)
    rest = func.substr(Region.full_name, len(old) + 1)
    asked = update(Region).where(below(Region.path, path))
    session.execute(asked.values(full_name=literal(new) + rest).execution_options(synchronize_session=False))


def follow(
    session: Session, before: str, after: str, *, tree: bool = True, keeping: str | None = None
) -> dict[str, int]:
    """Rewrite the beginning of every path at or below `before`; how many rows of which table. Joins the verb.

    Without `tree` the regions and units themselves stay as they are; the unit `keeping` does.
    """
    done: dict[str, int] = {}
    for table, column in columns():
        if not tree and table.name in (Region.__tablename__, Unit.__tablename__):
            continue
        asked = update(table).where(below(column, before))
        if keeping is not None and table is Unit.__table__:
            asked = asked.where(Unit.__table__.c.id != keeping)
        new = literal(after) + func.substr(column, len(before) + 1)
        told = session.execute(asked.values({column.key: new}))
        if told.rowcount:  # type: ignore[attr-defined]
            done[table.name] = done.get(table.name, 0) + told.rowcount  # type: ignore[attr-defined]
    session.expire_all()
    return done


def _after(session: Session, row: Unit | Region, to: str, by: Acting, now: datetime) -> str:
    """The path that `row` has under `to`, or the reason why not."""
    within = bounds.reach(session, by, now)
    if isinstance(row, Unit) and row.merged_into_id:
        raise Refusal("unit_merged")
    if isinstance(row, Region):
        if unit_of(to):
            raise Refusal("place_elsewhere", "to")
        row = bounds.local_within(session, row.code, within)
    if not is_whole(row.path, within):
        raise Refusal("place_elsewhere")
    if to.startswith(row.path):
        raise Refusal("place_circular", "to")
    bounds.target(session, to, within)
    if to == bounds.above_of(row.path):
        raise Refusal("place_same", "to")
    step = row.path[len(bounds.above_of(row.path)) :]
    bounds.no_gain(session, by, row.path, to + step, now)
    fits(session, row.path, to + step)
    return to + step


def fits(session: Session, before: str, after: str) -> None:
    """Raise `Refusal("place_deep")` where a path at or below `before` would be too long at `after`."""
    longest = max(
        session.scalar(select(func.max(func.length(column))).where(below(column, before))) or 0
        for column in (Region.path, Unit.path)
    )
    if longest - len(before) + len(after) > bounds.LONGEST_PATH:
        raise Refusal("place_deep", "to")


def _as_seen(path: str, seen: str | None) -> None:
    if seen is not None and seen != path:
        raise Refusal("place_changed")


def later(session: Session, key: str, was: str, now: datetime) -> None:
    """Look once more, after `STRAGGLERS`, for what is at the old path of a region or unit."""
    given = {"key": key, "was": was}
    jobs.enqueue(session, "personnel/stragglers", given, now, due=now + STRAGGLERS)


@house.job("personnel/stragglers")
def stragglers(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Let what was written at an old path by a verb that had read it before the move follow. As often as one likes."""
    was, key = str(arguments["was"]), str(arguments["key"])
    with transaction(session):
        bounds.take_turn(session)
        place = where_now(session, key)
        if place is not None and place != was:
            _end_late_gifts(session, key, was, place, now)
            end_doubles(session, was, place, now)
            follow(session, was, place, tree=False)


def _end_late_gifts(session: Session, key: str, was: str, place: str, now: datetime) -> None:
    """End what was given at a unit by who had read it before it was merged, and may not give it at the other one."""
    unit = session.get(Unit, key, populate_existing=True)
    if unit is None or unit.merged_into_id is None:
        return
    late = select(HeldPost).where(
        HeldPost.place == was, HeldPost.ended_at.is_(None), HeldPost.granted_by.is_not(None)
    )
    for post in session.scalars(late.order_by(HeldPost.id)).all():
        giver = behalf.acting(session, str(post.granted_by), now)
        if giver is None or authority.beyond(session, [post], place, giver, now):
            posts.end(session, post.id, now, None)


def where_now(session: Session, key: str) -> str | None:
    """The path of a region (by code) or a unit (by id); of a merged unit that of the one it has become."""
    region = session.scalar(select(Region.path).where(Region.code == key))
    unit, seen = key, {key}
    while (row := session.get(Unit, unit, populate_existing=True)) and row.merged_into_id:
        unit = row.merged_into_id
        if unit in seen:
            return None
        seen.add(unit)
    return region if region is not None else (row.path if row else None)


def end_doubles(session: Session, before: str, after: str, now: datetime) -> list[tuple[str, str]]:
    """Before posts at `before` come to be at `after`: of two open ones alike the one there goes on, as long as both.

    Returns the ids: what was ended, and what goes on instead.
    """
    here, there = HeldPost.__table__.alias(), HeldPost.__table__.alias()
    pairs = session.execute(
        select(here.c.id, here.c.from_at, here.c.until_at, there.c.id, there.c.from_at, there.c.until_at)
        .join(
            there,
            and_(
                there.c.person_id == here.c.person_id,
                there.c.role == here.c.role,
                there.c.subject == here.c.subject,
                there.c.place == literal(after) + func.substr(here.c.place, len(before) + 1),
            ),
        )
        .where(below(here.c.place, before), here.c.ended_at.is_(None), there.c.ended_at.is_(None))
    ).all()
    for one, one_from, one_until, other, other_from, other_until in pairs:
        until = None if None in (one_until, other_until) else max(one_until, other_until)
        longer = {"from_at": min(one_from, other_from), "until_at": until}
        session.execute(update(HeldPost).where(HeldPost.id == other).values(longer))
        session.execute(update(HeldPost).where(HeldPost.id == one).values(ended_at=now))
    return [(pair[0], pair[3]) for pair in pairs]
