"""Deadlines in working days: reminded of, escalated, provisional in years not published, and counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.platform import calendar
from app.platform.calendar import days as calendar_days
from app.platform.calendar.entities import CalendarSource
from app.platform.data import transaction
from app.platform.notices import Notice
from app.platform.registry import house
from app.platform.runtime import deadlines, doctor, errors, history, tasks, timers, versions
from app.platform.runtime.entities import Instance, Task, Timer
from tests.platform.runtime import clocks
from tests.platform.runtime.clocks import DAY, guarded, publish, scheduled, sweep, urged
from tests.platform.runtime.steps import CITY, STARTER, begin, decide, kinds, task_row
from tests.world import World

ZONE = calendar.ZONE
# the world's now is Monday 2026-11-16, 10:00 in Shanghai
DUE = datetime(2026, 11, 19, 23, 59, 59, tzinfo=ZONE)
MORNING = datetime(2026, 11, 18, 9, tzinfo=ZONE)


def told(world: World) -> list[tuple[str, set[str]]]:
    """What people were told, in order, and whom."""
    found: dict[str, set[str]] = {}
    with world.session() as session:
        for row in session.scalars(select(Notice).order_by(Notice.id)):
            found.setdefault(row.said["title"][0].partition("：")[0], set()).add(row.person_id)
    return list(found.items())


def test_a_task_is_reminded_of_before_and_escalated_after(any_ground: World) -> None:
    world = any_ground
    publish(world, urged())
    instance = begin(world, "tests_urged")
    task = world.open_task(instance, "review")
    assert task_row(world, task).due_at == DUE
    assert [(row.kind, row.due_at) for row in clocks.timers(world)] == [
        ("remind", MORNING),
        ("escalate", DUE),
    ]
    assert sweep(world, MORNING - timedelta(seconds=1)) == 0
    assert sweep(world, MORNING) == 1
    assert told(world) == [("即将到期", {world.people[CITY], world.people["市级二"]})]
    assert not task_row(world, task).is_escalated
    assert sweep(world, DUE) == 1
    assert told(world)[1:] == [("超期", {world.people[STARTER], world.people["组织者乙"]})]
    assert task_row(world, task).is_escalated
    assert kinds(world, instance) == ["started", "opened", "reminded", "escalated"]
    decide(world, task, "go", CITY)  # it stays with those it was given to
    sound(world)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_after_the_escalation_its_role_may_read_and_not_decide(any_ground: World) -> None:
    world = any_ground
    publish(world, urged(escalate="fairs.city_admin@everywhere", remind=""))
    world.enter("省级", "fairs.city_admin", "")
    instance = begin(world, "tests_urged")
    task = world.open_task(instance, "review")
    stranger = world.acting("邻市")
    with world.session() as session, pytest.raises(errors.Unknown):
        tasks.get(session, task, stranger, world.now)
    assert sweep(world, DUE) == 1
    with world.session() as session, pytest.raises(errors.Unknown):
        tasks.get(session, task, stranger, world.now)  # 邢台 is not everywhere
    above = world.acting("省级")
    with world.session() as session:
        seen = tasks.get(session, task, above, world.now)
    assert (seen.is_escalated, seen.overdue) == (True, False)


def test_a_decided_task_is_neither_reminded_of_nor_escalated(ground: World) -> None:
    publish(ground, urged())
    instance = begin(ground, "tests_urged")
    decide(ground, ground.open_task(instance, "review"), "go", CITY)
    assert clocks.timers(ground) == []
    assert sweep(ground, DUE + DAY) == 0


def test_who_has_claimed_it_is_reminded_alone(ground: World) -> None:
    publish(ground, urged(escalate=""))
    task = ground.open_task(begin(ground, "tests_urged"), "review")
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
    assert sweep(ground, MORNING) == 1
    assert told(ground) == [("即将到期", {ground.people[CITY]})]


def test_a_reminder_whose_moment_has_passed_is_left_out(ground: World) -> None:
    publish(ground, urged(remind="P5WD", escalate=""))
    begin(ground, "tests_urged")
    assert clocks.timers(ground) == []


def test_a_period_before_a_moment() -> None:
    plain = calendar.Calendar()
    end = datetime(2026, 11, 23, 23, 59, 59, tzinfo=ZONE)  # a Monday
    assert calendar.before(end, "P1WD", plain) == datetime(2026, 11, 20, 9, tzinfo=ZONE)
    assert calendar.before(end, "PT4H", plain) == end - timedelta(hours=4)
    assert calendar.before(datetime(2026, 10, 9, 8, tzinfo=ZONE), "P1WD", plain) == datetime(
        2026, 10, 8, 9, tzinfo=ZONE
    )


# provisional


def test_a_year_not_published_makes_a_deadline_provisional_and_says_so(ground: World) -> None:
    publish(ground, urged(due="P60WD"))
    instance = begin(ground, "tests_urged")  # 60 working days from November end in the next year
    task = ground.open_task(instance, "review")
    last = calendar_days._LAST_PUBLISHED
    with ground.session() as session:
        shown = tasks.get(session, task, ground.acting(CITY), ground.now)
    assert shown.due_at is not None
    assert shown.is_due_provisional is (shown.due_at.astimezone(ZONE).year > last)
    assert shown.is_due_provisional == task_row(ground, task).is_due_provisional
    assert {row.is_provisional for row in clocks.timers(ground)} == {shown.is_due_provisional}


@pytest.mark.parametrize("year", [2027, 2030, 2099, 2400, 9990])
def test_no_year_raises(year: int) -> None:
    found = calendar.deadline(datetime(year, 1, 1, tzinfo=UTC), "P30WD", calendar.Calendar())
    assert found.is_provisional
    assert found.at > datetime(year, 1, 1, tzinfo=UTC)
    assert not calendar.deadline(datetime(year, 1, 1, tzinfo=UTC), "P30D", calendar.Calendar()).is_provisional


def test_make_up_days_count() -> None:
    """2026-10-10 is a Saturday worked in exchange for the National Day holidays."""
    start = datetime(2026, 9, 30, 2, tzinfo=UTC)
    plain = calendar.Calendar()
    assert calendar.deadline(start, "P2WD", plain).at == datetime(2026, 10, 9, 23, 59, 59, tzinfo=ZONE)
    third = calendar.deadline(start, "P3WD", plain).at.astimezone(ZONE).date()
    assert plain.is_working(third)
    assert third == date(2026, 10, 10)


# counted anew


def enter(world: World, days: Mapping[date, tuple[bool, str] | None]) -> None:
    with world.session() as session:
        calendar.change(session, days, None, world.now)


TYPHOON: dict[date, tuple[bool, str] | None] = {date(2026, 11, 18): (False, "台风停工")}


def test_a_local_day_moves_what_is_open_and_only_that(any_ground: World) -> None:
    world = any_ground
    publish(world, urged(), guarded("P3WD"), guarded("P3D", process="tests_plain"))
    first, closed = begin(world, "tests_urged"), begin(world, "tests_urged")
    waits = begin(world, "tests_guarded", data={})
    plain = begin(world, "tests_plain", data={})
    decide(world, world.open_task(closed, "review"), "go", CITY)
    enter(world, TYPHOON)
    assert world.work() == 1
    later = DUE + DAY
    task = world.open_task(first, "review")
    assert task_row(world, task).due_at == later
    assert [(row.kind, row.due_at, row.next_at) for row in clocks.timers(world, instance_id=first)] == [
        ("remind", MORNING + DAY, MORNING + DAY),
        ("escalate", later, later),
    ]
    (wait,) = clocks.timers(world, instance_id=waits)
    assert (wait.due_at, wait.next_at) == (later, later)
    assert clocks.timers(world, instance_id=plain)[0].due_at == world.now + 3 * DAY
    assert kinds(world, first)[-1] == kinds(world, waits)[-1] == "rescheduled"
    assert "rescheduled" not in kinds(world, plain) + kinds(world, closed)
    with world.session() as session:
        body = history.of(session, first)[-1].body
    assert datetime.fromisoformat(body["after"]) - datetime.fromisoformat(body["before"]) == DAY
    assert sweep(world, MORNING) == 0  # it is to be reminded of a day later
    sound(world)


def test_counting_again_changes_nothing_and_locks_nobody(ground: World) -> None:
    publish(ground, urged())
    instance = begin(ground, "tests_urged")
    enter(ground, TYPHOON)
    ground.work()
    revision = revision_of(ground, instance)
    with ground.session() as session:
        deadlines.recount(session, {}, ground.now)
    assert revision_of(ground, instance) == revision
    enter(ground, {date(2026, 11, 18): None})  # taken back
    ground.work()
    assert task_row(ground, ground.open_task(instance, "review")).due_at == DUE
    assert kinds(ground, instance).count("rescheduled") == 2


def test_many_are_counted_chunk_by_chunk(any_ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = any_ground
    monkeypatch.setattr(deadlines, "CHUNK", 2)
    publish(world, urged())
    made = [begin(world, "tests_urged") for _ in range(5)]
    enter(world, TYPHOON)
    assert world.work() == 3
    assert {task_row(world, world.open_task(each, "review")).due_at for each in made} == {DUE + DAY}


def revision_of(world: World, instance: str) -> int:
    with world.session() as session:
        return session.get_one(Instance, instance).revision


def test_a_suspended_instance_is_counted_too_and_goes_on_sleeping(ground: World) -> None:
    publish(ground, guarded("P3WD"))
    instance = begin(ground, "tests_guarded", data={})
    with ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(state="suspended"))
        session.execute(update(Timer).values(next_at=None))
    enter(ground, TYPHOON)
    ground.work()
    (row,) = clocks.timers(ground)
    assert (row.due_at, row.next_at) == (DUE + DAY, None)


def test_a_timer_start_in_working_days_moves_too(ground: World) -> None:
    (version,) = publish(ground, scheduled("P3WD"))
    with ground.session() as session, transaction(session):
        definition = versions.program(session, version).definition
        timers.arm_starts(session, version, definition, ground.now)
    enter(ground, TYPHOON)
    ground.work()
    (row,) = clocks.timers(ground)
    assert (row.due_at, row.next_at) == (DUE + DAY, DUE + DAY)


def test_another_release_of_the_calendar_counts_everything_again(any_ground: World) -> None:
    world = any_ground
    publish(world, urged())
    instance = begin(world, "tests_urged")

    def look() -> bool:
        with world.session() as session:
            return calendar.mind_published(session, world.now)

    assert look() is False  # the first look only remembers
    assert look() is False
    assert world.work() == 0
    with world.session() as session, transaction(session):
        session.execute(update(CalendarSource).values(known="holidays 0.1, 2025"))
        session.execute(
            update(Task).where(Task.instance_id == instance).values(due_at=DUE - DAY, is_due_provisional=True)
        )
    assert look() is True
    assert look() is False
    assert world.work() == 1
    row = task_row(world, world.open_task(instance, "review"))
    assert (row.due_at, row.is_due_provisional) == (DUE, False)


def test_the_recount_is_a_job_that_may_be_killed_and_repeated() -> None:
    assert getattr(house.jobs[deadlines.JOB], "two_phase", False)
    assert house.jobs[calendar.CHANGED] is deadlines.days_changed
