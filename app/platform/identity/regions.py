"""The region tree in the database: loading it, asking it, and adding local nodes to it."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity.entities import Region
from app.platform.identity.messages import Refusal
from app.platform.identity.places import ancestor
from app.platform.identity.published import RegionRow, from_published, row_under
from app.platform.registry import Acting

__all__ = [
    "RegionFacts",
    "RegionRow",
    "add_local",
    "ancestor",
    "at",
    "children",
    "from_published",
    "get",
    "load",
    "path_of",
]

_LOCAL_CODE = re.compile(r"[0-9A-Z]{2,12}")


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A region as others see it. `level` is district wherever "precise to district" is fulfilled (P-10)."""

    code: str
    name: str
    level: str
    path: str
    full_name: str
    parent: str | None = None
    is_local: bool = False
    is_closed: bool = False


_FACTS = select(
    Region.code,
    Region.name,
    Region.level,
    Region.path,
    Region.full_name,
    Region.parent,
    Region.is_local,
    Region.is_closed,
)


def load(
    session: Session, rows: Iterable[RegionRow], now: datetime, by: Acting | str | None = None
) -> tuple[int, int]:
    """Enter `rows` (parents first): new codes are added, known ones renamed. Local nodes stay.

    Returns how many were added and changed. A region that is no longer published stays, since something may
    refer to it; one that now lies elsewhere keeps its old path, since posts and instances carry it.
    """
    with transaction(session):
        known = {row.code: row for row in session.execute(_FACTS)}
        added, changed = [], []
        for row in rows:
            old = known.get(row.code)
            if old is None:
                added.append(row)
            elif not old.is_local and (old.name, old.full_name) != (row.name, row.full_name):
                changed.append({"code": row.code, "name": row.name, "full_name": row.full_name})
        if added:
            session.execute(insert(Region), [asdict(row) | {"is_local": False} for row in added])
        if changed:
            session.execute(update(Region), changed)
        if added or changed:
            body = {"added": len(added), "changed": [row["code"] for row in changed]}
            audit.log(session, "identity", "region.loaded", by, now, body)
    return len(added), len(changed)


def get(session: Session, code: str) -> RegionFacts | None:
    """Return a region by its code, or None."""
    row = session.execute(_FACTS.where(Region.code == code)).first()
    return RegionFacts(*row) if row else None


def at(session: Session, path: str) -> RegionFacts | None:
    """Return a region by its path, or None."""
    row = session.execute(_FACTS.where(Region.path == path)).first()
    return RegionFacts(*row) if row else None


def path_of(session: Session, code: str) -> str:
    """Return the path of a region. Raises `Refusal("unknown_region")`."""
    path = session.scalar(select(Region.path).where(Region.code == code))
    if path is None:
        raise Refusal("unknown_region")
    return path


def children(session: Session, code: str | None) -> list[RegionFacts]:
    """Return the open regions directly under `code`; under None the provinces. In the order of their codes."""
    found = _FACTS.where(Region.parent == code, Region.is_closed.is_(False))
    rows = session.execute(found.order_by(Region.is_local, Region.code))
    return [RegionFacts(*row) for row in rows]


def add_local(
    session: Session,
    parent: str | None,
    code: str,
    name: str,
    by: Acting | str | None,
    now: datetime,
    level: str = "district",
) -> str:
    """Add a node that is not published (开发区, 直属学校) under any region; return its path (C-51)."""
    if not _LOCAL_CODE.fullmatch(code):
        raise Refusal("region_bad", "code")
    with transaction(session):
        above = get(session, parent) if parent is not None else None
        if parent is not None and above is None:
            raise Refusal("unknown_region", "parent")
        if get(session, code) is not None:
            raise Refusal("region_exists", "code")
        row = row_under(above, code, name, level)
        session.execute(insert(Region), asdict(row) | {"is_local": True})
        audit.log(session, "identity", "region.added", by, now, {"code": code, "name": name})
    return row.path
