"""Killed at any moment and resumed, an import comes to the same result as one that nobody touched (F1a)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from app.platform import documents
from app.platform.data import transaction
from app.platform.documents import doctor as filing
from app.platform.sheets import importing
from app.platform.sheets.entities import Failure, Import
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.sheets.members import Club, Member, cells, founded, line

ROWS = 800


@pytest.fixture(params=KINDS)
def club(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[Club]:
    with fresh(request.param, tmp_path) as address, founded(address, tmp_path, shared_press) as club:
        yield club


def filled() -> list[list[Any]]:
    """Rows of which some are wrong in themselves, some by the system's word, some by an earlier row."""
    return [
        line(
            n - 1 if n % 50 == 0 else n,
            phone="1" if n % 37 == 0 else "13800000000",
            name="无名" if n % 41 == 0 else f"会员{n}",
        )
        for n in range(1, ROWS + 1)
    ]


def outcome(club: Club, record: str) -> tuple[Any, ...]:
    """All that must be the same."""
    ended = club.record(record)
    members = [{**member, "record": ""} for member in club.members()]
    return (ended.state, ended.good, ended.bad, ended.created), members, cells(club.returned(ended))


def forget(club: Club) -> None:
    with club.sessions() as session, transaction(session):
        for table in (Failure, Import, Member):
            session.execute(delete(table))


def killed(club: Club, after: float) -> bool:
    """Let a process of its own work, and kill it; whether it was still at it."""
    club.engine.dispose()
    child = os.fork()
    if child == 0:
        club.engine.dispose(close=False)
        club.work()
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="3"), pytest.param(20, id="20", marks=pytest.mark.long)]
)
def test_killed_at_random_moments_it_comes_to_the_same(club: Club, kills: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 40)
    record = club.begin(filled())
    begun = time.perf_counter()
    club.work()
    seconds = time.perf_counter() - begun
    expected = outcome(club, record)
    assert expected[0][2] > ROWS // 50
    chance, hits, places = random.Random(20261125), 0, set()
    while hits < kills:
        forget(club)
        record = club.begin(filled())
        for _ in range(chance.randint(1, 3)):
            hits += killed(club, chance.uniform(0.02, seconds))
            places.add(club.record(record).handled)
            club.at += timedelta(minutes=10)  # its lease runs out
        club.work()
        assert outcome(club, record) == expected
        assert club.findings() == []
        with club.sessions() as session:
            assert list(filing.files(documents.settings().storage)(session, club.at)) == []
    print(f"{hits} kills, at {sorted(places)} rows")
    assert kills < 10 or len(places) > 5, "kills that always hit the same place prove little"
