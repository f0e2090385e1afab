"""The pulse of an open page: one statement, and a mark that is another one when, and only when, the state is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.platform.runtime import control, instances, policy, presence, pulse, tasks
from app.platform.runtime.entities import Task
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, FOREIGN, OTHER, STARTER, at_review, decide
from tests.world import World


def feel(world: World, name: str, task: str | None = None, instance: str | None = None) -> pulse.Pulse:
    by = world.acting(name)
    with world.session() as session:
        counts = {"todo": pulse.counting(select(Task.id).where(policy.workable(by)), 1000)}
        return pulse.feel(session, counts, by, world.now, task=task, instance=instance)


def mark_of_page(world: World, name: str, task: str) -> str:
    """The mark that a page made now would carry."""
    by = world.acting(name)
    with world.session() as session:
        view = tasks.get(session, task, by, world.now)
        others = presence.others(session, task, by, world.now) if view.can_work else ()
        return pulse.mark_of(view, others)


def test_it_counts_and_its_mark_is_the_page_s(ground: World) -> None:
    instance, task = at_review(ground)
    for name, waiting in ((CITY, 1), (STARTER, 0)):
        felt = feel(ground, name, task, instance)
        assert felt.counts == {"todo": waiting}
        assert felt.task == mark_of_page(ground, name, task)
        by = ground.acting(name)
        with ground.session() as session:
            assert felt.instance == pulse.mark_of_instance(instances.view(session, instance, by, ground.now))


def test_nothing_new_is_the_same_mark_and_each_change_another_one(ground: World) -> None:
    ground.enter("总管", "platform.administrator")
    instance, task = at_review(ground)
    marks = [feel(ground, CITY, task).task]

    def changed() -> bool:
        ground.now += timedelta(seconds=5)
        marks.append(feel(ground, CITY, task).task)
        assert marks[-1] == mark_of_page(ground, CITY, task)
        return marks[-1] != marks[-2]

    assert not changed()
    feel(ground, OTHER, task)
    assert changed()  # a colleague has come
    ground.now += timedelta(seconds=91)
    assert changed()  # and left
    with ground.session() as session:
        control.suspend(session, instance, "核查", ground.acting("总管"), ground.now)
    assert changed()
    with ground.session() as session:
        control.resume(session, instance, "继续", ground.acting("总管"), ground.now)
    assert changed()
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(OTHER), ground.now)
    assert changed()
    decide(ground, task, "approve", OTHER, revision=2)
    assert changed()
    assert not changed()


def test_whoever_may_not_read_it_feels_nothing_and_whoever_may_not_work_it_is_not_told_who_looks(
    ground: World,
) -> None:
    """The applicant never learns which reviewer has his case open, nor that one has."""
    instance, task = at_review(ground)
    before = feel(ground, STARTER, task, instance)
    feel(ground, CITY, task)
    feel(ground, OTHER, task)
    assert feel(ground, STARTER, task, instance) == before
    assert before.others == ()
    assert [one.name for one in feel(ground, CITY, task).others] == [OTHER]
    felt = feel(ground, FOREIGN, task, instance)
    assert (felt.task, felt.instance, felt.others) == ("", "", ())
    with ground.session() as session:
        at = {row.person_id for row in session.execute(select(presence.Presence)).scalars()}
    assert at == {ground.people[CITY], ground.people[OTHER]}


def test_it_is_one_statement_and_a_second_one_once_a_minute(ground: World, counted: Counted) -> None:
    instance, task = at_review(ground)
    by, costs = ground.acting(CITY), []
    for _ in range(5):
        counted.clear()
        with ground.session() as session:
            counts = {"todo": pulse.counting(select(Task.id).where(policy.workable(by)), 1000)}
            pulse.feel(session, counts, by, ground.now, task=task, instance=instance)
        costs.append(len(counted.lines))
        ground.now += timedelta(seconds=15)
    assert costs == [2, 1, 1, 1, 2]
