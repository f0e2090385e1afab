"""The verbs of the small chains, as tests say them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.platform.registry import Acting
from app.platform.runtime import instances, tasks
from app.platform.runtime.entities import History, Instance, Task
from app.platform.runtime.tasks import Completed, Decision
from tests.platform.runtime.chains import HANSHAN
from tests.world import World

STARTER, CITY, OTHER, FOREIGN = "组织者甲", "市级", "市级二", "邻市"


def begin(world: World, process: str = "tests_desk", name: str = STARTER, **more: Any) -> str:
    """Start a chain in 邯山区; return the instance."""
    given = {"data": HANSHAN if process != "tests_hooked" else {}} | more
    with world.session() as session:
        by = world.acting(name)
        return instances.start(session, process, by=by, post=None, now=world.now, **given).instance


def decide(
    world: World,
    task: str,
    outcome: str,
    name: str = STARTER,
    comment: str = "",
    *,
    revision: int = 1,
    key: str | None = None,
    by: Acting | None = None,
) -> Completed:
    """Decide a task without a form."""
    with world.session() as session:
        who = by or world.acting(name)
        return tasks.complete(session, task, None, Decision(outcome, comment, revision, key), who, world.now)


def at_review(world: World, **more: Any) -> tuple[str, str]:
    """A chain at the city's desk: the instance and the task."""
    instance = begin(world, **more)
    return instance, decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def task_row(world: World, task: str) -> Task:
    with world.session() as session:
        return session.get_one(Task, task)


def instance_row(world: World, instance: str) -> Instance:
    with world.session() as session:
        return session.get_one(Instance, instance)


def kinds(world: World, instance: str) -> list[str]:
    """What has happened, by kind."""
    with world.session() as session:
        return list(
            session.scalars(select(History.kind).where(History.instance_id == instance).order_by(History.seq))
        )


def count(world: World, entity: Any) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(entity)) or 0
