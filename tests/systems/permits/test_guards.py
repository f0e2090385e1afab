"""Who gets what at every address of permits, as in tests/rooms/test_guards.py (T9, C-11)."""

from __future__ import annotations

import pytest

from tests.pages import House
from tests.rooms.matrix import (
    CITIES,
    NO_PERMISSION,
    NOBODY,
    ONLY_ORGANISERS,
    Row,
    Town,
    arrived,
    check,
    routes,
    settle,
    to,
)

IDENTITY = {"identity": "permits.organiser"}
ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/<system>/lists/<key>"): [
        arrived(CITIES, 403, system="permits", key="applications"),
        arrived(CITIES, 403, system="permits", key="people"),
        arrived(NOBODY, 404, system="permits", key="absent"),
    ],
    ("GET", "/permits/"): [arrived(to(403, "city", "next_city"), 200)],
    ("GET", "/permits/apply"): [arrived(ONLY_ORGANISERS, 200)],
    ("POST", "/permits/apply"): [arrived(ONLY_ORGANISERS, 422)],
    ("POST", "/permits/applications/<instance>/discard"): [
        arrived(ONLY_ORGANISERS, instance="in_review"),
        arrived(ONLY_ORGANISERS, instance="others_in_review"),
        arrived(ONLY_ORGANISERS, instance="absent"),
    ],
    ("GET", "/permits/profile"): [arrived(ONLY_ORGANISERS, 200)],
    ("POST", "/permits/profile"): [arrived(ONLY_ORGANISERS, 422)],
    ("POST", "/permits/profile/draft"): [arrived(ONLY_ORGANISERS, 204)],
    ("GET", "/permits/applications/<instance>/scan"): [
        arrived({**ONLY_ORGANISERS, "owner": 200}, instance="in_review"),
        arrived(ONLY_ORGANISERS, instance="draft"),
        arrived({**ONLY_ORGANISERS, "organiser": 200}, instance="others_in_review"),
        arrived(ONLY_ORGANISERS, instance="absent"),
    ],
    ("POST", "/permits/applications/<instance>/scan"): [
        arrived({**ONLY_ORGANISERS, "owner": 422}, instance="in_review"),
        arrived(ONLY_ORGANISERS, instance="draft"),
        arrived({**ONLY_ORGANISERS, "organiser": 422}, instance="others_in_review"),
        arrived(ONLY_ORGANISERS, instance="absent"),
    ],
    ("GET", "/permits/projects/<post>"): [
        arrived(to(200, "district"), 403, post="own_post"),
        arrived(to(404, "district"), 403, post="other_post"),
        arrived(to(404, "district"), 403, post="absent"),
    ],
    ("GET", "/permits/people/<person>"): [
        arrived({**NO_PERMISSION, "city": 200}, person="person_here"),
        arrived({**NO_PERMISSION, "next_city": 200}, person="person_there"),
        arrived(NO_PERMISSION, person="colleague"),
        arrived(NO_PERMISSION, person="absent"),
    ],
    ("POST", "/permits/people/<person>"): [
        arrived({**NO_PERMISSION, "city": 303}, 404, IDENTITY, person="person_here"),
        arrived({**NO_PERMISSION, "next_city": 303}, 404, IDENTITY, person="person_there"),
        arrived(NO_PERMISSION, 404, IDENTITY, person="colleague"),
        arrived(NO_PERMISSION, 404, IDENTITY, person="absent"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def town(whole_house: House) -> Town:
    return settle(whole_house)


def test_every_route_of_permits_has_a_row(town: Town) -> None:
    found = {route[:2] for route in routes(town) if route[2].startswith("permits.")}
    shared = {("GET", "/<system>/lists/<key>")}
    assert found | shared == set(ROWS), "every route needs its row, and every row its route"


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(town: Town, route: tuple[str, str]) -> None:
    check(town, route, ROWS[route])
