"""Hooks that refuse or break, work that fails, steps nobody can answer: refused in words, or an incident."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.jobs import Failed, Job
from app.platform.registry import Call, Refused, house
from app.platform.runtime import doctor, drafts, errors, instances, tasks, versions, work
from app.platform.runtime.entities import Draft, Incident, Instance
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import SAID, files, told
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
from tests.world import World


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def incidents(world: World) -> list[Any]:
    with world.session() as session:
        return list(session.scalars(select(Incident).order_by(Incident.id)))


def refuse(_: Call) -> None:
    raise Refused(SAID.zh, SAID.en, "when")


def breaks(_: Call) -> None:
    raise ZeroDivisionError("secret 13040219850606123")


def writes_and_refuses(call: Call) -> None:
    posts.grant(call.session, call.starter, "fairs.district_admin", "", "*", call.now, call.by)
    raise Refused(SAID.zh, SAID.en)


def test_a_hook_that_refuses_is_heard_and_nothing_has_happened(ground: World) -> None:
    told["ask"] = refuse
    instance = begin(ground, "tests_hooked")
    task = ground.open_task(instance, "first")
    before = instance_row(ground, instance)
    with pytest.raises(errors.HookRefused) as refused:
        decide(ground, task, "go", comment="请办", key="k")
    assert (refused.value.words, refused.value.field) == (SAID, "when")
    after = instance_row(ground, instance)
    assert (after.revision, after.head, after.tokens) == (before.revision, before.head, before.tokens)
    assert task_row(ground, task).state == "open"
    with ground.session() as session:
        kept = drafts.of(session, task, ground.acting(STARTER))
    assert kept is not None
    assert kept[0] == {"values": {}, "comment": "请办"}
    told.clear()
    decide(ground, task, "go", comment="请办", key="k")  # the key of a refused request is free
    assert count(ground, Draft) == 0
    sound(ground)


def test_what_a_hook_wrote_before_it_refused_is_gone(ground: World) -> None:
    told["ask"] = writes_and_refuses
    task = ground.open_task(begin(ground, "tests_hooked"), "first")
    with pytest.raises(errors.HookRefused):
        decide(ground, task, "go")
    assert not ground.acting(STARTER).holds("fairs.district_admin")


def test_a_hook_that_breaks_refuses_in_general_words_and_the_log_says_where(
    ground: World, caplog: pytest.LogCaptureFixture
) -> None:
    told["ask"] = breaks
    task = ground.open_task(begin(ground, "tests_hooked"), "first")
    with caplog.at_level(logging.ERROR), pytest.raises(errors.HookRefused) as refused:
        decide(ground, task, "go")
    assert "13040219850606123" not in "".join(refused.value.words)
    assert "tests/ask broke at asking" in caplog.text
    assert task_row(ground, task).state == "open"
    assert count(ground, Draft) == 1


def test_a_hook_that_names_nobody_is_an_incident(ground: World) -> None:
    """Nothing is silently stuck (I4)."""
    drawing = (
        Drawing("tests_someone")
        .start()
        .task("first", assignee="hook:tests/someone", outcomes="go=办理|Go")
        .end()
        .line("begin", "first", "done")
    )
    with ground.session() as session:
        versions.publish(session, files(drawing), None, ground.now)
    task = ground.open_task(begin(ground, "tests_someone", data={}), "first")
    assert task_row(ground, task).assignee_id is None
    assert [each.kind for each in incidents(ground)] == ["nobody"]
    sound(ground)


def to_work(world: World) -> str:
    instance = begin(world, "tests_hooked")
    second = decide(world, world.open_task(instance, "first"), "go").next_tasks[0]
    assert decide(world, second, "go").next_tasks == ()
    return instance


def try_three_times(world: World) -> None:
    for seconds in (0, 5, 35):
        assert world.work(world.now + timedelta(seconds=seconds)) == 1
    assert world.work(world.now + timedelta(hours=1)) == 0


def test_work_that_fails_three_times_is_an_incident_and_goes_on_when_retried(ground: World) -> None:
    told["send"] = breaks
    instance = to_work(ground)
    sound(ground)
    try_three_times(ground)
    (incident,) = incidents(ground)
    assert (incident.kind, incident.element, incident.instance_id) == ("job", "sending", instance)
    sound(ground)
    with ground.session() as session:
        assert instances.view(session, instance, ground.acting(STARTER), ground.now).incidents == ("job",)
    told.clear()
    with ground.session() as session:
        work.retry(session, incident.id, ground.acting(STARTER), ground.now)
    assert ground.work(ground.now + timedelta(hours=1)) == 1
    assert ground.open_elements(instance) == ["third"]
    assert incidents(ground)[0].closed_at == ground.now
    assert kinds(ground, instance)[-4:] == ["incident", "retried", "worked", "opened"]
    sound(ground)


def test_work_that_fails_again_after_a_retry_is_an_incident_again(ground: World) -> None:
    told["send"] = breaks
    to_work(ground)
    try_three_times(ground)
    with ground.session() as session:
        work.retry(session, incidents(ground)[0].id, ground.acting(STARTER), ground.now)
    try_three_times(ground)
    assert [row.closed_at is None for row in incidents(ground)] == [False, True]
    sound(ground)


def test_work_given_up_for_an_instance_that_is_over_is_no_incident(ground: World) -> None:
    """It was being done while the instance was cancelled, and failed the third time after that."""
    told["send"] = breaks
    instance = to_work(ground)
    for seconds in (0, 5):
        ground.work(ground.now + timedelta(seconds=seconds))
    with ground.session() as session:
        job = session.scalars(select(Job).where(Job.instance_id == instance)).one()
        given_up = Failed(job.id, job.name, dict(job.arguments), instance, 3)
        instances.cancel(session, instance, "作废", ground.acting(STARTER), ground.now)
        work.failed(session, given_up, "broken", ground.now)
    assert incidents(ground) == []
    sound(ground)


def test_an_incident_is_retried_once_and_not_by_strangers(ground: World) -> None:
    told["send"] = breaks
    to_work(ground)
    try_three_times(ground)
    (incident,) = incidents(ground)
    with ground.session() as session, pytest.raises(errors.Unknown):
        work.retry(session, incident.id, ground.acting(FOREIGN), ground.now)
    with ground.session() as session:
        work.retry(session, incident.id, ground.acting(STARTER), ground.now)
        with pytest.raises(errors.Unknown):
            work.retry(session, incident.id, ground.acting(STARTER), ground.now)


def test_the_detail_of_an_incident_is_encrypted_at_rest(ground: World) -> None:
    told["send"] = breaks
    to_work(ground)
    try_three_times(ground)
    with ground.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT detail FROM runtime_incident").scalar_one()
    assert b"ZeroDivisionError" not in raw
    assert "ZeroDivisionError" in incidents(ground)[0].detail


def leave(world: World, *names: str) -> None:
    """End the posts of the city's administrators."""
    for name in names:
        for post in world.acting(name).posts:
            with world.session() as session:
                posts.end(session, post.id, world.now, None)


