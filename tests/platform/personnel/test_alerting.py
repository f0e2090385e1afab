"""Whoever looks after running matters hears of tasks that nobody can answer: his own, once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Account
from app.platform.notices import Notice
from app.platform.personnel import alerting
from app.platform.registry import Acting
from app.platform.runtime.entities import Instance
from tests.platform.personnel.test_leaving import keeper
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, at_review
from tests.platform.runtime.test_unattended import end, found, many
from tests.world import World


@pytest.fixture
def left(ground: World) -> tuple[World, str]:
    """A task of the city's that nobody can answer; 管理员 looks after all matters, 科长 after those of the city."""
    people(ground)
    ground.enter("科长", roles.ADMINISTRATOR.key, "130400")
    ground.enter("局长", roles.ADMINISTRATOR.key, "130500")
    _, task = at_review(ground)
    end(ground, CITY, OTHER, "市级三")
    with ground.session() as session, transaction(session):
        session.execute(update(Instance).values(place="130000/130400/130402/"))
    return ground, task


def send(world: World, tasks: Sequence[str], by: Acting) -> dict[str, int]:
    with world.session() as session:
        done = alerting.send(session, tasks, by, world.now)
    return {name: len(his) for name, his in done.people.values()}


def told(world: World, name: str) -> list[str]:
    with world.session() as session:
        rows = session.scalars(select(Notice.said).where(Notice.person_id == world.people[name]))
        return [said["text"][0] for said in rows]


def test_those_who_look_after_the_matter_are_told_and_nobody_else(left: tuple[World, str]) -> None:
    world, task = left
    assert send(world, [task], keeper(world)) == {"科长": 1, "管理员": 1}
    assert "共1项任务现在没有人可以办理" in told(world, "科长")[0]
    assert told(world, "局长") == []


def test_the_same_tasks_are_told_of_once_a_day(left: tuple[World, str]) -> None:
    world, task = left
    by = keeper(world)
    send(world, [task], by)
    send(world, [task, task], by)
    assert len(told(world, "科长")) == 1
    world.now += timedelta(days=1)
    send(world, [task], by)
    assert len(told(world, "科长")) == 2


def test_what_lies_outside_or_has_somebody_again_is_told_of_to_nobody(left: tuple[World, str]) -> None:
    world, task = left
    assert send(world, [task, "0" * 26], keeper(world, "130500", "邻市人事")) == {}
    world.enter("助理", "fairs.city_admin", "130400")
    assert send(world, [task], keeper(world)) == {}
    assert told(world, "科长") == []


def test_who_cannot_sign_in_or_has_started_it_is_not_told(left: tuple[World, str]) -> None:
    world, task = left
    with world.session() as session, transaction(session):
        shut = update(Account).where(Account.person_id == world.people["管理员"])
        session.execute(shut.values(is_disabled=True))
        session.execute(update(Instance).values(starter_id=world.people["科长"]))
    with world.session() as session:
        drawn = alerting.draw_up(session, [task], keeper(world), world.now)
    assert (drawn.people, drawn.left) == ({}, (task,))


def test_an_alert_costs_the_same_for_ten_and_two_hundred_tasks(
    left: tuple[World, str], counted: Counted
) -> None:
    world, task = left
    by, counts = keeper(world), []
    for number in (9, 190):
        many(world, task, number)
        tasks = list(found(world))
        counted.clear()
        with world.session() as session:
            drawn = alerting.draw_up(session, tasks, by, world.now)
        counts.append(len(counted.lines))
    assert (len(drawn.tasks), counts[0], counts[1]) == (200, 3, 3)
