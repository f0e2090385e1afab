"""A lane held in the unit that a variable names: whoever keeps that unit works the task, and nobody else."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from app.platform import engine
from app.platform.data import transaction
from app.platform.identity import posts, regions, units
from app.platform.identity.entities import Unit
from app.platform.registry import Role, Words, house
from app.platform.runtime import instances, tasks, versions
from app.platform.runtime.entities import Incident
from app.platform.runtime.errors import Unknown
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import FOREIGN, OTHER, begin, decide, task_row
from tests.world import World

KEEPER, NEIGHBOUR = OTHER, FOREIGN
FORM = {
    "id": "tests/visit",
    "title": "走访",
    "title.en": "Visit",
    "steps": {"*": "read", "start": "required"},
    "fields": [
        {"type": "organisation", "name": "unit", "label": "单位", "label.en": "Unit", "variable": True},
    ],
}
GIVEN = {"forms/tests/visit.json": json.dumps(FORM).encode()}


@pytest.fixture
def unit(ground: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A school with a keeper, a school beside it with another, and the chain that goes to the named one."""
    role = Role("tests.keeper", Words("单位管理员", "Unit keeper"), "unit")
    monkeypatch.setitem(house.roles, role.key, role)
    drawn = Drawing("tests_unit", form="tests/visit").start().task("ask", outcomes="go=办理|Go").end()
    drawn.lane("keeper", "keep", role=role.key, at="variable:unit")
    drawn.task("keep", assignee="", outcomes="go=办理|Go").line("begin", "ask", "keep", "done")
    with ground.session() as session:
        versions.publish(session, files(drawn) | GIVEN, None, ground.now)
        one, other = (units.add(session, name, "130402", None, ground.now) for name in ("一中", "二中"))
        with transaction(session):
            for name, held in ((KEEPER, one), (NEIGHBOUR, other)):
                place = units.path_of(session, held)
                posts.grant(session, ground.people[name], role.key, place, None, ground.now, None)
    return one


def asked(ground: World, unit: str | None) -> str:
    """The chain begun for a unit, at the task of its keeper."""
    instance = begin(ground, "tests_unit", data={"unit": unit})
    decide(ground, ground.open_task(instance, "ask"), "go")
    return instance


def test_the_task_lies_in_the_unit_and_its_keeper_alone_works_it(ground: World, unit: str) -> None:
    instance = asked(ground, unit)
    task = ground.open_task(instance, "keep")
    assert task_row(ground, task).place.endswith(f"/130402/u{unit}/")
    with pytest.raises(Unknown):
        decide(ground, task, "go", NEIGHBOUR)
    with ground.session() as session:
        shown = instances.view(session, instance, ground.acting(KEEPER), ground.now)
        assert [(one.id, one.can_work, one.who.zh) for one in shown.open_tasks] == [
            (task, True, "一中单位管理员")
        ]
        why = tasks.get(session, task, ground.acting(KEEPER), ground.now).why
        assert why.zh == "您担任一中单位管理员"
    decide(ground, task, "go", KEEPER)
    assert ground.open_elements(instance) == []


def test_a_unit_that_nobody_keeps_is_a_dead_end_that_is_told(ground: World, unit: str) -> None:
    with ground.session() as session:
        empty = units.add(session, "三中", "130402", None, ground.now)
    asked(ground, empty)
    with ground.session() as session:
        assert session.scalars(select(Incident.kind)).all() == ["nobody"]


def test_a_unit_merged_into_another_means_the_other(ground: World, unit: str) -> None:
    with ground.session() as session, transaction(session):
        gone = units.add(session, "旧校", "130402", None, ground.now)
        session.execute(update(Unit).where(Unit.id == gone).values(merged_into_id=unit, is_closed=True))
    decide(ground, ground.open_task(asked(ground, gone), "keep"), "go", KEEPER)


@pytest.mark.parametrize("wrong", ["0" * 26, "999999", "\0" * 26], ids=["unit", "region", "zeros"])
def test_a_unit_there_is_not_is_an_incident_and_goes_nowhere(ground: World, unit: str, wrong: str) -> None:
    instance = begin(ground, "tests_unit", data={"unit": wrong})
    with pytest.raises(engine.Faulty) as broken:
        decide(ground, ground.open_task(instance, "ask"), "go")
    assert (broken.value.element, broken.value.code) == ("keep", "bad_place")
    assert ground.open_elements(instance) == ["ask"]


def test_a_level_lifts_a_unit_to_a_region(ground: World, unit: str) -> None:
    drawn = (
        Drawing("tests_lifted", form="tests/visit")
        .start()
        .task("review", assignee="", outcomes="go=办理|Go")
        .end()
    )
    drawn.lane("city", "review", role="fairs.city_admin", at="variable:unit(city)")
    with ground.session() as session:
        versions.publish(session, files(drawn.line("begin", "review", "done")) | GIVEN, None, ground.now)
        city = regions.path_of(session, "130400")
    instance = begin(ground, "tests_lifted", data={"unit": unit})
    assert task_row(ground, ground.open_task(instance, "review")).place == city
