"""What the tests of jobs look for is found in builds that lack it: fences, one transaction, leases, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.registry import house
from tests.platform.jobs import broken
from tests.platform.jobs.child import effect
from tests.platform.jobs.databases import KINDS, fresh, opened

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Killed(BaseException):
    """The worker is gone at this point, as after SIGKILL: nothing of it is caught or cleaned up."""


@pytest.fixture(params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    monkeypatch.setattr(house, "jobs", {})
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        effect.create(engine)
        yield engine
        engine.dispose()


def effects_after(engine: Engine, fault: Callable[[Callable[[float], int]], None]) -> int:
    """How often a job's effect is there in the end, when `fault` happened while it was at work for the first time."""
    sessions, clock, faults = sessionmaker(engine), [MORNING], [fault]

    def other(seconds: float) -> int:
        clock[0] += timedelta(seconds=seconds)
        return jobs.run_due(sessions, lambda: clock[0], "other")

    @jobs.two_phase
    def work(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        if faults:
            faults.pop()(other)
        return lambda _now: session.execute(effect.insert().values(what="a")) and None

    house.jobs["test/effect"] = work
    with sessions() as session:
        jobs.enqueue(session, "test/effect", {}, MORNING)
    with suppress(Killed):
        jobs.run_due(sessions, lambda: clock[0], "first")
    for _ in range(3):
        other(31)
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(effect)) or 0


def overtaken(other: Callable[[float], int]) -> None:
    """Stopped past its lease, while another one takes the job and finishes it."""
    other(31)


def raced(other: Callable[[float], int]) -> None:
    """Another worker looks for work at the same time."""
    other(0)


def killed(_other: Callable[[float], int]) -> None:
    """Killed while it works."""
    raise Killed


SEEN_BY = {
    "unfenced": overtaken,
    "unlocked": raced,
    "early": killed,
    "beside": overtaken,
    "unreclaimed": killed,
    "rowless": raced,
}


@pytest.mark.parametrize("fault", [overtaken, raced, killed])
def test_a_sound_build_has_one_effect_whatever_happens(engine: Engine, fault: Any) -> None:
    assert effects_after(engine, fault) == 1


@pytest.mark.parametrize("build", broken.BUILDS)
def test_a_broken_build_is_caught(engine: Engine, build: str) -> None:
    with broken.built(build):
        assert effects_after(engine, SEEN_BY[build]) != 1
