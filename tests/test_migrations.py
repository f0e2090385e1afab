"""The migrations make exactly the tables the code knows, and can be taken back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, MetaData, inspect, select

from app import create_app
from app.config import ROOT, Config
from app.extensions import db
from app.platform.documents import File
from app.platform.monitoring import triggers
from app.platform.registry import house as leases
from tests.empty_world import KEYS
from tests.platform.jobs.databases import KINDS, empty

ANYTHING = {str: "1", int: 1, bool: False, bytes: b"1", datetime: datetime(2026, 1, 2, tzinfo=UTC)}


def lives_here(_object: Any, name: str, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out tables of the tests' own systems, and of one that has moved out: its migration stays behind."""
    rooms = {table.name.split("_")[0] for table in db.metadata.sorted_tables}
    rooms -= {key for key, home in leases.homes.items() if home != "app.systems"}
    return kind != "table" or name.split("_")[0] in rooms


def lost(connection: Connection) -> set[str]:
    """The indexes SQLite should have and has not: one on an expression is lost where its table is made anew."""
    if connection.dialect.name != "sqlite":
        return set()
    tables = [one for one in db.metadata.sorted_tables if lives_here(one, one.name, "table", False, None)]
    wanted = {str(index.name) for table in tables for index in table.indexes}
    return wanted - {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}


def triggers_of(connection: Connection) -> set[tuple[str, str]]:
    """Names and texts of the triggers there are; a table that a migration makes anew has lost its own."""
    if connection.dialect.name == "sqlite":
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        found = (
            "SELECT tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal"
        )
    return {(name, " ".join(text.split())) for name, text in connection.exec_driver_sql(found)}


def triggers_wanted(connection: Connection) -> set[tuple[str, str]]:
    """The same as the code of today makes them."""
    with connection.begin_nested() as taken_back:
        triggers.make(connection)
        found = triggers_of(connection)
        taken_back.rollback()
    return found


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty(request.param, tmp_path) as given:
        yield given


@pytest.fixture
def house(address: str, tmp_path: Path) -> Flask:
    return create_app(
        Config(
            database=address,
            keys=KEYS,
            secret="for tests only",
            instance=tmp_path,
            testing=True,
            https=False,
        )
    )


def test_the_migrations_make_what_the_entities_say_and_undo_it(house: Flask) -> None:
    with house.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": lives_here}
            )
            with warnings.catch_warnings():  # SQLite's indexes on expressions are looked for by name
                warnings.filterwarnings("ignore", ".*expression-based index")
                assert compare_metadata(context, db.metadata) == []
            assert lost(connection) == set()
            assert triggers_of(connection) == triggers_wanted(connection)
        downgrade(directory=str(ROOT / "migrations"), revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        db.engine.dispose()


def test_an_installation_with_printed_documents_is_upgraded(house: Flask) -> None:
    """Rows that others refer to stay where they are: SQLite may not make their table anew."""
    with house.app_context():
        upgrade(directory=str(ROOT / "migrations"), revision="0007")
        with db.engine.begin() as connection:
            tables = MetaData()
            tables.reflect(connection, only=["documents_file", "documents_document"])
            for name in ("documents_file", "documents_document"):
                table = tables.tables[name]
                row = {column.name: ANYTHING[column.type.python_type] for column in table.columns}
                connection.execute(table.insert().values(**row))
        upgrade(directory=str(ROOT / "migrations"))
        with db.engine.connect() as connection:
            screened = connection.execute(select(File.__table__.c.is_screened)).scalar_one()
            assert screened is False
        downgrade(directory=str(ROOT / "migrations"), revision="0007")
        db.engine.dispose()
