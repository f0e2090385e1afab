"""Route x persona x object of the monitor (T9, C-11): a route without a row fails."""

from __future__ import annotations

import pytest

from tests.pages import House
from tests.rooms.matrix import Town, check, routes
from tests.rooms.monitor import rows
from tests.rooms.monitor.town import settle

ROWS = rows.every()


@pytest.fixture(scope="module")
def town(whole_house: House) -> Town:
    return settle(whole_house)


def test_every_route_of_the_room_has_a_row(town: Town) -> None:
    assert {route[:2] for route in routes(town) if route[2].startswith(("monitor.", "metrics."))} == set(ROWS)


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(town: Town, route: tuple[str, str]) -> None:
    check(town, route, ROWS[route])
