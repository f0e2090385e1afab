"""Timers are armed with what a step opens, gone with what it closes, and each fires exactly once (issue 3, T)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.platform import calendar, engine
from app.platform.data import transaction
from app.platform.registry import Refused
from app.platform.runtime import (
    control,
    doctor,
    errors,
    firing,
    instances,
    migrating,
    tasks,
    timers,
    versions,
    work,
)
from app.platform.runtime.entities import Draft, History, Incident, Instance, Task, Timer
from app.platform.runtime.tasks import Decision
from tests.platform.engine.nested import Nested, timer
from tests.platform.runtime import clocks
from tests.platform.runtime.chains import told
from tests.platform.runtime.clocks import DAY, HOUR, guarded, incidents, paused, publish, scheduled, sweep
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import STARTER, begin, count, decide, instance_row, kinds, task_row
from tests.world import World

SHANGHAI = calendar.ZONE
NO_DAYS = calendar.Calendar()


def started(world: World, process: str) -> str:
    return begin(world, process, data={})


def go(world: World, instance: str, element: str, **more: Any) -> Any:
    return decide(world, world.open_task(instance, element), "go", **more)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT2H", datetime(2026, 11, 23, 4, tzinfo=UTC)),
        ("P2D", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("P3WD", datetime(2026, 11, 26, 23, 59, 59, tzinfo=SHANGHAI)),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=SHANGHAI)),
        ("2026-12-01T09:30", datetime(2026, 12, 1, 9, 30, tzinfo=SHANGHAI)),
        ("2026-12-01T09:30:00Z", datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
        ("2020-01-01", datetime(2020, 1, 1, tzinfo=SHANGHAI)),
    ],
)
def test_a_text_comes_to_a_moment(text: str, due: datetime) -> None:
    assert timers.read("e", text, datetime(2026, 11, 23, 2, tzinfo=UTC), NO_DAYS).at == due


@pytest.mark.parametrize(
    "text", ["", "P", "P1Y", "P0WD", "tomorrow", "2026-13-01", "0001-01-01", "P99999WD", "１月"]
)
def test_an_unreadable_text_is_an_incident(text: str) -> None:
    with pytest.raises(engine.Faulty) as told_:
        timers.read("e", text, datetime(2026, 11, 23, 2, tzinfo=UTC), NO_DAYS)
    assert (told_.value.element, told_.value.code) == ("e", "bad_timer")


def test_a_wait_is_armed_fires_when_due_and_leaves_no_row(any_ground: World) -> None:
    world = any_ground
    publish(world, paused())
    instance = started(world, "tests_paused")
    assert clocks.timers(world) == []
    go(world, instance, "first")
    (row,) = clocks.timers(world)
    assert (row.kind, row.element, row.instance_id, row.text) == ("event", "pause", instance, "PT2H")
    assert (row.armed_at, row.due_at, row.next_at) == (world.now, world.now + 2 * HOUR, world.now + 2 * HOUR)
    assert sweep(world, world.now + 2 * HOUR - timedelta(seconds=1)) == 0
    assert sweep(world, world.now + 2 * HOUR) == 1
    assert world.open_elements(instance) == ["second"]
    assert clocks.timers(world) == []
    assert kinds(world, instance) == ["started", "opened", "decided", "fired", "opened"]
    sound(world)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_a_deadline_on_the_edge_goes_with_its_task(any_ground: World) -> None:
    world = any_ground
    publish(world, guarded())
    in_time, late = started(world, "tests_guarded"), started(world, "tests_guarded")
    go(world, in_time, "first")
    assert [row.instance_id for row in clocks.timers(world)] == [late]
    assert sweep(world, world.now + DAY) == 1
    assert world.open_elements(late) == ["overdue"]
    assert world.open_elements(in_time) == ["second"]
    go(world, late, "overdue")
    assert instance_row(world, late).ended == "gave_up"
    sound(world)


def test_a_deadline_that_does_not_interrupt_leaves_the_task_open(ground: World) -> None:
    publish(ground, guarded(stops=False))
    instance = started(ground, "tests_guarded")
    assert sweep(ground, ground.now + DAY) == 1
    assert ground.open_elements(instance) == ["first", "overdue"]
    assert clocks.timers(ground) == []


def test_a_moment_in_the_past_is_due_at_once(ground: World) -> None:
    publish(ground, guarded("2020-01-01", tag="timeDate"))
    instance = started(ground, "tests_guarded")
    assert ground.open_elements(instance) == ["first"]
    assert sweep(ground, ground.now) == 1
    assert ground.open_elements(instance) == ["overdue"]


def test_an_ended_instance_leaves_no_timers(ground: World) -> None:
    chain = guarded(stops=False)
    publish(ground, chain)
    instance = started(ground, "tests_guarded")
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", ground.acting(STARTER), ground.now)
    assert clocks.timers(ground) == []
    assert sweep(ground, ground.now + DAY) == 0


# the verb of its own instance


def complete_at(world: World, task: str, at: datetime) -> Any:
    by = world.acting(STARTER)
    with world.session() as session:
        return tasks.complete(session, task, None, Decision("go", "迟到的意见", 1, "k"), by, at)


def test_a_deadline_holds_to_the_second_whatever_the_sweep_does(any_ground: World) -> None:
    """engine.md: every verb first fires its own instance's due timers; the decision is answered as overtaken."""
    world = any_ground
    publish(world, guarded())
    instance = started(world, "tests_guarded")
    task = world.open_task(instance, "first")
    with pytest.raises(errors.TaskOvertaken):
        complete_at(world, task, world.now + 2 * HOUR)
    assert world.open_elements(instance) == ["overdue"]  # what the timer did is committed
    assert task_row(world, task).state == "cancelled"
    assert clocks.timers(world) == []
    assert kinds(world, instance) == ["started", "opened", "fired", "closed", "opened"]
    assert count(world, Draft) == 1  # and nothing that was typed is lost
    assert sweep(world, world.now + DAY) == 0
    sound(world)


