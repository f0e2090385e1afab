"""Schools get their codes from a workbook: each one code, none twice, taken back while none is used (C-24 to C-27)."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import sheets
from app.platform.data import new_id, transaction
from app.platform.identity import accounts
from app.platform.registry import Acting, Refused
from app.platform.sheets import Intake, Row, catalogue, records
from app.systems.permits import codes
from app.systems.permits.entities import Authorisation, Project
from app.systems.permits.roles import CITY_ADMIN, DISTRICT_ADMIN
from app.systems.permits.sheets import CODES
from tests.systems.permits.district import new_project
from tests.world import World

NAME = "permits/codes"
HEADS = [column.title.zh for column in CODES.columns]
GOOD = ["青少年机器人竞赛", 2026, "河北省邯郸市邯山区", "机器人综合技能", "小学组", "演示小学"]


@pytest.fixture
def city(world: World) -> Acting:
    sheets.plug()
    catalogue.enter("permits", [CODES])
    with world.session() as session:
        person = world.people["市级"]
        accounts.create(
            session, "city1", "市级", None, world.now, "Granit-Weide-47", person=person, demo=True
        )
    return world.acting("市级")


def enter(
    world: World, city: Acting, folder: Path, rows: list[list[Any]], role: str = CITY_ADMIN
) -> records.Record:
    """Import a workbook of `rows`; return its record."""
    path = folder / "codes.xlsx"
    sheets.write(path, HEADS, rows)
    post = city.holds(role)[0]
    with world.session() as session:
        upload = sheets.look(CODES, "授权码.xlsx", path.read_bytes())
        made = sheets.begin(session, NAME, upload, city, post, world.now)
    world.work()
    with world.session() as session:
        found = records.get(session, NAME, made, [post])
    assert found is not None
    return found


def there(world: World) -> list[Authorisation]:
    with world.session() as session:
        return list(session.scalars(select(Authorisation).order_by(Authorisation.school)))


def test_each_school_gets_one_code_and_none_twice(world: World, city: Acting, tmp_path: Path) -> None:
    rows = [GOOD, [*GOOD[:5], "第二小学"]]
    first = enter(world, city, tmp_path, rows)
    assert (first.good, first.bad) == (2, 0)
    made = there(world)
    assert [row.school for row in made] == ["演示小学", "第二小学"]
    assert {row.district for row in made} == {"130402"}
    enter(world, city, tmp_path, [*rows, [*GOOD[:5], "第三小学"]])
    assert len(there(world)) == 3
    assert {row.id for row in made} <= {row.id for row in there(world)}


def test_what_cannot_be_names_its_column(world: World, city: Acting, tmp_path: Path) -> None:
    wrong = [
        ["没有的竞赛", *GOOD[1:]],
        [GOOD[0], 2025, *GOOD[2:]],
        [*GOOD[:2], "河北省邢台市襄都区", *GOOD[3:]],
        [*GOOD[:3], "没有的类型", *GOOD[4:]],
        [*GOOD[:4], "大学组", GOOD[5]],
    ]
    record = enter(world, city, tmp_path, [*wrong, GOOD])
    assert (record.good, record.bad) == (1, 5)
    assert len(there(world)) == 1
    with world.session() as session:
        found = records.failures(session, record)
    assert found is not None
    lines = list(load_workbook(io.BytesIO(found[1])).worksheets[0].iter_rows(values_only=True))
    assert lines[0][-1] == "失败原因"
    reasons = [str(line[-1]) for line in lines[1:]]
    said = (
        "没有这个年度的项目",
        "没有这个年度的项目",
        "不能在该区县",
        "没有这个项目类型",
        "没有这个参赛组别",
    )
    assert all(words in reason for reason, words in zip(reasons, said, strict=True))


def overtaken(
    world: World, first: Callable[[Session], object], then: Callable[[Session], object]
) -> list[str]:
    """`then` begins while `first` has written and not committed; return what was refused of it."""
    wrote, said = threading.Event(), list[str]()

    def later() -> None:
        wrote.wait(10)
        with world.session() as session:
            try:
                with transaction(session):
                    then(session)
            except Refused as refused:
                said.append(refused.words.zh)

    thread = threading.Thread(target=later)
    thread.start()
    with world.session() as session, transaction(session):
        first(session)
        session.flush()
        wrote.set()
        time.sleep(0.5)
    thread.join()
    return said


def intake(world: World, session: Session, city: Acting, record: str) -> Intake:
    post = city.holds(CITY_ADMIN)[0]
    known = {(row.name, row.year): row for row in session.scalars(select(Project))}
    return Intake(session, world.now, city, record, post.role, post.place, known)


def test_two_imports_at_once_give_a_school_one_code(world: World, city: Acting) -> None:
    """P-39: the second waits for the first and finds its codes there."""
    keys = [column.key for column in CODES.columns]
    row = Row(2, dict(zip(keys, [*GOOD[:2], "130402", *GOOD[3:]], strict=True)))

    def enter_as(record: str) -> Callable[[Session], object]:
        return lambda session: CODES.store(intake(world, session, city, record), [row])

    overtaken(world, enter_as(new_id()), enter_as(new_id()))
    assert len(there(world)) == 1


def test_a_code_used_at_that_moment_keeps_its_import(world: World, city: Acting, tmp_path: Path) -> None:
    """The undoing waits for the teacher and is refused in words."""
    record = enter(world, city, tmp_path, [GOOD])
    post, code = city.holds(CITY_ADMIN)[0], there(world)[0].code
    said = overtaken(
        world,
        lambda session: codes.use(session, code, world.now),
        lambda session: sheets.undo(session, CODES, record.id, [post], city, world.now),
    )
    assert said == ["其中1个授权码已被使用，不能撤销这次导入"]
    assert len(there(world)) == 1


def test_the_same_district_s_other_project_is_nobody_s_business(world: World, tmp_path: Path) -> None:
    """P-20: a record, its refused rows and its undoing belong to the project it was made for."""
    sheets.plug()
    catalogue.enter("permits", [CODES])
    for name, project in (("甲", world.project), ("乙", new_project(world)), ("丙", world.project)):
        world.enter(name, DISTRICT_ADMIN, "130402", project)
    with world.session() as session:
        person = world.people["甲"]
        accounts.create(session, "jia", "甲", None, world.now, "Granit-Weide-47", person=person, demo=True)
    one, other, colleague = (world.acting(name) for name in ("甲", "乙", "丙"))
    record = enter(world, one, tmp_path, [GOOD], DISTRICT_ADMIN)
    with world.session() as session:
        assert records.of(session, NAME, other.posts) == ([], 0)
        assert records.get(session, NAME, record.id, other.posts) is None
        assert not sheets.undo(session, CODES, record.id, other.posts, other, world.now)
        assert len(there(world)) == 1
        assert records.of(session, NAME, colleague.posts)[1] == 1  # C-25
        assert sheets.undo(session, CODES, record.id, colleague.posts, colleague, world.now)


def test_an_import_is_taken_back_while_no_code_is_used(world: World, city: Acting, tmp_path: Path) -> None:
    record = enter(world, city, tmp_path, [GOOD])
    post = city.holds(CITY_ADMIN)[0]
    with world.session() as session, transaction(session):
        leave = session.scalars(select(Authorisation)).one()
        codes.use(session, leave.code, world.now)
    with world.session() as session, pytest.raises(Refused, match="1个授权码已被使用"):
        sheets.undo(session, CODES, record.id, [post], city, world.now)
    assert len(there(world)) == 1
    other = enter(world, city, tmp_path, [[*GOOD[:5], "第二小学"]])
    with world.session() as session:
        sheets.undo(session, CODES, other.id, [post], city, world.now)
    assert [row.school for row in there(world)] == ["演示小学"]
