"""PR-P1 sent back for named items: only these are open, up to a new print, its scan and the approval (C4, P-17)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.platform.runtime import errors, tasks
from app.platform.runtime.tasks import Decision
from tests.systems.permits.world import World

APPLICANT, CITY = "组织者甲", "市级"


@pytest.fixture
def review(world: World) -> str:
    return world.to_review()


def reject(world: World, instance: str, items: Mapping[str, str]) -> None:
    by, task = world.acting(CITY), world.open_task(instance, "city_review")
    with world.session() as session:
        view = tasks.get(session, task, by, world.now)
        entry = world.read(session, view, {}, by, "reject")
        decision = Decision("reject", "请按标记修改", view.revision, items=dict(items))
        tasks.complete(session, task, entry, decision, by, world.now)


def writable(world: World, instance: str) -> frozenset[str]:
    with world.session() as session:
        task = world.open_task(instance, "correct")
        form = tasks.get(session, task, world.acting(APPLICANT), world.now).form
        assert form is not None
        return form.writable


def test_with_one_field_named_it_is_corrected_printed_scanned_and_approved(world: World, review: str) -> None:
    reject(world, review, {"employer": "与公章不一致"})
    assert writable(world, review) == {"employer", "scan"}
    world.decide(review, "correct", "reprint", APPLICANT, {"employer": ["第二演示中学"]})
    world.work()
    assert writable(world, review) == {"employer", "scan"}
    world.decide(review, "correct", "submit", APPLICANT, world.scan(APPLICANT, review))
    world.decide(review, "city_review", "approve", CITY)
    assert world.open_elements(review) == []


def test_a_changed_field_still_needs_a_new_print(world: World, review: str) -> None:
    """P-17: what was opened alone is held to the same rules."""
    reject(world, review, {"employer": "与公章不一致"})
    sent = {"employer": ["第二演示中学"], **world.scan(APPLICANT, review)}
    with pytest.raises(errors.HookRefused) as caught:
        world.decide(review, "correct", "submit", APPLICANT, sent)
    assert "工作单位" in caught.value.words.zh


def test_with_the_scan_named_alone_a_new_scan_is_enough(world: World, review: str) -> None:
    reject(world, review, {"scan": "公章不清晰"})
    assert writable(world, review) == {"scan"}
    world.decide(review, "correct", "submit", APPLICANT, world.scan(APPLICANT, review))
    world.decide(review, "city_review", "approve", CITY)
    assert world.open_elements(review) == []


def test_what_was_named_and_needs_no_change_passes_unchanged(world: World, review: str) -> None:
    """Never stuck: the same answers again, with the scan that is asked for."""
    reject(world, review, {"employer": "请核实", "mobile": "请核实"})
    world.decide(review, "correct", "submit", APPLICANT, world.scan(APPLICANT, review))
    assert world.open_elements(review) == ["city_review"]
