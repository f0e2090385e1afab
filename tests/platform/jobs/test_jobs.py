"""Jobs: exactly once, three tries, leases with a fence, on SQLite and PostgreSQL (F1b)."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.data import transaction
from app.platform.jobs import Job, leases
from app.platform.registry import house
from tests.platform.jobs.child import effect
from tests.platform.jobs.databases import KINDS, fresh, opened

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = MORNING

    def __call__(self) -> datetime:
        return self.at

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    engine = opened(address)
    effect.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def registrations(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[..., Any]]:
    registered: dict[str, Callable[..., Any]] = {}
    monkeypatch.setattr(house, "jobs", registered)
    return registered


def effects(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(effect)) or 0


def the_job(sessions: sessionmaker[Session]) -> Job:
    with sessions() as session:
        return session.scalars(select(Job)).one()


def put(sessions: sessionmaker[Session], name: str = "test/effect", **more: Any) -> str:
    with sessions() as session:
        return jobs.enqueue(session, name, {"what": "a"}, MORNING, **more)


def write_one(session: Session, arguments: dict[str, Any], now: datetime) -> None:
    session.execute(effect.insert().values(what=arguments["what"]))


def test_a_job_runs_once_and_is_done(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    put(sessions, instance="i1")
    assert jobs.run_due(sessions, clock, "w") == 1
    assert jobs.run_due(sessions, clock, "w") == 0
    assert effects(sessions) == 1
    job = the_job(sessions)
    assert (job.state, job.done_at, job.tries, job.instance_id) == ("done", MORNING, 0, "i1")


def test_a_job_of_a_verb_that_failed_does_not_exist(sessions, clock) -> None:
    def verb(session: Session) -> None:
        with transaction(session):
            jobs.enqueue(session, "test/effect", {}, MORNING)
            raise RuntimeError("no")

    with sessions() as session, pytest.raises(RuntimeError, match="no"):
        verb(session)
    assert jobs.run_due(sessions, clock, "w") == 0


def test_a_job_waits_until_it_is_due(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    put(sessions, due=MORNING + timedelta(seconds=60))
    assert jobs.run_due(sessions, clock, "w") == 0
    clock.later(60)
    assert jobs.run_due(sessions, clock, "w") == 1


def test_the_same_key_is_the_same_job(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    first = put(sessions, key="k")
    assert put(sessions, key="k") == first
    jobs.run_due(sessions, clock, "w")
    assert put(sessions, key="k") == first
    assert jobs.run_due(sessions, clock, "w") == 0
    assert effects(sessions) == 1


def test_three_tries_with_growing_pauses_then_an_incident(sessions, clock, registrations) -> None:
    started, told = [], []

    def fail(session: Session, arguments: dict[str, Any], now: datetime) -> None:
        started.append(now)
        write_one(session, arguments, now)
        raise ValueError("the printer is out of paper")

    registrations["test/effect"] = fail
    registrations["runtime/failed"] = lambda session, job, error, now: told.append((job, error, now))
    identifier = put(sessions, instance="i1")
    for seconds in range(120):
        clock.at = MORNING + timedelta(seconds=seconds)
        jobs.run_due(sessions, clock, "w")
    assert [(moment - MORNING).seconds for moment in started] == [0, 5, 35]
    assert effects(sessions) == 0
    ((failed, error, at),) = told
    assert (failed.id, failed.instance, failed.tries, at) == (identifier, "i1", 3, started[-1])
    assert error.startswith("ValueError: the printer is out of paper (fail:")
    assert the_job(sessions).state == "failed"

    registrations["test/effect"] = write_one
    with sessions() as session:
        assert jobs.retry(session, identifier, clock())
        assert not jobs.retry(session, identifier, clock())
    jobs.run_due(sessions, clock, "w")
    assert (the_job(sessions).state, effects(sessions)) == ("done", 1)


def test_an_incident_that_cannot_be_opened_does_not_keep_the_job_alive(
    sessions, clock, registrations
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken too")

    registrations["test/effect"] = registrations["runtime/failed"] = broken
    put(sessions)
    for _ in range(3):
        jobs.run_due(sessions, clock, "w")
        clock.later(60)
    assert the_job(sessions).state == "failed"


def test_a_job_nobody_knows_fails_in_words(sessions, clock) -> None:
    put(sessions, "gone/away")
    jobs.run_due(sessions, clock, "w")
    assert (the_job(sessions).error or "").startswith("LookupError")


def test_what_an_error_says_is_told_and_neither_stored_in_plain_nor_logged(
    sessions, clock, registrations, caplog
) -> None:
    """T20, T22: a message may hold an ID number; the incident that gets it is sealed."""
    told: list[str] = []

    def fail(session, arguments, now):
        raise ValueError("no such person: 13040219850606123X")

    registrations["test/effect"] = fail
    registrations["runtime/failed"] = lambda session, job, error, now: told.append(error)
    put(sessions)
    for _ in range(3):
        jobs.run_due(sessions, clock, "w")
        clock.later(60)
    assert "13040219850606123X" in told[0]
    assert "13040219850606123X" not in (the_job(sessions).error or "") + caplog.text


def test_a_worker_that_lost_its_lease_writes_nothing(sessions, clock, registrations) -> None:
    @jobs.two_phase
    def slow(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        clock.later(31)
        registrations["test/effect"] = write_one
        assert jobs.run_due(sessions, clock, "quick") == 1  # another worker, while this one renders
        return lambda now: write_one(session, arguments, now)

    registrations["test/effect"] = slow
    put(sessions)
    jobs.run_due(sessions, clock, "slow")
    assert effects(sessions) == 1
    job = the_job(sessions)
    assert (job.state, job.losses) == ("done", 1)
    assert (job.leased_by or "").startswith("quick/")


def test_a_failure_after_the_lease_was_lost_changes_nothing(sessions, clock, registrations) -> None:
    @jobs.two_phase
    def slow(session: Session, arguments: dict[str, Any], now: datetime) -> None:
        clock.later(31)
        registrations["test/effect"] = write_one
        jobs.run_due(sessions, clock, "quick")
        raise ValueError("too late")

    registrations["test/effect"] = slow
    put(sessions)
    jobs.run_due(sessions, clock, "slow")
    job = the_job(sessions)
    assert (job.state, job.tries, job.error) == ("done", 0, None)


def test_a_lease_is_renewed_while_its_job_prints(sessions, clock, registrations, monkeypatch) -> None:
    """The longest print outlives a lease three times over, and nobody else takes the job meanwhile."""
    monkeypatch.setattr(leases, "BEAT", 0.02)

    @jobs.two_phase
    def slow(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        for _ in range(3):
            clock.later(29)
            assert beats(clock() + jobs.LEASE)
            assert jobs.run_due(sessions, clock, "quick") == 0
        return lambda now: write_one(session, arguments, now)

    def beats(wanted: datetime) -> bool:
        for _ in range(200):
            if the_job(sessions).lease_until == wanted:
                return True
            time.sleep(0.01)
        return False

    registrations["test/effect"] = slow
    put(sessions)
    assert jobs.run_due(sessions, clock, "slow") == 1
    job = the_job(sessions)
    assert (job.state, job.losses, effects(sessions)) == ("done", 0, 1)


def test_a_lost_lease_is_not_won_back_by_renewing_it(sessions, clock, registrations, monkeypatch) -> None:
    """A worker stopped past its lease and woken again (a zombie) changes nothing."""
    monkeypatch.setattr(leases, "BEAT", 0.02)

    @jobs.two_phase
    def slow(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        with sessions() as thief, transaction(thief):
            thief.execute(update(Job).values(leased_by="thief"))
            before = the_job(sessions).lease_until
        clock.later(20)
        time.sleep(0.2)
        assert the_job(sessions).lease_until == before
        return lambda now: write_one(session, arguments, now)

    registrations["test/effect"] = slow
    put(sessions)
    jobs.run_due(sessions, clock, "slow")
    assert (the_job(sessions).leased_by, effects(sessions)) == ("thief", 0)


def test_a_job_that_hangs_loses_its_lease_in_the_end(sessions, clock, registrations, monkeypatch) -> None:
    monkeypatch.setattr(leases, "BEAT", 0.02)

    @jobs.two_phase
    def hangs(session: Session, arguments: dict[str, Any], now: datetime) -> None:
        clock.later(leases.LONGEST.total_seconds() + 1)
        time.sleep(0.2)
        assert (the_job(sessions).lease_until or clock()) < clock()

    registrations["test/effect"] = hangs
    put(sessions)
    jobs.run_due(sessions, clock, "w")


def test_a_job_put_off_comes_again_and_has_lost_no_try(sessions, clock, registrations) -> None:
    def later(*_: Any) -> None:
        raise jobs.PutOff(timedelta(seconds=20))

    registrations["test/effect"] = later
    put(sessions)
    for _ in range(5):
        assert jobs.run_due(sessions, clock, "w") == 1
        clock.later(20)
    job = the_job(sessions)
    assert (job.state, job.tries, job.due_at) == ("waiting", 0, clock())


def test_many_are_put_in_one_statement(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    with sessions() as session:
        given = jobs.enqueue_each(session, "test/effect", [{"what": "a"}, {"what": "b"}], MORNING)
        assert jobs.enqueue_each(session, "test/effect", [], MORNING) == []
    assert len(set(given)) == jobs.run_due(sessions, clock, "w") == effects(sessions) == 2


def test_health_counts_what_waits_is_late_and_was_given_up(sessions, clock, registrations) -> None:
    registrations["test/effect"] = lambda *_: 1 / 0
    put(sessions)
    for _ in range(3):
        jobs.run_due(sessions, clock, "w")
        clock.later(60)
    put(sessions, due=clock() + timedelta(days=1))
    put(sessions, due=clock() - timedelta(seconds=30))
    put(sessions, due=clock() - timedelta(seconds=90))
    with sessions() as session:
        assert jobs.health(session, clock()) == jobs.Health(waiting=3, running=0, overdue=1, failed=1)


def test_only_jobs_that_are_due_and_committed_are_hinted_at(sessions) -> None:
    class Ear:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def give(self, job: str) -> None:
            self.heard.append(job)

    def verb(session: Session) -> None:
        with transaction(session):
            jobs.enqueue(session, "test/effect", {}, MORNING)
            raise RuntimeError("no")

    ear = Ear()
    jobs.hints.use(ear)
    try:
        with sessions() as session, pytest.raises(RuntimeError, match="no"):
            verb(session)
        put(sessions, due=MORNING + timedelta(seconds=1))
        assert ear.heard == []
        job = put(sessions)
        assert ear.heard == [job]
    finally:
        jobs.hints.use(None)


def test_a_job_that_kills_its_workers_is_given_up(sessions, clock, registrations) -> None:
    told = []

    def die(*_: Any) -> None:
        raise SystemExit

    registrations["test/effect"] = die
    registrations["runtime/failed"] = lambda session, job, error, now: told.append(error)
    put(sessions)
    for _ in range(5):
        with pytest.raises(SystemExit):
            jobs.run_due(sessions, clock, "w")
        clock.later(31)
    assert jobs.run_due(sessions, clock, "w") == 0
    assert (the_job(sessions).state, told) == ("failed", ["lease lost"])


def test_a_brokers_hint_runs_just_that_job(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    put(sessions)
    second = put(sessions)
    assert jobs.run_one(sessions, clock, "celery", second)
    assert not jobs.run_one(sessions, clock, "celery", second)
    assert jobs.run_due(sessions, clock, "w") == 1


def test_many_workers_run_each_job_once(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    with sessions() as session, transaction(session):
        for number in range(60):
            jobs.enqueue(session, "test/effect", {"what": str(number)}, MORNING)
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(jobs.run_due(sessions, clock, "w"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 60
    with sessions() as session:
        assert len(set(session.scalars(select(effect.c.what)))) == effects(sessions) == 60


def test_the_thread_is_woken_by_the_commit(sessions, registrations) -> None:
    ran = threading.Event()
    registrations["test/effect"] = lambda session, arguments, now: ran.set()
    worker = jobs.Worker(sessions, lambda: datetime.now(UTC), every=3600)
    worker.start()
    try:
        put(sessions)
        assert ran.wait(10)
    finally:
        assert worker.stop()


def test_a_chore_that_fails_ends_neither_the_thread_nor_the_jobs(sessions, registrations) -> None:
    often, seldom = [], []
    thrice, ran = threading.Event(), threading.Event()

    def chore(session: Session, now: datetime) -> None:
        often.append(now)
        if len(often) == 3:
            thrice.set()
        raise OSError("away")

    registrations["test/effect"] = lambda session, arguments, now: ran.set()
    put(sessions)
    chores = [jobs.Chore(chore), jobs.Chore(lambda session, now: seldom.append(now), every=3600)]
    worker = jobs.Worker(sessions, lambda: MORNING, every=0.01, chores=chores)
    worker.start()
    try:
        assert thrice.wait(10)
        assert ran.wait(10)
    finally:
        assert worker.stop()
    assert len(seldom) == 1


def test_done_jobs_are_forgotten_after_a_week(sessions, clock, registrations) -> None:
    registrations["test/effect"] = write_one
    put(sessions)
    jobs.run_due(sessions, clock, "w")
    with sessions() as session:
        assert jobs.forget_done(session, MORNING + timedelta(days=6)) == 0
        assert jobs.forget_done(session, MORNING + timedelta(days=8)) == 1


@pytest.mark.parametrize("where", ["before", "inside", "after"])
def test_a_killed_worker_leaves_exactly_one_effect(address, sessions, clock, where) -> None:
    put(sessions)
    child = [sys.executable, "-m", "tests.platform.jobs.child", address]
    with subprocess.Popen([*child, MORNING.isoformat(), where], stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline().strip() == where
        victim.kill()  # SIGKILL
    clock.later(31)
    done = subprocess.run([*child, clock().isoformat(), "never"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["done", "0" if where == "after" else "1"]
    assert (the_job(sessions).state, effects(sessions)) == ("done", 1)
