"""Every box holds exactly what a reader of all rows would put there, whichever filter is on (C-34, B3-23, B3-24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.platform import lists
from app.platform.data import transaction
from app.platform.identity import people
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import policy, versions
from app.platform.runtime.entities import Copy, Draft, Instance, Seat, Task
from app.rooms.inbox import filters, rail
from app.rooms.inbox import lists as boxes
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import files
from tests.rooms.inbox.boxed import GIVEN, READERS, Boxed, drawings, fill
from tests.world import APPLICATION, World

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST = {"组织者甲": "6123", "组织者乙": "882X"}
THIRD_WORKING_DAY = datetime(2026, 11, 30, 23, 59, 59, tzinfo=SHANGHAI)  # of Wednesday the 25th: Th, Fr, Mo
"""The world ends on Wednesday 25 November 2026."""


@pytest.fixture(params=[1, 2, 3])
def boxed(request: pytest.FixtureRequest, world: World) -> Boxed:
    found = fill(world, request.param, 36)
    with world.session() as session:
        for name, last in LAST.items():
            person = session.get_one(Person, world.people[name])
            person.id_number_last_hash = people.last_four_hash(last)
        session.commit()
    return found


class Seen:
    """All rows of the house, read once, and what a plain reader says of them."""

    def __init__(self, boxed: Boxed, name: str) -> None:
        self.world, self.now = boxed.world, boxed.world.now
        self.by = boxed.acting(name)
        with self.world.session() as session:
            self.tasks = list(session.execute(select(Task.__table__)))
            self.instances = {row.id: row for row in session.execute(select(Instance.__table__))}
            self.seats = list(session.execute(select(Seat.__table__)))
            self.copies = list(session.execute(select(Copy.__table__)))
            self.drafts = [
                row for row in session.execute(select(Draft.__table__)) if row.person_id == self.by.person
            ]
            self.names = {row.id: row.name for row in session.execute(select(Person.__table__))}

    def of(self, task: Any) -> Any:
        return self.instances[task.instance_id]

    def standing(self, task: Any) -> Any:
        if task.state != "open":
            return None
        return policy.standing(self.by, task, [seat for seat in self.seats if seat.task_id == task.id])

    def box(self, key: str) -> list[Any]:
        """The rows of a box: tasks, instances or copies."""
        mine = [task for task in self.tasks if self.standing(task)]
        if key == "todo":
            return mine
        if key == "claimable":
            return [
                task for task in mine
                if (task.seats, task.assignee_id, task.claimed_by_id) == ("one", None, None)
                and self.of(task).state == "running"
            ]  # fmt: skip
        if key == "done":
            signed = {seat.task_id for seat in self.seats if seat.decided_by_id == self.by.person}
            return [
                task for task in self.tasks
                if task.state == "closed" and (task.closed_by_id == self.by.person or task.id in signed)
            ]  # fmt: skip
        if key == "mine":
            return [row for row in self.instances.values() if row.starter_id == self.by.person]
        if key == "copies":
            return [row for row in self.copies if row.person_id == self.by.person]
        typed = {row.about for row in self.drafts}
        return [task for task in mine if task.id in typed]


FILTERS: dict[str, Callable[[Seen, Any], bool]] = {
    "process=tests_council": lambda seen, task: task.process == "tests_council",
    "step=tests_fair/prepare": lambda seen, task: task.element == "prepare",  # the organisers' own: never here
    "step=tests_fair/second": lambda seen, task: (task.process, task.element) == ("tests_fair", "second"),
    "region=130402": lambda seen, task: "/130402/" in (task.place or ""),
    "region=130400": lambda seen, task: "/130400/" in (task.place or ""),
    "due=overdue": lambda seen, task: _runs(task) and task.due_at < seen.now,
    "due=none": lambda seen, task: task.due_at is None,
    "due=today": lambda seen, task: _runs(task) and _day(task.due_at) == _day(seen.now),
    "due=soon": lambda seen, task: _runs(task) and seen.now <= task.due_at <= THIRD_WORKING_DAY,
    "arrived_from=2026-11-18&arrived_to=2026-11-20": (
        lambda seen, task: "2026-11-18" <= _day(task.opened_at) <= "2026-11-20"
    ),
    "due_on_to=2026-11-24": lambda seen, task: task.due_at is not None and _day(task.due_at) <= "2026-11-24",
    "flag=returned": lambda seen, task: task.is_returned,
    "flag=claimed": lambda seen, task: task.claimed_by_id is not None,
    "flag=seated": lambda seen, task: task.seats != "one",
    "flag=suspended": lambda seen, task: seen.of(task).state == "suspended",
    "flag=seated.suspended": lambda seen, task: task.seats != "one" and seen.of(task).state == "suspended",
    "q=机器人": lambda seen, task: "机器人" in seen.of(task).title,
    "q=JS2026000": lambda seen, task: "JS2026000" in (seen.of(task).number or ""),
    "q=组织者乙": lambda seen, task: seen.names[seen.of(task).starter_id] == "组织者乙",
    "q=6123": lambda seen, task: seen.names[seen.of(task).starter_id] == "组织者甲",
    "q=882x": lambda seen, task: seen.names[seen.of(task).starter_id] == "组织者乙",
    "q=123": lambda seen, task: False,  # three digits are no number's end
}  # fmt: skip


def _runs(task: Any) -> bool:
    """Whether a task has a deadline that does not stand still."""
    return task.due_at is not None and task.paused_at is None


def _day(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).date().isoformat() if at else ""


def asked_of(
    boxed: Boxed, box: lists.List, by: Acting, question: str
) -> tuple[set[str], int, tuple[str, ...]]:
    """The row keys on all pages, the total, and what was lost."""
    sent = dict(part.split("=") for part in question.split("&") if part)
    with boxed.world.session() as session:
        asked = lists.read(box, session, by, {**sent, "size": "100"})
        page = lists.fetch(box, session, by, asked, boxed.world.now)
        return {line.row or "" for line in page.rows}, page.total, asked.lost


def test_each_box_holds_what_a_plain_reader_would_put_there(boxed: Boxed) -> None:
    for seen, box in product([Seen(boxed, name) for name in READERS], rail.LISTS):
        wanted = {row.id for row in seen.box(box.key)}
        found, total, _lost = asked_of(boxed, box, seen.by, "")
        assert (box.key, found, total) == (box.key, wanted, len(wanted))
        with boxed.world.session() as session:
            assert boxes.tally(box, session, seen.by, boxed.world.now) == len(wanted)


def test_each_filter_keeps_what_a_plain_reader_would_keep(boxed: Boxed) -> None:
    kept = 0
    for seen, (question, keeps) in product([Seen(boxed, name) for name in ("市级", "科长")], FILTERS.items()):
        wanted = {task.id for task in seen.box("todo") if keeps(seen, task)}
        found, total, lost = asked_of(boxed, boxes.TODO, seen.by, question)
        if question.startswith("region") and "region" in lost:  # lies outside of all her posts
            assert not wanted, question
            continue
        assert (question, found, total, lost) == (question, wanted, len(wanted), ())
        kept += len(wanted)
    assert kept > 60


@pytest.mark.parametrize("due", ["overdue", "today", "soon"])
def test_a_deadline_that_stands_still_is_not_due(boxed: Boxed, due: str) -> None:
    by, question = boxed.acting("市级"), f"due={due}"
    moments = {"overdue": -1, "today": 1, "soon": 24}
    with boxed.world.session() as session, transaction(session):
        at = boxed.world.now + timedelta(hours=moments[due])
        session.execute(update(Task).where(Task.state == "open").values(due_at=at))
    before = asked_of(boxed, boxes.TODO, by, question)[0]
    still = sorted(before)[0]
    with boxed.world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == still).values(paused_at=boxed.world.now))
    assert asked_of(boxed, boxes.TODO, by, question)[0] == before - {still}


def test_a_step_stays_asked_for_when_its_last_case_is_decided(boxed: Boxed) -> None:
    """B3-23, B3-24: the page then holds nothing, as its view's count says; it does not turn to all cases."""
    by = boxed.acting("市级")
    with boxed.world.session() as session, transaction(session):
        gone = update(Task).where(Task.element == "second", Task.state == "open")
        session.execute(gone.values(state="cancelled"))
    for box in (boxes.TODO, boxes.CLAIMABLE):
        found = asked_of(boxed, box, by, "step=tests_fair/second")
        assert found == (set(), 0, ())
    with boxed.world.session() as session:
        asked = lists.read(boxes.TODO, session, by, {"step": "tests_fair/second"})
        assert asked.address == {"step": "tests_fair/second"}
        assert dict(asked.choices["step"])["tests_fair/second"].zh == "集市审批 · 复核"


