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

ISSUERS = to(200, "city", "next_city", "district")
IDENTITY = {"identity": "permits.organiser"}


def of_activities(tab: str) -> dict[tuple[str, str], list[Row]]:
    """A tab of 活动管理, of one's own project and district, another's, and none."""
    return {
        ("GET", f"/permits/activities/<post>/{tab}"): [
            arrived(to(200, "district"), 403, post="own_post"),
            arrived(to(404, "district"), 403, post="other_post"),
            arrived(to(404, "district"), 403, post="absent"),
        ]
    }


def of_summaries(
    path: str, method: str, own: int | None = None, **values: str
) -> dict[tuple[str, str], list[Row]]:
    """A page of a district's summary: `own` at one's own post, 404 at any other."""
    posts = (("own_post", own), ("other_post", 404), ("absent", 404))
    rows = [arrived(to(status, "district"), 403, post=post, **values) for post, status in posts if status]
    return {(method, f"/permits/projects/<post>/summary{path}"): rows}


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
    ("GET", "/permits/projects"): [arrived(CITIES, 403)],
    ("GET", "/permits/projects/new"): [arrived(CITIES, 403)],
    ("POST", "/permits/projects/new"): [arrived(to(422, "city", "next_city"), 403)],
    ("GET", "/permits/projects/<project>/terms"): [arrived(to(404, "city", "next_city"), 403, project="absent")],
    ("POST", "/permits/projects/<project>/terms"): [arrived(to(404, "city", "next_city"), 403, project="absent")],
    ("POST", "/permits/projects/<project>/open"): [arrived(to(404, "city", "next_city"), 403, project="absent")],
    ("GET", "/permits/codes"): [arrived(ISSUERS, 403)],
    ("GET", "/permits/codes/new"): [arrived(ISSUERS, 403)],
    ("POST", "/permits/codes/new"): [arrived(dict.fromkeys(ISSUERS, 422), 403)],
    ("POST", "/permits/codes/<authorisation>/revoke"): [
        arrived(dict.fromkeys(ISSUERS, 404), 403, authorisation="absent")
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
    ("GET", "/permits/activities"): [arrived(to(302, "district"), 403)],
    **of_activities("grants"),
    **of_activities("status"),
    **of_activities("review"),
    ("GET", "/permits/declarations"): [arrived(to(200, "teacher"), 403)],
    ("GET", "/permits/declarations/new"): [arrived(to(200, "teacher"), 403)],
    ("POST", "/permits/declarations/new"): [arrived(to(422, "teacher"), 403)],
    ("GET", "/permits/participations"): [arrived(to(200, "student"), 403)],
    **of_summaries("", "GET", 200),
    **of_summaries("/print", "POST", 409),
    **of_summaries("/uploads", "POST", 409),
    **of_summaries("/uploads/<upload>/delete", "POST", upload="absent"),
    ("GET", "/permits/summaries"): [arrived(CITIES, 403)],
    ("POST", "/permits/summaries/zip"): [arrived(to(303, "city", "next_city"), 403)],
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
