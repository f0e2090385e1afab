"""Who watches a process hears of each change of stage, whatever changed it, within its transaction."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.registry import Call, Hooks, Refused, house
from app.platform.runtime import doctor, errors, instances
from app.platform.runtime.entities import Instance
from tests.platform.runtime.steps import CITY, STARTER, at_review, decide, instance_row, kinds, task_row
from tests.world import World

REVIEW = "待审核"
Heard = list[tuple[str, str | None, str | None, str | None]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What was heard: the instance, the stages told, and the stage its row had by then."""
    said: Heard = []

    def hear(call: Call, before: str | None, after: str | None) -> None:
        row = call.session.scalar(select(Instance.stage_zh).where(Instance.id == call.instance))
        said.append((call.instance, before, after, row))

    monkeypatch.setitem(house.watchers, "tests_desk", hear)
    return said


def test_a_change_of_stage_is_told_when_the_row_says_so(any_ground: World, heard: Heard) -> None:
    instance, task = at_review(any_ground)
    assert heard == [(instance, None, REVIEW, REVIEW)]
    decide(any_ground, task, "approve", CITY)
    assert heard[1:] == [(instance, REVIEW, "已通过", "已通过")]


def test_a_cancellation_is_told_too(any_ground: World, heard: Heard) -> None:
    instance, _ = at_review(any_ground)
    with any_ground.session() as session:
        instances.cancel(session, instance, "x", any_ground.acting(STARTER), any_ground.now)
    assert heard[1:] == [(instance, REVIEW, "已撤销", "已撤销")]


def test_a_system_s_verb_calls_off_what_another_has_started(any_ground: World, heard: Heard) -> None:
    instance, task = at_review(any_ground)
    with any_ground.session() as session:
        by = any_ground.acting(CITY)
        with pytest.raises(errors.Forbidden):
            instances.cancel(session, instance, "项目取消", by, any_ground.now)
        with transaction(session):
            instances.call_off(session, instance, "项目取消", by, any_ground.now)
    assert heard[1:] == [(instance, REVIEW, "已撤销", "已撤销")]
    row = instance_row(any_ground, instance)
    assert (row.state, row.ended, task_row(any_ground, task).state) == ("cancelled", "cancelled", "cancelled")
    assert kinds(any_ground, instance)[-1] == "cancelled"
    with any_ground.session() as session:
        assert doctor.examine(session, any_ground.now) == []


def test_what_is_over_is_not_called_off_and_nothing_is_outside_a_verb(any_ground: World) -> None:
    instance, task = at_review(any_ground)
    by = any_ground.acting(CITY)
    with any_ground.session() as session, pytest.raises(RuntimeError):
        instances.call_off(session, instance, "项目取消", by, any_ground.now)
    decide(any_ground, task, "approve", CITY)

    def verb() -> None:
        with any_ground.session() as session, transaction(session):
            instances.call_off(session, instance, "项目取消", by, any_ground.now)

    with pytest.raises(errors.InstanceChanged):
        verb()
    assert instance_row(any_ground, instance).stage_zh == "已通过"


def test_what_refuses_undoes_it_all(any_ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instance, task = at_review(any_ground)

    def refuse(*_: Any) -> None:
        raise Refused("今天不行", "Not today")

    monkeypatch.setitem(house.watchers, "tests_desk", refuse)
    with pytest.raises(errors.HookRefused) as refused:
        decide(any_ground, task, "approve", CITY)
    assert refused.value.words.zh == "今天不行"
    assert (instance_row(any_ground, instance).state, instance_row(any_ground, instance).stage_zh) == (
        "running",
        REVIEW,
    )


def test_only_one_s_own_processes_are_watched_and_each_once() -> None:
    hooks = Hooks("tests")
    hooks.watch("tests_desk")(lambda *_: None)
    for process in ("tests_desk", "permits_declaration_review"):
        with pytest.raises(ValueError, match="watched already"):
            hooks.watch(process)(lambda *_: None)
