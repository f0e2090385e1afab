"""Errands: long work a person has asked for, told of, stopped, tried again and forgotten, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import jobs
from app.platform.jobs import Errand, Job, errands
from app.platform.registry import Acting, Words, house
from tests.platform.jobs.databases import KINDS, fresh, opened

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WANG = Acting("wang", "王", "wang")
LI = Acting("li", "李", "li")
TITLE = Words("导出来宾", "Export guests")


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        yield engine
        engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], str]:
    """Register a function as the errand of this test."""

    def register(run: Callable[..., Any]) -> str:
        monkeypatch.setitem(house.jobs, "test/errand", run)
        return "test/errand"

    return register


def begin(sessions: sessionmaker[Session], kind: str, by: Acting = WANG) -> str:
    with sessions() as session:
        return errands.begin(session, kind, TITLE, {"list": "guests"}, by, MORNING)


def standing(sessions: sessionmaker[Session], errand: str) -> errands.Standing:
    with sessions() as session:
        found = errands.get(session, errand, WANG)
    assert found is not None
    return found


def run(sessions: sessionmaker[Session], at: datetime = MORNING) -> bool:
    return jobs.run_one(sessions, lambda: at, "worker")


def job_of(sessions: sessionmaker[Session], errand: str) -> Any:
    with sessions() as session:
        asked = select(Job.state, Job.tries).join(Errand, Errand.job_id == Job.id).where(Errand.id == errand)
        return session.execute(asked).one()


@jobs.two_phase
def works(session: Session, arguments: Any, now: datetime) -> Callable[[datetime], None]:
    errands.step(session, arguments["errand"], 3, 10)
    return lambda at: errands.finish(session, arguments["errand"], {"file": "f1"}, at)


def test_an_errand_tells_how_far_it_is_and_what_came_of_it(sessions, kind) -> None:
    seen = []

    @jobs.two_phase
    def watched(session: Session, arguments: Any, now: datetime) -> Any:
        assert arguments["list"] == "guests"
        write = works(session, arguments, now)
        seen.append(standing(sessions, arguments["errand"]))
        return write

    errand = begin(sessions, kind(watched))
    waiting = standing(sessions, errand)
    assert (waiting.state, waiting.total, waiting.title, waiting.is_over) == ("waiting", None, TITLE, False)
    assert run(sessions)
    assert [(one.state, one.done, one.total) for one in seen] == [("running", 3, 10)]
    done = standing(sessions, errand)
    assert (done.state, done.result, done.finished_at) == ("done", {"file": "f1"}, MORNING)
    assert done.is_over


def test_nobody_else_sees_stops_or_repeats_it(sessions, kind) -> None:
    errand = begin(sessions, kind(works))
    with sessions() as session:
        assert errands.get(session, errand, LI) is None
        assert errands.own(session, LI) == []
        assert errands.own(session, LI, only=[errand]) == []
        assert not errands.stop(session, errand, LI, MORNING)
        assert not errands.again(session, errand, LI, MORNING)
        assert [one.id for one in errands.own(session, WANG, only=[errand, "nonsense"])] == [errand]


def test_stopped_while_it_waits_it_writes_nothing_and_is_not_tried_again(sessions, kind) -> None:
    errand = begin(sessions, kind(works))
    with sessions() as session:
        assert errands.stop(session, errand, WANG, MORNING)
        assert not errands.stop(session, errand, WANG, MORNING)
    assert run(sessions)
    assert standing(sessions, errand).state == "stopped"
    assert tuple(job_of(sessions, errand)) == ("done", 0)
    assert not run(sessions, MORNING + timedelta(days=1))


def test_stopped_between_its_last_step_and_its_end_nothing_is_written(sessions, kind) -> None:
    """What it would have written goes with the transaction in which it finds itself stopped."""

    @jobs.two_phase
    def late(session: Session, arguments: Any, now: datetime) -> Any:
        with sessions() as other:
            assert errands.stop(other, arguments["errand"], WANG, now)

        def write(at: datetime) -> None:
            errands.begin(session, "test/other", TITLE, {}, WANG, at)
            errands.finish(session, arguments["errand"], {}, at)

        return write

    errand = begin(sessions, kind(late))
    assert run(sessions)
    assert standing(sessions, errand).state == "stopped"
    assert job_of(sessions, errand).state == "done"
    with sessions() as session:
        assert [one.id for one in errands.own(session, WANG)] == [errand]


def test_of_stopping_and_finishing_at_once_one_wins(sessions, kind) -> None:
    """Whoever comes first, the errand tells the same as its result."""
    name = kind(works)
    for _ in range(15):
        errand = begin(sessions, name)
        stopped = []
        start = threading.Barrier(2)

        def stop(errand: str = errand, start: Any = start, stopped: list[bool] = stopped) -> None:
            with sessions() as session:
                start.wait(5)
                stopped.append(errands.stop(session, errand, WANG, MORNING))

        thread = threading.Thread(target=stop)
        thread.start()
        start.wait(5)
        assert run(sessions)
        thread.join(20)
        after = standing(sessions, errand)
        assert (after.state, after.result) == (
            ("stopped", {}) if stopped == [True] else ("done", {"file": "f1"})
        )
        assert tuple(job_of(sessions, errand)) == ("done", 0)


def test_a_job_given_up_marks_its_errand_which_can_be_tried_again(sessions, kind) -> None:
    tries = []

    def sick(session: Session, arguments: Any, now: datetime) -> None:
        tries.append(now)
        if len(tries) <= 3:
            raise ValueError("not today")
        errands.finish(session, arguments["errand"], {}, now)

    errand = begin(sessions, kind(sick))
    at = MORNING
    for expected in ("waiting", "waiting", "failed"):
        assert run(sessions, at)
        assert standing(sessions, errand).state == expected
        at += timedelta(minutes=1)
    with sessions() as session:
        assert errands.again(session, errand, WANG, at)
        assert not errands.again(session, errand, WANG, at)
    assert standing(sessions, errand).finished_at is None
    assert run(sessions, at)
    assert standing(sessions, errand).state == "done"


def test_what_is_done_or_stopped_is_not_tried_again(sessions, kind) -> None:
    name = kind(works)
    done, stopped = begin(sessions, name), begin(sessions, name)
    with sessions() as session:
        errands.stop(session, stopped, WANG, MORNING)
        while run(sessions):
            pass
        assert not errands.again(session, done, WANG, MORNING)
        assert not errands.again(session, stopped, WANG, MORNING)
        assert not errands.stop(session, done, WANG, MORNING)


def test_a_worker_that_died_is_followed_by_another(sessions, kind) -> None:
    """What it had told stands until the next one tells more."""
    errand = begin(sessions, kind(works))
    with sessions() as session:
        errands.step(session, errand, 9, 10)
        session.execute(Job.__table__.update().values(state="running", leased_by="dead", lease_until=MORNING))
        session.commit()
    assert run(sessions, MORNING + timedelta(minutes=10))
    assert (standing(sessions, errand).state, standing(sessions, errand).done) == ("done", 3)


def test_those_long_over_are_forgotten_and_tell_what_they_left(sessions, kind) -> None:
    name = kind(works)
    old, running = begin(sessions, name), begin(sessions, name)
    assert run(sessions)
    with sessions() as session:
        assert errands.forget(session, MORNING + timedelta(days=29)) == []
        assert errands.forget(session, MORNING + timedelta(days=31)) == [{"file": "f1"}]
        assert [one.id for one in errands.own(session, WANG)] == [running]
        assert errands.get(session, old, WANG) is None


def test_what_was_begun_through_a_session_can_be_shown_at_once(sessions, kind) -> None:
    with sessions() as session:
        errand = errands.begin(session, kind(works), TITLE, {}, WANG, MORNING)
        assert session.info[errands.BEGUN] == [errand]
