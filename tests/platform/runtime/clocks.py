"""Chains with timers for tests, and a clock to turn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.platform.data import new_id, transaction
from app.platform.runtime import firing, versions
from app.platform.runtime.entities import Incident, Timer
from tests.platform.engine.nested import Nested, timer
from tests.platform.runtime import chains
from tests.platform.runtime.chains import CITY
from tests.world import APPLICATION, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def guarded(
    text: str = "PT2H", stops: bool = True, process: str = "tests_guarded", tag: str = "timeDuration"
) -> Nested:
    """A task with a deadline on its edge; after it, another one."""
    chain = Nested(process).start().task("first", outcomes="go=办理|Go")
    assert isinstance(chain, Nested)
    chain.edge("late", "first", timer(text, tag), stops)
    chain.task("overdue", outcomes="go=办理|Go").task("second", outcomes="go=办理|Go").end().end("gave_up")
    chain.line("begin", "first", "second", "done").line("late", "overdue", "gave_up")
    return chain


def paused(text: str = "PT2H", process: str = "tests_paused", hook: bool = False) -> Nested:
    """Waits between two tasks; with `hook`, asks one when the time has come."""
    chain = Nested(process).start().task("first", outcomes="go=办理|Go")
    assert isinstance(chain, Nested)
    chain.catch("pause", timer(text)).task("second", outcomes="go=办理|Go").end()
    if hook:
        chain.service("asking", "tests/ask", "now").line(
            "begin", "first", "pause", "asking", "second", "done"
        )
    else:
        chain.line("begin", "first", "pause", "second", "done")
    return chain


def urged(process: str = "tests_urged", **more: str) -> Nested:
    """A task of the city with a deadline, a reminder before and an escalation after."""
    given = {"due": "P3WD", "remind": "P1WD", "escalate": "fairs.organiser@everywhere"} | more
    chain = Nested(process, form="fairs/application")
    chain.lane("city", "review", **CITY).start()
    chain.task("review", assignee="", outcomes="go=办理|Go", **{k: v for k, v in given.items() if v}).end()
    chain.line("begin", "review", "done")
    return chain


def scheduled(text: str = "PT2H", tag: str = "timeDuration", process: str = "tests_scheduled") -> Nested:
    """A process that begins by itself."""
    chain = Nested(process)
    chain.event("startEvent", "clock", timer(text, tag)).task("first", outcomes="go=办理|Go").end()
    chain.line("clock", "first", "done")
    return chain


def publish(world: World, *drawings: Nested, by: Any = None) -> list[str]:
    """Publish, with the form they name; the versions."""
    form = APPLICATION
    with world.session() as session:
        given = chains.files(*drawings) | {"forms/fairs/application.json": form}
        return [each.version for each in versions.publish(session, given, by, world.now)]


def sweep(world: World, at: datetime, worker: str = "tests", limit: int = 1_000) -> int:
    """Fire what is due at `at`."""
    return firing.fire_due(world.sessions, lambda: at, worker, limit)


def timers(world: World, **where: Any) -> list[Timer]:
    """The timers there are, by when they are due."""
    with world.session() as session:
        return list(session.scalars(select(Timer).filter_by(**where).order_by(Timer.due_at, Timer.id)))


def incidents(world: World) -> list[tuple[str, bool]]:
    """Kind of each incident, and whether it is open."""
    with world.session() as session:
        return [(row.kind, row.closed_at is None) for row in session.scalars(select(Incident))]


def multiply(world: World, process: str, count: int) -> list[str]:
    """Start so many instances; the fast way: copies of one row that nobody has touched, with its timer and task."""
    from app.platform.audit import chain
    from app.platform.data import sealing
    from app.platform.runtime.entities import Instance, Task
    from app.platform.runtime.history import Happening, Pen
    from tests.platform.runtime.steps import begin

    first = begin(world, process, data={})
    with world.session() as session, transaction(session):
        like = session.execute(select(Instance.__table__).where(Instance.id == first)).one()._mapping
        armed = session.execute(select(Timer.__table__).where(Timer.instance_id == first)).one()._mapping
        task = session.execute(select(Task.__table__).where(Task.instance_id == first)).one()._mapping
        made, rows, clocks, tasks = [first], [], [], []
        for number in range(count - 1):
            key = number.to_bytes(32, "big")
            row = {**like, "id": new_id(), "record_key": sealing.seal(key)}
            pen = Pen(row["id"], chain.START, 0, key, world.now)
            task_id = new_id()
            pen.write(Happening("started", by=row["starter_id"]))
            pen.write(Happening("opened", task["element"], task_id))
            row |= {"head": pen.head, "history_length": pen.length}
            made.append(row["id"])
            rows.append((row, pen))
            clocks.append({**armed, "id": new_id(), "instance_id": row["id"]})
            tasks.append({**task, "id": task_id, "instance_id": row["id"]})
        if rows:
            session.execute(insert(Instance), [row for row, _ in rows])
            session.execute(insert(Timer), clocks)
            session.execute(insert(Task), tasks)
        for _, pen in rows:
            pen.flush(session)
    return made