@pytest.mark.parametrize("step", ["tests_fair/gone", "gone/second", "tests_fair", "/", "tests_fair/begin"])
def test_a_step_that_nothing_draws_is_lost(boxed: Boxed, step: str) -> None:
    _found, total, lost = asked_of(boxed, boxes.TODO, boxed.acting("市级"), f"step={step}")
    assert lost == ("step",)
    assert total == asked_of(boxed, boxes.TODO, boxed.acting("市级"), "")[1] > 0


def test_a_step_beyond_those_looked_at_can_be_asked_for(
    boxed: Boxed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "LOOKED_AT", 0)
    seen = Seen(boxed, "市级")
    wanted = {task.id for task in seen.box("todo") if task.element == "review"}
    found = asked_of(boxed, boxes.TODO, seen.by, "step=tests_fair/review")
    assert found == (wanted, len(wanted), ())
    assert wanted


def test_a_step_of_an_earlier_version_can_still_be_asked_for(boxed: Boxed) -> None:
    _one, several = drawings()
    later = (
        Drawing("tests_fair", "集市审批", form="fairs/application", number="JS{year}{serial:04}")
        .lane("desk", "review", role="fairs.city_admin", at="variable:district(district)")
        .start()
        .node("userTask", "review", attributes='name="市级初审"', name_en="First review", **GIVEN)
        .end()
        .line("begin", "review", "done")
    )
    with boxed.world.session() as session:
        form = {"forms/fairs/application.json": APPLICATION}
        versions.publish(session, files(later, several) | form, None, boxed.world.now)
    assert asked_of(boxed, boxes.DONE, boxed.acting("教师"), "step=tests_fair/second") == (set(), 0, ())


def test_a_case_that_was_sent_back_and_handed_in_again_says_so(world: World) -> None:
    """The reviewer who sent it back finds it again among the new ones; a case of its first time carries no mark."""
    back, fresh = world.to_review(), world.to_review("组织者乙", "130404")
    world.decide(back, "city_review", "reject", "市级", comment="请改")
    world.decide(back, "correct", "submit", "组织者甲", world.scan("组织者甲", back))
    world.work()
    with world.session() as session:
        rows = session.execute(boxes.tasks_said(world.now).where(policy.workable(world.acting("市级")))).all()
    assert {row.instance_id: bool(row.is_again) for row in rows} == {back: True, fresh: False}
