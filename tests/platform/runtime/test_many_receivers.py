"""One message that many instances wait for, taken by all of them in the transaction that throws it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import posts, units
from app.platform.identity.entities import HeldPost, Person
from app.platform.registry import Call, house
from app.platform.runtime import doctor, instances, messages, versions
from app.platform.runtime.entities import Incident, Instance, Task
from app.platform.runtime.errors import InstanceChanged
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime.chains import CITY as AT_CITY
from tests.platform.runtime.chains import HANSHAN, files
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import STARTER
from tests.world import APPLICATION, World

MANY, SECONDS = 500, 2.0
Heard = list[tuple[str | None, str | None]]


def crowd() -> Nested:
    """Waits for `called` or a day, with a stage, then is asked of the city."""
    drawn = (
        Nested("tests_crowd", form="fairs/application").start().end().end("late").names("message", "called")
    )
    drawn.lane("city", "look", **AT_CITY)
    drawn.event("eventBasedGateway", "first", stage="待通知|Waiting")
    drawn.catch("wait", refers("message", "called")).catch("day", timer("P1D"))
    drawn.task("look", assignee="", outcomes="go=办理|Go", stage="待办理|To be handled")
    return drawn.line("begin", "first", "wait", "look", "done").line("first", "day", "late")


def publish(world: World) -> None:
    with world.session() as session:
        given = files(crowd(), **{"forms/fairs/application.json": APPLICATION})
        versions.publish(session, given, None, world.now)


def gather(world: World, count: int) -> None:
    by = world.acting(STARTER)
    with world.session() as session, transaction(session):
        for _ in range(count):
            instances.start(session, "tests_crowd", by=by, post=None, now=world.now, data=HANSHAN)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    said: Heard = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        said.append((before, after))

    monkeypatch.setitem(house.watchers, "tests_crowd", hear)
    return said


def call(world: World) -> int:
    with world.session() as session:
        return messages.send(session, "called", None, {}, world.acting(STARTER), world.now)


def test_many_receivers_are_few_statements_and_all_is_sound(
    any_ground: World, heard: Heard, counted: Counted
) -> None:
    publish(any_ground)
    gather(any_ground, 20)
    heard.clear()
    by = any_ground.acting(STARTER)
    counted.clear()
    with any_ground.session() as session:
        assert messages.send(session, "called", None, {}, by, any_ground.now) == 20
    assert len(counted.lines) <= 20, counted.lines
    assert heard == [("待通知", "待办理")] * 20
    with any_ground.session() as session:
        stages = select(Instance.stage_zh).where(Instance.process == "tests_crowd").distinct()
        assert session.scalars(stages).all() == ["待办理"]
        assert session.scalar(select(func.count()).where(Task.element == "look", Task.state == "open")) == 20
        assert doctor.examine(session, any_ground.now) == []


def test_a_watcher_that_changes_the_next_receiver_is_not_overtaken(
    any_ground: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(any_ground)
    gather(any_ground, 4)
    gone: list[str] = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        if not gone:  # the first to hear calls off the last
            waits = select(func.max(Instance.id)).where(Instance.process == "tests_crowd")
            gone.append(str(call.session.scalar(waits)))
            instances.call_off(call.session, gone[0], "取消", call.by, call.now)

    monkeypatch.setitem(house.watchers, "tests_crowd", hear)
    with pytest.raises(InstanceChanged):
        call(any_ground)
    with any_ground.session() as session:
        assert session.scalar(select(func.count()).where(Task.element == "look")) == 0


def test_what_receivers_only_read_is_asked_once(
    any_ground: World, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row by its id, a unit, who holds a role: none of it makes what waits to be written go out one by one."""
    publish(any_ground)
    gather(any_ground, 20)
    read: list[str] = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        starter = call.session.get_one(Person, any_ground.people[STARTER])
        units.get(call.session, "0" * 26)
        holders = posts.holders(call.session, "fairs.city_admin", "", None, call.now)
        read.append(f"{starter.name} {len(holders)}")

    monkeypatch.setitem(house.watchers, "tests_crowd", hear)
    counted.clear()
    assert call(any_ground) == 20
    assert len(counted.lines) <= 20 + 20, counted.lines
    assert len([line for line in counted.lines if "FROM identity_unit" in line]) == 1
    assert len([line for line in counted.lines if "JOIN identity_post" in line]) <= 2
    assert len(read) == 20
    assert len(set(read)) == 1


def end_by_verb(session: Session, post: str, world: World) -> None:
    posts.end(session, post, world.now, None)


def end_as_object(session: Session, post: str, world: World) -> None:
    session.get_one(HeldPost, post).ended_at = world.now  # written by the session at a moment of its own


def end_in_one_statement(session: Session, post: str, world: World) -> None:
    table = HeldPost.__table__
    ending = update(table).where(table.c.id == bindparam("_id"))  # type: ignore[arg-type]
    session.execute(ending.values(ended_at=bindparam("_at")), {"_id": post, "_at": world.now})


@pytest.mark.parametrize("end", [end_by_verb, end_as_object, end_in_one_statement])
def test_whom_a_receiver_takes_a_post_from_the_next_does_not_ask(
    any_ground: World, monkeypatch: pytest.MonkeyPatch, end: Callable[[Session, str, World], None]
) -> None:
    publish(any_ground)
    gather(any_ground, 4)
    heard: list[str] = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        heard.append(call.instance)
        if len(heard) == 2:
            held = select(HeldPost.id).where(HeldPost.role == "fairs.city_admin").order_by(HeldPost.id)
            for post in call.session.scalars(held).all():
                end(call.session, post, any_ground)

    monkeypatch.setitem(house.watchers, "tests_crowd", hear)
    assert call(any_ground) == 4
    with any_ground.session() as session:
        nobody = select(Incident.instance_id).where(Incident.kind == "nobody").order_by(Incident.instance_id)
        assert session.scalars(nobody).all() == heard[2:]


def suspend_as_object(session: Session, instance: str) -> None:
    session.get_one(Instance, instance).state = "suspended"


def suspend_in_one_statement(session: Session, instance: str) -> None:
    table = Instance.__table__
    pausing = update(table).where(table.c.id == bindparam("_id"))  # type: ignore[arg-type]
    session.execute(pausing.values(state=bindparam("_state")), {"_id": instance, "_state": "suspended"})


@pytest.mark.parametrize("suspend", [suspend_as_object, suspend_in_one_statement])
def test_a_receiver_that_another_has_suspended_keeps_the_message(
    any_ground: World, monkeypatch: pytest.MonkeyPatch, suspend: Callable[[Session, str], None]
) -> None:
    publish(any_ground)
    gather(any_ground, 4)
    heard: list[str] = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        heard.append(call.instance)
        if len(heard) == 1:
            waits = select(func.max(Instance.id)).where(Instance.process == "tests_crowd")
            suspend(call.session, str(call.session.scalar(waits)))

    monkeypatch.setitem(house.watchers, "tests_crowd", hear)
    assert call(any_ground) == 4
    assert len(heard) == 3
    with any_ground.session() as session:
        assert session.scalar(select(func.count()).where(Task.element == "look")) == 3


@pytest.mark.long
def test_five_hundred_take_one_message_within_two_seconds_of_work(any_ground: World, heard: Heard) -> None:
    """Seconds of this process: what others do on the machine meanwhile does not count."""
    publish(any_ground)
    gather(any_ground, MANY)
    heard.clear()
    began = time.process_time()
    assert call(any_ground) == MANY
    took = time.process_time() - began
    assert heard == [("待通知", "待办理")] * MANY
    assert took < SECONDS
