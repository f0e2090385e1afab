"""Who else has a task open: seen for ninety seconds, written once a minute, told to those who may work it (pain 23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import insert, select, text

from app.platform.data import new_id, transaction
from app.platform.runtime import presence, tasks
from app.platform.runtime.entities import Copy, Presence
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, OTHER, at_review
from tests.world import World


def look(world: World, task: str, name: str) -> list[tuple[str, datetime]]:
    with world.session() as session:
        return [(one.name, one.since) for one in presence.look(session, task, world.acting(name), world.now)]


def test_the_second_sees_the_first_and_since_when(ground: World) -> None:
    _, task = at_review(ground)
    came = ground.now
    assert look(ground, task, CITY) == []
    ground.now += timedelta(seconds=30)
    assert look(ground, task, OTHER) == [(CITY, came)]
    assert look(ground, task, CITY) == [(OTHER, ground.now)]


def test_whoever_was_not_heard_of_for_ninety_seconds_has_left(ground: World) -> None:
    _, task = at_review(ground)
    look(ground, task, CITY)
    ground.now += timedelta(seconds=89)
    assert [name for name, _ in look(ground, task, OTHER)] == [CITY]
    ground.now += timedelta(seconds=1)
    assert look(ground, task, OTHER) == []


def test_who_stays_keeps_the_moment_he_came_and_who_comes_back_has_a_new_one(ground: World) -> None:
    _, task = at_review(ground)
    came = ground.now
    for _ in range(5):
        look(ground, task, CITY)
        ground.now += timedelta(seconds=60)
    assert look(ground, task, OTHER) == [(CITY, came)]
    ground.now += timedelta(minutes=10)
    look(ground, task, CITY)
    assert look(ground, task, OTHER) == [(CITY, ground.now)]


def test_it_is_one_statement_and_a_second_one_once_a_minute(ground: World, counted: Counted) -> None:
    _, task = at_review(ground)
    costs = []
    for _ in range(9):
        by = ground.acting(CITY)
        counted.clear()
        with ground.session() as session:
            presence.look(session, task, by, ground.now)
        costs.append(len(counted.lines))
        ground.now += timedelta(seconds=15)
    assert costs == [2, 1, 1, 1, 2, 1, 1, 1, 2]


def test_tasks_do_not_mix_and_old_rows_are_swept(ground: World) -> None:
    (_, first), (_, second) = at_review(ground), at_review(ground, data={"district": "130404"})
    look(ground, first, CITY)
    assert look(ground, second, OTHER) == []
    ground.now += timedelta(minutes=61)
    look(ground, second, CITY)
    with ground.session() as session:
        presence.sweep(session, ground.now)
        left = session.scalars(select(Presence.task_id)).all()
    assert left == [second]


@pytest.mark.parametrize(
    "ground", ["sqlite"], indirect=True
)  # there everybody who writes waits for everybody
def test_a_page_does_not_wait_for_whoever_writes(ground: World) -> None:
    """Who is there and what was read is noted in passing: where it cannot be, the page comes all the same."""
    instance, task = at_review(ground)
    look(ground, task, OTHER)
    by, reader, now = ground.acting(CITY), ground.acting(OTHER), ground.now
    copy = {"id": new_id(), "instance_id": instance, "task_id": task, "person_id": reader.person}
    with ground.session() as session, transaction(session):
        session.execute(insert(Copy).values(**copy, by_id=by.person, at=now))
    with ground.session() as writer, ground.session() as session, transaction(writer):
        before = monotonic()
        assert [one.name for one in presence.look(session, task, by, now)] == [OTHER]
        tasks.read_of(session, instance, reader, now)
        assert monotonic() - before < 3
        assert session.scalar(select(Copy.read_at)) is None
        assert session.scalar(text("PRAGMA busy_timeout")) == 10_000  # verbs wait as before
    with ground.session() as session:
        tasks.read_of(session, instance, reader, now)
        assert session.scalar(select(Copy.read_at)) is not None
