"""Route x persona x object of the office (T9, C-11): a route without a row fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pages import House
from tests.platform.records.purchases import sent
from tests.rooms.matrix import Row, Town, arrived, check, everybody, routes, to
from tests.rooms.office.town import settle

STARTERS = ("clerk", "colleague")
REVIEWERS = ("head", "other_head", "member", "second", "platform")
SENT = {name: values[0] for name, values in sent().items()}
PART = {"item": "投影仪"}
NOT_HIS = {**PART, "post_id": "0" * 26}
ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/office/"): [everybody(200, "arrived")],
    ("GET", "/office/start"): [everybody(200, "arrived")],
    ("GET", "/office/start/<process>"): [
        arrived(to(200, *STARTERS), process="process"),
        arrived({}, process="foreign"),
        arrived({}, process="absent"),
    ],
    ("POST", "/office/start/<process>"): [
        arrived(to(422, *STARTERS), data=PART, process="process"),
        arrived(to(422, *STARTERS), data=NOT_HIS, process="process"),
        arrived({}, data=PART, process="foreign"),
        arrived({}, data=PART, process="absent"),
    ],
    ("POST", "/office/start/<process>/draft"): [
        arrived(to(204, *STARTERS), data=PART, process="process"),
        arrived({}, data=PART, process="foreign"),
        arrived({}, data=PART, process="absent"),
    ],
    ("GET", "/office/statistics/<process>"): [
        arrived(to(200, *STARTERS, *REVIEWERS), process="process"),
        arrived({}, process="foreign"),
        arrived({}, process="absent"),
    ],
    ("POST", "/office/statistics/<process>/export"): [
        arrived(to(200, *STARTERS, *REVIEWERS), data={"asked": ""}, process="process"),
        arrived({}, data={"asked": ""}, process="foreign"),
        arrived({}, data={"asked": ""}, process="absent"),
    ],
}


@pytest.fixture(scope="module")
def town(whole_house: House) -> Town:
    return settle(whole_house)


def test_every_route_of_the_office_has_a_row(town: Town) -> None:
    assert {route[:2] for route in routes(town) if route[2].startswith("office.")} == set(ROWS)


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(town: Town, route: tuple[str, str]) -> None:
    others = {name: one for name, one in town.browsers.items() if name not in REVIEWERS}
    starting = route[1].startswith("/office/start/")  # reviewers' menus name the chain they cannot start
    check(replace(town, browsers=others) if starting else town, route, ROWS[route])


@pytest.mark.parametrize("verb", ["", "/draft"])
def test_who_reviews_a_chain_does_not_start_it(town: Town, verb: str) -> None:
    for persona in REVIEWERS:
        browser = town.browsers[persona]
        assert browser.get("/office/start/office_purchase").status_code == 404, persona
        assert "数量" not in browser.page
        assert browser.post(f"/office/start/office_purchase{verb}", SENT).status_code == 404, persona


def test_a_register_is_there_for_its_own_people_alone(town: Town) -> None:
    expected = {**to(200, *STARTERS, *REVIEWERS), **to(404, "security", "onlooker")}
    for persona, status in expected.items():
        answer = town.browsers[persona].get("/office/lists/office_purchase")
        assert answer.status_code == status, persona
