"""What was last submitted, to each reader what he may see of it: masks, and the fields of his own steps."""

from __future__ import annotations

import pytest

from app.platform.runtime import instances, submissions, tasks
from app.platform.runtime.submissions import LastEntry
from tests.world import World, profile


def last(world: World, instance: str, name: str) -> LastEntry | None:
    with world.session() as session:
        by = world.acting(name)
        view = instances.view(session, instance, by, world.now)
        return submissions.last_entry(session, view, by)


def test_a_draft_that_was_never_sent_is_no_submission(world: World) -> None:
    """Only the start form has been submitted: project and district."""
    instance = world.apply()
    entry = last(world, instance, "组织者甲")
    assert entry is not None
    assert entry.element == "start"
    assert entry.values["district"] == "130402"


def test_a_review_is_not_what_was_submitted(world: World) -> None:
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="公章不清晰")
    entry = last(world, instance, "市级")
    assert entry is not None
    assert (entry.element, entry.by_name) == ("upload_scan", "组织者甲")
    assert entry.values["scan"]


@pytest.mark.parametrize("name", ["组织者甲", "市级", "市级二"])
def test_the_starter_and_whoever_may_decide_read_in_full(world: World, name: str) -> None:
    entry = last(world, world.to_review(), name)
    assert entry is not None
    assert entry.in_full


def test_whoever_has_decided_reads_in_full_and_his_colleague_masked(world: World) -> None:
    """C-39: what is no longer anybody's work is shown with its masks."""
    instance = world.to_review()
    world.decide(instance, "city_review", "approve", "市级", comment="同意")
    world.work()
    assert [last(world, instance, name).in_full for name in ("组织者甲", "市级", "市级二")] == [
        True,
        True,
        False,
    ]


def test_a_task_that_another_has_claimed_is_no_reason_to_read_in_full(world: World) -> None:
    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    with world.session() as session:
        tasks.claim(session, task, 1, world.acting("市级"), world.now)
    assert last(world, instance, "市级").in_full
    assert not last(world, instance, "市级二").in_full


def test_a_reader_sees_the_fields_of_his_own_steps_only(world: World) -> None:
    """Where a form hides a field from the reviewer, the page of the instance hides it too."""
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile())
    world.decide(instance, "submit", "submit")
    world.work()
    entry = last(world, instance, "组织者甲")
    assert entry is not None
    assert "scan" in {one.name for one in entry.form.visible}  # his own step asks for it
    assert entry.form.writable == frozenset()
    with world.session() as session, pytest.raises(instances.views.Unknown):
        instances.view(session, instance, world.acting("组织者乙"), world.now)
