"""What people filled in, as columns of the list of a process that has code, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from app.platform import lists
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.lists import choosing
from app.platform.monitoring import case_fields
from app.platform.registry import Words
from app.platform.runtime import versions
from app.platform.runtime.entities import Entry, Instance
from app.rooms.monitor import process_fields, process_lists
from tests.platform.jobs.databases import KINDS
from tests.world import World, profile

pytestmark = pytest.mark.parametrize("world", KINDS, indirect=True)
WATCHER = "全国管"
ADDRESS, POSTCODE = "f_address", "f_postcode"


@pytest.fixture
def watched(world: World) -> World:
    """An application that was filled in twice, and one by another organiser that is not filled in yet."""
    world.enter(WATCHER, roles.ADMINISTRATOR.key)
    first = world.apply()
    world.decide(first, "file_profile", "save", sent=profile(full_name="组织者甲"))
    world.now += timedelta(minutes=5)
    world.apply("组织者乙", "130403")
    with world.session() as session:
        process_lists.read(session)
    return world


def listing(world: World) -> lists.List:
    found = process_lists.get(world.process)
    assert found is not None
    return found


def page(world: World, *keys: str) -> lists.Page:
    columns = tuple(column for column in listing(world).columns if column.key in keys)
    with world.session() as session:
        by = world.acting(WATCHER)
        asked = lists.read(listing(world), session, by, {"state": ""})
        return lists.fetch(listing(world), session, by, asked, world.now, columns)


def cells(world: World, key: str) -> list[Any]:
    """What a column says of the two, the first applied for first."""
    return [line.cells[key] for line in reversed(page(world, key).rows)]


def test_the_forms_of_its_steps_are_columns_and_none_is_shown_at_first(watched: World) -> None:
    columns = {column.key: column for column in listing(watched).columns}
    assert columns[ADDRESS].title == Words("通讯地址（基础建档）", "Postal address (Basic profile)")
    assert columns["f_district"].title == Words("本区县名称", "Your district")
    assert all(column.hidden_at_first for key, column in columns.items() if key.startswith(("f_", "v_")))


def test_fields_of_two_forms_that_are_called_alike_are_told_apart(watched: World) -> None:
    titles = [column.title for column in listing(watched).columns]
    assert len(titles) == len(set(titles))


def test_a_cell_says_what_was_filled_in_last_in_the_words_of_both_languages(watched: World) -> None:
    assert cells(watched, ADDRESS) == ["演示路 1 号", None]
    assert cells(watched, "f_gender") == [Words("男", "Male"), None]
    assert [said.en for said in cells(watched, "f_project")] == ["青少年机器人集市 (2026)"] * 2


def test_of_several_entries_of_a_form_the_latest_counts(watched: World) -> None:
    with watched.session() as session, transaction(session):
        last = session.scalars(select(Entry).where(Entry.form == "fairs/profile")).one()
        about = (last.instance_id, last.task_id, last.element, last.form, last.by_id)
        for address, minutes in (("旧址", -3), ("新址", 3)):
            names = ("instance_id", "task_id", "element", "form", "by_id")
            of_it = dict(zip(names, about, strict=True))
            at = last.at + timedelta(minutes=minutes)
            session.add(Entry(**of_it, values={**last.values, "address": address}, at=at))
    assert cells(watched, ADDRESS) == ["新址", None]


def test_a_region_is_named(watched: World) -> None:
    (said, nothing) = cells(watched, "f_origin")
    assert "130402" not in str(said)
    assert nothing is None


def test_what_is_masked_stays_so_and_what_is_secret_is_no_column(watched: World) -> None:
    keys = {column.key for column in listing(watched).columns}
    assert "f_email" not in keys  # sensitive, and nothing masks it
    assert cells(watched, "f_mobile") == ["138****1234", None]
    assert cells(watched, "f_id_number")[0].count("*") == 11
    every = page(watched, *keys)
    assert "13800001234" not in str([line.cells for line in every.rows])


def test_what_the_version_of_a_case_hides_at_every_step_is_not_shown(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = case_fields._shown
    assert cells(watched, ADDRESS)[0] is not None
    monkeypatch.setattr(
        case_fields,
        "_shown",
        lambda program, form: (name for name in shown(program, form) if name != "address"),
    )
    assert cells(watched, ADDRESS) == [None, None]


def test_of_what_was_forgotten_nothing_is_shown(watched: World) -> None:
    with watched.session() as session, transaction(session):
        session.execute(update(Instance).values(record_key=None))
    assert cells(watched, ADDRESS) == [None, None]


@pytest.mark.parametrize("keys", [(ADDRESS,), (ADDRESS, POSTCODE, "f_gender", "f_mobile")])
def test_however_many_columns_they_take_one_statement(watched: World, keys: tuple[str, ...]) -> None:
    with watched.session() as session:
        fields = process_fields.of(
            session, versions.current(session, watched.process).version, is_recorded=False
        )
    plain = case_fields.Fields(tuple(one for one in fields.listed if f"f_{one.key}" in keys))
    lines: list[str] = []
    event.listen(watched.engine, "before_cursor_execute", lambda *given: lines.append(given[2]))
    with watched.session() as session:
        rows = [{"id": line.row, "reader": "", "at": watched.now} for line in page(watched, "number").rows]
        assert not [line for line in lines if "runtime_entry" in line]  # nobody wanted to see any
        lines.clear()
        told = process_fields.told(session, watched.process, plain, rows)
        assert lines == []
        for column in process_fields.columns(plain):
            for row in told:
                assert column.value is not None
                column.value(row)
    assert len([line for line in lines if line.startswith("SELECT")]) == 1


def test_whoever_wants_a_column_has_it_in_the_workbook_too(watched: World) -> None:
    by, name = watched.acting(WATCHER), f"monitor/process-{watched.process}"
    with watched.session() as session:
        shown = [one.key for one in choosing.columns(listing(watched), name, session, by)]
        choosing.choose(listing(watched), name, [*shown, ADDRESS], session, by, watched.now)
        assert ADDRESS in [one.key for one in choosing.columns(listing(watched), name, session, by)]
