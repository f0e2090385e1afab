"""The forecast of what a version does to what runs: it is what comes of it, for each instance."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.design import carrying, forecasting, impact, studying
from app.platform.design.publication_entities import Carried, Studied
from app.platform.runtime import control
from app.platform.runtime import drafts as typed
from app.platform.runtime.entities import Version
from tests.platform.design import mixed
from tests.platform.engine.nested import Nested
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import findings
from tests.platform.runtime.steps import STARTER
from tests.world import APPLICATION, World

OTHER_WORDS = "approve=同意办理|Approve; return=退回|Return!-; reject=不同意|Reject-"
TARGETS: dict[str, dict[str, Any]] = {
    "other words at one step": {"words": OTHER_WORDS},
    "a step called otherwise": {"last": "final"},
    "one more deadline": {"edge": "P5D", "late": False},
    "a deadline that is computed": {"edge": "district"},
}


def forecast(world: World, number: int, mapping: dict[str, str] | None = None) -> impact.Summary:
    by = world.acting(mixed.MANAGER)
    with world.session() as session:
        target = forecasting.of_version(session, mixed.PROCESS, number)
        seen = impact.seen(session, target, mapping or {}, by, world.now)
        if seen.summary is not None and seen.summary.fates:
            return seen.summary
        source = {"process": mixed.PROCESS, "number": number}
        studying.begin(session, target, mapping or {}, source, by, world.now)
    world.work()
    with world.session() as session:
        target = forecasting.of_version(session, mixed.PROCESS, number)
        found = impact.seen(session, target, mapping or {}, by, world.now).summary
    assert found is not None
    return found


def fates(world: World, summary: impact.Summary) -> dict[str, str]:
    if summary.study is None:
        return {instance: fate.becomes for instance, fate in summary.fates.items()}
    with world.session() as session:
        rows = session.execute(
            select(Studied.instance_id, Studied.becomes).where(Studied.study_id == summary.study)
        )
        return {row.instance_id: row.becomes for row in rows}


def carry(world: World, number: int, mapping: dict[str, str] | None = None) -> str:
    with world.session() as session, transaction(session):
        version = session.scalars(
            select(Version.id).where(Version.process == mixed.PROCESS, Version.number == number)
        ).one()
        by = world.acting(mixed.MANAGER)
        return carrying.begin(session, mixed.PROCESS, version, mapping or {}, by, world.now)


def outcomes(world: World, carrying_id: str) -> dict[str, str]:
    with world.session() as session:
        rows = session.execute(
            select(Carried.instance_id, Carried.result).where(Carried.carrying_id == carrying_id)
        )
        return {row.instance_id: str(row.result) for row in rows}


def compare(world: World, target: dict[str, Any], count: int) -> tuple[Counter[str], float]:
    """Populate, forecast, carry over; every instance must come to what was forecast."""
    for instance in mixed.populate(world, count)[::2]:
        with world.session() as session:
            by = world.acting(mixed.MANAGER)
            control.set_variables(session, instance, {"district": "P5D"}, "试算", by, world.now)
    number = mixed.publish(world, mixed.drawing(**target))
    world.work()
    before = findings(world)
    began = time.perf_counter()
    told = fates(world, forecast(world, number))
    took = time.perf_counter() - began
    assert len(told) == count
    done = outcomes(world, carry_and_work(world, number))
    assert set(done) == set(told)
    goes = {"no_effect": "carried", "moves": "carried", "needs_mapping": "refused", "cannot": "refused"}
    wrong = {one: (becomes, done[one]) for one, becomes in told.items() if goes[becomes] != done[one]}
    assert not wrong, Counter(wrong.values())
    assert findings(world) == before
    return Counter(told.values()), took


def carry_and_work(world: World, number: int, mapping: dict[str, str] | None = None) -> str:
    found = carry(world, number, mapping)
    world.work()
    return found


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_what_is_forecast_is_what_comes_of_it(ground: World, target: dict[str, Any]) -> None:
    counted, took = compare(ground, target, 40)
    print(dict(counted), f"{took:.2f} s")
    assert sum(counted.values()) == 40


def test_of_two_hundred_each_comes_to_what_was_forecast(ground: World) -> None:
    counted, took = compare(ground, TARGETS["a step called otherwise"], 200)
    print(f"200 instances: {dict(counted)}, forecast in {took:.2f} s")
    assert min(counted[one] for one in ("no_effect", "moves", "needs_mapping")) >= 10


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_of_a_thousand_each_comes_to_what_was_forecast(ground: World, target: dict[str, Any]) -> None:
    began = time.perf_counter()
    counted, took = compare(ground, target, 1_000)
    whole = time.perf_counter() - began
    print(f"1,000 instances: {dict(counted)}, forecast in {took:.2f} s, all in {whole:.0f} s")


def test_a_forecast_asks_no_more_for_many_that_stand_alike(ground: World, counted: Counted) -> None:
    mixed.manager(ground)
    mixed.publish(ground, mixed.drawing())
    number = mixed.publish(ground, mixed.drawing(words=OTHER_WORDS))
    first = mixed.publish(ground, mixed.drawing())
    statements = []
    for more in (1, 12):
        for _ in range(more):
            mixed.begun(ground, "prepare")
        forecast(ground, number)
        counted.clear()
        assert sum(forecast(ground, number).classes.values()) >= more
        statements.append(len(counted.lines))
    assert statements[0] == statements[1] <= 12, counted.lines
    assert first == 3


def test_a_study_of_many_says_the_same_as_one_at_once(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed.populate(ground, 26)
    number = mixed.publish(ground, mixed.drawing(last="final", edge="P5D", late=False))
    at_once = forecast(ground, number)
    monkeypatch.setattr(impact, "AT_ONCE", 0)
    monkeypatch.setattr(studying, "CHUNK", 7)
    studied = forecast(ground, number)
    assert studied.study is not None
    assert studied.facts() == at_once.facts()
    assert fates(ground, studied) == fates(ground, at_once)
    with ground.session() as session:
        reach = impact.reach_of(ground.acting(mixed.MANAGER))
        for becomes in forecasting.CLASSES:
            lists = [impact.listed(session, one, becomes, reach, 1) for one in (studied, at_once)]
            assert lists[0] == lists[1]
            assert lists[0][1] == studied.classes.get(becomes, 0)
        assert impact.listed(session, studied, "moves", (), 1) == ([], 0), (
            "nobody sees what he looks not after"
        )


def test_what_was_typed_at_a_step_whose_form_changes_is_told(ground: World) -> None:
    mixed.manager(ground)
    mixed.publish(ground, filled(mixed.drawing()))
    instance = mixed.begun(ground, "prepare")
    with ground.session() as session:
        task = ground.open_task(instance, "prepare")
        typed.keep(session, task, {"project": "x"}, ground.acting(STARTER), ground.now)
    other = APPLICATION.replace("选择项目和区县".encode(), "请选择项目和区县".encode())
    assert other != APPLICATION
    number = mixed.publish(ground, filled(mixed.drawing()), **{"forms/fairs/application.json": other})
    told = forecast(ground, number)
    assert (told.typed, dict(told.classes)) == (1, {"moves": 1})


def filled(drawn: Nested) -> Nested:
    """The first step asks the start form anew."""
    drawn.parts = [
        part.replace('name="outcomes" value="go=办理|Go"', 'name="form" value="fairs/application"', 1)
        if 'id="prepare"' in part
        else part
        for part in drawn.parts
    ]
    return drawn


def test_what_lies_behind_may_change_without_effect(ground: World) -> None:
    mixed.manager(ground)
    mixed.publish(ground, mixed.drawing(extra=True))
    mixed.begun(ground, "all")
    number = mixed.publish(ground, mixed.drawing())
    assert dict(forecast(ground, number).classes) == {"no_effect": 1}
