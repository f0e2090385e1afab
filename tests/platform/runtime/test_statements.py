"""A fixed number of SQL statements per verb and view, whatever the history and the number of tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.platform.data import new_id, transaction
from app.platform.registry import house
from app.platform.runtime import binding, history, instances, tasks, versions
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.tasks import Decision
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import council, publish, seats, sign
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide
from tests.world import World, profile

MOST = 12
"""Statements of an ordinary completion (engine.md); a hook's own are counted apart."""


def deciding(world: World, task: str, outcome: str, name: str, comment: str = "") -> Callable[[], object]:
    """The completion alone, everything it is handed made before."""
    by = world.acting(name)
    with world.session() as session:
        shown = tasks.get(session, task, by, world.now)
        entry = world.read(session, shown, {}, by, outcome) if shown.form else None
    decision = Decision(outcome, comment, shown.revision, new_id())

    def run() -> object:
        with world.session() as session:
            return tasks.complete(session, task, entry, decision, by, world.now)

    return run


def told(counted: Counted, what: str, run: Callable[[], object], apart: list[str] | None = None) -> int:
    """Run, print and count."""
    counted.clear()
    run()
    hooks = len(apart or [])
    own = len(counted.lines) - hooks
    print(f"\n{what}: {own} statements" + (f" and {hooks} of hooks" if hooks else ""))
    for line in counted.lines:
        print("   ", line[:110])
    return own


