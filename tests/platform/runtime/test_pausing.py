"""A deadline that stands still while somebody is asked: it moves by what it stood still, and stays where it then is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform import calendar
from app.platform.calendar import ZONE
from app.platform.runtime import control, deadlines, history, pausing
from tests.platform.runtime import clocks
from tests.platform.runtime.asking import answer, ask, at_inquiry, take_back
from tests.platform.runtime.clocks import DAY, HOUR, sweep
from tests.platform.runtime.signing import findings, sign, view
from tests.platform.runtime.steps import CITY, STARTER, kinds, task_row
from tests.platform.runtime.test_deadlines import enter
from tests.world import World

# the world's now is Monday 2026-11-16, 10:00 in Shanghai
DUE = datetime(2026, 11, 19, 23, 59, 59, tzinfo=ZONE)
FRIEND = "科长"
TIMED = {"remind": "P1WD", "escalate": "fairs.organiser@everywhere"}


def later(world: World, days: float) -> None:
    world.now += days * DAY


def test_three_working_days_asked_are_three_working_days_more(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world)
    question = ask(world, task)
    paused = task_row(world, task)
    assert (paused.paused_at, paused.due_at) == (world.now, DUE)
    later(world, 3)  # Thursday
    answer(world, question)
    row = task_row(world, task)
    assert (row.paused_at, row.paused_days) == (None, 3)
    assert row.due_at == datetime(2026, 11, 24, 23, 59, 59, tzinfo=ZONE)  # Tuesday: a weekend lies between
    assert kinds(world, instance)[-3:] == ["asked", "rescheduled", "answered"]
    with world.session() as session:
        body = next(one.body for one in history.of(session, instance) if one.kind == "rescheduled")
    assert (datetime.fromisoformat(body["after"]), body["stood"]) == (row.due_at, 3)
    assert findings(world) == []


def test_asked_and_answered_on_one_day_nothing_moves(ground: World) -> None:
    instance, task = at_inquiry(ground)
    question = ask(ground, task)
    later(ground, 0.2)
    answer(ground, question)
    assert (task_row(ground, task).due_at, task_row(ground, task).paused_days) == (DUE, 0)
    assert "rescheduled" not in kinds(ground, instance)


def test_it_goes_on_with_the_last_of_several_questions(ground: World) -> None:
    _, task = at_inquiry(ground)
    first = ask(ground, task)
    later(ground, 1)
    second = ask(ground, task, FRIEND)
    assert task_row(ground, task).paused_at == ground.now - DAY
    answer(ground, first)
    assert task_row(ground, task).paused_at is not None
    later(ground, 1)
    take_back(ground, second)
    row = task_row(ground, task)
    assert (row.paused_at, row.paused_days, row.due_at) == (
        None,
        2,
        datetime(2026, 11, 23, 23, 59, 59, tzinfo=ZONE),
    )
    assert findings(ground) == []


def test_a_step_that_does_not_say_so_goes_on_while_it_asks(ground: World) -> None:
    for more in ({"pause": ""}, {"pause": "", "due": ""}):
        _, task = at_inquiry(ground, **more)
        ask(ground, task)
        assert task_row(ground, task).paused_at is None
    assert findings(ground) == []


def test_while_it_stands_still_nobody_is_reminded_and_nothing_escalates(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world, **TIMED)
    question = ask(world, task)
    assert [row.next_at for row in clocks.timers(world)] == [None, None]
    assert sweep(world, DUE + 5 * DAY) == 0
    later(world, 7)  # five working days
    assert not view(world, task, CITY).overdue
    answer(world, question)
    due = datetime(2026, 11, 26, 23, 59, 59, tzinfo=ZONE)
    assert task_row(world, task).due_at == due
    assert [(row.kind, row.due_at, row.next_at) for row in clocks.timers(world)] == [
        ("remind", datetime(2026, 11, 25, 9, tzinfo=ZONE), datetime(2026, 11, 25, 9, tzinfo=ZONE)),
        ("escalate", due, due),
    ]
    assert sweep(world, due - HOUR) == 1
    assert sweep(world, due) == 1
    assert kinds(world, instance)[-2:] == ["reminded", "escalated"]
    assert findings(world) == []


def test_a_sweeper_that_has_leased_the_reminder_fires_nothing_once_it_is_asked(any_ground: World) -> None:
    from app.platform.runtime import firing

    world = any_ground
    instance, task = at_inquiry(world, **TIMED)
    world.now = datetime(2026, 11, 18, 9, tzinfo=ZONE)
    with world.session() as session:
        fence, (timer,) = firing.take(session, world.now, "tests", 5)
    ask(world, task)
    with world.session() as session:
        assert firing.fire(session, timer, fence, world.now) is False
    assert "reminded" not in kinds(world, instance)
    assert len(clocks.timers(world)) == 2
    assert findings(world) == []


def test_suspended_and_resumed_it_stands_still_on(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world, **TIMED)
    question, by = ask(world, task), world.acting("管理员")
    for verb in (control.suspend, control.resume):
        with world.session() as session:
            verb(session, instance, "检查", by, world.now)
        assert [row.next_at for row in clocks.timers(world)] == [None, None]
    answer(world, question)
    assert None not in [row.next_at for row in clocks.timers(world)]
    assert findings(world) == []


def test_decided_while_it_stands_still_its_timers_are_gone(ground: World) -> None:
    _, task = at_inquiry(ground, **TIMED)
    ask(ground, task)
    sign(ground, task, CITY)
    assert clocks.timers(ground) == []
    assert findings(ground) == []


def test_a_period_of_time_moves_by_the_time_gone_by(any_ground: World) -> None:
    world = any_ground
    _, task = at_inquiry(world, due="PT48H", remind="PT12H", escalate=TIMED["escalate"])
    before = task_row(world, task).due_at
    assert before is not None
    question = ask(world, task)
    later(world, 1.5)
    answer(world, question)
    row = task_row(world, task)
    assert row.due_at == before + 1.5 * DAY
    assert [each.due_at for each in clocks.timers(world)] == [row.due_at - 12 * HOUR, row.due_at]
    enter(world, {date(2026, 11, 20): (False, "停工")})
    world.work()
    assert task_row(world, task).due_at == row.due_at
    assert findings(world) == []


def test_counted_anew_it_stays_where_it_is_and_moves_with_the_days(any_ground: World) -> None:
    """`paused_days`: a deadline that stood still is counted again as long as it became."""
    world = any_ground
    instance, task = at_inquiry(world, **TIMED)
    question = ask(world, task)
    later(world, 3)
    answer(world, question)
    before = (task_row(world, task).due_at, [row.due_at for row in clocks.timers(world)])
    with world.session() as session:
        deadlines.recount(session, {}, world.now)
    assert (task_row(world, task).due_at, [row.due_at for row in clocks.timers(world)]) == before
    enter(world, {date(2026, 11, 20): (False, "停工")})  # the Friday on the way
    world.work()
    assert task_row(world, task).due_at == datetime(2026, 11, 25, 23, 59, 59, tzinfo=ZONE)
    assert kinds(world, instance).count("rescheduled") == 2
    assert findings(world) == []


def test_counted_anew_while_it_stands_still_its_timers_sleep_on(ground: World) -> None:
    _, task = at_inquiry(ground, **TIMED)
    question = ask(ground, task, STARTER)
    enter(ground, {date(2026, 11, 18): (False, "停工")})
    ground.work()
    assert task_row(ground, task).due_at == DUE + DAY
    assert [row.next_at for row in clocks.timers(ground)] == [None, None]
    later(ground, 3)  # Tuesday and Thursday are worked
    answer(ground, question)
    assert task_row(ground, task).paused_days == 2
    assert task_row(ground, task).due_at == datetime(2026, 11, 24, 23, 59, 59, tzinfo=ZONE)
    assert findings(ground) == []


FIRST = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 700 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(
    moments,
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 20_000)), max_size=5),
)
def test_as_many_working_days_are_left_after_a_pause_as_before(
    opened: datetime, length: int, pauses: list[tuple[int, int]]
) -> None:
    """Whatever the holidays and make-up days; and the due moment is the period with `paused_days` on top."""
    plain, duration = calendar.Calendar(), f"P{length}WD"
    due, stood, now = calendar.deadline(opened, duration, plain).at, 0, opened
    for gap, long in pauses:
        began = now + timedelta(minutes=gap)
        now = began + timedelta(minutes=long)
        before = left(plain, began, due)
        more = pausing.days_between(began, now, plain)
        row = SimpleNamespace(opened_at=opened, paused_days=stood, paused_at=began, due_at=due)
        held = SimpleNamespace(now=now, days=plain)
        due = pausing.later(row, duration, more, held).at  # type: ignore[arg-type]
        stood += more
        assert left(plain, now, due) == before
    assert due == calendar.deadline(opened, duration, plain, stood).at


def left(plain: calendar.Calendar, now: datetime, due: datetime) -> int:
    """Working days after today up to the last one; negative where it is over."""
    today, last = now.astimezone(ZONE).date(), due.astimezone(ZONE).date()
    if last >= today:
        return plain.working_days(today, last) - plain.is_working(today)
    return -(plain.working_days(last, today) - plain.is_working(last))


@pytest.mark.parametrize("days", range(1, 11))
def test_n_working_days_of_pause_are_n_working_days_more(days: int) -> None:
    plain = calendar.Calendar()
    began = datetime(2026, 9, 28, 3, tzinfo=UTC)  # before the National Day holidays
    ended = datetime.combine(plain.working_day(began.date(), days), began.timetz())
    assert pausing.days_between(began, ended, plain) == days
    longer = calendar.deadline(began, f"P{5 + days}WD", plain)
    assert calendar.deadline(began, "P5WD", plain, days) == longer
