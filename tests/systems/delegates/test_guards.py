"""Who gets what at every address of delegates, as in tests/rooms/test_guards.py (T9, C-11, D-44)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.pages import House
from tests.rooms.matrix import Row, Town, check, routes
from tests.systems.delegates import town

ROWS: dict[tuple[str, str], list[Row]] = {}
for part in sorted(Path(__file__).parent.glob("rows_*.py")):  # each part of the system brings its own
    for way, rows in import_module(f"tests.systems.delegates.{part.stem}").ROWS.items():
        ROWS.setdefault(way, []).extend(rows)


@pytest.fixture(scope="module")
def settled(whole_house: House) -> Town:
    return town.settle(whole_house)


def test_every_route_of_delegates_has_a_row(settled: Town) -> None:
    found = {route[:2] for route in routes(settled) if route[2].startswith("delegates.")}
    shared = {("GET", "/<system>/lists/<key>")}
    assert found | shared == set(ROWS), "every route needs its row, and every row its route"


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(settled: Town, route: tuple[str, str]) -> None:
    check(settled, route, ROWS[route])
