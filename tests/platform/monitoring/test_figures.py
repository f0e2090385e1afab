"""The figures are what there is, whatever happens and whenever they are folded in."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from app.platform.data import transaction
from app.platform.monitoring import figures, folding, truth
from app.platform.monitoring.entities import Delta, Figure, Stay
from app.platform.runtime.entities import Instance, Task
from tests.platform.engine.scenes import Shape, scenes
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime.lives import Life, counted
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import STARTER, at_review, begin, decide
from tests.world import World

QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
MORE = ("catch", "choice", "choice", "timed", "timed", "many", "loop")
numbers = count(700_000)


@pytest.fixture
def inhabited(any_ground: World) -> World:
    people(any_ground)
    counted.clear()
    return any_ground


def wrong(world: World) -> list[str]:
    with world.session() as session:
        return [str(one) for one in truth.examine(session, world.now)]


def fold(world: World) -> int:
    with world.session() as session:
        return folding.fold(session, world.now)


def tally(world: World, *what: Any, **more: Any) -> Any:
    with world.session() as session:
        return figures.tally(session, *what, **more)


def test_whatever_becomes_of_a_chain_the_figures_are_what_there_is(inhabited: World) -> None:
    fold(inhabited)

    @settings(max_examples=40, **QUIET)
    @given(scenes(depth=2, more=MORE, largest=7), st.randoms(use_true_random=True))
    def each(shape: Shape, chance: random.Random) -> None:
        life = Life(inhabited, shape, chance.randrange(1_000), next(numbers))
        try:
            for _ in range(8):
                if life.play.ended:
                    break
                life.obey(*life.likely(chance))
                if chance.random() < 0.3:
                    fold(inhabited)
                assert wrong(inhabited) == []
            life.walk_out()
            assert wrong(inhabited) == []
        except BaseException:
            note("\n".join(life.said))
            life.clear()
            raise

    each()
    fold(inhabited)
    assert wrong(inhabited) == []
    before = tally(
        inhabited, ("case", "task", "started", "ended", "stay"), ("",), ("figure", "element", "day")
    )
    assert before[("started", "", inhabited.now.date().isoformat())] or before
    with inhabited.session() as session:
        assert folding.rebuild(session, inhabited.now) > 0
    again = tally(
        inhabited, ("case", "task", "started", "ended", "stay"), ("",), ("figure", "element", "day")
    )
    assert again == before


def test_a_figure_that_is_off_is_found(any_ground: World) -> None:
    begin(any_ground)
    fold(any_ground)
    with any_ground.session() as session, transaction(session):
        session.execute(update(Figure).where(Figure.figure == "case", Figure.place == "").values(n=41))
    assert any("is kept as 41" in line for line in wrong(any_ground))


def test_an_existing_installation_is_counted_the_first_time(any_ground: World) -> None:
    at_review(any_ground)
    with any_ground.session() as session, transaction(session):
        for entity in (Delta, Stay):
            session.execute(delete(entity))
    assert not tally(any_ground, ("case",), ("",))
    assert fold(any_ground) > 0
    assert tally(any_ground, ("case",), ("",), ("figure",))[("case",)] == 1
    assert wrong(any_ground) == []


def test_figures_roll_up_and_are_read_before_they_are_folded_in(any_ground: World) -> None:
    fold(any_ground)
    instance = begin(any_ground)
    with any_ground.session() as session, transaction(session):
        there = update(Instance).where(Instance.id == instance)
        session.execute(there.values(place="130000/130400/130402/"))
    hebei, handan, elsewhere = "130000/", "130000/130400/", "140000/"
    for is_folded in (False, True):
        for place in ("", hebei, handan, "130000/130400/130402/"):
            assert tally(any_ground, ("case",), (place,), ("figure",)) == {("case",): 1}
        assert not tally(any_ground, ("case",), (elsewhere,))
        assert not tally(any_ground, ("case",), (handan + "=",))
        assert tally(any_ground, ("case",), ("130000/130400/130402/=",), ("figure",)) == {("case",): 1}
        children = tally(any_ground, ("case",), (handan, elsewhere), ("place",))
        assert children == {(handan,): 1}
        assert is_folded or fold(any_ground)


def test_what_moves_to_another_place_or_version_takes_its_figures_along(any_ground: World) -> None:
    instance, _task = at_review(any_ground)
    fold(any_ground)
    with any_ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(place="130000/130500/"))
    assert wrong(any_ground) == []
    fold(any_ground)
    assert wrong(any_ground) == []
    assert tally(any_ground, ("task",), ("130000/130500/",), ("figure",)) == {("task",): 1}
    assert not tally(any_ground, ("task",), ("130000/130400/",), ("figure",))


def test_what_was_decided_late_and_sent_back_counts_by_its_day(any_ground: World) -> None:
    fold(any_ground)
    _instance, task = at_review(any_ground)
    with any_ground.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(due_at=any_ground.now))
    with any_ground.session() as session:
        name = session.scalar(select(Task.element).where(Task.id == task))
    any_ground.now += timedelta(hours=5)
    decide(any_ground, task, "return", "市级", comment="请补充")
    fold(any_ground)
    found = tally(any_ground, ("late", "returned"), ("",), ("figure", "element"))
    assert found == {("late", name): 1, ("returned", name): 1}
    assert wrong(any_ground) == []


def test_changes_are_folded_in_a_few_thousand_at_a_time(
    any_ground: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold(any_ground)
    for _ in range(3):
        begin(any_ground)
    monkeypatch.setattr(folding, "AT_ONCE", 2)
    assert fold(any_ground) > 2
    with any_ground.session() as session:
        assert session.scalar(select(func.count()).select_from(Delta)) == 0
    assert wrong(any_ground) == []


def test_people_who_work_at_once_wait_for_nobody_and_nothing_is_lost(any_ground: World) -> None:
    """Eight in as many threads, while another folds: the figures are what there is."""
    fold(any_ground)
    faults: list[BaseException] = []
    done = threading.Event()

    def work() -> None:
        try:
            for _ in range(5):
                begin(any_ground, name=STARTER)
        except BaseException as error:
            faults.append(error)

    def keep() -> None:
        try:
            while not done.is_set():
                fold(any_ground)
        except BaseException as error:
            faults.append(error)

    keeper, workers = threading.Thread(target=keep), [threading.Thread(target=work) for _ in range(8)]
    for thread in (keeper, *workers):
        thread.start()
    for thread in workers:
        thread.join(60)
    done.set()
    keeper.join(60)
    assert faults == []
    assert tally(any_ground, ("case",), ("",), ("figure",)) == {("case",): 40}
    assert wrong(any_ground) == []


@pytest.mark.skipif("postgresql" not in KINDS, reason="on SQLite the write lock is the database's own")
@pytest.mark.parametrize("ground", ["postgresql"], indirect=True)
def test_a_recount_beside_somebody_who_folds_does_nothing(ground: World) -> None:
    begin(ground)
    with ground.engine.connect() as other:
        other.execute(text(f"SELECT pg_advisory_xact_lock({folding.LOCK})"))
        with ground.session() as session:
            assert folding.rebuild(session, ground.now) == 0
        other.rollback()
    assert fold(ground) > 0