def test_a_step_nobody_can_answer_is_an_incident_until_somebody_decides_it(ground: World) -> None:
    """Nothing is silently stuck."""
    leave(ground, CITY, OTHER)
    instance, task = at_review(ground)
    (incident,) = incidents(ground)
    assert (incident.kind, incident.element) == ("nobody", "review")
    sound(ground)
    with ground.session() as session:
        work.retry(session, incident.id, ground.acting(STARTER), ground.now)
    assert [row.closed_at is None for row in incidents(ground)] == [False, True]  # still nobody: said again
    sound(ground)
    ground.enter("新任", "fairs.city_admin", "130400")
    decide(ground, task, "return", "新任", "补")
    assert all(row.closed_at for row in incidents(ground))
    decide(ground, ground.open_task(instance, "prepare"), "send")
    assert len(incidents(ground)) == 2
    sound(ground)


def test_retrying_an_incident_of_an_ended_instance_does_not_wake_it(ground: World) -> None:
    leave(ground, CITY, OTHER)
    instance, task = at_review(ground)
    ground.enter("新任", "fairs.city_admin", "130400")
    decide(ground, task, "approve", "新任")
    with ground.session() as session, pytest.raises(errors.Unknown):
        work.retry(session, incidents(ground)[0].id, ground.acting(STARTER), ground.now)
    assert instance_row(ground, instance).ended == "done"
    sound(ground)


def damage(world: World, instance: str, state: bytes) -> None:
    with world.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(tokens=state))


