"""Posts ended and redated, many at once: what is left behind is shown before, and nobody goes beyond his own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import posts, redating, roles
from app.platform.identity.entities import HeldPost
from app.platform.identity.messages import Refusal
from app.platform.personnel import ending_posts
from app.platform.registry import Acting
from app.platform.runtime import tasks
from tests.platform.personnel.test_taking_over import giver
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import inbox, people
from tests.platform.runtime.steps import CITY, OTHER, at_review, decide, task_row
from tests.platform.runtime.test_unattended import end, found, many, posts_of
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def desk(ground: World) -> tuple[World, str]:
    """A task of the city's, which three clerks can answer."""
    people(ground)
    _, task = at_review(ground)
    return ground, task


def see(world: World, ids: list[str], by: Acting) -> ending_posts.Preview:
    with world.session() as session:
        return ending_posts.preview(session, ids, by, world.now)


def go(world: World, ids: list[str], mark: str, by: Acting) -> ending_posts.Preview:
    with world.session() as session:
        return ending_posts.end(session, ids, mark, by, world.now)


def row(world: World, post: str) -> Any:
    with world.session() as session:
        return session.execute(select(HeldPost.__table__).where(HeldPost.id == post)).one()


def redate(world: World, ids: list[str], begins: Any, ends: Any, by: Acting, **more: Any) -> int:
    with world.session() as session:
        return ending_posts.redate(session, ids, begins, ends, by, world.now, **more)


def test_what_nobody_could_answer_any_more_is_shown_and_then_so(desk: tuple[World, str]) -> None:
    world, task = desk
    by = giver(world)
    two, last = posts_of(world, CITY, OTHER), posts_of(world, "市级三")
    assert see(world, two, by).left == ()
    drawn = see(world, two + last, by)
    (left,) = drawn.left
    assert (left.step.zh, left.role, left.place, left.count) == (
        task_row(world, task).name_zh,
        "fairs.city_admin",
        "130000/130400/",
        1,
    )
    assert found(world) == {}
    done = go(world, two + last, drawn.mark, by)
    assert (done, found(world)) == (drawn, {task: "no_holder"})
    assert all(row(world, post).ended_at == world.now for post in two + last)


def test_claims_are_counted_and_go_back_to_all(desk: tuple[World, str]) -> None:
    world, task = desk
    by = giver(world)
    with world.session() as session:
        tasks.claim(session, task, 1, world.acting(CITY), world.now)
    ids = posts_of(world, CITY)
    drawn = see(world, ids, by)
    assert (drawn.claims, drawn.left) == (1, ())
    go(world, ids, drawn.mark, by)
    world.work()
    assert task_row(world, task).claimed_by_id is None
    decide(world, task, "approve", OTHER, "同意", revision=task_row(world, task).revision)


def test_what_changes_between_preview_and_act_is_looked_at_again(desk: tuple[World, str]) -> None:
    world, _ = desk
    by, ids = giver(world), posts_of(world, CITY)
    drawn = see(world, ids, by)
    end(world, OTHER, "市级三")  # now this one is the last
    with pytest.raises(ending_posts.Changed):
        go(world, ids, drawn.mark, by)
    assert row(world, ids[0]).ended_at is None


def test_posts_that_are_not_ones_to_end_stay_and_say_why(desk: tuple[World, str]) -> None:
    world, _ = desk
    by = giver(world)
    mine, over = posts_of(world, "安全员"), posts_of(world, CITY)
    end(world, CITY)
    drawn = see(world, [*mine, *over, *posts_of(world, OTHER)], by)
    why = {one.name: one.why and one.why.zh for one in drawn.posts}
    assert why == {
        "安全员": "不能给本人授予或撤销岗位，请由其他管理员办理",
        CITY: "该岗位已经结束，不能修改期限",
        OTHER: None,
    }
    go(world, [*mine, *over], see(world, [*mine, *over], by).mark, by)
    assert row(world, mine[0]).ended_at is None


def regional(world: World, place: str, name: str) -> Acting:
    roles.plug()
    world.enter(name, roles.REGIONAL.key, place)
    return world.acting(name)


def test_a_district_s_administrator_sees_no_post_outside_and_ends_none(desk: tuple[World, str]) -> None:
    """C-11: a foreign post is not there; one of a role he may not give stays."""
    world, _ = desk
    by = regional(world, "130402", "区人事")
    ids = posts_of(world, CITY)
    assert see(world, ids, by).posts == ()
    with pytest.raises(Refusal) as refused:
        redate(world, ids, None, world.now + DAY, by)
    assert refused.value.code == "unknown_post"
    city = regional(world, "130400", "市人事")
    assert [one.why and one.why.zh[:8] for one in see(world, ids, city).posts] == ["超出您的授权范围"]
    with pytest.raises(Refusal) as forbidden:
        redate(world, ids, None, world.now + DAY, city)
    assert forbidden.value.code == "not_yours"
    assert row(world, ids[0]).until_at is None


