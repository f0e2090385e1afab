"""A database of its own for each test, on every kind there is, and settings that nobody has read yet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.platform import settings
from app.platform.data import sealing
from tests.platform.jobs.databases import KINDS, fresh, opened

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    monkeypatch.setattr(sealing._Ring, "keys", sealing.Keys({1: b"d" * 32}, b"h" * 32))
    settings.forget()
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        yield engine
        engine.dispose()
    settings.forget()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