def test_a_damaged_state_is_an_incident_and_every_other_instance_works(ground: World) -> None:
    """F9."""
    instance, task = at_review(ground)
    other, beside = at_review(ground)
    whole = instance_row(ground, instance).tokens
    damage(ground, instance, whole[:-1] + bytes([whole[-1] ^ 1]))
    for _ in range(2):
        with pytest.raises(engine.Corrupt):
            decide(ground, task, "return", CITY, "请补")
    (incident,) = incidents(ground)  # one, however often it is tried
    assert (incident.kind, incident.element, incident.instance_id) == ("engine", "review", instance)
    with ground.session() as session:
        assert [f.code for f in doctor.examine(session, ground.now)] == ["corrupt"]
        assert instances.view(session, instance, ground.acting(CITY), ground.now).incidents == ("engine",)
        kept = drafts.of(session, task, ground.acting(CITY))
    assert kept is not None
    assert kept[0]["comment"] == "请补"
    decide(ground, beside, "approve", CITY)
    assert instance_row(ground, other).state == "ended"
    damage(ground, instance, whole)  # mended
    decide(ground, task, "approve", CITY)
    assert incidents(ground)[0].closed_at == ground.now
    sound(ground)


def test_a_hook_that_went_missing_is_found_and_is_an_incident_not_a_crash(
    ground: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """architecture.md: hooks are code and not frozen."""
    instance = begin(ground, "tests_hooked")
    with ground.session() as session:
        assert work.loose_wires(session) == {}
    versions.forget()
    monkeypatch.delitem(house.actions, "tests/ask")
    with ground.session() as session:
        ((version, problems),) = work.loose_wires(session).items()
    assert version == instance_row(ground, instance).version_id
    (problem,) = problems
    assert (problem.code, problem.element) == ("unknown_action", "asking")
    assert "tests/ask" in problem.message("zh")
    task = ground.open_task(instance, "first")
    with pytest.raises(errors.Unpublishable):
        decide(ground, task, "go")
    assert [row.kind for row in incidents(ground)] == ["engine"]
    monkeypatch.undo()
    versions.forget()
    decide(ground, task, "go")
    sound(ground)


def test_work_whose_hook_went_missing_fails_into_an_incident(
    ground: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_work(ground)
    monkeypatch.delitem(house.actions, "tests/send")
    try_three_times(ground)
    assert [row.kind for row in incidents(ground)] == ["job"]


def test_work_of_a_token_that_has_moved_on_writes_nothing(ground: World) -> None:
    instance = to_work(ground)
    with ground.session() as session, transaction(session):
        session.execute(update(Job).values(state="waiting", key=None))
    ground.work()
    before = instance_row(ground, instance).head
    with ground.session() as session, transaction(session):
        session.execute(update(Job).values(state="waiting"))
    assert ground.work() == 1
    assert instance_row(ground, instance).head == before


def test_verbs_join_an_outer_transaction_which_alone_commits(ground: World) -> None:
    """The outermost commits: all of them or none."""
    by = ground.acting(STARTER)

    def twenty(fails: bool) -> None:
        with ground.session() as session, transaction(session):
            for _ in range(20):
                started = instances.start(
                    session, "tests_desk", by=by, post=None, now=ground.now, data={"district": "130402"}
                )
                work_tasks = started.tasks
            assert len(work_tasks) == 1
            if fails:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        twenty(fails=True)
    assert count(ground, Instance) == 0
    twenty(fails=False)
    assert count(ground, Instance) == 20
    sound(ground)


def test_a_failed_verb_cannot_be_passed_over_by_the_transaction_around_it(ground: World) -> None:
    """Half a decision must never be committed."""
    told["ask"] = refuse
    instance = begin(ground, "tests_hooked")
    task = ground.open_task(instance, "first")
    by = ground.acting(STARTER)

    def tried(session: Session) -> None:
        with pytest.raises(errors.HookRefused):
            tasks.complete(session, task, None, tasks.Decision("go", "", 1), by, ground.now)

    with ground.session() as session, pytest.raises(RuntimeError, match="passed over"), transaction(session):
        tried(session)
    with ground.session() as session, transaction(session), session.begin_nested() as savepoint:
        tried(session)
        savepoint.rollback()
    assert task_row(ground, task).state == "open"
    sound(ground)


def test_a_draft_of_a_decided_task_is_kept_for_ninety_days(ground: World) -> None:
    """Whoever was second finds what he typed; a draft of a task that is open stays as long as that is."""
    _, closed = at_review(ground)
    _, still = at_review(ground)
    by = ground.acting(OTHER)
    with ground.session() as session:
        for about in (closed, still, "start:tests_desk"):
            drafts.keep(session, about, {"comment": "请补"}, by, ground.now)
    decide(ground, closed, "approve", CITY, "同意")
    with ground.session() as session:
        assert drafts.sweep(session, ground.now + timedelta(days=89)) == 0
        assert drafts.sweep(session, ground.now + timedelta(days=91)) == 1
        assert drafts.of(session, closed, by) is None
        assert drafts.of(session, still, by) is not None
        assert drafts.of(session, "start:tests_desk", by) is not None
