"""Many at once on one task: exactly one decides, all others hear of it, and everything stays sound (T10)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.runtime import closing, doctor, errors, instances, stepping, tasks
from app.platform.runtime.entities import Draft, Incident, Instance
from app.platform.runtime.tasks import Decision
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime.chains import HANSHAN
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, count, kinds, task_row
from tests.world import World

THREADS = 16
ROUNDS = [30, pytest.param(1_000, marks=pytest.mark.long)]


def at_once(run: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Let all run at the same moment; what each returned or raised."""
    barrier, found = threading.Barrier(threads), [None] * threads

    def one(number: int) -> None:
        barrier.wait()
        try:
            found[number] = run(number)
        except Exception as error:
            found[number] = error

    running = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return found


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_sixteen_deciders_exactly_one_wins_and_fifteen_read_who(any_ground: World, rounds: int) -> None:
    """C-19, T10."""
    world = any_ground
    names = [CITY, OTHER]
    people = [world.acting(names[number % 2]) for number in range(THREADS)]
    for _ in range(rounds):
        instance, task = at_review(world)

        def decide(number: int, task: str = task) -> object:
            outcome = ("approve", "return")[number // 2 % 2]
            decision = Decision(outcome, f"意见 {number}", 1, f"{task}/{number}")
            with world.session() as session:
                return tasks.complete(session, task, None, decision, people[number], world.now)

        found = at_once(decide)
        kinds_of = Counter(type(each).__name__ for each in found)
        assert kinds_of == {"Completed": 1, "TaskTaken": THREADS - 1}, (kinds_of, found)
        winner = task_row(world, task)
        for each in found:
            if isinstance(each, errors.TaskTaken):
                assert world.people[each.by_name] == winner.closed_by_id
                assert each.at == world.now
        assert kinds(world, instance).count("decided") == 2
    assert count(world, Draft) == 2 * rounds  # each of the two lost at least once, and keeps one draft
    sound(world)


@pytest.mark.skipif("postgresql" not in KINDS, reason="on SQLite the write lock is the database's own")
@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
def test_an_incident_opened_while_the_last_decision_waits_for_the_lock_ends_with_the_instance(
    ground: World,
) -> None:
    """What stands beside the lock in its statement is as it was when the wait began (READ COMMITTED)."""
    instance, review = at_review(ground)
    by, begun = ground.acting(CITY), threading.Event()

    def decide() -> None:
        with ground.session() as session:
            begun.set()
            tasks.complete(session, review, None, Decision("approve", "", 1), by, ground.now)

    deciding = threading.Thread(target=decide)
    with ground.session() as session, transaction(session):
        held = stepping.hold(session, by, ground.now, instance=instance)
        deciding.start()
        begun.wait()
        _until_somebody_waits(session)
        stepping.open_incident(held, "job", "sending", "broken")
        stepping.save(held)
    deciding.join()
    with ground.session() as session:
        assert session.get_one(Instance, instance).state == "ended"
        assert session.scalar(select(Incident.closed_at)) == ground.now


def _until_somebody_waits(session: Session) -> None:
    waits = text(
        "SELECT count(*) FROM pg_locks waits JOIN pg_locks here USING (pid) WHERE NOT waits.granted"
        " AND here.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    for _ in range(500):
        if session.scalar(waits):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waited for the lock")


@pytest.mark.skipif("postgresql" not in KINDS, reason="on SQLite the write lock is the database's own")
@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_broken", [False, True])
def test_a_build_without_the_lock_is_caught(
    ground: World, is_broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suite that has never failed proves nothing: without lock and revision the loser is not told who won."""
    instance, task = stepping.INSTANCE, stepping.TASK
    if is_broken:
        of_task = select(task.c.instance_id).where(task.c.id == bindparam("task")).scalar_subquery()
        unlocked = select(*stepping.HELD).where(instance.c.id == of_task)
        monkeypatch.setattr(stepping, "LOCK_BY_TASK", unlocked)
        monkeypatch.setattr(stepping, "UPDATE_INSTANCE", _unchecked(stepping.UPDATE_INSTANCE, instance.c.id))
        monkeypatch.setattr(closing, "CLOSE", _unchecked(closing.CLOSE, task.c.id))
    _, review = at_review(ground)
    meeting, mind = threading.Barrier(2), tasks._mind

    def together(*given: Any) -> Any:
        found = mind(*given)
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1)  # both have read, neither has written: what the lock forbids
        return found

    monkeypatch.setattr(tasks, "_mind", together)
    people = [ground.acting(name) for name in (CITY, OTHER)]

    def decide(number: int) -> object:
        with ground.session() as session:
            decision = Decision("approve", "", 1, f"{number}")
            return tasks.complete(session, review, None, decision, people[number], ground.now)

    kinds_of = Counter(type(each).__name__ for each in at_once(decide, 2))
    assert (kinds_of == {"Completed": 1, "TaskTaken": 1}) is not is_broken


def _unchecked(statement: Any, column: Any) -> Any:
    """An update that looks at the id alone."""
    copy = statement._generate()
    copy._where_criteria = (column == bindparam("_id"),)
    return copy


def test_a_double_click_is_one_decision_and_one_answer(any_ground: World) -> None:
    """T10: the same key from the same person, sixteen times at once."""
    world = any_ground
    _, task = at_review(world)
    by = world.acting(CITY)

    def click(_: int) -> object:
        with world.session() as session:
            return tasks.complete(session, task, None, Decision("return", "补", 1, "k"), by, world.now)

    found = at_once(click)
    assert all(isinstance(each, tasks.Completed) for each in found), found
    assert len({each.next_tasks for each in found}) == 1
    assert [each.is_repeat for each in found].count(False) == 1
    sound(world)


def test_a_start_clicked_sixteen_times_at_once_is_one_instance(any_ground: World) -> None:
    world = any_ground
    by = world.acting(STARTER)

    def click(_: int) -> object:
        with world.session() as session:
            return instances.start(
                session, "tests_desk", by=by, post=None, now=world.now, data=HANSHAN, key="k"
            )

    found = at_once(click)
    assert len({each.instance for each in found}) == 1, found
    assert count(world, Instance) == 1
    sound(world)


def test_claiming_at_once_gives_the_task_to_one(any_ground: World) -> None:
    world = any_ground
    _, task = at_review(world)
    people = [world.acting((CITY, OTHER)[number % 2]) for number in range(THREADS)]

    def claim(number: int) -> object:
        with world.session() as session:
            tasks.claim(session, task, 1, people[number], world.now)
            return None

    found = Counter(type(each).__name__ for each in at_once(claim))
    assert found["NoneType"] == 1
    assert set(found) <= {"NoneType", "TaskTaken", "InstanceChanged"}
    sound(world)


def test_numbers_given_at_once_have_no_gap_and_no_twin(any_ground: World) -> None:
    world = any_ground
    by = world.acting(STARTER)

    def start(_: int) -> object:
        with world.session() as session:
            given = {"by": by, "post": None, "now": world.now, "data": HANSHAN}
            return instances.start(session, "fairs_application", **given)  # type: ignore[arg-type]

    found = at_once(start)
    assert all(isinstance(each, instances.Started) for each in found), found
    with world.session() as session:
        numbers = sorted(row.number or "" for row in session.query(Instance))
    assert numbers == [f"JS2026{n:04}" for n in range(1, THREADS + 1)]
