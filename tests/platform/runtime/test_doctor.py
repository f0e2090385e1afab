"""The doctor: finds nothing in a sound house, and each planted fault by its invariant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, delete, select, text, update

from app.platform.data import new_id
from app.platform.jobs import Job
from app.platform.runtime import cases, doctor
from app.platform.runtime.entities import Entry, Instance, Task
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, at_review, begin, decide
from tests.world import World

OPEN = Task.__table__.c.state == "open"
TASK, JOB, ENTRY, INSTANCE = Task.__table__, Job.__table__, Entry.__table__, Instance.__table__


def found(world: World) -> set[tuple[str, str]]:
    with world.session() as session:
        return {(each.invariant, each.code) for each in doctor.examine(session, world.now)}


@contextmanager
def unguarded(world: World) -> Iterator[Connection]:
    """A connection without foreign keys, as a tamperer comes."""
    off = "PRAGMA foreign_keys=OFF"
    if world.engine.dialect.name == "postgresql":
        off = "SET session_replication_role = replica"
    with world.engine.connect() as connection:
        connection.connection.cursor().execute(off)  # before any transaction: inside one SQLite ignores it
        with connection.begin():
            yield connection
        connection.invalidate()


def lived(world: World) -> str:
    """A permission at the city's desk, beside chains in every state; the instance."""
    _, review = at_review(world)
    decide(world, review, "approve", CITY)
    at_review(world)
    begin(world, "tests_wide")
    instance = world.to_review()
    hooked = begin(world, "tests_hooked")
    for element in ("first", "second"):
        decide(world, world.open_task(hooked, element), "go")
    return instance


FAULTS = {
    "an open task vanished": (delete(TASK).where(OPEN), {("I5", "task_missing"), ("I4", "stuck")}),
    "a task was closed beside the engine": (
        update(TASK).where(OPEN).values(state="closed"),
        {("I3", "undecided"), ("I5", "task_missing"), ("I4", "stuck")},
    ),
    "a decided task is open again": (
        update(TASK).where(TASK.c.element == "submit").values(state="open"),
        {("I3", "not_closed"), ("I5", "token_missing")},
    ),
    "a job vanished": (
        delete(JOB).where(JOB.c.state == "waiting"),
        {("I4", "stuck"), ("I5", "work_missing")},
    ),
    "a job failed unseen": (
        update(JOB).where(JOB.c.state == "waiting").values(state="failed"),
        {("I4", "stuck"), ("I4", "failed_unseen")},
    ),
    "entries vanished": (delete(ENTRY).where(ENTRY.c.task_id.is_not(None)), {("I1", "entry_lost")}),
    "an instance ended beside its tasks": (
        update(INSTANCE).where(INSTANCE.c.state == "running").values(state="ended"),
        {("I5", "open_after_end")},
    ),
    "what was named outlived its instance": (
        update(INSTANCE).where(INSTANCE.c.state == "ended").values(items={"seq": 1}),
        {("I5", "items_left")},
    ),
    "a state was exchanged": (
        update(INSTANCE).values(tokens=select(INSTANCE.c.tokens).limit(1).scalar_subquery()),
        {("I5", "corrupt")},
    ),
    "the posts of all have ended": (
        text("UPDATE identity_post SET ended_at = from_at"),
        {("I4", "nobody")},
    ),
}


def test_a_sound_house_has_no_findings(ground: World) -> None:
    lived(ground)
    assert found(ground) == set()


@pytest.mark.parametrize("name", FAULTS)
def test_each_planted_fault_is_found(ground: World, name: str) -> None:
    lived(ground)
    statement, wanted = FAULTS[name]
    with ground.engine.begin() as connection:
        connection.execute(statement)
    assert wanted <= found(ground)


def test_a_task_opened_twice_and_a_task_of_no_instance_are_found(ground: World) -> None:
    instance, task = at_review(ground)
    columns = ", ".join(c.name for c in TASK.c if c.name not in ("id", "instance_id"))
    with unguarded(ground) as connection:
        for other in (instance, "0" * 26):
            connection.execute(
                text(
                    f"INSERT INTO runtime_task (id, instance_id, {columns})"
                    f" SELECT :id, :instance, {columns} FROM runtime_task WHERE id = :task"
                ),
                {"id": new_id(), "instance": other, "task": task},
            )
    assert found(ground) == {("I2", "opened_twice"), ("I1", "orphan")}


def test_the_examination_asks_once_per_table_however_many_instances(ground: World, counted: Counted) -> None:
    def asked() -> int:
        counted.clear()
        assert found(ground) == set()
        return len(counted.lines)

    at_review(ground)
    first = asked()
    for _ in range(5):
        at_review(ground)
    assert asked() == first


def test_what_is_examined_in_chunks_is_all_examined(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        at_review(ground)
    monkeypatch.setattr(cases.cases, "__defaults__", (2,))
    with ground.session() as session:
        assert len({case.id for case in cases.cases(session)}) == 5
    assert found(ground) == set()
    with ground.engine.begin() as connection:
        connection.execute(delete(TASK).where(OPEN))
    with ground.session() as session:
        lost = [each for each in doctor.examine(session, ground.now) if each.code == "task_missing"]
    assert len(lost) == 5