def test_a_second_earlier_the_decision_counts(ground: World) -> None:
    publish(ground, guarded())
    instance = started(ground, "tests_guarded")
    complete_at(ground, ground.open_task(instance, "first"), ground.now + 2 * HOUR - timedelta(seconds=1))
    assert ground.open_elements(instance) == ["second"]


def test_a_timer_that_leaves_the_task_open_fires_and_the_decision_counts_too(any_ground: World) -> None:
    world = any_ground
    publish(world, guarded(stops=False))
    instance = started(world, "tests_guarded")
    complete_at(world, world.open_task(instance, "first"), world.now + 3 * HOUR)
    assert world.open_elements(instance) == ["overdue", "second"]
    assert kinds(world, instance) == ["started", "opened", "fired", "opened", "decided", "opened"]
    sound(world)


def test_a_stranger_learns_nothing_from_a_deadline(ground: World) -> None:
    publish(ground, guarded())
    instance = started(ground, "tests_guarded")
    task = ground.open_task(instance, "first")
    by = ground.acting("教师")
    with ground.session() as session, pytest.raises(errors.Unknown):
        tasks.complete(session, task, None, Decision("go", "", 1), by, ground.now + DAY)
    assert ground.open_elements(instance) == ["first"]
    assert len(clocks.timers(ground)) == 1


def test_a_broken_timer_does_not_refuse_the_verbs_of_its_instance(ground: World) -> None:
    chain = guarded(stops=False)
    chain.parts = [part.replace('id="late_to_overdue"', 'id="x"') for part in chain.parts]
    broken = Nested("tests_broken").start().task("first", outcomes="go=办理|Go")
    assert isinstance(broken, Nested)
    broken.edge("late", "first", timer("PT2H"), stops=False).service("asking", "tests/ask", "now")
    broken.task("second", outcomes="go=办理|Go").end().end("told")
    broken.line("begin", "first", "second", "done").line("late", "asking", "told")
    publish(ground, broken)
    told["ask"] = refuse
    instance = started(ground, "tests_broken")
    complete_at(ground, ground.open_task(instance, "first"), ground.now + 3 * HOUR)
    assert ground.open_elements(instance) == ["second"]
    assert clocks.timers(ground) == []  # its task is done, so nothing is late any more


def refuse(_call: Any) -> None:
    raise Refused("今天不行", "Not today")


def test_ordinary_completions_ask_nothing_more(ground: World, counted: Counted) -> None:
    """Whether a timer is due is read along with the lock."""
    publish(ground, guarded("P30D"), guarded("P30D", process="tests_other"))
    instance = started(ground, "tests_guarded")
    plain = begin(ground)

    def statements(task: str, outcome: str) -> list[str]:
        decide(ground, task, outcome)
        return [
            line
            for line in counted.lines
            if "runtime_timer" in line and not line.startswith("SELECT runtime_instance")
        ]

    counted.clear()
    assert statements(ground.open_task(plain, "prepare"), "send") == []
    counted.clear()
    found = statements(ground.open_task(instance, "first"), "go")
    assert [line.split()[0] for line in found] == ["DELETE"]
    assert len(counted.lines) - 1 <= 12  # the look for the task is this test's own


