"""A list of many rows is found by its index: the page, its count, and what is taken out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from app.platform import jobs, lists
from app.platform.lists import choosing
from tests.platform.lists.guests import GUESTS, HERE, NOW, THERE, Ground

INDEX = "ix_test_guest_place"


def fill(ground: Ground) -> None:
    """Many guests elsewhere, few here and there."""
    ground.enter(20_000, "440000/440100/440103/", begin=1000)
    ground.enter(30, HERE)
    ground.enter(30, THERE, begin=100)
    with ground.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def plans(ground: Ground, said: list[tuple[str, Any]]) -> list[str]:
    """How the database goes about the statements that read guests."""
    how = "EXPLAIN" if ground.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    found = []
    with ground.engine.connect() as connection:
        for statement, parameters in said:
            if "FROM test_guest" in statement:
                rows = connection.exec_driver_sql(f"{how} {statement}", parameters)
                found.append("\n".join(str(row[-1]) for row in rows))
    return found


@pytest.mark.parametrize("asked", [{}, {"state": "passed"}, {"page": "3"}, {"q": "0001", "sort": "-name"}])
def test_a_page_is_found_by_the_index_of_its_scope(ground: Ground, asked: dict[str, str]) -> None:
    fill(ground)
    said: list[tuple[str, Any]] = []
    by = ground.by
    with ground.sessions() as session:
        event.listen(ground.engine, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
        page = lists.fetch(GUESTS, session, by, lists.read(GUESTS, session, by, asked), NOW)
    assert page.rows
    seen = plans(ground, list(said))
    assert len(seen) == 2
    for plan in seen:
        assert INDEX in plan, plan


def test_what_is_taken_out_is_found_by_it_too(ground: Ground) -> None:
    fill(ground)
    ground.begin()
    said: list[tuple[str, Any]] = []
    event.listen(ground.engine, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
    assert jobs.run_one(ground.sessions, lambda: NOW, "worker")
    seen = plans(ground, list(said))
    assert len(seen) == 2
    for plan in seen:
        assert INDEX in plan, plan


def test_a_page_with_chosen_columns_costs_one_statement_more(ground: Ground) -> None:
    ground.enter(15)
    by = ground.by
    with ground.sessions() as session:
        choosing.choose(GUESTS, "test/guests", ["name", "note"], session, by, NOW)
        said: list[str] = []
        event.listen(ground.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
        columns = choosing.columns(GUESTS, "test/guests", session, by)
        page = lists.fetch(GUESTS, session, by, lists.read(GUESTS, session, by, {}), NOW, columns)
        assert [column.key for column in page.columns] == ["name", "note"]
        assert set(page.rows[0].cells) == {"name", "note"}
        assert page.rows[0].row == "guest000001"
        assert len([one for one in said if one.startswith("SELECT")]) == 3
