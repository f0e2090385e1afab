"""Where a recommended person's matter is and what comes: never the removal that listens beside it all the while."""

from __future__ import annotations

import re

from app.platform.monitoring import repairable
from app.platform.runtime import coming, diagram, history, instances, tasks, where_said, whereabouts
from tests.systems.delegates import filling
from tests.systems.delegates.world import LIAISON_ONE, World

WATCHER = "流程管理员"


def told(world: World, instance: str, name: str = LIAISON_ONE) -> tuple[list[str], str]:
    """The steps to come, with the end, and the sentence."""
    by, now = world.acting(name), world.now
    with world.session() as session:
        view = instances.view(session, instance, by, now)
        where = whereabouts.of(session, view, history.of(session, instance), by, now)
    steps = [one.name.zh for one in where.coming] + (["办结"] if where.ends else [])
    return steps, where_said.sentence(where, now).zh


def test_the_reviews_and_the_report_are_foreseen_and_no_removal(world: World) -> None:
    instance = filling.recommend(world, "柳青")
    steps, sentence = told(world, instance, "柳青")
    assert steps == ["初审", "上报", "终审", "办结"]
    assert sentence.startswith("轮到您了：填写登记表")
    filling.submit(world, instance, "柳青")
    steps, sentence = told(world, instance)
    assert steps == ["上报", "终审", "办结"]
    assert sentence == "轮到您了：初审；之后等待“上报”（邯山区科学技术协会选举单位联络员）。"
    filling.first_review(world, instance)
    assert told(world, instance) == (
        ["终审", "办结"],
        "初审通过待上报（邯山区科学技术协会选举单位联络员）；之后由邯郸市科学技术协会换届单位办理“终审”。",
    )
    filling.report(world, instance)
    assert told(world, instance)[0] == ["办结"]


def test_beside_the_buttons_the_wait_for_the_report_comes_next(world: World) -> None:
    instance = filling.recommend(world, "柳青")
    filling.submit(world, instance, "柳青")
    by, now = world.acting(LIAISON_ONE), world.now
    with world.session() as session:
        view = tasks.get(session, world.open_task(instance, "first_review"), by, now)
        passed, rejected = coming.after(session, view, by, now)
    assert (passed.steps, passed.ends, passed.sure) == ((), (), True)
    assert [one.zh for one in passed.waits] == ["初审通过待上报"]
    assert [one.step.zh for one in passed.then] == ["终审"]
    assert ([one.step.zh for one in rejected.steps], rejected.waits) == (["修改登记表"], ())


def test_what_listens_is_no_place_where_it_stands(world: World) -> None:
    """Neither in the drawing nor among what a repair may move."""
    world.enter(WATCHER, "platform.administrator")
    instance = filling.recommend(world, "柳青")
    with world.session() as session:
        at = repairable.find(session, instance, world.acting(WATCHER), world.now)
        drawn = diagram.of(session, instance, "x") or ""
    assert [place.element for place in at.places] == ["fill"]
    here = re.findall(r'data-element="(\w+)"[^>]*data-state="here"', drawn)
    assert here == ["fill"]
