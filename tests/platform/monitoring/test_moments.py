"""The case as it was after any row of its history is what the tables said then, whatever is done to it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.platform.identity import roles
from app.platform.monitoring import moments
from app.platform.runtime import control, history, instances, tasks
from app.platform.runtime.entities import Instance, Task
from tests.platform.engine.scenes import scenes
from tests.platform.runtime.lives import Life
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide
from tests.world import World

MORE = ("catch", "choice", "choice", "timed", "timed", "many", "loop")
SCENES = scenes(depth=2, more=MORE, largest=7)
QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
MANY = int(os.environ.get("TEST_MOMENTS", "40"))
numbers = count(1)


class Watched(Life):
    """A life that remembers what the tables said after each of its verbs."""

    def compare(self) -> None:
        super().compare()
        with self.world.session() as session:
            row = session.execute(
                select(Instance.history_length, Instance.state).where(Instance.id == self.instance)
            ).one()
            open_now = select(Task.id, Task.element, Task.opened_at).where(
                Task.instance_id == self.instance, Task.state == "open"
            )
            found = {(one.id, one.element) for one in session.execute(open_now)}
        self.__dict__.setdefault("seen", {})[row.history_length] = (row.state, found)


@pytest.fixture
def inhabited(ground: World) -> Iterator[World]:
    people(ground)
    return ground


def check(life: Watched) -> None:
    seen: dict[int, Any] = life.__dict__["seen"]
    with life.world.session() as session:
        rows = history.of(session, life.instance)
    for length, (state, open_then) in seen.items():
        moment = moments.after(rows, length)
        assert moment is not None
        told = f"after row {length}\n" + "\n".join(life.said)
        assert moment.state == state, told
        assert {(one.task, one.element) for one in moment.waiting} == open_then, told
    stops, at = set(moments.stops(rows)), {row.seq: row.at for row in rows}
    for length in seen:
        assert length in stops or at[length] == at[length + 1], "what could be seen is where the slider stops"


def test_whatever_is_done_the_history_alone_tells_which_tasks_were_open(inhabited: World) -> None:
    @settings(max_examples=MANY, **QUIET)
    @given(SCENES, st.randoms(use_true_random=True))
    def each(shape: Any, chance: random.Random) -> None:
        life = Watched(inhabited, shape, chance.randrange(1_000), 100_000 + next(numbers))
        try:
            for _ in range(12):
                if life.play.ended:
                    break
                life.obey(*life.likely(chance))
            else:
                life.walk_out()
        except BaseException:
            note("\n".join(life.said))
            life.clear()
            raise
        check(life)

    each()


def test_a_cancelled_instance_waits_for_nobody_and_did_before(ground: World) -> None:
    instance, task = at_review(ground)
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", ground.acting(STARTER), ground.now)
        rows = history.of(session, instance)
    last = moments.after(rows, rows[-1].seq)
    before = moments.after(rows, rows[-2].seq)
    assert last
    assert before
    assert (last.state, last.waiting) == ("cancelled", ())
    assert (before.state, [one.task for one in before.waiting]) == ("running", [task])
    assert before.here == {"review"}
    assert "prepare" in before.passed


def test_it_says_who_had_taken_a_task_and_that_it_was_suspended(ground: World) -> None:
    ground.enter("管理员", roles.ADMINISTRATOR.key)
    instance, task = at_review(ground)
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
        control.suspend(session, instance, "查", ground.acting("管理员"), ground.now)
        rows = history.of(session, instance)
    moment = moments.after(rows, 10_000)
    assert moment
    assert moment.state == "suspended"
    assert [one.holder for one in moment.waiting] == [CITY]


def test_before_its_first_row_there_was_nothing(ground: World) -> None:
    instance = begin(ground)
    decide(ground, ground.open_task(instance, "prepare"), "send")
    with ground.session() as session:
        rows = history.of(session, instance)
    assert moments.after(rows, 0) is None
    assert moments.stops([]) == ()
