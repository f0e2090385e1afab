"""A fresh database per test: SQLite in a file, and PostgreSQL (a database of its own) where there is a server.

Its tables are made once in a process; each test is given a copy, which takes a twentieth of the time, and waits for
no database to be dropped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.platform.data import Base, new_id
from app.platform.data.transaction import prepare

KINDS = ("sqlite", "postgresql") if os.environ.get("TEST_DATABASE_URL") else ("sqlite",)
_furnished: dict[tuple[str, frozenset[str]], str] = {}
"""Addresses of databases with tables and no rows, by kind and by the tables known when they were made."""
_dropping = ThreadPoolExecutor(1, "dropping")
kept = ExitStack()
"""What is made for the whole process."""


def unhurried() -> None:
    """Let nothing in this process wait for the disk: tests are about killed processes, never about power cuts."""
    module: Any = import_module("app.platform.data.transaction")
    module.PRAGMAS = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in module.PRAGMAS)
    os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")


def close() -> None:
    """Drop what was made for this process; called at its end."""
    kept.close()
    _dropping.shutdown()


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database with the tables of the house."""
    with copied(_with_tables(kind), folder, "test") as address:
        yield address


def _with_tables(kind: str) -> str:
    """The database that those with all tables known now are copied from."""
    key = kind, frozenset(Base.metadata.tables)
    if key not in _furnished:
        address = kept.enter_context(empty(kind, Path(kept.enter_context(tempfile.TemporaryDirectory()))))
        engine = opened(address)
        Base.metadata.create_all(engine)
        engine.dispose()
        _furnished[key] = address
    return _furnished[key]


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of a database without any table; on PostgreSQL it is dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.sqlite'}"
        return
    with _made("template0") as address:
        yield address


@contextmanager
def copied(source: str, folder: Path, name: str = "copy") -> Iterator[str]:
    """Yield the address of a copy of the database at `source`, to which nobody may be connected."""
    url = make_url(source)
    if url.get_backend_name() == "sqlite":
        assert url.database
        shutil.copy(url.database, folder / f"{name}.sqlite")
        yield f"sqlite:///{folder / f'{name}.sqlite'}"
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
        _dropping.submit(told, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def server() -> URL:
    """The database given to the tests; those they make stand beside it and begin with its name."""
    return make_url(os.environ["TEST_DATABASE_URL"])


def told(statement: str) -> None:
    """Tell the server something that no transaction may hold."""
    with _owner().connect() as connection:
        connection.execute(text(statement))


@cache
def _owner() -> Engine:
    return create_engine(server(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
