"""Deciding a task: once, by whom it may be, with what the step demands; and nothing typed is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform import engine, forms
from app.platform.identity import posts
from app.platform.runtime import doctor, drafts, errors, history, instances, tasks, versions
from app.platform.runtime.entities import Draft, Entry, Incident, Instance, Receipt, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import HANSHAN, desk, files, told
from tests.platform.runtime.steps import (
    CITY,
    FOREIGN,
    OTHER,
    STARTER,
    at_review,
    begin,
    count,
    decide,
    instance_row,
    kinds,
    task_row,
)
from tests.world import APPLICATION, World, profile


def draft_of(world: World, task: str, name: str) -> object:
    with world.session() as session:
        kept = drafts.of(session, task, world.acting(name))
        return kept and kept[0]


def test_a_repeated_completion_answers_the_first_result_and_does_nothing(ground: World) -> None:
    """T10, F1a."""
    instance, task = at_review(ground)
    first = decide(ground, task, "return", CITY, "补章", key="k")
    before = kinds(ground, instance)
    again = decide(ground, task, "return", CITY, "补章", key="k")
    assert (again.instance, again.next_tasks) == (first.instance, first.next_tasks)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert kinds(ground, instance) == before


def test_a_repeat_is_answered_after_the_instance_has_ended_too(ground: World) -> None:
    _, task = at_review(ground)
    first = decide(ground, task, "approve", CITY, key="k")
    assert decide(ground, task, "approve", CITY, key="k").instance == first.instance


@pytest.mark.parametrize(("outcome", "comment"), [("return", "别的意见"), ("approve", "补章")])
def test_the_same_key_with_another_body_is_refused(ground: World, outcome: str, comment: str) -> None:
    _, task = at_review(ground)
    decide(ground, task, "return", CITY, "补章", key="k")
    with pytest.raises(errors.KeyReused):
        decide(ground, task, outcome, CITY, comment, key="k")


def test_a_key_used_for_one_task_is_refused_at_another(ground: World) -> None:
    _, first = at_review(ground)
    other, second = at_review(ground)
    decide(ground, first, "approve", CITY, key="k")
    with pytest.raises(errors.KeyReused):
        decide(ground, second, "approve", CITY, key="k")
    assert task_row(ground, second).state == "open"
    assert instance_row(ground, other).state == "running"


def test_two_people_may_use_the_same_key(ground: World) -> None:
    _, first = at_review(ground)
    _, second = at_review(ground)
    decide(ground, first, "approve", CITY, key="k")
    assert decide(ground, second, "approve", OTHER, key="k").instance


def test_a_repeated_form_is_recognised_although_its_values_are_stored_by_now(world: World) -> None:
    """The browser posts again after the commit whose answer it never saw."""
    instance = world.apply()
    task = world.open_task(instance, "file_profile")
    first = world.complete(task, "save", sent=profile(), key="k", revision=1)
    again = world.complete(task, "save", sent=profile(), key="k", revision=1)
    assert again.is_repeat
    assert again.next_tasks == first.next_tasks


def test_a_repeated_start_answers_the_first_instance(ground: World) -> None:
    assert begin(ground, key="k") == begin(ground, key="k")
    assert (count(ground, Instance), count(ground, Receipt)) == (1, 1)


def test_a_start_with_the_same_key_and_another_body_is_refused(ground: World) -> None:
    begin(ground, key="k")
    with pytest.raises(errors.KeyReused):
        begin(ground, key="k", data={"district": "130403"})
    with pytest.raises(errors.KeyReused):
        begin(ground, key="k", business_key="b")
    assert count(ground, Instance) == 1


def test_the_second_decider_reads_who_decided_what_and_when_and_keeps_his_text(ground: World) -> None:
    """C-19, T10: 该记录已被处理."""
    instance, task = at_review(ground)
    decide(ground, task, "approve", CITY)
    with pytest.raises(errors.TaskTaken) as taken:
        decide(ground, task, "return", OTHER, "我的意见")
    assert (taken.value.by_name, taken.value.at) == (CITY, ground.now)
    assert taken.value.outcome is not None
    assert taken.value.outcome.zh == "同意"
    assert draft_of(ground, task, OTHER) == {"values": {}, "comment": "我的意见"}
    assert kinds(ground, instance).count("decided") == 2  # prepare and review, nothing of the loser


def test_a_decision_drops_the_draft_of_who_decided_and_no_other(ground: World) -> None:
    _, task = at_review(ground)
    for name in (CITY, OTHER):
        with ground.session() as session:
            tasks.save_draft(session, task, {"comment": name}, ground.acting(name), ground.now)
    decide(ground, task, "approve", CITY)
    assert draft_of(ground, task, CITY) is None
    assert draft_of(ground, task, OTHER) == {"comment": OTHER}


def test_a_draft_is_saved_over_and_shown_to_its_writer_alone(ground: World) -> None:
    _, task = at_review(ground)
    for text in ("一", "二"):
        with ground.session() as session:
            tasks.save_draft(session, task, {"comment": text}, ground.acting(CITY), ground.now)
    with ground.session() as session:
        shown = tasks.get(session, task, ground.acting(CITY), ground.now)
        assert (shown.draft, shown.draft_saved_at) == ({"comment": "二"}, ground.now)
    with ground.session() as session:
        assert tasks.get(session, task, ground.acting(OTHER), ground.now).draft is None
    assert count(ground, Draft) == 1


def test_drafts_of_strangers_and_readers_are_refused(ground: World) -> None:
    _, task = at_review(ground)
    for name, refusal in ((FOREIGN, errors.Unknown), (STARTER, errors.Forbidden)):
        with ground.session() as session, pytest.raises(refusal):
            tasks.save_draft(session, task, {"comment": "x"}, ground.acting(name), ground.now)
    assert count(ground, Draft) == 0


def test_a_start_forgets_the_draft_of_its_form(world: World) -> None:
    with world.session() as session:
        by = world.acting(STARTER)
        drafts.keep(session, "start:fairs_application", {"district": "130402"}, by, world.now)
    world.apply()
    assert count(world, Draft) == 0


def test_a_claim_keeps_others_out_until_it_is_given_back(ground: World) -> None:
    instance, task = at_review(ground)
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
    with pytest.raises(errors.TaskTaken) as taken:
        decide(ground, task, "return", OTHER, "抢办", revision=2)
    assert (taken.value.by_name, taken.value.outcome, taken.value.at) == (CITY, None, ground.now)
    assert draft_of(ground, task, OTHER) == {"values": {}, "comment": "抢办"}
    with ground.session() as session, pytest.raises(errors.TaskTaken):
        tasks.claim(session, task, 2, ground.acting(OTHER), ground.now)
    with ground.session() as session, pytest.raises(errors.TaskTaken):
        tasks.unclaim(session, task, 2, ground.acting(OTHER), ground.now)
    with ground.session() as session:
        tasks.unclaim(session, task, 2, ground.acting(CITY), ground.now)
    decide(ground, task, "approve", OTHER, revision=3)
    assert kinds(ground, instance)[-4:] == ["claimed", "unclaimed", "decided", "ended"]


def test_a_claim_does_not_outlive_the_post_it_was_made_under(ground: World) -> None:
    """C-11: a right that has ended is no right."""
    _, task = at_review(ground)
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
    (post,) = ground.acting(CITY).posts
    with ground.session() as session:
        posts.end(session, post.id, ground.now, None)
    with pytest.raises(errors.Unknown):
        decide(ground, task, "approve", CITY, revision=2)
    with ground.session() as session:
        assert [f.code for f in doctor.examine(session, ground.now)] == ["nobody"]


def test_strangers_claim_nothing_and_hear_nothing(ground: World) -> None:
    """C-11, C-12: foreign and absent answer alike."""
    _, task = at_review(ground)
    for wanted in (task, "0" * 26):
        for verb in (tasks.claim, tasks.unclaim):
            with ground.session() as session, pytest.raises(errors.Unknown):
                verb(session, wanted, 1, ground.acting(FOREIGN), ground.now)


@pytest.mark.parametrize("revision", [0, 2])
def test_a_revision_that_is_not_the_task_s_is_refused_and_the_text_kept(ground: World, revision: int) -> None:
    _, task = at_review(ground)
    with pytest.raises(errors.InstanceChanged):
        decide(ground, task, "return", CITY, "旧页面", revision=revision)
    with ground.session() as session, pytest.raises(errors.InstanceChanged):
        tasks.claim(session, task, revision, ground.acting(CITY), ground.now)
    assert task_row(ground, task).state == "open"
    assert draft_of(ground, task, CITY) == {"values": {}, "comment": "旧页面"}


def test_an_outcome_the_step_does_not_offer_is_refused(ground: World) -> None:
    _, task = at_review(ground)
    with pytest.raises(errors.BadOutcome):
        decide(ground, task, "send", CITY)


@pytest.mark.parametrize("comment", ["", "  \n\t　"])
def test_a_return_without_an_opinion_is_refused_naming_the_outcome(ground: World, comment: str) -> None:
    """C-33."""
    _, task = at_review(ground)
    with pytest.raises(errors.MissingOpinion) as missing:
        decide(ground, task, "return", CITY, comment)
    assert missing.value.outcome.zh == "退回"
    assert task_row(ground, task).state == "open"


def test_an_approval_needs_no_opinion(ground: World) -> None:
    """C-33."""
    instance, task = at_review(ground)
    decide(ground, task, "approve", CITY)
    row = instance_row(ground, instance)
    assert (row.state, row.ended, row.ended_at, row.stage_zh) == ("ended", "done", ground.now, "已通过")


def test_the_opinion_of_a_return_is_shown_where_it_went(ground: World) -> None:
    """C-33, C-36."""
    _, task = at_review(ground)
    (prepare,) = decide(ground, task, "return", CITY, "缺公章").next_tasks
    with ground.session() as session:
        shown = tasks.get(session, prepare, ground.acting(STARTER), ground.now)
    assert shown.returned is not None
    assert (shown.returned.comment, shown.returned.by_name) == ("缺公章", CITY)


def test_a_stranger_hears_nothing_and_a_reader_may_not_decide(ground: World) -> None:
    """C-11, C-12."""
    instance, task = at_review(ground)
    with pytest.raises(errors.Unknown):
        decide(ground, task, "approve", FOREIGN)
    with pytest.raises(errors.Unknown):
        decide(ground, "0" * 26, "approve", CITY)
    with pytest.raises(errors.Forbidden) as forbidden:
        decide(ground, task, "approve", STARTER)
    assert forbidden.value.code == "task.work"
    decide(ground, task, "approve", CITY)
    with pytest.raises(errors.Unknown):
        decide(ground, task, "approve", FOREIGN)
    with pytest.raises(errors.TaskTaken):
        decide(ground, task, "approve", STARTER)
    assert instance_row(ground, instance).state == "ended"


def test_nobody_starts_what_his_posts_do_not_allow(ground: World) -> None:
    with pytest.raises(errors.Forbidden) as forbidden:
        begin(ground, "fairs_application", "教师", data=HANSHAN)
    assert forbidden.value.code == "process.start"
    with pytest.raises(errors.Unknown):
        begin(ground, "tests_nothing")
    assert count(ground, Instance) == 0


def test_a_step_with_a_form_is_not_decided_without_it(world: World) -> None:
    """The verb itself minds: a page or the API cannot forget."""
    instance = world.apply()
    task = world.open_task(instance, "file_profile")
    with world.session() as session:
        by = world.acting(STARTER)
        shown = tasks.get(session, task, by, world.now)
        assert shown.form is not None
        empty = forms.Entry("fairs/profile", "file_profile", {})
        astray = forms.Entry("fairs/profile", "correct", {})
        with_complaint = forms.with_complaints(
            empty, [forms.Complaint("full_name", shown.name, "required", {})]
        )
        for entry in (None, astray, with_complaint):
            with pytest.raises(errors.BadEntry):
                tasks.complete(session, task, entry, tasks.Decision("save", "", 1), by, world.now)
    assert count(world, Entry) == 1  # the start's


def test_an_entry_stays_as_it_was_reviewed(world: World) -> None:
    """C-32: what was submitted is one row per submit, and later ones change none."""
    instance = world.to_review()
    with world.session() as session:
        before = {row.id: dict(row.values) for row in session.query(Entry)}
    world.decide(instance, "city_review", "reject", CITY, comment="改")
    world.decide(instance, "correct", "reprint", sent=profile(employer="另一中学"))
    with world.session() as session:
        after = {row.id: dict(row.values) for row in session.query(Entry)}
        decisions = [row for row in history.of(session, instance) if row.kind == "decided"]
    assert len(after) == len(before) + 2
    assert {entry: after[entry] for entry in before} == before
    assert [row.outcome for row in decisions] == ["save", "submit", "upload", "reject", "reprint"]
    assert all(row.entry in after for row in decisions)


def test_replacing_the_scan_makes_the_reviewer_read_anew(world: World) -> None:
    """P-15: the revision rises, so an old page is refused."""
    from tests.tenants.fairs import verbs

    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    with world.session() as session:
        scan = world.scan(STARTER, instance)["scan"][0]
        verbs.replace_scan(session, instance, scan, world.acting(STARTER), world.now)
    assert task_row(world, task).revision == 2
    with pytest.raises(errors.InstanceChanged):
        world.complete(task, "approve", CITY, revision=1)
    world.complete(task, "approve", CITY)
    assert "amended" in kinds(world, instance)
    with world.session() as session:
        assert history.first_bad_row(session, instance) is None
        with pytest.raises(errors.InstanceChanged):
            verbs.replace_scan(session, instance, scan, world.acting(STARTER), world.now)


def test_numbers_are_serial_within_a_process_and_year(ground: World) -> None:
    first, second = (begin(ground, "fairs_application", name) for name in (STARTER, "组织者乙"))
    assert [instance_row(ground, i).number for i in (first, second)] == ["JS20260001", "JS20260002"]
    ground.now = ground.now.replace(year=2027, month=1, day=1)
    assert instance_row(ground, begin(ground, "fairs_application")).number == "JS20270001"


def test_a_form_s_hooks_are_handed_the_instance_s_variables(ground: World) -> None:
    _, task = at_review(ground)
    with ground.session() as session:
        assert tasks.get(session, task, ground.acting(CITY), ground.now).variables == HANSHAN


def test_a_number_may_name_the_month(ground: World) -> None:
    monthly = desk("tests_monthly", number="M{year}{month}-{serial}")
    form = {"forms/fairs/application.json": APPLICATION}
    with ground.session() as session:
        versions.publish(session, files(monthly) | form, None, ground.now)
    ground.now = ground.now.replace(month=3)
    assert instance_row(ground, begin(ground, "tests_monthly")).number == "M202603-1"


def test_a_key_may_be_as_long_as_a_caller_likes(any_ground: World) -> None:
    key = "k" * 5_000 + "\0"
    first = begin(any_ground, key=key)
    assert begin(any_ground, key=key) == first


def test_a_refused_start_leaves_no_gap_in_the_numbers(ground: World) -> None:
    with pytest.raises(errors.Forbidden):
        begin(ground, "fairs_application", "教师")
    assert instance_row(ground, begin(ground, "fairs_application")).number == "JS20260001"


def test_a_stranger_sees_no_instance_and_a_reader_its_open_task(ground: World) -> None:
    """C-11."""
    instance, task = at_review(ground)
    with ground.session() as session, pytest.raises(errors.Unknown):
        instances.view(session, instance, ground.acting(FOREIGN), ground.now)
    for name, may in ((STARTER, False), (CITY, True)):
        with ground.session() as session:
            shown = instances.view(session, instance, ground.acting(name), ground.now)
        assert [(t.id, t.can_work, t.who.zh) for t in shown.open_tasks] == [(task, may, "邯郸市市级管理员")]
    assert count(ground, Task) == 2


def test_a_place_there_is_not_is_an_incident_and_not_a_missing_page(ground: World) -> None:
    instance = begin(ground, data={"district": "999999"})
    with pytest.raises(engine.Faulty) as broken:
        decide(ground, ground.open_task(instance, "prepare"), "send")
    assert (broken.value.element, broken.value.code) == ("review", "bad_place")
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["engine"]


def test_a_hook_that_names_nobody_there_is_leaves_an_incident_and_one_that_breaks_refuses(
    ground: World,
) -> None:
    drawn = Drawing("tests_who").start().task("ask", outcomes="go=办理|Go").end()
    drawn.task("next", assignee="hook:tests/someone", outcomes="go=办理|Go")
    with ground.session() as session:
        given = files(drawn.line("begin", "ask", "next", "done"))
        versions.publish(session, given, None, ground.now)
    instance = begin(ground, "tests_who", data={})
    task = ground.open_task(instance, "ask")
    told["someone"] = lambda _call: str(1 / 0)
    with pytest.raises(errors.HookRefused):
        decide(ground, task, "go")
    told["someone"] = lambda _call: "不是任何人" * 20
    decide(ground, task, "go")
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["nobody"]
