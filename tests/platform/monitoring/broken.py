"""Instances that stand still, each really broken as it would be in life, and what puts its cause out of the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.platform import jobs
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.registry import house
from app.platform.runtime import control, firing, versions
from app.platform.runtime.entities import Instance
from tests.platform.engine.drawing import Drawing
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime import chains
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import STARTER, begin, decide
from tests.world import World

WATCHER = "平台管理员"


@dataclass(frozen=True, slots=True)
class Broken:
    """One seeded stall: the instance, what its sentence must say, and what has to be so once it is mended."""

    kind: str
    instance: str
    says: tuple[str, ...]
    is_mended: Callable[[World], bool]
    repaired: Callable[[], Any] = lambda: None


def settle(world: World) -> None:
    """The chains that are broken here, and who looks after everything."""
    chains.furnish(world)
    if WATCHER not in world.people:
        world.enter(WATCHER, "platform.administrator")
    house.actions["tests/leave"] = house.actions["tests/ask"]
    wait = (
        Nested("tests_timed").start().end().catch("wait", timer("PT1H")).service("asking", "tests/ask", "now")
    )
    wait.task("after").line("begin", "wait", "asking", "after", "done")
    pays = Nested("tests_paying").start().end().names("message", "tests_paid")
    pays.catch("pay", refers("message", "tests_paid")).task("after").line("begin", "pay", "after", "done")
    hears = Nested("tests_hearing").start().end().names("message", "tests_told")
    hears.catch("hear", refers("message", "tests_told")).service("asking", "tests/ask", "now").task("after")
    hears.line("begin", "hear", "asking", "after", "done")
    tells = Nested("tests_telling").start().end().names("message", "tests_told")
    tells.task("first", outcomes="go=办理|Go").throws("tell", refers("message", "tests_told"))
    tells.line("begin", "first", "tell", "done")
    with world.session() as session:
        versions.publish(session, files(wait, pays, hears, tells, gone("tests/leave")), None, world.now)


def gone(action: str = "") -> Drawing:
    """A chain whose second step calls a hook, or none."""
    drawn = Drawing("tests_gone").start().task("first", outcomes="go=办理|Go").end()
    if not action:
        return drawn.line("begin", "first", "done")
    return drawn.service("leaving", action, "now").line("begin", "first", "leaving", "done")


def fails(_call: Any) -> Any:
    """What a hook does whose other side is away."""
    raise RuntimeError("统一认证平台没有响应")


def opens(instance: str, *elements: str) -> Callable[[World], bool]:
    """Whether just these tasks are open."""
    return lambda world: tuple(world.open_elements(instance)) == elements


def try_in_vain(world: World) -> None:
    """Let the workers try as often as they do."""
    for _ in range(4):
        world.now += timedelta(minutes=2)
        world.work(world.now)
        firing.fire_due(world.sessions, lambda: world.now, "tests")


def nobody(world: World) -> Broken:
    """The only one who held the role has left."""
    instance = begin(world, "tests_desk", data={"district": "130502"})
    decide(world, world.open_task(instance, "prepare"), "send")
    with world.session() as session:
        (held,) = posts.of(session, world.people["邻市"], world.now)
        posts.end(session, held.id, world.now, None)
    return Broken("nobody", instance, ("任务review", "无人办理", "没有人担任"), lambda _world: True)


def timed(world: World) -> Broken:
    """A timer fires into a hook that fails."""
    instance = begin(world, "tests_timed", data={})
    chains.told["ask"] = fails
    world.now += timedelta(hours=1)
    try_in_vain(world)
    chains.told.clear()
    return Broken("timer", instance, ("“‘asking’之前的定时”应于", "试了 3 次"), opens(instance, "after"))


def message(world: World) -> Broken:
    """A message that nobody sends."""
    instance = begin(world, "tests_paying", data={})
    world.now += timedelta(days=4)
    return Broken("message", instance, ("tests_paid", "一直没有收到"), opens(instance, "after"))


def to_work(world: World) -> str:
    instance = begin(world, "tests_hooked")
    decide(world, world.open_task(instance, "first"), "go")
    decide(world, world.open_task(instance, "second"), "go")
    return instance


def error(world: World) -> Broken:
    """A service task that fails three times."""
    chains.told["send"] = fails
    instance = to_work(world)
    try_in_vain(world)
    chains.told.clear()
    return Broken(
        "error", instance, ("sending", "tests/send", "统一认证平台没有响应"), opens(instance, "third")
    )


def receiver(world: World) -> Broken:
    """A message that comes where it cannot be taken."""
    instance = begin(world, "tests_hearing", data={})
    chains.told["ask"] = fails
    decide(world, world.open_task(begin(world, "tests_telling", data={}), "first"), "go")
    try_in_vain(world)
    chains.told.clear()
    return Broken("job", instance, ("送达消息", "试了三次都失败"), opens(instance, "after"))


def lease(world: World) -> Broken:
    """A worker that died over its work."""
    instance = to_work(world)
    dead = {"state": "running", "leased_by": "worker-7/1", "lease_until": world.now - timedelta(hours=2)}
    with world.session() as session, transaction(session):
        waits = (jobs.Job.instance_id == instance, jobs.Job.state == "waiting")
        session.execute(update(jobs.Job).where(*waits).values(**dead))
    return Broken("lease", instance, ("worker-7", "已停止"), opens(instance, "third"))


def suspended(world: World) -> Broken:
    """Suspended, and forgotten."""
    instance = begin(world, "tests_desk")
    with world.session() as session:
        control.suspend(session, instance, "等待纪检核查", world.acting(WATCHER), world.now)

    def runs(world: World) -> bool:
        with world.session() as session:
            return session.get_one(Instance, instance).state == "running"

    return Broken("suspended", instance, (WATCHER, "等待纪检核查"), runs)


def definition(world: World) -> Broken:
    """A system's update has taken a hook away that an old version calls; the current one does without."""
    instance = begin(world, "tests_gone", data={})
    with world.session() as session:
        old = session.get_one(Instance, instance).version_id
        versions.publish(session, files(gone()), None, world.now)
    del house.actions["tests/leave"]
    versions.forget()

    def is_carried(world: World) -> bool:
        with world.session() as session:
            return session.get_one(Instance, instance).version_id != old

    return Broken("definition", instance, ("tests/leave", "已不能执行"), is_carried)


SEEDS = (nobody, timed, message, error, receiver, suspended, definition, lease)
"""In an order in which none of them stirs another: the lease last, for any worker would free it."""
__all__ = ["SEEDS", "STARTER", "WATCHER", "Broken", "settle"]
