"""What tests of rehearsals share: the moves of the tests' own chain, and a picture of everything that is stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from app.platform.data import Base
from app.platform.design.moves import Move, Who
from tests import tenants
from tests.world import World, profile

FILES = tenants.programs()
ORGANISER = Who("fairs.organiser")
CITY = Who("fairs.city_admin", "130400")
SCAN = {"scan": {"sample": "扫描件.png"}}
FIRST = {"choose": 1}


def to_review() -> list[Move]:
    """The moves of an application up to the city's desk."""
    return [
        Move("start", ORGANISER, data={"project": FIRST, "district": FIRST}),
        Move("do", element="file_profile", outcome="save", data=profile()),
        Move("do", element="submit", outcome="submit"),
        Move("do", element="upload_scan", outcome="upload", data=SCAN),
    ]


def approved() -> list[Move]:
    """And approved by whoever really gets it."""
    return [*to_review(), Move("do", element="city_review", outcome="approve", comment="同意")]


def stored(world: World) -> dict[str, str]:
    """A digest of every row of every table, and of the files."""
    found = {name: _digest(world.engine, name) for name in sorted(Base.metadata.tables)}
    if world.engine.dialect.name == "sqlite":
        names = inspect(world.engine).get_table_names()
        found |= {name: _digest(world.engine, name) for name in names if name not in found}
    return found


def _digest(engine: Engine, table: str) -> str:
    with engine.connect() as connection:
        rows = sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table}"'))))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def lying(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