@pytest.fixture
def apart(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that hooks and bound forms execute."""
    lines: list[str] = []

    def around(run: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: Any, **more: Any) -> Any:
            before = len(counted.lines)
            done = run(*given, **more)
            lines.extend(counted.lines[before:])
            return done

        return counting

    monkeypatch.setattr(binding, "store", around(binding.store))
    for name, action in list(house.actions.items()):
        if action.when == "now":
            monkeypatch.setitem(house.actions, name, replace(action, run=around(action.run)))
    return lines


def test_a_completion_takes_at_most_twelve_statements(ground: World, counted: Counted) -> None:
    instance = begin(ground)
    send = deciding(ground, ground.open_task(instance, "prepare"), "send", STARTER)
    assert told(counted, "to a role at a place", send) <= MOST
    back = deciding(ground, ground.open_task(instance, "review"), "return", CITY, "补")
    assert told(counted, "to a person", back) <= MOST
    decide(ground, ground.open_task(instance, "prepare"), "send")
    end = deciding(ground, ground.open_task(instance, "review"), "approve", CITY)
    assert told(counted, "to the end", end) <= MOST


def test_so_does_every_decision_of_the_permission_chain(
    ground: World, counted: Counted, apart: list[str]
) -> None:
    instance = ground.apply()
    ground.decide(instance, "file_profile", "save", sent=profile())
    apart.clear()
    run = deciding(ground, ground.open_task(instance, "submit"), "submit", STARTER)
    assert told(counted, "submit", run, apart) <= MOST
    ground.work()
    ground.decide(instance, "upload_scan", "upload", sent=ground.scan(STARTER, instance))
    for outcome, comment in (("reject", "补"), ("approve", "")):
        apart.clear()
        review = ground.open_task(instance, "city_review")
        run = deciding(ground, review, outcome, CITY, comment)
        assert told(counted, outcome, run, apart) <= MOST
        if outcome == "reject":
            ground.decide(instance, "correct", "submit", sent=ground.scan(STARTER, instance))


@pytest.mark.parametrize("rule", ["all", "sequence", "share:0.6"])
def test_fifty_seats_change_nothing(ground: World, counted: Counted, rule: str) -> None:
    """The first signer, one in the middle, and the one whose decision closes all the others."""
    for number in range(48):
        ground.enter(f"第{number}人", "fairs.city_admin", "130400")
    publish(ground, council(seats=rule))
    instance = begin(ground, "tests_council")
    send = deciding(ground, ground.open_task(instance, "prepare"), "send", STARTER)
    assert told(counted, "opening fifty seats", send) <= MOST
    task = ground.open_task(instance, "review")
    order = list(seats(ground, task))
    assert len(order) == 50
    for name in order[:2]:
        assert told(counted, f"signing, {rule}", deciding(ground, task, "approve", name)) <= MOST
    if rule == "sequence":
        back = deciding(ground, task, "return", order[2], "补")
        assert told(counted, "sending back", back) <= MOST
    else:
        for name in order[2:-1] if rule == "all" else order[2:29]:
            sign(ground, task, name)
        last = order[-1] if rule == "all" else order[29]
        assert told(counted, "the decisive one", deciding(ground, task, "approve", last)) <= MOST


def lengthen(world: World, instance: str, rows: int) -> None:
    """Make an instance's history longer, as a long life would."""
    with world.session() as session, transaction(session):
        row = session.execute(select(Instance).where(Instance.id == instance)).scalar_one()
        key = history.read_key(row.record_key)
        assert key is not None
        pen = history.Pen(instance, row.head, row.history_length, key, world.now)
        for number in range(rows):
            pen.write(history.Happening("noted", "review", by=row.starter_id, body={"comment": str(number)}))
        pen.flush(session)
        row.head, row.history_length = pen.head, pen.length


def crowd(world: World, instance: str, count: int) -> None:
    """Give an instance that many open tasks more, as a wide one has."""
    with world.session() as session, transaction(session):
        like = session.execute(select(Task.__table__).where(Task.instance_id == instance)).first()
        assert like is not None
        rows = [{**like._mapping, "id": new_id(), "visit": 1000 + n, "state": "open"} for n in range(count)]
        session.execute(insert(Task), rows)


def test_a_long_history_and_many_tasks_change_nothing(ground: World, counted: Counted) -> None:
    _, plain = at_review(ground)
    old, aged = at_review(ground)
    lengthen(ground, old, 1_000)
    crowd(ground, old, 200)
    few = told(counted, "young", deciding(ground, plain, "return", CITY, "补"))
    many = told(counted, "1,000 history rows and 200 tasks", deciding(ground, aged, "return", CITY, "补"))
    assert few == many <= MOST
    with ground.session() as session:
        assert history.first_bad_row(session, old) is None


def test_eight_tasks_opened_at_once_cost_no_more_inserts_than_one(ground: World, counted: Counted) -> None:
    """All open in one statement, and one question whether there is anybody."""
    ground.enter("市级三", "fairs.city_admin", "130400")
    counted.clear()
    instance = begin(ground, "tests_wide")
    writes = [line for line in counted.lines if line.startswith("INSERT INTO runtime_task")]
    asked = [line for line in counted.lines if "identity_post" in line and "DISTINCT" in line]
    assert (len(writes), len(asked), len(ground.open_elements(instance))) == (1, 1, 8)


def views(world: World, counted: Counted, task: str, instance: str, name: str) -> tuple[int, int]:
    by, found = world.acting(name), []
    for run in (
        lambda s: tasks.get(s, task, by, world.now),
        lambda s: instances.view(s, instance, by, world.now),
    ):
        counted.clear()
        with world.session() as session:
            run(session)
        found.append(len(counted.lines))
    return found[0], found[1]


def test_views_take_few_statements_whatever_there_is_to_see(ground: World, counted: Counted) -> None:
    instance, task = at_review(ground)
    few = views(ground, counted, task, instance, CITY)
    lengthen(ground, instance, 1_000)
    crowd(ground, instance, 200)
    many = views(ground, counted, task, instance, CITY)
    print(f"\ntasks.get: {many[0]} statements; instances.view: {many[1]}")
    assert few == many
    assert many[0] <= 6
    assert many[1] <= 5


def test_the_history_of_an_instance_is_one_statement(ground: World, counted: Counted) -> None:
    instance, _ = at_review(ground)
    lengthen(ground, instance, 1_000)
    counted.clear()
    with ground.session() as session:
        assert len(history.of(session, instance)) == 1_004
    assert len(counted.lines) == 1


def test_a_start_takes_few_statements(ground: World, counted: Counted) -> None:
    by = ground.acting(STARTER)
    with ground.session() as session:
        versions.current(session, "tests_desk")

    def run() -> object:
        with ground.session() as session:
            data = {"district": "130402"}
            return instances.start(
                session, "tests_desk", by=by, post=None, now=ground.now, data=data, key="k"
            )

    assert told(counted, "start", run) <= MOST
