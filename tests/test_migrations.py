"""The migrations make exactly the tables the code knows, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app import create_app
from app.config import ROOT, Config
from app.extensions import db
from app.platform.registry import house
from tests.empty_world import KEYS
from tests.platform.jobs.databases import KINDS, empty


def lives_here(_object: Any, name: str, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out tables of the tests' own systems, and of one that has moved out: its migration stays behind."""
    rooms = {table.name.split("_")[0] for table in db.metadata.sorted_tables}
    rooms -= {key for key, home in house.homes.items() if home != "app.systems"}
    return kind != "table" or name.split("_")[0] in rooms


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty(request.param, tmp_path) as given:
        yield given


def test_the_migrations_make_what_the_entities_say_and_undo_it(address: str, tmp_path: Path) -> None:
    app = create_app(
        Config(
            database=address,
            keys=KEYS,
            secret="for tests only",
            instance=tmp_path,
            testing=True,
            https=False,
        )
    )
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": lives_here}
            )
            assert compare_metadata(context, db.metadata) == []
        downgrade(directory=str(ROOT / "migrations"), revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        db.engine.dispose()
