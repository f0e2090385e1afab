"""Migrations: instance by instance, paused, stopped, killed and gone on with, told in a workbook, and taken back."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import transaction
from app.platform.design import carried, carrying, undoing
from app.platform.design.carried import Standing
from app.platform.design.errors import Settled, TooLate
from app.platform.design.publication_entities import Carried
from app.platform.identity.entities import HeldPost
from app.platform.jobs import errands
from app.platform.registry import Acting
from app.platform.runtime.entities import Instance, Version
from app.platform.runtime.errors import Forbidden
from tests.platform.design import mixed
from tests.platform.runtime import victim
from tests.platform.runtime.signing import findings
from tests.platform.runtime.steps import decide, kinds
from tests.world import World

MANAGER = mixed.MANAGER
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def begin(world: World, number: int, mapping: dict[str, str] | None = None, who: str = MANAGER) -> str:
    with world.session() as session, transaction(session):
        asked = select(Version.id).where(Version.process == mixed.PROCESS, Version.number == number)
        version = session.scalars(asked).one()
        return carrying.begin(session, mixed.PROCESS, version, mapping or {}, world.acting(who), world.now)


def populated(world: World, count: int = 8) -> list[str]:
    """Instances of one version at their first step."""
    mixed.manager(world)
    mixed.publish(world, mixed.drawing())
    return [mixed.begun(world, "prepare") for _ in range(count)]


def look(world: World, migration: str, at: datetime | None = None) -> Standing:
    with world.session() as session:
        return carried.get(session, migration, at or world.now)


def steer(
    world: World,
    run: Callable[[Session, str, Acting, datetime], Any],
    migration: str,
    at: datetime | None = None,
) -> Any:
    with world.session() as session:
        return run(session, migration, world.acting(MANAGER), at or world.now)


def versions_of(world: World, instances: list[str]) -> Counter[int]:
    with world.session() as session:
        asked = select(Version.number).join(Instance, Instance.version_id == Version.id)
        return Counter(session.scalars(asked.where(Instance.id.in_(instances))))


def interrupted(world: World, monkeypatch: pytest.MonkeyPatch, after: int, act: Callable[[], Any]) -> None:
    """Run the errand, and do something once so many instances are through."""
    one, done = carrying.one, 0

    def counted(*given: Any) -> None:
        nonlocal done
        one(*given)
        done += 1
        if done == after:
            act()

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "CHUNK", 2)
        patch.setattr(carrying, "one", counted)
        world.work()


def test_all_are_carried_over_and_the_workbook_says_so(ground: World) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    assert (look(ground, migration).state, look(ground, migration).total) == ("running", 8)
    ground.work()
    done = look(ground, migration)
    assert (done.state, dict(done.results)) == ("ended", {"carried": 8})
    assert versions_of(ground, instances) == {2: 8}
    assert kinds(ground, instances[0])[-1] == "migrated"
    with ground.session() as session:
        assert done.file
        found = documents.open_file(session, documents.settings().storage, done.file)
        assert found is not None
        rows = list(load_workbook(io.BytesIO(found[1])).active.values)
    assert rows[0][:3] == ("编号", "事项", "地区")
    assert {row[3:8] for row in rows[1:]} == {(1, 2, "任务prepare", "任务prepare", "已迁移")}
    assert findings(ground) == []


def test_what_stands_in_the_way_is_said_and_a_mapping_takes_it_away(ground: World) -> None:
    mixed.manager(ground)
    mixed.publish(ground, mixed.drawing())
    first, second = mixed.begun(ground, "pause"), mixed.begun(ground, "prepare")
    mixed.sweep(ground, ground.now + timedelta(days=4))
    assert ground.open_elements(first) == ["last"]
    mixed.publish(ground, mixed.drawing(last="final"))
    refused = begin(ground, 2)
    ground.work()
    assert dict(look(ground, refused).results) == {"carried": 1, "refused": 1}
    with ground.session() as session:
        why = session.scalars(select(Carried.why).where(Carried.instance_id == first)).one()
    assert why == [["last", "新版本中没有该步骤", "the new version has no such element"]]
    mapped = begin(ground, 2, {"last": "final"})
    ground.work()
    assert dict(look(ground, mapped).results) == {"carried": 1}
    assert ground.open_elements(first) == ["final"]
    assert second


def test_paused_it_rests_and_goes_on_where_it_was(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    interrupted(ground, monkeypatch, 3, lambda: steer(ground, carrying.pause, migration))
    rests = look(ground, migration)
    assert (rests.state, rests.done) == ("paused", 4), "the chunk it was at is ended"
    assert versions_of(ground, instances) == {2: 4, 1: 4}
    with pytest.raises(Settled):
        steer(ground, carrying.pause, migration)
    ground.work()
    assert look(ground, migration).done == 4
    steer(ground, carrying.go_on, migration)
    ground.work()
    assert (look(ground, migration).state, versions_of(ground, instances)) == ("ended", {2: 8})


def test_stopped_it_leaves_the_rest_where_it_is(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    interrupted(ground, monkeypatch, 2, lambda: steer(ground, carrying.stop, migration))
    assert (look(ground, migration).state, versions_of(ground, instances)) == ("stopped", {2: 2, 1: 6})
    with pytest.raises(Settled):
        steer(ground, carrying.go_on, migration)


def test_one_stopped_among_the_errands_can_go_on(ground: World) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    errand = look(ground, migration).errand
    with ground.session() as session:
        assert errands.stop(session, errand or "", ground.acting(MANAGER), ground.now)
    ground.work()
    assert look(ground, migration).state == "paused"
    steer(ground, carrying.go_on, migration)
    ground.work()
    assert (look(ground, migration).state, versions_of(ground, instances)) == ("ended", {2: 8})


@pytest.mark.parametrize("done", [0, 3])
def test_killed_in_the_middle_it_loses_nothing_and_does_nothing_twice(ground: World, done: int) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    victim.killed_inside(ground, "app.platform.design.carrying:migrating.carry", done)
    assert versions_of(ground, instances) == Counter({1: 8 - done, 2: done}) - Counter({2: 0})
    assert look(ground, migration).done == done
    ground.work()
    assert look(ground, migration).done == done, "its lease has not run out"
    ground.work(ground.now + HOUR)
    ended = look(ground, migration)
    assert (ended.state, dict(ended.results)) == ("ended", {"carried": 8})
    assert [kinds(ground, one).count("migrated") for one in instances] == [1] * 8
    assert findings(ground) == []


def test_who_looks_after_them_no_more_carries_none_over(ground: World) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    with ground.session() as session, transaction(session):
        gone = update(HeldPost).where(HeldPost.person_id == ground.people[MANAGER])
        session.execute(gone.values(until_at=ground.now))
    ground.work()
    assert (look(ground, migration).state, look(ground, migration).done) == ("failed", 0)
    assert versions_of(ground, instances) == {1: 8}


def test_only_what_somebody_looks_after_is_carried_over(ground: World) -> None:
    populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    ground.enter("设计员", "platform.designer")
    with ground.session() as session:
        assert carrying.count(session, mixed.PROCESS, None, ground.acting("设计员")) == 0
    with pytest.raises(Forbidden):
        begin(ground, 2, who="市级")


def test_taken_back_it_leaves_what_somebody_has_touched(ground: World) -> None:
    instances = populated(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    ground.work()
    assert look(ground, migration).undo_until == ground.now + DAY
    decide(ground, ground.open_task(instances[0], "prepare"), "go", revision=2)
    undo = steer(ground, undoing.begin, migration, ground.now + DAY - HOUR)
    ground.work(ground.now + DAY - HOUR)
    done = look(ground, undo)
    assert (done.state, dict(done.results), done.is_undoing) == ("ended", {"carried": 7, "touched": 1}, True)
    assert versions_of(ground, instances) == {1: 7, 2: 1}
    assert versions_of(ground, instances[:1]) == {2: 1}
    assert (look(ground, migration).undone, look(ground, migration).undo_until) == (undo, None)
    with pytest.raises(Settled):
        steer(ground, undoing.begin, migration)
    assert findings(ground) == []


def test_taken_back_each_returns_to_the_step_it_came_from(ground: World) -> None:
    mixed.manager(ground)
    mixed.publish(ground, mixed.drawing())
    behind = mixed.begun(ground, "pause")
    mixed.sweep(ground, ground.now + timedelta(days=4))
    before = mixed.begun(ground, "prepare")
    mixed.publish(ground, mixed.drawing(last="final"))
    migration = begin(ground, 2, {"last": "final"})
    ground.work()
    assert ground.open_elements(behind) == ["final"]
    steer(ground, undoing.begin, migration)
    ground.work()
    assert (ground.open_elements(behind), ground.open_elements(before)) == (["last"], ["prepare"])


def test_after_a_day_it_is_too_late(ground: World) -> None:
    populated(ground, 2)
    mixed.publish(ground, mixed.drawing(extra=True))
    migration = begin(ground, 2)
    with pytest.raises(Settled):
        steer(ground, undoing.begin, migration)
    ground.work()
    assert look(ground, migration, ground.now + DAY).undo_until is None
    with pytest.raises(TooLate):
        steer(ground, undoing.begin, migration, ground.now + DAY)
