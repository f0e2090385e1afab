"""The database's clock: asked seldom, carried on in between, and never a little backwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.platform.data.clock import ASK_EVERY, DatabaseClock
from tests.platform.jobs.databases import fresh, opened

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


class Database:
    """An engine that only knows what time it is."""

    def __init__(self) -> None:
        self.at, self.asked, self.away = NOON, 0, False

    def connect(self) -> Any:
        if self.away:
            raise ConnectionError
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, _: object) -> Any:
        self.asked += 1
        return self

    def scalar_one(self) -> datetime:
        return self.at


class Counter:
    """A monotonic counter that tests turn."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def clock(database: Database, counter: Counter) -> DatabaseClock:
    return DatabaseClock(database, counter)  # type: ignore[arg-type]


def test_between_two_answers_the_counter_carries_on(
    clock: DatabaseClock, database: Database, counter: Counter
) -> None:
    assert clock() == NOON
    counter.at = ASK_EVERY - 1
    assert clock() == NOON + timedelta(seconds=ASK_EVERY - 1)
    assert database.asked == 1


def test_a_small_correction_does_not_take_it_backwards(
    clock: DatabaseClock, database: Database, counter: Counter
) -> None:
    clock()
    counter.at = ASK_EVERY - 0.001
    before = clock()
    counter.at, database.at = ASK_EVERY, NOON + timedelta(seconds=ASK_EVERY - 0.5)
    assert clock() == before


def test_a_database_set_back_by_an_hour_is_believed(
    clock: DatabaseClock, database: Database, counter: Counter
) -> None:
    """F6."""
    clock()
    counter.at, database.at = ASK_EVERY, NOON - timedelta(hours=1)
    assert clock() == NOON - timedelta(hours=1)


def test_while_the_database_is_away_time_goes_on(
    clock: DatabaseClock, database: Database, counter: Counter
) -> None:
    clock()
    counter.at, database.away = 2 * ASK_EVERY, True
    assert clock() == NOON + timedelta(seconds=2 * ASK_EVERY)
    with pytest.raises(ConnectionError):
        DatabaseClock(database, counter)()  # type: ignore[arg-type]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    if not os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("needs PostgreSQL")
    with fresh("postgresql", tmp_path) as given:
        yield given


def test_postgresql_is_asked(address: str) -> None:
    engine = opened(address)
    assert abs(DatabaseClock(engine)() - datetime.now(UTC)) < timedelta(seconds=2)
    engine.dispose()
