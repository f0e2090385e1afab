"""Who a rehearsal says would get a task is who really gets it: a hundred drawings, houses and absences by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.design import scenes
from app.platform.design.moves import Move, Who
from app.platform.design.rehearsing import rehearsal
from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost
from app.platform.registry import Acting, house
from app.platform.runtime import instances, policy, seats, substitutes, tasks, versions
from app.platform.runtime.entities import Substitute, Task
from app.platform.runtime.tasks import Decision
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import chains
from tests.tenants.fairs.entities import Application
from tests.world import APPLICATION, World

NAMES = ("甲", "乙", "丙", "丁", "戊", "己")
PLACES = ("130400", "130500", "130402", "13", "")
PROCESS = "tests_chance"


@pytest.fixture(autouse=True)
def _hooks() -> Iterator[None]:
    chains.plug()
    yield
    chains.told.clear()


def drawn(chance: random.Random) -> Drawing:
    """A chain whose review goes to somebody by a rule chosen by chance."""
    given = {
        "assignee": chance.choice(["", "", "", "hook:tests/someone", "last:prepare"]),
        "seats": chance.choice(["", "any", "all", "sequence", "share:0.5"]),
        "avoid": chance.choice(["", "starter", "previous", "nobody"]),
        "nobody": chance.choice(["", "up", "fairs.organiser@everywhere"]),
    }
    return (
        Drawing(PROCESS, form="fairs/application", start="person")
        .lane("city", "review", **chains.CITY)
        .start()
        .task("prepare", outcomes="send=送审|Send")
        .task("review", outcomes=chains.OUTCOMES, **{k: v for k, v in given.items() if v or k == "assignee"})
        .xor("decided", default="good")
        .end()
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )


def settled(session: Session, world: World, chance: random.Random) -> None:
    """Give everybody other posts, absences and accounts."""
    people = [world.people[name] for name in NAMES]
    with transaction(session):
        session.execute(delete(Application))
        session.execute(delete(Substitute))
        session.execute(update(HeldPost).where(HeldPost.ended_at.is_(None)).values(ended_at=world.now))
        session.execute(update(Account).where(Account.person_id.in_(people)).values(is_disabled=False))
        for person in people:
            for _ in range(chance.choice([0, 1, 1, 2])):
                role = chance.choice(["fairs.city_admin", "fairs.city_admin", "fairs.organiser"])
                code = chance.choice(PLACES) if role == "fairs.city_admin" else ""
                place = {"130400": "130000/130400/", "130500": "130000/130500/", "13": "130000/"}.get(
                    code, ""
                )
                place = "130000/130400/130402/" if code == "130402" else place
                posts.grant(session, person, role, place, "*", world.now - timedelta(days=1), None)
        for person in chance.sample(people, chance.choice([0, 0, 1])):
            session.execute(update(Account).where(Account.person_id == person).values(is_disabled=True))
        for absent, present in zip(chance.sample(people, 2), chance.sample(people, 2), strict=True):
            if absent != present:
                session.execute(insert(Substitute).values(**absence(world, absent, present, chance)))


def absence(world: World, absent: str, present: str, chance: random.Random) -> dict[str, Any]:
    """Who stands in for whom, for this process, for all, or for another one."""
    return {
        "person_id": absent,
        "substitute_id": present,
        "from_at": world.now - timedelta(days=1),
        "until_at": world.now + timedelta(days=chance.choice([-0.5, 30])),
        "processes": chance.choice([None, [PROCESS], ["tests_other"]]),
        "appointed_by_id": absent,
    }


def acting(session: Session, world: World, person: str) -> Acting:
    """Somebody as he would be at the door."""
    by = Acting(person, person, "", posts.of(session, person, world.now))
    return substitutes.with_principals(session, by, world.now)


def foretold(session: Session, world: World, files: dict[str, bytes], starter: str) -> set[str] | None:
    """Whom a rehearsal names at the review; None where nothing is open there."""
    moves = [
        Move("start", Who(person=starter), data={"project": [world.project], "district": ["130402"]}),
        Move("do", element="prepare", outcome="send"),
    ]
    with rehearsal(session, PROCESS, files, moves, by=world.acting("市级"), base=world.now) as run:
        assert run.halted is None, run.halted.words.zh
        scene = scenes.look(run)
        found = [task for task in scene.tasks if task.element == "review"]
        return {one.person for task in found for one in task.receivers} if found else None


def really(session: Session, world: World, files: dict[str, bytes], starter: str) -> set[str] | None:
    """Who can really decide the review, asked of the policy for each person of the world."""
    versions.publish(session, files, None, world.now)
    by = acting(session, world, starter)
    entry = world.start_entry(session, PROCESS, by, {"project": [world.project], "district": ["130402"]})
    started = instances.start(session, PROCESS, by=by, post=None, now=world.now, data=entry)
    session.rollback()
    task = session.scalars(
        select(Task.id).where(Task.instance_id == started.instance, Task.state == "open")
    ).one()
    shown = tasks.get(session, task, by, world.now)
    tasks.complete(session, task, None, Decision("send", "", shown.revision), by, world.now)
    row = session.execute(
        select(Task.__table__).where(
            Task.instance_id == started.instance, Task.element == "review", Task.state == "open"
        )
    ).one_or_none()
    if row is None:
        return None
    bench = seats.bench(session, row).rows
    shut = set(session.scalars(select(Account.person_id).where(Account.is_disabled.is_(True))))
    everybody = set(world.people.values()) - shut
    return {person for person in everybody if policy.may_work(acting(session, world, person), row, bench)}


@pytest.mark.parametrize("seed", range(4))
def test_the_foretold_receivers_are_the_real_ones(world: World, seed: int) -> None:
    """Twenty-five cases each: seats, recusal, hooks, substitutes, disabled accounts, and what `nobody` says."""
    chance, empty = random.Random(seed), 0
    for name in NAMES:
        world.enter(name)
    with world.session() as session, transaction(session):
        for number, name in enumerate(NAMES):
            values = {"username": f"chance{number}", "password_hash": "-", "password_at": world.now}
            session.execute(
                insert(Account).values(person_id=world.people[name], created_at=world.now, **values)
            )
    for case in range(25):
        with world.session() as session:
            settled(session, world, chance)
            someone, starter = (world.people[chance.choice(NAMES)] for _ in range(2))
            session.execute(update(Account).where(Account.person_id == starter).values(is_disabled=False))
            session.commit()
            chains.told["someone"] = lambda _call, person=someone: person
            files = {"chance.bpmn": drawn(chance).text().encode(), "application.json": APPLICATION}
            told = foretold(session, world, files, starter)
            real = really(session, world, files, starter)
        assert told == real, (seed, case)
        empty += not real
    assert 0 < empty < 25


def test_what_is_plugged_here_is_there(world: World) -> None:
    assert "tests/someone" in house.assignees
