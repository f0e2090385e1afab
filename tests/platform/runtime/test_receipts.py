"""Two identical requests at once: the verb is done once, and both are told the same."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.platform.jobs.entities import Job
from app.platform.runtime import control, errors, messages, migrations, versions
from tests.platform.engine.nested import Nested, refers
from tests.platform.runtime.chains import desk, files
from tests.platform.runtime.steps import STARTER, at_review, begin, kinds
from tests.platform.runtime.test_races import at_once
from tests.world import APPLICATION, World

FORM = {"forms/fairs/application.json": APPLICATION}
THREADS = 4


def publish(world: World, *drawings: Any) -> None:
    with world.session() as session:
        versions.publish(session, files(*drawings) | FORM, None, world.now)


def test_a_message_sent_twice_at_once_is_delivered_once(any_ground: World) -> None:
    drawn = Nested("tests_waiting").start().end().names("message", "paid")
    drawn.catch("wait", refers("message", "paid"), from_="fairs.organiser@everywhere")
    publish(any_ground, drawn.line("begin", "wait", "done"))
    instance, by = begin(any_ground, "tests_waiting", data={}), any_ground.acting(STARTER)

    def send(_number: int) -> int:
        with any_ground.session() as session:
            return messages.deliver(session, "paid", None, {}, by, any_ground.now, key="k")

    assert at_once(send, THREADS) == [1] * THREADS
    assert kinds(any_ground, instance).count("message") == 1
    with any_ground.session() as session, pytest.raises(errors.KeyReused):
        messages.deliver(session, "other", None, {}, by, any_ground.now, key="k")


def test_an_instance_cancelled_twice_at_once_is_cancelled_once(any_ground: World) -> None:
    instance, _ = at_review(any_ground)
    any_ground.enter("管理员", "platform.administrator")
    by = any_ground.acting("管理员")

    def cancel(number: int) -> None:
        with any_ground.session() as session:
            control.cancel(session, instance, "重复立项", by, any_ground.now, key="k")

    assert at_once(cancel, THREADS) == [None] * THREADS
    assert kinds(any_ground, instance).count("cancelled") == 1
    with any_ground.session() as session, pytest.raises(errors.InstanceChanged):
        control.cancel(session, instance, "重复立项", by, any_ground.now, key="another")


def test_many_are_migrated_once_where_it_is_asked_twice_at_once(any_ground: World) -> None:
    at_review(any_ground)
    publish(any_ground, desk(title='"立项"'))
    any_ground.enter("管理员", "platform.administrator")
    by = any_ground.acting("管理员")

    def migrate(_number: int) -> int:
        with any_ground.session() as session:
            return migrations.begin(session, "tests_desk", 2, {}, by, any_ground.now, key="k")

    assert at_once(migrate, THREADS) == [1] * THREADS
    with any_ground.session() as session:
        assert len(session.scalars(select(Job.id).where(Job.name == migrations.JOB)).all()) == 1