# failing


def test_what_fails_is_tried_three_times_with_growing_pauses_then_an_incident(any_ground: World) -> None:
    world = any_ground
    publish(world, paused(hook=True))
    instance = started(world, "tests_paused")
    go(world, instance, "first")
    told["ask"] = refuse
    at = world.now + 2 * HOUR
    for number, pause in enumerate((*firing.PAUSES, None)):
        assert sweep(world, at) == 1
        assert sweep(world, at) == 0  # no silent loop
        (row,) = clocks.timers(world)
        assert (row.tries, row.next_at, row.leased_by) == (number + 1, pause and at + pause, None)
        assert incidents(world) == ([] if pause else [("timer", True)])
        at += pause or DAY
    assert sweep(world, at + 30 * DAY) == 0
    assert kinds(world, instance) == ["started", "opened", "decided", "incident"]
    told.clear()
    with world.session() as session:
        incident = session.scalars(select(Incident.id)).one()
    with world.session() as session:
        work.retry(session, incident, manager(world), at)
    assert sweep(world, at) == 1
    assert world.open_elements(instance) == ["second"]
    assert incidents(world) == [("timer", False)]


def manager(world: World) -> Any:
    world.enter("总管", "platform.administrator")
    return world.acting("总管")


# many at once


def race(world: World, process: str, timers_: int, sweepers: int = 4) -> None:
    made = clocks.multiply(world, process, timers_)
    due = world.now + 2 * HOUR
    with world.session() as session:  # one sweeper takes its batch and is stopped
        fence, asleep = firing.take(session, due, "sleeper", firing.BATCH)
    assert len(asleep) == min(firing.BATCH, timers_)
    later = due + firing.LEASE
    barrier, failures = threading.Barrier(sweepers), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            firing.fire_due(world.sessions, lambda: later, f"sweeper-{number}", timers_)
        except Exception as error:
            failures.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(sweepers)]
    for thread in running:
        thread.start()
    while any(thread.is_alive() for thread in running):  # it wakes in the middle of it all
        for each in asleep:
            with world.session() as session:
                firing.fire(session, each, fence, later)
        for thread in running:
            thread.join(0.05)
    firing.fire_due(world.sessions, lambda: later + firing.LEASE, "last", timers_)
    for each in asleep:
        with world.session() as session:
            assert firing.fire(session, each, fence, later) is False
    assert failures == []
    with world.session() as session:
        fired = session.execute(
            select(History.instance_id, func.count())
            .where(History.kind == "fired")
            .group_by(History.instance_id)
        ).all()
        assert sorted(row[0] for row in fired) == sorted(made)
        assert {row[1] for row in fired} == {1}
        opened = select(func.count()).select_from(Task).where(Task.element == "overdue", Task.state == "open")
        assert session.scalar(opened) == timers_
        assert session.scalar(select(func.count()).select_from(Timer)) == 0
    sound(world)


