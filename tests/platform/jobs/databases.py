"""A fresh database per test: SQLite in a file, and PostgreSQL (a database of its own) where there is a server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.platform.data import Base, new_id
from app.platform.data.transaction import prepare

KINDS = ("sqlite", "postgresql") if os.environ.get("TEST_DATABASE_URL") else ("sqlite",)


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database with the tables of the house."""
    with empty(kind, folder) as address:
        engine = opened(address)
        Base.metadata.create_all(engine)
        engine.dispose()
        yield address


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of a database without any table; on PostgreSQL it is dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.sqlite'}"
        return
    with _made("template0") as address:
        yield address


@contextmanager
def copied(source: str, folder: Path) -> Iterator[str]:
    """Yield the address of a copy of the database at `source`, to which nobody may be connected."""
    url = make_url(source)
    if url.get_backend_name() == "sqlite":
        assert url.database
        shutil.copy(url.database, folder / "copy.sqlite")
        yield f"sqlite:///{folder / 'copy.sqlite'}"
        return
    with _made(url.database or "") as address:
        yield address


def opened(address: str) -> Engine:
    """An engine set up as the house does."""
    engine = create_engine(address)
    prepare(engine)
    return engine


@contextmanager
def _made(template: str) -> Iterator[str]:
    given = server()
    name = f"{given.database}_{new_id().lower()}"[:63]
    told(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield given.set(database=name).render_as_string(hide_password=False)
    finally:
        told(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def server() -> URL:
    """The database given to the tests; those they make stand beside it and begin with its name."""
    return make_url(os.environ["TEST_DATABASE_URL"])


def told(statement: str) -> None:
    """Tell the server something that no transaction may hold."""
    owner = create_engine(server(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(statement))
