"""Whether a decision can be taken back is answered before the verb is tried, and as the verb answers."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from app.platform.runtime import moving
from app.platform.runtime.errors import CannotMove, Forbidden, InstanceChanged
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import begin, decide
from tests.world import World


@pytest.fixture
def chained(ground: World) -> World:
    """Prepare and check may be taken back, review may not."""
    publish(
        ground,
        Drawing("tests_chain", form="fairs/application")
        .lane("city", "check", "review", "last", **CITY)
        .start()
        .task("prepare", outcomes="send=送审|Send", allow="withdraw")
        .task("check", assignee="", outcomes="pass=通过|Pass", allow="withdraw")
        .task("review", assignee="", outcomes="pass=通过|Pass")
        .task("last", assignee="", outcomes="pass=通过|Pass")
        .end()
        .line("begin", "prepare", "check", "review", "last", "done"),
    )
    return ground


def both(world: World, instance: str, name: str) -> tuple[bool, bool]:
    """What is foretold, and what the verb does; what it does is undone again."""
    by = world.acting(name)
    with world.session() as session:
        foretold = moving.may_withdraw(session, instance, by)
    with world.session() as session:
        session.info["verb"] = True
        try:
            moving.withdraw(session, instance, by, world.now)
            done = True
        except (CannotMove, Forbidden, InstanceChanged):
            done = False
        finally:
            session.info.pop("verb")
            session.rollback()
    return foretold, done


def test_it_is_foretold_as_the_verb_decides(chained: World) -> None:
    instance = begin(chained, "tests_chain")
    everybody = ("组织者甲", "市级", "市级二")
    expected = {"prepare": "组织者甲", "check": "市级", "review": "", "last": ""}
    for element, who in expected.items():
        outcome, name = ("send", "组织者甲") if element == "prepare" else ("pass", "市级")
        decide(chained, chained.open_task(instance, element), outcome, name)
        for each in everybody:
            assert both(chained, instance, each) == (each == who, each == who), (element, each)


def test_a_page_of_done_tasks_asks_one_statement(chained: World) -> None:
    done, last = [], ""
    for _ in range(4):
        instance = begin(chained, "tests_chain")
        for element, outcome, name in (("prepare", "send", "组织者甲"), ("check", "pass", "市级")):
            last = chained.open_task(instance, element)
            decide(chained, last, outcome, name)
        done.append(last)
    decide(chained, chained.open_task(instance, "review"), "pass", "市级")
    said: list[str] = []
    by = chained.acting("市级")
    with chained.session() as session:
        moving.withdrawable(session, done, by)  # the drawing is read once per process
    with chained.session() as session:
        event.listen(chained.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        found = moving.withdrawable(session, done, by)
    assert found == set(done[:3])
    assert len([one for one in said if one.startswith("SELECT")]) == 1
    with chained.session() as session:
        assert moving.withdrawable(session, done, chained.acting("市级二")) == set()
