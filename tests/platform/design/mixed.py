"""A process in several versions, and instances in as many places as there are, for tests of what moves them."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from sqlalchemy import insert, select

from app.platform.data import transaction
from app.platform.identity.entities import Account
from app.platform.registry import Call
from app.platform.runtime import control, versions
from app.platform.runtime.entities import Task
from tests.platform.engine.nested import Nested, inner, loop, timer
from tests.platform.runtime import chains
from tests.platform.runtime.chains import CITY, HANSHAN
from tests.platform.runtime.clocks import sweep
from tests.platform.runtime.signing import OUTCOMES, sign
from tests.platform.runtime.steps import STARTER, begin, decide
from tests.world import APPLICATION, World

PROCESS = "tests_mixed"
MANAGER = "管理员"
GO = "go=办理|Go"
PLACES = (
    "prepare", "all", "a_done", "a_and_inner_done", "inner_two", "signed_once", "pause", "last", "each", "suspended",
    "incident", "waiting_work", "extra",
)  # fmt: skip
BEHIND = ("last", "each", "waiting_work", "incident")
"""Places that lie behind the pause."""
VERSIONS: tuple[dict[str, Any], ...] = ({}, {"extra": True}, {"late": False, "seats": "all"})
"""How the three versions are drawn in which instances stand."""


def drawing(
    *,
    extra: bool = False,
    late: bool = True,
    last: str = "last",
    words: str = OUTCOMES,
    seats: str = "any",
    edge: str = "",
    form: str = "fairs/application",
) -> Nested:
    """Prepare, three branches (with a timer on the edge, signed by several, in a sub-process), a pause, and an end.

    `edge`: one more timer, a period or the name of a variable.
    """
    chain = Nested(PROCESS, form=form)
    chain.lane("city", "sign", **CITY).start().task("prepare", outcomes=GO)
    chain.both("fork").both("join").end()
    chain.task("a", outcomes=GO).task("sign", assignee="", outcomes=words, seats=seats)
    body = inner().task("one", outcomes=GO).task("two", outcomes=GO)
    chain.sub("inside", body.line("i_begin", "one", "two", "i_done"))
    many = inner("m").task("each", outcomes=GO).line("m_begin", "each", "m_done")
    chain.sub("several", many, loop("2"))
    chain.catch("pause", timer("P3D")).task(last, outcomes=GO).service("work", "tests/send", "after")
    if extra:
        chain.task("extra", outcomes=GO)
    chain.line("begin", "prepare", *(["extra"] if extra else []), "fork")
    if late:
        chain.edge("late", "a", timer("P9D"), stops=False).end("reminded").line("late", "reminded")
    if edge:
        chain.edge("more", "sign", timer(edge), stops=False).end("noted").line("more", "noted")
    chain.line("fork", "a", "join").line("fork", "inside", "join").line("fork", "sign", "join")
    return chain.line("join", "pause", last, "several", "work", "done")


def publish(world: World, drawn: Nested, **files: bytes) -> int:
    """Publish a version; return its number."""
    given = chains.files(drawn) | {"forms/fairs/application.json": APPLICATION} | files
    with world.session() as session:
        return versions.publish(session, given, None, world.now)[0].number


def bundle(drawn: Nested) -> dict[str, bytes]:
    """A drawing as the files of a draft."""
    return {f"{PROCESS}.bpmn": drawn.text().encode(), "application.json": APPLICATION}


def populate(world: World, count: int) -> list[str]:
    """Let `count` instances of three versions stand in all places in turn; the instances."""
    manager(world)
    found: list[str] = []
    for number, version in enumerate(VERSIONS):
        publish(world, drawing(**version))
        share = count // 3 + (count % 3 if number == 2 else 0)
        places = list(islice(cycle(one for one in PLACES if one != "extra" or "extra" in version), share))
        behind = {begun(world, place): place for place in places if place in BEHIND}
        sweep(world, world.now + timedelta(days=4), limit=10_000)  # the pauses are over
        for instance, place in sorted(behind.items(), key=lambda pair: pair[1] != "incident"):
            _on(world, instance, place)
        _fail(world, [instance for instance, place in behind.items() if place == "incident"])
        for instance, place in behind.items():
            if place == "waiting_work":
                _each(world, instance)
                stop(world, instance)  # or the next worker would do it
        found += [*behind, *(begun(world, place) for place in places if place not in BEHIND)]
    return found


def manager(world: World, name: str = MANAGER) -> str:
    """Somebody who may publish, looks after everything, and can sign in."""
    known = name in world.people
    person = world.enter(name, "platform.administrator")
    if not known:
        with world.session() as session, transaction(session):
            fixed = {
                "username": name,
                "password_hash": "-",
                "password_at": world.now,
                "created_at": world.now,
            }
            session.execute(insert(Account).values(person_id=person, **fixed))
    return person


def begun(world: World, place: str) -> str:
    """Start an instance of the current version and walk it to a place, or for those behind the pause, to that."""
    instance = begin(world, PROCESS, STARTER, data=HANSHAN)
    if place != "prepare":
        step(world, instance, "prepare")
    if place != "extra" and "extra" in world.open_elements(instance):
        step(world, instance, "extra")
    if place == "suspended":
        stop(world, instance)
    far = place in BEHIND or place == "pause"
    for element, there in (("a", "a_done"), ("one", "inner_two"), ("two", "")):
        if far or place in (there, "a_and_inner_done"):
            step(world, instance, element)
    if far or place == "signed_once":
        for name in ("市级", "市级二") if far else ("市级",):
            if "sign" in world.open_elements(instance):
                sign(world, world.open_task(instance, "sign"), name)
    return instance


def step(world: World, instance: str, element: str) -> None:
    """Decide a task of the starter's."""
    decide(world, world.open_task(instance, element), "go")


def stop(world: World, instance: str) -> None:
    """Suspend it."""
    with world.session() as session:
        control.suspend(session, instance, "核对", world.acting(MANAGER), world.now)


def _on(world: World, instance: str, place: str) -> None:
    if place != "last":
        step(world, instance, "last")
    if place == "incident":
        _each(world, instance)


def _each(world: World, instance: str) -> None:
    """Both bodies of the multi-instance, after which work waits."""
    for _ in range(2):
        with world.session() as session:
            asked = select(Task.id).where(
                Task.instance_id == instance, Task.element == "each", Task.state == "open"
            )
            task = session.scalars(asked).first()
        decide(world, str(task), "go")


def _fail(world: World, instances: list[str]) -> None:
    """Let the work of these come to incidents."""

    def broken(call: Call) -> None:
        if call.instance in instances:
            raise RuntimeError("broken")

    chains.told["send"] = broken
    for minutes in (0, 1, 5):
        world.work(world.now + timedelta(minutes=minutes))
    chains.told.pop("send")
