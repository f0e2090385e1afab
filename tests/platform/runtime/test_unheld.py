"""Where unattended tasks are looked for, all of them are: held against the condition over random tasks and posts."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, or_, select, true, update

from app.platform.data import new_id, transaction
from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost
from app.platform.registry import house
from app.platform.runtime import unattended, unheld
from app.platform.runtime.entities import Instance, Task
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, at_review
from tests.world import World

PLACES = (
    "",
    "130000/",
    "130000/130400/",
    "130000/130400/130402/",
    "130000/130500/",
    "130000/130500/130502/",
    None,
)
UNITS = ("130000/130400/u" + "1" * 26 + "/", "130000/130500/u" + "2" * 26 + "/")
ROLE = "fairs.city_admin"


@pytest.fixture
def lonely(ground: World) -> tuple[World, str]:
    people(ground)
    return ground, at_review(ground)[1]


def unattended_of(world: World, *more: Any) -> set[str]:
    with world.session() as session:
        asked = select(Task.id).join(Instance, Instance.id == Task.instance_id)
        return set(session.scalars(asked.where(unattended.unattended(world.now), *more)))


def possible(world: World) -> set[str]:
    with world.session() as session:
        look = unheld.possible(session, world.now)
        return set(session.scalars(select(Task.id).where(or_(*look.unheld, *look.others))))


def first_of(world: World, limit: int = 1_000, here: Any = None) -> list[str]:
    with world.session() as session:
        return unheld.found(session, world.now, true() if here is None else here, limit)


def tasks(world: World, model: str, chance: random.Random, number: int) -> None:
    """Tasks like one, asked of anybody at all."""
    roles = [ROLE, ROLE, "gone.role", None, *chance.sample(sorted(house.roles), 2)]
    someone = list(world.people.values())
    with world.session() as session, transaction(session):
        row = dict(session.execute(select(Task.__table__).where(Task.id == model)).one()._mapping)
        rows = [
            row
            | {
                "id": new_id(),
                "visit": 1000 + each,
                "role": chance.choice(roles),
                "place": chance.choice(PLACES),
                "subject": chance.choice([None, None, "s1"]),
                "assignee_id": chance.choice([None, None, None, chance.choice(someone)]),
                "avoided": chance.choice([None, " ".join(chance.sample(someone, chance.choice((1, 1, 2))))]),
                "avoided_unit": chance.choice([None, None, *UNITS]),
                "seats": chance.choice(["one", "one", "one", "all"]),
            }
            for each in range(number)
        ]
        session.execute(insert(Task), rows)


def shuffled(world: World, task: str, seed: int) -> None:
    """Tasks asked of anybody, and posts held anywhere, ended, or by whoever cannot sign in."""
    chance = random.Random(seed)
    tasks(world, task, chance, 60)
    with world.session() as session, transaction(session):
        held = session.scalars(select(HeldPost)).all()
        for post in chance.sample(held, len(held) // 3):
            post.place = chance.choice([*PLACES[:-1], *UNITS])
        for post in chance.sample(held, len(held) // 4):
            post.ended_at = world.now
        shut = chance.sample(sorted(world.people.values()), 3)
        session.execute(update(Account).where(Account.person_id.in_(shut)).values(is_disabled=True))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_that_nobody_answers_lies_elsewhere(lonely: tuple[World, str], seed: int) -> None:
    world, task = lonely
    shuffled(world, task, seed)
    found = unattended_of(world)
    assert found
    assert found <= possible(world)


@pytest.mark.parametrize("seed", range(24))
def test_what_is_found_is_what_nobody_answers(lonely: tuple[World, str], seed: int) -> None:
    """Also where somebody holds the role everywhere, and of instances that stand still on purpose."""
    world, task = lonely
    shuffled(world, task, seed)
    with world.session() as session, transaction(session):
        for role in random.Random(seed).sample([ROLE, *sorted(house.roles)], seed % 3):
            everywhere = {"person_id": world.people[CITY], "role": role, "place": "", "subject": "s1"}
            session.add(HeldPost(id=new_id(), **everywhere, from_at=world.now))
    assert sorted(first_of(world)) == sorted(unattended_of(world))
    there = Task.instance_place.like("130000/130400/%")
    assert sorted(first_of(world, here=there)) == sorted(unattended_of(world, there))
    with world.session() as session, transaction(session):
        session.execute(update(Instance).values(state="suspended"))
    assert first_of(world) == []


def test_the_first_found_are_those_that_were_opened_first(lonely: tuple[World, str]) -> None:
    world, task = lonely
    shuffled(world, task, 1)
    chance = random.Random(2)
    with world.session() as session, transaction(session):
        for one in session.scalars(select(Task)):
            one.opened_at = world.now - timedelta(minutes=chance.randrange(10_000))
    with world.session() as session:
        asked = select(Task.id).join(Instance, Instance.id == Task.instance_id)
        asked = asked.where(unattended.unattended(world.now)).order_by(Task.opened_at, Task.id)
        every = list(session.scalars(asked))
    assert len(every) > 7
    assert first_of(world, 7) == every[:7]


def test_a_role_that_somebody_answers_everywhere_is_not_walked(
    lonely: tuple[World, str], counted: Counted
) -> None:
    world, _task = lonely
    with world.session() as session, transaction(session):
        everywhere = {"person_id": world.people[CITY], "role": ROLE, "place": ""}
        session.add(HeldPost(id=new_id(), **everywhere, from_at=world.now))
    counted.clear()
    possible(world)
    assert not [line for line in counted.lines if "placed" in line]


def test_where_somebody_answers_nothing_is_looked_at(lonely: tuple[World, str]) -> None:
    world, task = lonely
    assert task not in possible(world)
    with world.session() as session:
        for name in (CITY, OTHER, "市级三"):
            for post in posts.of(session, world.people[name], world.now):
                posts.end(session, post.id, world.now, None)
    assert task in possible(world)


def test_the_unit_of_another_task_keeps_nobody_out_here(lonely: tuple[World, str]) -> None:
    """Who would judge his own unit elsewhere may answer here."""
    world, task = lonely
    with world.session() as session, transaction(session):
        row = dict(session.execute(select(Task.__table__).where(Task.id == task)).one()._mapping)
        theirs = row | {"id": new_id(), "visit": 1001, "avoided_unit": UNITS[1]}
        session.execute(insert(Task), [theirs])
        session.execute(update(Task).where(Task.id == task).values(avoided_unit=UNITS[0], avoided=None))
        for name in (CITY, OTHER, "市级三"):
            world_post = {"person_id": world.people[name], "role": "fairs.organiser", "place": UNITS[1]}
            session.add(HeldPost(id=new_id(), **world_post, from_at=world.now))
    assert unattended_of(world) == {theirs["id"]}


def test_few_statements_however_many_tasks(lonely: tuple[World, str], counted: Counted) -> None:
    world, task = lonely
    counts = []
    for number in (10, 150):
        tasks(world, task, random.Random(1), number)
        counted.clear()
        possible(world)
        counts.append(len(counted.lines))
    assert counts[0] == counts[1] <= 5
