"""Nobody decides on an application of his own, whether the diagram says so or not (issue 6, decision 0033)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform.engine import Outcome, UserTask
from app.platform.identity import posts, roles
from app.platform.registry import Words
from app.platform.runtime import control, errors, instances, moving, tasks
from app.platform.runtime.entities import Incident, Task
from tests.platform.runtime.signing import council, publish
from tests.platform.runtime.steps import OTHER, begin, decide
from tests.world import World

CITY = "市级"
NAME, REFUSE = Words("审", "Review"), Outcome("no", Words("否", "No"), negative=True, opinion=True)


def own(world: World) -> tuple[str, str]:
    """An application of somebody who also holds the post of its reviewers."""
    instance = begin(world, name=CITY)
    return instance, decide(world, world.open_task(instance, "prepare"), "send", CITY).next_tasks[0]


def test_a_reviewer_does_not_decide_what_he_has_started(ground: World) -> None:
    instance, task = own(ground)
    with pytest.raises(errors.Forbidden) as refused:
        decide(ground, task, "approve", CITY)
    assert refused.value.code == "task.recused"
    with ground.session() as session, pytest.raises(errors.Unknown):
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
    decide(ground, task, "approve", OTHER)
    assert instance


def test_where_nobody_else_is_left_it_is_an_incident(ground: World) -> None:
    with ground.session() as session:
        for post in posts.of(session, ground.people[OTHER], ground.now):
            posts.end(session, post.id, ground.now, None)
    instance, _ = own(ground)
    with ground.session() as session:
        assert session.scalar(select(Incident.kind).where(Incident.instance_id == instance)) == "nobody"


def test_a_step_may_say_that_it_avoids_nobody(ground: World) -> None:
    publish(ground, council(seats="one", avoid="nobody"))
    instance = begin(ground, "tests_council", CITY)
    task = decide(ground, ground.open_task(instance, "prepare"), "send", CITY).next_tasks[0]
    with ground.session() as session:
        assert session.scalar(select(Task.avoided).where(Task.id == task)) is None
    decide(ground, task, "approve", CITY)


@pytest.mark.parametrize(
    ("drawn", "judges"),
    [
        (UserTask("a", NAME, role="x.city"), True),
        (UserTask("a", NAME, role="x.owner"), False),  # the starter's own lane
        (UserTask("a", NAME, role="x.owner", outcomes=(REFUSE,)), True),
        (UserTask("a", NAME, role="x.city", assignee="starter", outcomes=(REFUSE,)), False),
        (UserTask("a", NAME, role="x.city", assignee="last:b", outcomes=(REFUSE,)), False),
        (UserTask("a", NAME, assignee="hook:x/chief", outcomes=(REFUSE,)), True),
        (UserTask("a", NAME, assignee="variable:clerk"), False),
    ],
)
def test_what_a_step_is_says_whether_it_judges(drawn: UserTask, judges: bool) -> None:
    assert drawn.judges(("x.owner@everywhere",)) is judges


def test_an_administrator_repairs_nothing_of_his_own(ground: World) -> None:
    """As its starter he may still take it back, as everybody may (C-45)."""
    roles.plug()
    ground.enter("管理员", roles.ADMINISTRATOR.key)
    ground.enter("管理员", "fairs.organiser")
    instance = begin(ground, name="管理员")
    task = decide(ground, ground.open_task(instance, "prepare"), "send", "管理员").next_tasks[0]
    by = ground.acting("管理员")
    with ground.session() as session, pytest.raises(errors.Forbidden):
        moving.move(session, instance, "review", "prepare", "修复", by, ground.now)
    with ground.session() as session, pytest.raises(errors.Forbidden):
        control.suspend(session, instance, "暂停", by, ground.now)
    with ground.session() as session, pytest.raises(errors.Forbidden):
        tasks.transfer(session, task, ground.people[OTHER], 1, by, ground.now, "改派")
    with ground.session() as session:
        instances.cancel(session, instance, "不办了", by, ground.now)
