"""Chains that several sign, who signs them, and the people verbs as tests say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Account
from app.platform.registry import Acting
from app.platform.runtime import doctor, policy, substitutes, tasks, versions
from app.platform.runtime.entities import Seat, Task
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY as CITY_LANE
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import begin, decide
from tests.world import APPLICATION, World

OUTCOMES = "approve=同意|Approve; return=退回|Return!-; reject=不同意|Reject-"
ALL = "transfer delegate signers copy"
SIGNERS = ("市级", "市级二", "市级三")
FRIENDS = ("科长", "局长", "助理")


def council(**review: str) -> Drawing:
    """Prepare, then a review that several sign; return goes back to the preparation."""
    given = {"assignee": "", "outcomes": OUTCOMES, "seats": "all", "allow": ALL} | review
    return (
        Drawing("tests_council", form="fairs/application")
        .lane("city", "review", **CITY_LANE)
        .start()
        .task("prepare", outcomes="send=送审|Send")
        .task("review", **given)
        .xor("decided", default="good")
        .end()
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )


def publish(world: World, *drawings: Drawing) -> None:
    form = APPLICATION
    with world.session() as session:
        versions.publish(session, files(*drawings) | {"forms/fairs/application.json": form}, None, world.now)


def people(world: World) -> None:
    """A third administrator of the city, three persons without posts, and a way to sign in for all."""
    roles.plug()
    world.enter("市级三", "fairs.city_admin", "130400")
    world.enter("管理员", "platform.administrator")
    for name in FRIENDS:
        world.enter(name)
    with world.session() as session, transaction(session):
        for number, person in enumerate(world.people.values()):
            fixed = {"username": f"u{number}", "password_hash": "-", "password_at": world.now}
            session.execute(insert(Account).values(person_id=person, created_at=world.now, **fixed))


def at_council(world: World, **review: str) -> tuple[str, str]:
    """A council's review, open: the instance and the task."""
    people(world)
    publish(world, council(**review))
    instance = begin(world, "tests_council")
    return instance, decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def stands_in(world: World, name: str, at: datetime | None = None) -> Acting:
    """The person with those he stands in for."""
    with world.session() as session:
        return substitutes.with_principals(session, world.acting(name), at or world.now)


def sign(
    world: World, task: str, name: str, outcome: str = "approve", comment: str = "见意见", **more: Any
) -> tasks.Completed:
    """Decide as a page would, with the revision read."""
    by = more.pop("by", None) or world.acting(name)
    with world.session() as session:
        row = session.get_one(Task, task)
        decision = replace(Decision(outcome, comment, row.revision), **more)
        return tasks.complete(session, task, None, decision, by, world.now)


def add(
    world: World,
    task: str,
    name: str,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    position: Any = "after",
    comment: str = "",
    **more: Any,
) -> None:
    """Add and remove signers, all by name."""
    with world.session() as session:
        revision = session.get_one(Task, task).revision
        ids = [[world.people[each] for each in each_] for each_ in (add, remove)]
        by = world.acting(name)
        tasks.signers(session, task, *ids, position, revision, by, world.now, comment, **more)


def hand(world: World, verb: str, task: str, name: str, to: str, comment: str = "", **more: Any) -> None:
    """Transfer or delegate to somebody by name."""
    with world.session() as session:
        revision = session.get_one(Task, task).revision
        by = more.pop("by", None) or world.acting(name)
        run = getattr(tasks, verb)
        run(session, task, world.people[to], revision, by, world.now, comment, **more)


def seats(world: World, task: str) -> dict[str, str]:
    """How each seat stands, by name: state, or outcome, or why it closed."""
    names = {person: name for name, person in world.people.items()}
    with world.session() as session:
        rows = session.scalars(select(Seat).where(Seat.task_id == task).order_by(Seat.position, Seat.id))
        return {names[row.person_id]: row.outcome or row.closed_reason or row.state for row in rows}


def inbox(world: World, name: str, by: Acting | None = None) -> list[str]:
    """The tasks that wait for somebody."""
    with world.session() as session:
        return list(session.scalars(select(Task.id).where(policy.workable(by or world.acting(name)))))


def view(world: World, task: str, name: str, by: Acting | None = None) -> TaskView:
    with world.session() as session:
        return tasks.get(session, task, by or world.acting(name), world.now)


def findings(world: World) -> list[str]:
    with world.session() as session:
        return [str(each) for each in doctor.examine(session, world.now)]
