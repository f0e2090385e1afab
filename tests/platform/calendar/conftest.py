"""A database of its own for each test, on every kind there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.platform.calendar import entities  # noqa: F401  its tables are to be made
from app.platform.data import sealing
from tests.platform.jobs.databases import KINDS, fresh, opened


@pytest.fixture(params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    monkeypatch.setattr(sealing._Ring, "keys", sealing.Keys({1: b"d" * 32}, b"h" * 32))
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        yield engine
        engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
