"""Eight kinds of stalls: each is said in the right sentence, mended by its verb, and found in constant statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.audit.entities import AuditRow
from app.platform.identity import roles
from app.platform.monitoring import mending, repair_requests, repairing, stalls
from app.platform.registry import house
from app.platform.runtime import doctor, errors, history
from tests.platform.monitoring import broken
from tests.platform.monitoring.broken import SEEDS, WATCHER, Broken
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import begin, kinds
from tests.world import World

REASON = "原因已经排除，继续办理"


@pytest.fixture
def world(ground: World) -> Iterator[World]:
    roles.plug()
    broken.settle(ground)
    yield ground
    house.actions.pop("tests/leave", None)


def found(world: World, instance: str) -> tuple[stalls.Stall, ...]:
    with world.session() as session:
        return stalls.of_instance(session, instance, world.now)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.__name__)
def test_each_stall_says_why_and_its_verb_mends_it(world: World, seed: Callable[[World], Broken]) -> None:
    one = seed(world)
    (stall,) = found(world, one.instance)
    assert stall.kind == one.kind
    assert all(part in stall.words.zh for part in one.says), stall.words.zh
    assert stall.words.en
    assert stall.words.en.isprintable()
    if stall.mend == "give":
        return
    with world.session() as session:
        assert mending.mend(session, stall.mend, stall.key, REASON, world.acting(WATCHER), world.now) is None
    world.work()
    assert one.is_mended(world)
    assert found(world, one.instance) == ()
    with world.session() as session:
        assert doctor.examine_one(session, one.instance, world.now) == []
        assert "stall.mended" in session.scalars(select(AuditRow.kind)).all()


def test_nothing_is_said_of_what_goes_on(world: World) -> None:
    begin(world, "tests_desk")
    with world.session() as session:
        assert stalls.stalls(session, ("",), world.now) == ()
        world.now += timedelta(days=9)
        assert stalls.stalls(session, ("",), world.now) == ()


def test_what_stands_still_elsewhere_is_neither_seen_nor_mended(world: World) -> None:
    world.enter("市管理", "platform.administrator", "130500")
    one = broken.suspended(world)
    with world.session() as session:
        by = world.acting("市管理")
        assert stalls.stalls(session, roles.reach_of(by, roles.MANAGE), world.now) == ()
        with pytest.raises(errors.Unknown):
            mending.mend(session, "resume", one.instance, REASON, by, world.now)
    assert "resumed" not in kinds(world, one.instance)


def test_nobody_mends_what_he_has_started_himself(world: World) -> None:
    one = broken.error(world)
    (stall,) = found(world, one.instance)
    world.enter(broken.STARTER, "platform.administrator")
    with world.session() as session, pytest.raises(errors.Forbidden):
        mending.mend(session, "retry", stall.key, REASON, world.acting(broken.STARTER), world.now)


def test_a_timer_that_fails_again_stays_as_it_was(world: World) -> None:
    one = broken.timed(world)
    (before,) = found(world, one.instance)
    broken.chains.told["ask"] = broken.fails
    with world.session() as session, pytest.raises(mending.NotMended):
        mending.mend(session, "fire", before.key, REASON, world.acting(WATCHER), world.now)
    assert found(world, one.instance) == (before,)


def test_the_number_of_statements_does_not_grow_with_what_stands_still(
    world: World, counted: Counted
) -> None:
    broken.suspended(world)

    def ask() -> int:
        with world.session() as session:
            stalls.stalls(session, ("",), world.now)  # whatever is read once only has been read
            counted.clear()
            stalls.stalls(session, ("",), world.now)
        return len(counted.lines)

    first = ask()
    for _ in range(5):
        broken.suspended(world)
    assert ask() == first <= 17


def test_nothing_is_mended_without_a_reason_which_is_kept(world: World) -> None:
    one = broken.suspended(world)
    with world.session() as session:
        by = world.acting(WATCHER)
        with pytest.raises(repairing.BadReason):
            mending.mend(session, "resume", one.instance, "好", by, world.now)
        assert "resumed" not in kinds(world, one.instance)
        mending.mend(session, "resume", one.instance, REASON, by, world.now)
        told = {row.kind: row.body for row in history.of(session, one.instance)}
    assert told["resumed"]["comment"] == told["repaired"]["comment"] == REASON


def test_where_two_are_wanted_a_second_one_mends_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = broken.message(world)
    (stall,) = found(world, one.instance)
    world.enter("另一管理员", "platform.administrator")
    monkeypatch.setattr(repair_requests, "takes_two", lambda: True)
    with world.session() as session:
        asked = mending.mend(session, "deliver", stall.key, REASON, world.acting(WATCHER), world.now)
        assert asked
    assert found(world, one.instance) == (stall,)
    with world.session() as session:
        repair_requests.agree(session, asked, world.acting("另一管理员"), world.now)
    assert one.is_mended(world)
    assert found(world, one.instance) == ()