def test_the_dates_of_several_posts_are_changed_together(desk: tuple[World, str]) -> None:
    world, task = desk
    by, until = giver(world), world.now + 2 * DAY
    ids = posts_of(world, CITY, OTHER, "市级三")
    assert redate(world, ids, None, until, by) == 3
    assert {row(world, post).until_at for post in ids} == {until}
    assert (found(world, until - timedelta(seconds=1)), found(world, until)) == ({}, {task: "no_holder"})
    with world.session() as session:
        told = [
            one for one in audit.read(session, f"person:{world.people[CITY]}") if one.kind == "post.redated"
        ]
    assert [one.body["after"]["until"] for one in told] == [until.isoformat()]
    assert redate(world, ids, None, None, by) == 3
    assert {row(world, post).until_at for post in ids} == {None}


def test_a_claim_goes_back_when_the_date_has_come(desk: tuple[World, str]) -> None:
    world, task = desk
    by, until = giver(world), world.now + 2 * DAY
    with world.session() as session:
        tasks.claim(session, task, 1, world.acting(CITY), world.now)
    redate(world, posts_of(world, CITY), None, until, by)
    world.work()
    assert task_row(world, task).claimed_by_id == world.people[CITY]
    world.now = until
    assert inbox(world, CITY) == []
    world.work()
    assert task_row(world, task).claimed_by_id is None
    assert inbox(world, OTHER) == [task]


def test_a_post_to_come_begins_on_another_day_and_one_that_has_begun_does_not(
    desk: tuple[World, str],
) -> None:
    world, _ = desk
    by = giver(world)
    with world.session() as session:
        later = posts.grant(
            session, world.people["科长"], "fairs.city_admin", "130000/130400/", None, world.now, None,
            from_at=world.now + 5 * DAY,
        )  # fmt: skip
    redate(world, [later], world.now + 3 * DAY, None, by, keeps_end=True)
    assert row(world, later).from_at == world.now + 3 * DAY
    redate(world, [later], world.now - DAY, None, by, keeps_end=True)
    assert row(world, later).from_at == world.now  # never before it was given
    with pytest.raises(Refusal) as refused:
        redate(world, posts_of(world, CITY), world.now + DAY, None, by, keeps_end=True)
    assert refused.value.code == "post_begun"


@pytest.mark.parametrize(
    ("ends", "code"), [(timedelta(0), "dates_wrong"), (-DAY, "dates_wrong"), (None, None), (DAY, None)]
)
def test_an_end_lies_after_now(desk: tuple[World, str], ends: timedelta | None, code: str | None) -> None:
    world, _ = desk
    by, ids = giver(world), posts_of(world, CITY)
    until = None if ends is None else world.now + ends
    if code is None:
        redate(world, ids, None, until, by)
        assert row(world, ids[0]).until_at == until
        return
    with pytest.raises(Refusal) as refused:
        redate(world, ids, None, until, by)
    assert refused.value.code == code


def test_nobody_lets_a_post_last_longer_than_his_own_but_may_let_it_end_sooner(
    desk: tuple[World, str],
) -> None:
    world, _ = desk
    end_of_mine = world.now + 10 * DAY
    by = giver(world)
    with world.session() as session, transaction(session):
        session.execute(update(HeldPost).where(HeldPost.person_id == by.person).values(until_at=end_of_mine))
    ids = posts_of(world, CITY)
    redate(world, ids, None, world.now + 20 * DAY, by)  # it was for good: this is sooner
    for until in (world.now + 30 * DAY, None):
        with pytest.raises(Refusal) as refused:
            redate(world, ids, None, until, by)
        assert refused.value.code == "beyond_term"
    redate(world, ids, None, world.now + 5 * DAY, by)
    redate(world, ids, None, end_of_mine, by)
    assert row(world, ids[0]).until_at == end_of_mine


def test_one_that_cannot_be_changed_leaves_all_as_they_are(desk: tuple[World, str]) -> None:
    world, _ = desk
    by = giver(world)
    ids = [*posts_of(world, CITY), *posts_of(world, "安全员")]
    with pytest.raises(Refusal) as refused:
        redate(world, ids, None, world.now + DAY, by)
    assert refused.value.code == "own_post"
    assert {row(world, post).until_at for post in ids} == {None}
    end(world, CITY)
    with world.session() as session, pytest.raises(Refusal) as over:
        redating.redate(session, ids[0], None, world.now + DAY, by, world.now)
    assert over.value.code == "post_over"


def test_the_preview_costs_the_same_for_ten_and_two_hundred_tasks(
    desk: tuple[World, str], counted: Counted
) -> None:
    world, task = desk
    by, ids = giver(world), posts_of(world, CITY, OTHER, "市级三")
    counts = []
    for number in (9, 190):
        many(world, task, number)
        counted.clear()
        drawn = see(world, ids, by)
        counts.append(len(counted.lines))
    assert [one.count for one in drawn.left] == [200]
    assert counts[0] == counts[1] <= 6
