"""Many tasks decided alike: each is done or says why not, once, whatever becomes of its neighbours."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from app.platform.data import new_id
from app.platform.registry import Refused
from app.platform.runtime import bulk, doctor, instances, tasks, versions
from app.platform.runtime.entities import Receipt, Task
from app.platform.runtime.errors import (
    Forbidden,
    HookRefused,
    InstanceChanged,
    KeyReused,
    MissingOpinion,
    TaskTaken,
    Unknown,
)
from app.platform.runtime.tasks import Decision
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import chains, signing
from tests.world import APPLICATION, World

CITY = "市级"


def pile() -> Drawing:
    """A review that may be decided in bulk, then one that may not; in between a hook that does as it is told."""
    return (
        Drawing("tests_pile", form="fairs/application")
        .lane("city", "review", "second", **chains.CITY)
        .start()
        .task("review", assignee="", outcomes=chains.OUTCOMES, allow="bulk")
        .service("asking", "tests/ask", "now")
        .task("second", assignee="", outcomes="go=办理|Go")
        .end()
        .line("begin", "review", "asking", "second", "done")
    )


def last() -> Drawing:
    """A review in bulk after which nothing comes."""
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", **chains.CITY).start()
    drawn.task("review", assignee="", outcomes=chains.OUTCOMES, allow="bulk")
    return drawn.end().line("begin", "review", "done")


def started(world: World, count: int, drawn: Drawing | None = None) -> list[str]:
    """Tasks that wait at the first review."""
    form = APPLICATION
    by = world.acting("组织者甲")
    with world.session() as session:
        versions.publish(
            session, chains.files(drawn or pile()) | {"forms/fairs/application.json": form}, None, world.now
        )
        return [
            instances.start(
                session, "tests_pile", by=by, post=None, now=world.now, data=chains.HANSHAN
            ).tasks[0]
            for _ in range(count)
        ]


def decide(world: World, wanted: list[str], outcome: str = "approve", **more: Any) -> list[bulk.Result]:
    decision = Decision(outcome, more.pop("comment", "同意"), 0, more.pop("key", None))
    with world.session() as session:
        return bulk.complete(
            session,
            wanted,
            more.pop("revisions", {}),
            decision,
            lambda _view: None,
            world.acting(more.pop("name", CITY)),
            world.now,
        )


def sound(world: World) -> bool:
    with world.session() as session:
        return doctor.examine(session, world.now) == []


def test_every_task_is_decided_and_the_house_is_sound(any_ground: World) -> None:
    wanted = started(any_ground, 60)  # more than a chunk
    results = decide(any_ground, wanted)
    assert [one.task for one in results] == wanted
    assert all(one.done and len(one.done.next_tasks) == 1 for one in results)
    assert sound(any_ground)
    with any_ground.session() as session:
        rows = session.execute(select(Task.outcome, Task.closed_by_id).where(Task.id.in_(wanted)))
        assert {tuple(row) for row in rows} == {("approve", any_ground.people[CITY])}


def test_one_that_fails_holds_up_no_other(any_ground: World) -> None:
    wanted = started(any_ground, 6)
    with any_ground.session() as session:
        tasks.complete(
            session, wanted[1], None, Decision("approve", "", 1), any_ground.acting("市级二"), any_ground.now
        )

    def ask(call: Any) -> None:
        if call.instance == instance_of(any_ground, wanted[3]):
            raise Refused("今天不行", "Not today")

    chains.told["ask"] = ask
    results = {one.task: one for one in decide(any_ground, [*wanted, new_id()], revisions={wanted[2]: 9})}
    refused = {task: type(one.refusal) for task, one in results.items() if one.refusal}
    assert refused == {
        wanted[1]: TaskTaken,
        wanted[2]: InstanceChanged,
        wanted[3]: HookRefused,
        list(results)[-1]: Unknown,
    }
    assert sum(one.done is not None for one in results.values()) == 3
    assert sound(any_ground)


def instance_of(world: World, task: str) -> str:
    with world.session() as session:
        return str(session.scalar(select(Task.instance_id).where(Task.id == task)))


def test_only_a_step_that_allows_it_is_decided_in_bulk(ground: World) -> None:
    first = decide(ground, started(ground, 2))
    again = decide(ground, [one.done.next_tasks[0] for one in first if one.done], "go")
    assert [type(one.refusal) for one in again] == [Forbidden, Forbidden]


def test_foreign_tasks_are_unknown_and_a_missing_opinion_is_said_for_each(ground: World) -> None:
    wanted = started(ground, 2)
    assert {type(one.refusal) for one in decide(ground, wanted, name="邻市")} == {Unknown}
    assert {type(one.refusal) for one in decide(ground, wanted, "return", comment="")} == {MissingOpinion}


def test_the_same_key_is_answered_once_and_with_another_body_refused(any_ground: World) -> None:
    wanted = started(any_ground, 3)
    first = decide(any_ground, wanted, key="k")
    again = decide(any_ground, wanted, key="k")
    assert [one.done.next_tasks for one in again if one.done] == [
        one.done.next_tasks for one in first if one.done
    ]
    other = decide(any_ground, wanted, comment="别的", key="k")
    assert {type(one.refusal) for one in other} == {KeyReused}
    with any_ground.session() as session:
        assert len(session.scalars(select(Receipt.key).where(Receipt.key.like("k:%"))).all()) == 3


def test_tasks_of_one_instance_are_decided_one_after_the_other(any_ground: World) -> None:
    drawing = Drawing("tests_fan", form="fairs/application").start().both("fork").both("join").end()
    drawing.lane("city", *(f"part{n}" for n in range(4)), **chains.CITY).line("begin", "fork")
    for n in range(4):
        drawing.task(f"part{n}", assignee="", outcomes="go=办理|Go", allow="bulk").line(
            "fork", f"part{n}", "join"
        )
    drawing.line("join", "done")
    form = APPLICATION
    given = chains.files(drawing) | {"forms/fairs/application.json": form}
    by, now = any_ground.acting("组织者甲"), any_ground.now
    with any_ground.session() as session:
        versions.publish(session, given, None, now)
        begun = instances.start(session, "tests_fan", by=by, post=None, now=now, data=chains.HANSHAN)
    assert all(one.done for one in decide(any_ground, list(begun.tasks), "go"))
    with any_ground.session() as session:
        assert instances.view(session, begun.instance, by, now).state == "ended"
    assert sound(any_ground)


@pytest.mark.parametrize("count", [50])
@pytest.mark.parametrize("ends", [False, True])
def test_a_chunk_needs_few_statements(ground: World, count: int, ends: bool) -> None:
    wanted = started(ground, count, last() if ends else pile())
    seen: list[str] = []
    event.listen(
        ground.engine,
        "before_cursor_execute",
        lambda _c, _u, text, *_rest: seen.append(text.split(None, 1)[0]),
    )
    assert all(one.done for one in decide(ground, wanted, key="k"))
    written = [one for one in seen if one in ("INSERT", "UPDATE", "DELETE")]
    assert len(written) <= 8, written


def test_another_verb_is_done_at_each_for_itself_and_once(any_ground: World) -> None:
    """One that is refused holds up no other; the same key does nothing twice, also where the task has gone."""
    world = any_ground
    signing.people(world)
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", **chains.CITY).start()
    drawn.task("review", assignee="", outcomes=chains.OUTCOMES, allow="transfer").end()
    wanted = started(world, 4, drawn.line("begin", "review", "done"))
    revisions = dict.fromkeys(wanted, 1)
    by, other = world.acting(CITY), world.acting("市级二")
    with world.session() as session:
        tasks.claim(session, wanted[0], 1, other, world.now)
        claim = bulk.Act("claim", key="c")
        for _ in range(2):
            told = bulk.each(session, [*wanted, "0" * 26], revisions, claim, by, world.now)
            refused = [one.refusal and type(one.refusal) for one in told]
            assert refused == [TaskTaken, None, None, None, Unknown]
        act = bulk.Act("transfer", (other.person,), "请代办", "t", {wanted[2]: "急"})
        for _ in range(2):
            told = bulk.each(session, wanted, dict.fromkeys(wanted, 2), act, by, world.now)
            assert [one.task for one in told if one.done] == wanted[1:]
        rows = session.execute(select(Task.id, Task.assignee_id, Task.revision).where(Task.id.in_(wanted)))
        assert {(row.assignee_id, row.revision) for row in rows if row.id != wanted[0]} == {(other.person, 3)}
    assert sound(world)