@pytest.mark.parametrize("timers_", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_all_due_at_once_fire_exactly_once_with_four_sweepers_and_a_sleeper(
    any_ground: World, timers_: int
) -> None:
    publish(any_ground, guarded())
    race(any_ground, "tests_guarded", timers_)


def test_a_sweeper_that_lost_its_lease_writes_nothing(any_ground: World) -> None:
    world = any_ground
    publish(world, guarded())
    instance = started(world, "tests_guarded")
    due = world.now + 2 * HOUR
    with world.session() as session:
        fence, (asleep,) = firing.take(session, due, "sleeper", 10)
    assert sweep(world, due + firing.LEASE - timedelta(seconds=1)) == 0  # leased
    with world.session() as session:
        other, _ = firing.take(session, due + firing.LEASE, "awake", 10)
    with world.session() as session:
        assert firing.fire(session, asleep, fence, due + firing.LEASE) is False
    assert world.open_elements(instance) == ["first"]
    with world.session() as session:
        assert firing.fire(session, asleep, other, due + firing.LEASE) is True
    assert world.open_elements(instance) == ["overdue"]


def test_a_sweep_stops_at_its_limit(ground: World) -> None:
    publish(ground, guarded())
    clocks.multiply(ground, "tests_guarded", 30)
    assert sweep(ground, ground.now + DAY, limit=7) == 7
    assert len(clocks.timers(ground)) == 23


def test_a_timer_that_outlived_its_token_is_forgotten(ground: World) -> None:
    publish(ground, guarded())
    instance = started(ground, "tests_guarded")
    with ground.session() as session, transaction(session):
        session.execute(update(Timer).values(visit=99))
    assert sweep(ground, ground.now + DAY) == 1
    assert clocks.timers(ground) == []
    assert ground.open_elements(instance) == ["first"]
    assert incidents(ground) == []


# starts


def armed(world: World, text: str = "PT2H", tag: str = "timeDuration") -> str:
    (version,) = publish(world, scheduled(text, tag), by=world.acting(STARTER))
    with world.session() as session, transaction(session):
        definition = versions.program(session, version).definition
        timers.arm_starts(session, version, definition, world.now)
    return version


def test_a_process_begins_by_itself_once(any_ground: World) -> None:
    world = any_ground
    armed(world)
    assert [row.kind for row in clocks.timers(world)] == ["start"]
    assert sweep(world, world.now + 2 * HOUR) == 1
    with world.session() as session:
        (instance,) = session.scalars(select(Instance).where(Instance.process == "tests_scheduled"))
        assert instance.starter_id == world.people[STARTER]
    assert world.open_elements(instance.id) == ["first"]
    assert sweep(world, world.now + 9 * DAY) == 0
    sound(world)


def test_a_new_version_takes_the_old_ones_starts_away(ground: World) -> None:
    armed(ground)
    second = armed(ground, "PT3H")
    assert [(row.version_id, row.text) for row in clocks.timers(ground)] == [(second, "PT3H")]


def test_a_date_long_past_is_not_made_up_for(ground: World) -> None:
    armed(ground, "2020-01-01", "timeDate")
    assert clocks.timers(ground) == []


def test_a_start_that_fails_is_an_incident_of_no_instance(ground: World) -> None:
    version = armed(ground)
    with ground.session() as session, transaction(session):
        session.execute(update(Timer).values(element="nowhere"))
    at = ground.now + 2 * HOUR
    for pause in (*firing.PAUSES, HOUR):
        assert sweep(ground, at) == 1
        at += pause
    assert incidents(ground) == [("timer", True)]
    assert count(ground, Instance) == 0
    assert version
    with ground.session() as session:
        incident = session.scalars(select(Incident.id)).one()
        work.retry(session, incident, manager(ground), at)
    assert sweep(ground, at) == 1, "pressing the button wakes the timer"


# suspended


def test_a_suspended_instance_keeps_its_timers_and_fires_none(any_ground: World) -> None:
    world = any_ground
    publish(world, guarded())
    instance = started(world, "tests_guarded")
    boss = manager(world)
    with world.session() as session:
        control.suspend(session, instance, "核查", boss, world.now)
    assert sweep(world, world.now + DAY) == 0
    assert len(clocks.timers(world)) == 1
    by, task = world.acting(STARTER), world.open_task(instance, "first")
    with world.session() as session, pytest.raises(errors.InstanceChanged):
        tasks.complete(session, task, None, Decision("go", "", 1), by, world.now + DAY)
    with world.session() as session:
        control.resume(session, instance, "核查完毕", boss, world.now + DAY)
    assert sweep(world, world.now + DAY) == 1
    assert world.open_elements(instance) == ["overdue"]


def test_the_retry_finds_a_timer_that_another_version_calls_otherwise(ground: World) -> None:
    publish(ground, paused(hook=True))
    instance, boss = started(ground, "tests_paused"), manager(ground)
    go(ground, instance, "first")
    told["ask"] = refuse
    at = ground.now + 2 * HOUR
    for pause in (*firing.PAUSES, HOUR):
        assert sweep(ground, at) == 1
        at += pause
    told.clear()
    renamed = paused(hook=True)
    renamed.parts = [part.replace('"pause"', '"wait"').replace('"pause_', '"wait_') for part in renamed.parts]
    publish(ground, renamed)
    with ground.session() as session:
        migrating.migrate(session, instance, 2, {"pause": "wait"}, boss, at)
    with ground.session() as session:
        row = session.scalars(select(Incident)).one()
        assert row.element == "wait"
        work.retry(session, row.id, boss, at)
    assert sweep(ground, at) == 1
    assert ground.open_elements(instance) == ["second"]


def test_suspended_between_the_lease_and_the_firing_nothing_fires(ground: World) -> None:
    publish(ground, guarded())
    instance = started(ground, "tests_guarded")
    with ground.session() as session:
        fence, (due,) = firing.take(session, ground.now + DAY, "slow", 10)
    with ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(state="suspended"))
    with ground.session() as session:
        assert firing.fire(session, due, fence, ground.now + DAY) is False
    assert [row.next_at for row in clocks.timers(ground)] == [None]
