"""A database of its own for each test: SQLite, or a schema of the PostgreSQL at TEST_DATABASE_URL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.platform.calendar import entities  # noqa: F401  its tables are created below
from app.platform.data import Base, new_id, sealing
from app.platform.data.transaction import prepare


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    sealing.use(sealing.Keys({1: b"d" * 32}, b"h" * 32))
    url = os.environ.get("TEST_DATABASE_URL")
    if url is None:
        engine = create_engine(f"sqlite:///{tmp_path}/test.db")
    else:
        schema = f"test_{new_id()}"
        house = create_engine(url)
        with house.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        engine = create_engine(url, connect_args={"options": f"-csearch_path={schema}"})
    prepare(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    if url is not None:
        with house.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        house.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
