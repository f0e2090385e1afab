"""A return that names items opens only these again, on the server, until the step that named them is asked again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import select, text

from app.platform.runtime import errors, history, instances, items, moving, tasks
from app.platform.runtime.entities import Entry
from app.platform.runtime.tasks import Decision
from tests.platform.runtime import returning
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.returning import seen
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, STARTER, begin, instance_row
from tests.tenants.fairs.entities import Profile
from tests.world import World

WRONG = {"employer": "与公章不一致"}


def return_it(
    world: World, instance: str, items: Mapping[str, str], name: str = CITY, outcome: str = "reject"
) -> tasks.Completed:
    """The city decides with what it has found wanting."""
    by, task = world.acting(name), world.open_task(instance, "city_review")
    with world.session() as session:
        shown = tasks.get(session, task, by, world.now)
        entry = world.read(session, shown, {}, by, outcome)
        decision = Decision(outcome, "请按标记修改", shown.revision, items=dict(items))
        return tasks.complete(session, task, entry, decision, by, world.now)


def returned(world: World, items: Mapping[str, str]) -> str:
    """An application that the city has sent back for these; the instance."""
    instance = world.to_review()
    return_it(world, instance, items)
    return instance


def test_only_what_was_named_is_open_again_and_the_scan_of_the_print(ground: World) -> None:
    instance = returned(ground, WRONG)
    view = seen(ground, instance, "correct")
    assert view.form is not None
    assert view.form.writable == {"employer", "scan"}
    assert {"full_name", "mobile", "address"} <= view.form.closed
    assert view.items is not None
    assert view.items.named.fields == WRONG
    assert view.items.labels["employer"].zh == "工作单位"
    assert (view.items.element, view.items.is_over) == ("city_review", False)


def test_a_scan_that_was_named_alone_opens_nothing_else(ground: World) -> None:
    instance = returned(ground, {"scan": "公章不清晰"})
    assert seen(ground, instance, "correct").form.writable == {"scan"}  # type: ignore[union-attr]


def test_a_file_that_was_named_opens_its_field(ground: World) -> None:
    instance = ground.to_review()
    file = seen(ground, instance, "city_review", CITY).values["scan"][0]
    return_it(ground, instance, {file: "公章不清晰"})
    view = seen(ground, instance, "correct")
    assert view.form is not None
    assert view.items is not None
    assert view.form.writable == {"scan"}
    assert view.items.named.fields == {"scan": "公章不清晰"}
    assert view.items.named.files == {file: "公章不清晰"}
    assert view.items.named.of == {file: "scan"}


def test_an_accepted_field_cannot_be_written_by_any_post(ground: World) -> None:
    instance = returned(ground, WRONG)
    view = seen(ground, instance, "correct")
    sent = {"employer": ["新单位"], "full_name": ["他人"]}
    entry = returning.entered(ground, view, sent, "reprint")
    assert entry is not None
    assert [(one.field, one.code) for one in entry.complaints] == [("full_name", "not_yours")]
    assert "不在本次退回要求修改的范围内" in entry.complaints[0].message("zh")
    assert "full_name" not in entry.written
    assert set(entry.changed) == {"employer"}


def test_the_way_back_stays_passable_and_ends_the_narrowing(ground: World) -> None:
    """Correct, print anew, upload the new scan, submit: and the city sees what it had named."""
    instance = returned(ground, WRONG)
    ground.decide(instance, "correct", "reprint", sent={"employer": ["新单位"]})
    ground.work()
    again = seen(ground, instance, "correct")
    assert again.form is not None
    assert again.form.writable == {"employer", "scan"}
    ground.decide(instance, "correct", "submit", sent=ground.scan(STARTER, instance))
    review = seen(ground, instance, "city_review", CITY)
    assert review.items is not None
    assert review.items.is_over
    assert review.items.named.fields == WRONG
    assert review.values["employer"] == "新单位"
    ground.decide(instance, "city_review", "approve", CITY)
    assert instance_row(ground, instance).items is None
    with ground.session() as session:
        assert history.first_bad_row(session, instance) is None


def test_a_later_return_without_items_opens_everything_again(ground: World) -> None:
    instance = returned(ground, {"scan": "缺页"})
    ground.decide(instance, "correct", "submit", sent=ground.scan(STARTER, instance))
    ground.decide(instance, "city_review", "reject", CITY, comment="请全部核对")
    view = seen(ground, instance, "correct")
    assert view.form is not None
    assert view.items is None
    assert not view.form.closed
    assert instance_row(ground, instance).items is None


def test_what_is_required_and_missing_is_open_although_nobody_named_it(ground: World) -> None:
    """Without it nobody could go on (a field that became required after it was left empty)."""
    instance = ground.to_review()
    with ground.session() as session, session.begin():
        session.get_one(Profile, ground.people[STARTER]).department = ""
    return_it(ground, instance, {"scan": "公章不清晰"})
    assert seen(ground, instance, "correct").form.writable == {"scan", "department"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({"nothing_of_the_kind": "x"}, "unknown"),
        ({"0" * 26: "x"}, "unknown"),
        ({"employer": "  "}, "no_reason"),
        ({"employer": "长" * 501}, "too_long"),
        ({"employer": "a\0b"}, "control"),
        ({f"f{number}": "x" for number in range(51)}, "many"),
    ],
)
def test_what_the_step_does_not_show_cannot_be_named(ground: World, items: dict[str, str], code: str) -> None:
    instance = ground.to_review()
    with pytest.raises(errors.BadItems) as caught:
        return_it(ground, instance, items)
    assert caught.value.code == code
    assert ground.open_elements(instance) == ["city_review"]


def test_an_outcome_that_sends_nothing_back_takes_no_items(ground: World) -> None:
    instance = ground.to_review()
    with pytest.raises(errors.BadItems) as caught:
        return_it(ground, instance, WRONG, outcome="approve")
    assert caught.value.code == "not_returned"
    assert "标记了1项" in caught.value.words.zh


def test_what_is_named_is_sealed_in_the_row(ground: World) -> None:
    instance = returned(ground, WRONG)
    with ground.session() as session:
        raw = session.scalar(text("SELECT items FROM runtime_instance WHERE id = :id"), {"id": instance})
    assert isinstance(raw, bytes | memoryview)
    assert "与公章不一致".encode() not in bytes(raw)


def test_a_cancelled_instance_forgets_what_was_named(ground: World) -> None:
    instance = returned(ground, WRONG)
    with ground.session() as session:
        instances.cancel(session, instance, "撤销", ground.acting(STARTER), ground.now)
    assert instance_row(ground, instance).items is None


def test_another_reader_of_the_returning_step_sees_what_was_named(ground: World) -> None:
    instance = returned(ground, WRONG)
    ground.decide(instance, "correct", "submit", sent=ground.scan(STARTER, instance))
    view = seen(ground, instance, "city_review", OTHER)
    assert view.items is not None
    assert view.items.named.fields == WRONG
    assert {"employer", "scan", "mobile"} <= view.nameable
    assert "project_name" not in view.nameable  # nobody could change it at any step


def writable(world: World, instance: str, element: str, name: str = STARTER) -> frozenset[str]:
    form = seen(world, instance, element, name).form
    assert form is not None
    return form.writable


def send_back(world: World, instance: str, source: str, to: str, items: Mapping[str, str]) -> None:
    """Return freely to a step that was passed."""
    view = seen(world, instance, source, CITY)
    with world.session() as session:
        moving.send_back(session, view.id, to, view.revision, world.acting(CITY), world.now, "请改", items)


def test_a_free_return_names_items_too(ground: World) -> None:
    """Also past a step of somebody else, who does his work anew: what he writes is his."""
    returning.publish(ground)
    instance = returning.at_review(ground)
    send_back(ground, instance, "review", "prepare", {"guests": "太多"})
    assert writable(ground, instance, "prepare") == {"guests", "permit"}
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["30"]})
    assert writable(ground, instance, "add") == set()
    returning.step(ground, instance, "add", "send")
    assert writable(ground, instance, "check", CITY) == {"finding"}
    returning.step(ground, instance, "check", "approve", CITY)
    review = seen(ground, instance, "review", CITY)
    assert review.items is not None
    assert review.items.is_over
    assert (review.values["guests"], review.values["called"], review.values["people"]) == (30, "糖画", 31)


def test_a_return_to_somebody_between_opens_what_was_named_of_his(ground: World) -> None:
    returning.publish(ground)
    instance = returning.at_review(ground)
    send_back(ground, instance, "review", "check", {"finding": "不完整"})
    assert writable(ground, instance, "check", CITY) == {"finding"}
    returning.step(ground, instance, "check", "approve", CITY, {"finding": ["已补充"]})
    assert seen(ground, instance, "review", CITY).values["finding"] == "已补充"


def test_a_return_to_somebody_between_for_what_is_not_his_leaves_him_his_work(ground: World) -> None:
    returning.publish(ground)
    instance = returning.at_review(ground)
    send_back(ground, instance, "review", "check", {"guests": "请核实"})
    assert writable(ground, instance, "check", CITY) == {"finding"}


def test_whoever_stands_between_returns_for_reasons_of_his_own(ground: World) -> None:
    """His return replaces what the other had named: it is his that the starter has to answer."""
    returning.publish(ground)
    instance = returning.at_review(ground)
    returning.step(ground, instance, "review", "reject", CITY, items={"guests": "太多"})
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["30"]})
    returning.step(ground, instance, "add", "send")
    send_back(ground, instance, "check", "prepare", {"called": "重名"})
    assert writable(ground, instance, "prepare") == {"called"}
    returning.step(ground, instance, "prepare", "send", sent={"called": ["面人"]})
    returning.step(ground, instance, "add", "send")
    assert seen(ground, instance, "check", CITY).items.is_over  # type: ignore[union-attr]


def test_a_condition_that_a_change_may_fulfil_opens_what_it_shows(ground: World) -> None:
    returning.publish(ground)
    instance = returning.at_review(ground)
    returning.step(ground, instance, "review", "reject", CITY, items={"indoors": "请核实"})
    assert writable(ground, instance, "prepare") == {"indoors", "hall"}
    returning.step(ground, instance, "prepare", "send", sent={"indoors": ["yes"], "hall": ["一号馆"]})
    assert seen(ground, instance, "add").values["hall"] == "一号馆"


def test_an_answer_taken_back_is_still_to_be_given_as_narrowly(ground: World) -> None:
    """Submit, withdraw, and everything would be open: it is not."""
    returning.publish(ground)
    instance = returning.at_review(ground)
    send_back(ground, instance, "review", "add", {"papers": "缺"})
    view = seen(ground, instance, "add")
    assert view.form is not None
    send_back_done = returning.step(ground, instance, "add", "send")
    assert ground.open_elements(instance) == ["check"]
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now)
    again = seen(ground, instance, "add")
    assert again.form is not None
    assert again.items is not None
    assert again.form.writable == view.form.writable == {"papers"}
    assert send_back_done.instance == instance


def test_a_withdrawal_of_what_asked_the_step_again_takes_that_back_too(ground: World) -> None:
    drawn = returning.straight()
    returning.publish(ground, drawn)
    instance = begin(ground, "tests_straight")
    returning.step(ground, instance, "prepare", "send", sent=returning.FULL)
    returning.step(ground, instance, "review", "reject", CITY, items={"guests": "太多"})
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["30"]})
    assert instance_row(ground, instance).items["over"] is True  # type: ignore[index]
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now)
    assert writable(ground, instance, "prepare") == {"guests", "permit"}
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["31"]})
    assert instance_row(ground, instance).items["over"] is True  # type: ignore[index]


def test_a_return_taken_back_names_nothing(ground: World) -> None:
    returning.publish(ground, returning.apart())
    instance = begin(ground, "tests_apart")
    returning.step(ground, instance, "prepare", "send", sent=returning.FULL)
    returning.step(ground, instance, "review", "reject", CITY, items={"guests": "太多"})
    assert writable(ground, instance, "correct") == {"guests", "permit"}
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(CITY), ground.now)
    assert ground.open_elements(instance) == ["review"]
    assert instance_row(ground, instance).items is None


def test_an_approval_taken_back_leaves_what_an_earlier_return_of_the_step_named(ground: World) -> None:
    """Returned, corrected, approved, withdrawn: whoever looks again still sees what he had found wanting."""
    returning.publish(ground)
    instance = begin(ground, "tests_stall")
    returning.step(ground, instance, "prepare", "send", sent=returning.FULL)
    returning.step(ground, instance, "add", "send")
    send_back(ground, instance, "check", "prepare", {"guests": "太多"})
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["30"]})
    returning.step(ground, instance, "add", "send")
    returning.step(ground, instance, "check", "approve", CITY, {"finding": ["已核对"]})
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(CITY), ground.now)
    check = seen(ground, instance, "check", CITY)
    assert check.items is not None
    assert check.items.is_over
    assert check.items.named.fields == {"guests": "太多"}


def test_another_branch_is_not_narrowed_and_does_not_undo(ground: World) -> None:
    """Two branches with a review each: what one names holds for its own answer, whatever the other does."""
    returning.publish(ground, returning.forked())
    instance = begin(ground, "tests_forked")
    for side in ("left", "right"):
        returning.step(ground, instance, f"fill_{side}", "send", sent=returning.FULL)
    returning.step(ground, instance, "look_left", "reject", CITY, items={"guests": "太多"})
    assert writable(ground, instance, "fill_left") == {"guests", "permit"}
    returning.step(ground, instance, "look_right", "reject", CITY)
    assert writable(ground, instance, "fill_left") == {"guests", "permit"}
    assert "called" in writable(ground, instance, "fill_right")
    returning.step(ground, instance, "fill_left", "send")
    returning.step(ground, instance, "fill_right", "send")
    for side in ("left", "right"):
        returning.step(ground, instance, f"look_{side}", "approve", CITY)
    assert instance_row(ground, instance).items is None


def test_signers_name_together(ground: World) -> None:
    """Of several who sign, what each has named counts when their rule sends it back."""
    returning.publish(ground, returning.straight(seats="all"))
    instance = begin(ground, "tests_straight")
    returning.step(ground, instance, "prepare", "send", sent=returning.FULL)
    ground.open_task(instance, "review")
    returning.step(ground, instance, "review", "approve", CITY)
    returning.step(ground, instance, "review", "reject", OTHER, items={"guests": "太多"})
    assert writable(ground, instance, "prepare") == {"guests", "permit"}


def test_the_last_signer_is_not_refused_for_what_others_have_named(ground: World) -> None:
    """A file that was replaced since is named no more; of a thing that two have named each says why."""
    returning.publish(ground, returning.straight(seats="share:1"))
    instance = begin(ground, "tests_straight")
    old = ground.scan(STARTER, instance)["scan"]
    returning.step(ground, instance, "prepare", "send", sent={**returning.FULL, "papers": old})
    returning.step(ground, instance, "review", "reject", CITY, items={old[0]: "模糊", "guests": "太多"})
    new = ground.scan(STARTER, instance)["scan"]
    with ground.session() as session, session.begin():
        for entry in session.scalars(select(Entry).where(Entry.form == "fairs/stall")):
            entry.values = {**entry.values, "papers": new}
    returning.step(
        ground, instance, "review", "reject", OTHER, items={"guests": "场馆容不下", "called": "重名"}
    )
    view = seen(ground, instance, "prepare")
    assert view.items is not None
    assert view.items.named.fields == {"guests": "太多；场馆容不下", "called": "重名"}
    assert not view.items.named.files


def test_signers_together_may_name_more_than_one_alone(ground: World, monkeypatch) -> None:
    monkeypatch.setattr(items, "MOST", 2)
    returning.publish(ground, returning.straight(seats="share:0.6"))
    people(ground)
    instance = begin(ground, "tests_straight")
    returning.step(ground, instance, "prepare", "send", sent=returning.FULL)
    returning.step(ground, instance, "review", "reject", CITY, items={"guests": "太多", "why": "太短"})
    returning.step(
        ground, instance, "review", "reject", OTHER, items={"guests": "场馆容不下", "called": "重名"}
    )
    assert seen(ground, instance, "prepare").items.named.fields == {  # type: ignore[union-attr]
        "guests": "太多；场馆容不下",
        "why": "太短",
        "called": "重名",
    }


def test_only_the_file_that_was_named_may_be_taken_away(ground: World) -> None:
    returning.publish(ground)
    instance = begin(ground, "tests_stall")
    papers = [ground.scan(STARTER, instance)["scan"][0] for _ in range(2)]
    returning.step(ground, instance, "prepare", "send", sent={**returning.FULL, "papers": papers})
    returning.step(ground, instance, "add", "send")
    returning.step(ground, instance, "check", "approve", CITY, {"finding": ["无"]})
    returning.step(ground, instance, "review", "reject", CITY, items={papers[0]: "模糊"})
    view = seen(ground, instance, "prepare")
    assert view.form is not None
    assert view.form.writable == {"papers"}
    wrong = returning.entered(ground, view, {"papers": [papers[0]]}, "send")
    assert wrong is not None
    assert [(one.field, one.code) for one in wrong.complaints] == [("papers", "kept")]
    fresh = ground.scan(STARTER, instance)["scan"]
    returning.step(ground, instance, "prepare", "send", sent={"papers": [papers[1], *fresh]})
    assert seen(ground, instance, "add").values["papers"] == [papers[1], *fresh]


def test_a_return_that_names_items_takes_few_statements(ground: World, counted: Counted) -> None:
    instance = ground.to_review()
    view = seen(ground, instance, "city_review", CITY)
    by = ground.acting(CITY)
    entry = returning.entered(ground, view, {}, "reject", CITY)
    counted.clear()
    with ground.session() as session:
        tasks.complete(
            session, view.id, entry, Decision("reject", "改", view.revision, items=WRONG), by, ground.now
        )
    print("\n".join(counted.lines))
    assert len(counted.lines) <= 13
