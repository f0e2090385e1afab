"""A fresh database per test: SQLite in a file, and PostgreSQL (a schema of its own) where there is one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from app.platform.data import Base, new_id
from app.platform.data.transaction import prepare

KINDS = ("sqlite", "postgresql") if os.environ.get("TEST_DATABASE_URL") else ("sqlite",)


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database with the tables of the house."""
    if kind == "sqlite":
        address = f"sqlite:///{folder / 'test.sqlite'}"
        engine = opened(address)
        Base.metadata.create_all(engine)
        engine.dispose()
        yield address
        return
    base, schema = os.environ["TEST_DATABASE_URL"], f"t{new_id()}"
    owner = create_engine(base)
    with owner.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    address = f"{base}?options=-csearch_path%3D{schema}"
    engine = opened(address)
    Base.metadata.create_all(engine)
    engine.dispose()
    try:
        yield address
    finally:
        with owner.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        owner.dispose()


def opened(address: str) -> Engine:
    """An engine set up as the house does."""
    engine = create_engine(address)
    prepare(engine)
    return engine
