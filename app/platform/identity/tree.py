"""The tree of regions and the units in them, as somebody walks and searches it: no further than he reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.platform.identity import places
from app.platform.identity.entities import Region, Unit
from app.platform.identity.places import above, bare, is_whole, unit_of

Kind = Literal["region", "unit"]
KINDS: Final[tuple[Kind, ...]] = ("region", "unit")
MOST: Final = 20
MOST_BELOW: Final = 300
LONGEST: Final = 60
Sub = aliased(Region)
SubUnit = aliased(Unit)


@dataclass(frozen=True, slots=True)
class Node:
    """A region or a unit. `key` is its code or id, `where`: what it lies in, `opens`: it has some below."""

    path: str
    kind: Kind
    key: str
    name: str
    where: str = ""
    is_closed: bool = False
    is_local: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Nodes:
    """Some of the tree; `more` says that there are others."""

    nodes: tuple[Node, ...] = ()
    more: bool = False


def find(
    session: Session,
    text: str,
    reach: Iterable[str],
    kinds: Collection[str] = KINDS,
    *,
    closed: bool = False,
    most: int = MOST,
) -> Nodes:
    """Up to `most` regions and units whose name, code or region has each word of `text`, within `reach` (C-11).

    The shortest names first; closed ones only where asked for. One statement for each kind.
    """
    words = text.replace("\0", "")[:LONGEST].split()[:3]
    if not words:
        return Nodes()
    within = list(reach)
    found: list[Node] = []
    order: tuple[Any, ...]
    if "region" in kinds:
        order = (func.length(Region.full_name), Region.code)
        open_ones = true() if closed else Region.is_closed.is_(False)
        first = select(Region.code).where(places.within(Region.path, within), open_ones)
        first = first.where(*(_region_has(word) for word in words)).order_by(*order).limit(most + 1)
        found += _read(session, _regions(kinds).where(Region.code.in_(first)).order_by(*order), "region")
    if "unit" in kinds and len(found) <= most:
        order = (func.length(Unit.name), Unit.name, Unit.id)
        open_ones = true() if closed else Unit.is_closed.is_(False)
        first = select(Unit.id).join(Region, Region.code == Unit.region_code).where(open_ones)
        first = first.where(places.within(Unit.path, within), *(_unit_has(word) for word in words))
        first = first.order_by(*order).limit(most + 1 - len(found))
        found += _read(session, _units().where(Unit.id.in_(first)).order_by(*order), "unit")
    return Nodes(tuple(found[:most]), len(found) > most)


def children(
    session: Session,
    path: str | None,
    reach: Iterable[str],
    kinds: Collection[str] = KINDS,
    *,
    closed: bool = False,
    most: int = MOST_BELOW,
) -> Nodes:
    """What lies directly under `path`, regions first; under None the highest that `reach` has: the provinces, or it.

    Nothing below a place that does not lie within `reach`. At most two statements.
    """
    within = list(reach)
    if path is None and "" not in within:
        tops = at(session, [bare(one) for one in within], kinds).values()
        return Nodes(tuple(replace(node, opens=node.opens and is_whole(node.path, within)) for node in tops))
    if path is not None and not is_whole(path, within):
        return Nodes()
    unit = unit_of(path) if path else None
    code = select(Region.code).where(Region.path == path).scalar_subquery()
    found: list[Node] = []
    if unit is None:
        under = Region.parent.is_(None) if path is None else Region.parent == code
        asked = _regions(kinds).where(under, true() if closed else Region.is_closed.is_(False))
        found += _read(session, asked.order_by(Region.is_local, Region.code).limit(most + 1), "region")
    if path is not None and "unit" in kinds:
        inside = Unit.parent_id == unit if unit else and_(Unit.region_code == code, Unit.parent_id.is_(None))
        asked = _units().where(inside, true() if closed else Unit.is_closed.is_(False))
        found += _read(session, asked.order_by(Unit.name, Unit.id).limit(most + 1), "unit")
    return Nodes(tuple(found[:most]), len(found) > most)


def at(session: Session, paths: Iterable[str | None], kinds: Collection[str] = KINDS) -> dict[str, Node]:
    """The regions and units at `paths`, by path, in that order. At most two statements; names for everybody."""
    wanted = sorted({path for path in paths if path})
    units, regions = (
        [path for path in wanted if unit_of(path)],
        [path for path in wanted if not unit_of(path)],
    )
    found: list[Node] = []
    if regions:
        found += _read(session, _regions(kinds).where(Region.path.in_(regions)), "region")
    if units:
        found += _read(session, _units().where(Unit.path.in_(units)), "unit")
    known = {node.path: node for node in found}
    return {path: known[path] for path in wanted if path in known}


def trail(session: Session, path: str) -> tuple[Node, ...]:
    """The regions and units that `path` lies in, from the highest down to itself. At most two statements."""
    found = at(session, above(path))
    return tuple(found[step] for step in above(path) if step in found)


def _region_has(word: str) -> ColumnElement[bool]:
    return or_(
        Region.full_name.contains(word, autoescape=True), Region.code.startswith(word, autoescape=True)
    )


def _unit_has(word: str) -> ColumnElement[bool]:
    return or_(Unit.name.contains(word, autoescape=True), Region.full_name.contains(word, autoescape=True))


def _regions(kinds: Collection[str]) -> Any:
    """Regions with what tells them apart, and whether there is anything open below."""
    opens = exists().where(Sub.parent == Region.code, Sub.is_closed.is_(False))
    if "unit" in kinds:
        inside = exists().where(SubUnit.region_code == Region.code, SubUnit.is_closed.is_(False))
        opens = or_(opens, inside)  # type: ignore[assignment]
    Above = aliased(Region)
    return (
        select(
            Region.path,
            Region.code.label("key"),
            Region.name,
            func.coalesce(Above.full_name, "").label("place"),
            Region.is_closed,
            Region.is_local,
            opens.label("opens"),
        )
        .select_from(Region)
        .outerjoin(Above, Above.code == Region.parent)
    )


def _units() -> Any:
    """Units with the region they lie in, or the unit above."""
    AboveUnit = aliased(Unit)
    return (
        select(
            Unit.path,
            Unit.id.label("key"),
            Unit.name,
            (Region.full_name + func.coalesce(" " + AboveUnit.name, "")).label("place"),
            Unit.is_closed,
            literal(False).label("is_local"),
            exists().where(SubUnit.parent_id == Unit.id, SubUnit.is_closed.is_(False)).label("opens"),
        )
        .select_from(Unit)
        .join(Region, Region.code == Unit.region_code)
        .outerjoin(AboveUnit, AboveUnit.id == Unit.parent_id)
    )


def _read(session: Session, asked: Any, kind: Kind) -> list[Node]:
    return [
        Node(row.path, kind, row.key, row.name, row.place, row.is_closed, bool(row.is_local), bool(row.opens))
        for row in session.execute(asked)
    ]
