"""The inbox of a step that several sign: whose turn it is, what is left, and in whose stead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.runtime import substitutes
from app.platform.runtime.entities import Seat
from tests.platform.runtime.signing import council, publish
from tests.platform.runtime.steps import begin
from tests.platform.runtime.steps import decide as decided
from tests.rooms.inbox.conftest import fields_of
from tests.world import World


@pytest.fixture
def signed(world: World) -> World:
    publish(world, council(seats="sequence", allow=""))
    return world


def review(world: World) -> tuple[str, str]:
    instance = begin(world, "tests_council")
    return instance, decided(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def press(browser, task: str, outcome: str, **more):
    browser.get(f"/inbox/tasks/{task}")
    return browser.post(f"/inbox/tasks/{task}", {**fields_of(browser.page), "outcome": outcome, **more})


def test_one_after_the_other_finds_it_and_signs(signed: World, visit) -> None:
    instance, task = review(signed)
    first, second = visit("市级"), visit("市级二")
    first.get("/inbox/")
    assert f"/inbox/tasks/{task}" in first.page
    second.get("/inbox/")
    assert f"/inbox/tasks/{task}" not in second.page
    assert press(second, task, "approve").status_code in (403, 409)
    assert press(first, task, "approve", comment="同意").status_code == 302
    again = first.post(f"/inbox/tasks/{task}", {"outcome": "approve", "revision": "1", "key": "other"})
    assert again.status_code == 302  # a double click is no reproach
    second.get("/inbox/")
    assert f"/inbox/tasks/{task}" in second.page
    assert press(second, task, "return", comment="缺材料").status_code == 302
    assert signed.open_elements(instance) == ["prepare"]
    first.get("/inbox/?box=done")
    assert f"/inbox/tasks/{task}" in first.page
    applicant = visit("组织者甲")
    applicant.get(f"/inbox/tasks/{signed.open_task(instance, 'prepare')}")
    assert "缺材料" in applicant.page


def test_a_substitute_finds_it_in_his_inbox_and_the_record_says_for_whom(signed: World, visit) -> None:
    _, task = review(signed)
    teacher = visit("教师")
    teacher.get(f"/inbox/tasks/{task}")
    assert "404" in teacher.page or "没有" in teacher.page
    with signed.session() as session:
        substitutes.appoint(
            session,
            signed.people["市级"],
            signed.people["教师"],
            signed.now,
            signed.now + timedelta(days=3),
            None,
            signed.acting("市级"),
            signed.now,
        )
    teacher.get("/inbox/")
    assert f"/inbox/tasks/{task}" in teacher.page
    assert press(teacher, task, "approve", comment="代为同意").status_code == 302
    with signed.session() as session:
        seat = session.scalars(select(Seat).where(Seat.decided_by_id.is_not(None))).one()
        assert (seat.person_id, seat.decided_by_id) == (signed.people["市级"], signed.people["教师"])
    other = visit("市级二")
    other.get(f"/inbox/tasks/{task}")
    assert "教师 代 市级" in other.page
