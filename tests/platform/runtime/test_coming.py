"""Who comes next is told with today's posts, for each outcome a reader may choose (D1, C7 of the ideas)."""

from __future__ import annotations

from sqlalchemy import update

from app.platform.data import transaction
from app.platform.identity.entities import HeldPost
from app.platform.runtime import coming, tasks
from tests.world import World


def told(world: World, instance: str, element: str, name: str) -> dict[str, coming.After]:
    with world.session() as session:
        by = world.acting(name)
        view = tasks.get(session, world.open_task(instance, element), by, world.now)
        return {one.outcome: one for one in coming.after(session, view, by, world.now)}


def test_each_outcome_says_its_step_its_office_and_who_holds_it(world: World) -> None:
    after = told(world, world.to_review(), "city_review", "市级")
    assert after["approve"].steps == ()
    assert len(after["approve"].ends) == 1
    (mend,) = after["reject"].steps
    assert (mend.names, mend.number, after["reject"].negative) == (("组织者甲",), 1, True)


def test_what_is_told_is_what_then_happens(world: World) -> None:
    instance = world.to_review()
    (mend,) = told(world, instance, "city_review", "市级")["reject"].steps
    world.decide(instance, "city_review", "reject", "市级", comment="请重扫")
    with world.session() as session:
        task = tasks.get(session, world.open_task(instance, "correct"), world.acting("组织者甲"), world.now)
    assert (task.name, task.can_work) == (mend.step, True)


def to_upload(world: World) -> str:
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="请重扫")
    return instance


def test_the_office_that_comes_next_is_named_with_its_holders(world: World) -> None:
    (review,) = told(world, to_upload(world), "correct", "组织者甲")["submit"].steps
    assert review.who.zh.endswith("管理员")
    assert set(review.names) <= {"市级", "市级二"}
    assert review.number == len(review.names)
    assert not review.is_nobody


def test_nobody_to_answer_is_said(world: World) -> None:
    instance = to_upload(world)
    with world.session() as session, transaction(session):
        session.execute(update(HeldPost).values(ended_at=world.now))
    (review,) = told(world, instance, "correct", "组织者甲")["submit"].steps
    assert review.is_nobody
