"""Route x person x object: who gets what at every address of the house (T9, C-11, C-17, C-23).

The table is the expectation, written by hand; the routes are the application's own. A route without a row fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

import pytest

from app.platform.identity import accounts, captcha, sessions, tokens
from app.platform.jobs import errands
from app.platform.registry import Words
from app.rooms.web.security import HEADERS
from tests.pages import House
from tests.platform.sheets.members import imported
from tests.rooms.conftest import Browser
from tests.world import profile

LOGIN, CHOOSE = "/login", "/identity/permits"  # instead of a status: where one is led
ARRIVED = ("owner", "organiser", "teacher", "student", "city", "next_city", "district")
Expected = int | str
PERSONAS = ("visitor", "disabled", "undecided", *ARRIVED)
NOBODY: dict[str, Expected] = {}
ABSENT = "0" * 26


@dataclass(frozen=True)
class Row:
    """What everybody gets at one address, for one object. `door`: open, welcome, arriving, arrived, api."""

    door: str
    answers: Mapping[str, Expected] = field(default_factory=dict)
    others: Expected = 404
    values: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def expects(self, persona: str) -> Expected:
        """The answer for `persona`: the door's, else the row's. A program is not led anywhere."""
        if self.door == "api" and persona in ("visitor", "disabled", "undecided"):
            return 403 if persona == "undecided" else 401
        if persona in ("visitor", "disabled") and self.door in ("arriving", "arrived"):
            return LOGIN
        if persona == "undecided" and self.door in ("welcome", "arrived"):
            return CHOOSE
        return self.answers.get(persona, self.others)


def everybody(status: Expected, door: str = "open", **values: str) -> Row:
    return Row(door, {}, status, values)


def arrived(
    answers: Mapping[str, Expected], others: int = 404, data: Mapping[str, str] | None = None, **values: str
) -> Row:
    return Row("arrived", answers, others, values, data or {})


def program(
    answers: Mapping[str, Expected], others: int = 404, data: Mapping[str, Any] | None = None, **values: str
) -> Row:
    return Row("api", answers, others, values, data or {})


def to(status: Expected, *personas: str) -> dict[str, Expected]:
    return dict.fromkeys(personas, status)


READ_REVIEW = to(200, "owner", "city")
NO_PERMISSION = to(403, "owner", "organiser", "teacher", "student", "district")
ONLY_ORGANISERS = to(403, "teacher", "student", "city", "next_city")
CITIES = to(200, "city", "next_city")
ISSUERS = to(200, "city", "next_city", "district")
UNKNOWN = {"outcome": "nonsense", "revision": "1"}
STALE = {"revision": "99"}
IDENTITY = {"identity": "permits.organiser"}

APPLICATION = "permits_permission_application"
NONSENSE = {"nonsense": 1}
AT_ONE = {"outcome": "nonsense", "revision": 1}
AT_99 = {"revision": 99}


def of_tasks(verb: str, body: Mapping[str, Any], mine: int, seen: int) -> dict[tuple[str, str], list[Row]]:
    """A verb at tasks: `mine` for whoever works there, `seen` for whoever may only read."""
    return {
        ("POST", f"/api/v1/tasks/<task>/{verb}"): [
            program({"city": mine, "owner": seen}, 404, body, task="review"),
            program(to(mine, "owner"), 404, body, task="draft_task"),
            program({"city": mine, "organiser": seen}, 404, body, task="others_review"),
            program(NOBODY, 404, body, task="absent"),
        ]
    }


def of_instances(path: str) -> dict[tuple[str, str], list[Row]]:
    """What is read of an instance."""
    return {
        ("GET", f"/api/v1/instances/<instance>{path}"): [
            program(READ_REVIEW, instance="in_review"),
            program(to(200, "owner"), instance="draft"),
            program(to(200, "organiser", "city"), instance="others_in_review"),
            program(NOBODY, instance="absent"),
        ]
    }


def malformed(path: str, **values: str) -> dict[tuple[str, str], list[Row]]:
    """A verb whose body is judged before anything is looked up: the same for everybody who is let in."""
    return {("POST", f"/api/v1{path}"): [program(NOBODY, 422, NONSENSE, **values)]}


def published(path: str) -> dict[tuple[str, str], list[Row]]:
    """What is published is there for everybody who is let in."""
    return {
        ("GET", f"/api/v1/processes/<key>{path}"): [
            program(NOBODY, 200, key=APPLICATION, number="1"),
            program(NOBODY, 404, key="absent", number="1"),
        ]
    }


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


def of_errands(path: str, method: str, own: int) -> dict[tuple[str, str], list[Row]]:
    """An errand is the business of whoever asked for it, and of nobody else."""
    return {
        (method, f"/errands/<errand>{path}"): [
            arrived(to(own, "owner"), errand="owners_errand"),
            arrived(NOBODY, errand="absent"),
        ]
    }


def of_imports(path: str, method: str, seen: int) -> dict[tuple[str, str], list[Row]]:
    """An import is seen by whoever may import at the same place."""
    where = {"system": "permits", "key": "members"}
    return {
        (method, f"/<system>/imports/<key>/<record>{path}"): [
            arrived({"city": seen, "next_city": 404}, 403, **where, record="citys_import"),
            arrived(to(404, "city", "next_city"), 403, **where, record="absent"),
            arrived(NOBODY, 404, system="permits", key="absent", record="citys_import"),
        ]
    }


def sheets_of(own: int) -> list[Row]:
    """A sheet is open to whoever holds its permission."""
    return [
        arrived(to(own, "city", "next_city"), 403, system="permits", key="members"),
        arrived(NOBODY, 404, system="permits", key="absent"),
        everybody(404, "arrived", system="absent", key="members"),
    ]


API: dict[tuple[str, str], list[Row]] = {
    ("GET", "/api/v1/openapi.json"): [everybody(200)],
    ("GET", "/api/v1/docs"): [everybody(200)],
    ("GET", "/api/v1/me"): [program(NOBODY, 200)],
    ("GET", "/api/v1/tasks"): [program(NOBODY, 200)],
    ("GET", "/api/v1/instances"): [program(NOBODY, 200)],
    ("GET", "/api/v1/incidents"): [program(NOBODY, 200)],
    ("GET", "/api/v1/processes"): [program(NOBODY, 200)],
    **published(""),
    **published("/versions/<int:number>"),
    **published("/versions/<int:number>/bpmn"),
    **published("/versions/<int:number>/forms"),
    ("POST", "/api/v1/processes/<key>/instances"): [
        program({**ONLY_ORGANISERS}, 422, {}, key=APPLICATION),
        program(NOBODY, 404, {}, key="absent"),
    ],
    ("POST", "/api/v1/deployments"): [program(NOBODY, 403)],
    **malformed("/messages"),
    **malformed("/migrations"),
    ("GET", "/api/v1/tasks/<task>"): [
        program(READ_REVIEW, task="review"),
        program(to(200, "owner"), task="draft_task"),
        program(to(200, "organiser", "city"), task="others_review"),
        program(NOBODY, task="absent"),
    ],
    **of_tasks("complete", AT_ONE, 422, 403),
    **of_tasks("draft", {"revision": 1}, 200, 403),
    **of_tasks("claim", AT_99, 409, 404),
    **of_tasks("unclaim", AT_99, 409, 404),
    **malformed("/tasks/<task>/return", task="review"),
    **malformed("/tasks/<task>/transfer", task="review"),
    **malformed("/tasks/<task>/delegate", task="review"),
    **malformed("/tasks/<task>/signers", task="review"),
    **malformed("/tasks/<task>/copy", task="review"),
    **malformed("/tasks/bulk"),
    **of_instances(""),
    **of_instances("/history"),
    **of_instances("/diagram"),
    **malformed("/instances/<instance>/withdraw", instance="in_review"),
    **malformed("/instances/<instance>/cancel", instance="in_review"),
    **malformed("/instances/<instance>/suspend", instance="in_review"),
    **malformed("/instances/<instance>/resume", instance="in_review"),
    **malformed("/instances/<instance>/urge", instance="in_review"),
    **malformed("/instances/<instance>/variables", instance="in_review"),
    **malformed("/instances/<instance>/move", instance="in_review"),
    **malformed("/instances/<instance>/migrate", instance="in_review"),
    ("POST", "/api/v1/incidents/<incident>/retry"): [program(NOBODY, 404, {}, incident="absent")],
    ("POST", "/api/v1/files"): [program(NOBODY, 415)],
    ("GET", "/api/v1/files/<file>"): [
        program(READ_REVIEW, file="scan"),
        program(to(200, "owner"), file="drafts_file"),
        program(to(200, "owner"), file="loose_file"),
        program(to(200, "organiser", "city"), file="others_scan"),
        program(NOBODY, file="absent"),
    ],
}

API |= {
    ("GET", "/api/v1/webhooks"): [program(NOBODY, 403)],
    ("POST", "/api/v1/webhooks"): [program(NOBODY, 403)],
    ("DELETE", "/api/v1/webhooks/<webhook>"): [program(NOBODY, 403, webhook="absent")],
}

ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/"): [everybody(200, "welcome")],
    ("GET", "/static/<path:filename>"): [everybody(200, filename="chengpi.css"), everybody(404, filename="no")],
    ("GET", "/health"): [everybody(200)],
    ("GET", "/regions"): [everybody(200)],
    ("GET", "/agreement"): [everybody(200)],
    ("GET", "/privacy"): [everybody(200)],
    ("GET", "/captcha"): [everybody(200)],
    ("GET", "/captcha/<nonce>.png"): [everybody(200, nonce="captcha"), everybody(404, nonce="absent")],
    ("GET", "/login"): [Row("open", to(200, "visitor", "disabled"), 302)],
    ("POST", "/login"): [everybody(422)],
    ("GET", "/register"): [everybody(302)],
    ("GET", "/register/<system>"): [everybody(200, system="permits"), everybody(404, system="absent")],
    ("POST", "/register/<system>"): [everybody(422, system="permits"), everybody(404, system="absent")],
    ("GET", "/identity/<system>"): [
        Row("arriving", to(302, "owner", "organiser", *CITIES), 200, {"system": "permits"}),
        everybody(404, "arriving", system="absent"),
    ],
    ("POST", "/identity/<system>"): [
        Row("arriving", to(302, "owner", "organiser", *CITIES), 422, {"system": "permits"}),
        everybody(404, "arriving", system="absent"),
    ],
    ("GET", "/account"): [arrived(NOBODY, 200)],
    ("GET", "/account/password"): [everybody(200, "arriving")],
    ("POST", "/account/password"): [everybody(422, "arriving")],
    ("POST", "/account/post"): [
        arrived(to(303, "district"), 404, {"post": "own_post"}),
        arrived(NOBODY, 404, {"post": "other_post"}),
        arrived(NOBODY, 404, {"post": "absent"}),
        arrived(NOBODY, 303),  # last: all posts count again
    ],
    ("POST", "/account/sessions/<device>/end"): [
        arrived(to(303, "owner"), 404, device="owners_device"),
        arrived(NOBODY, 404, device="absent"),
    ],
    ("POST", "/account/sessions/end-others"): [arrived(NOBODY, 303)],
    ("POST", "/account/tokens/<token>/revoke"): [
        arrived(to(303, "owner"), 404, token="owners_token"),
        arrived(NOBODY, 404, token="absent"),
    ],
    **API,
    ("GET", "/files/<file>"): [
        arrived(READ_REVIEW, file="scan"),
        arrived(READ_REVIEW, file="paper"),
        arrived(to(200, "owner"), file="drafts_file"),
        arrived(to(200, "owner"), file="loose_file"),
        arrived(to(200, "organiser", "city"), file="others_scan"),
        arrived(NOBODY, file="absent"),
    ],
    ("GET", "/files/<file>/pages/<int:number>"): [
        arrived(READ_REVIEW, file="scan", number="1"),
        arrived(READ_REVIEW, file="paper", number="1"),
        arrived(to(200, "owner"), file="drafts_file", number="1"),
        arrived(to(200, "owner"), file="loose_file", number="1"),
        arrived(to(200, "organiser", "city"), file="others_scan", number="1"),
        arrived(NOBODY, file="absent", number="1"),
    ],
    ("GET", "/files/<file>/compare"): [
        arrived(READ_REVIEW, file="scan"),
        arrived(to(200, "organiser", "city"), file="others_scan"),
        arrived(NOBODY, file="drafts_file"),
        arrived(NOBODY, file="absent"),
    ],
    ("GET", "/inbox/"): [arrived(NOBODY, 200)],
    ("GET", "/inbox/instances/<instance>"): [
        arrived(READ_REVIEW, instance="in_review"),
        arrived(to(200, "owner"), instance="draft"),
        arrived(to(200, "organiser", "city"), instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("GET", "/inbox/tasks/<task>"): [
        arrived(READ_REVIEW, task="review"),
        arrived(to(200, "owner"), task="draft_task"),
        arrived(to(200, "organiser", "city"), task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>"): [
        arrived({"city": 422, "owner": 403}, 404, UNKNOWN, task="review"),
        arrived(to(422, "owner"), 404, UNKNOWN, task="draft_task"),
        arrived({"city": 422, "organiser": 403}, 404, UNKNOWN, task="others_review"),
        arrived(NOBODY, 404, UNKNOWN, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/draft"): [
        arrived({"city": 204, "owner": 403}, task="review"),
        arrived(to(204, "owner"), task="draft_task"),
        arrived({"city": 204, "organiser": 403}, task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/claim"): [
        arrived(to(409, "city"), 404, STALE, task="review"),
        arrived(to(409, "owner"), 404, STALE, task="draft_task"),
        arrived(to(409, "city"), 404, STALE, task="others_review"),
        arrived(NOBODY, 404, STALE, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/unclaim"): [
        arrived(to(409, "city"), 404, STALE, task="review"),
        arrived(to(409, "owner"), 404, STALE, task="draft_task"),
        arrived(to(409, "city"), 404, STALE, task="others_review"),
        arrived(NOBODY, 404, STALE, task="absent"),
    ],
    ("GET", "/<system>/lists/<key>"): [
        arrived(CITIES, 403, system="permits", key="applications"),
        arrived(CITIES, 403, system="permits", key="people"),
        arrived(NOBODY, 404, system="permits", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    ("POST", "/inbox/together/of/<system>/<key>"): [
        everybody(404, "arrived", system="absent", key="applications"),
        arrived(NOBODY, 404, system="permits", key="absent"),
    ],
    ("GET", "/inbox/together"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/together"): [arrived(NOBODY, 422)],
    ("GET", "/inbox/together/<errand>"): [
        arrived(NOBODY, errand="owners_errand"),  # an errand of another kind
        arrived(NOBODY, errand="absent"),
    ],
    ("GET", "/errands"): [arrived(NOBODY, 200)],
    **of_errands("", "GET", 200),
    **of_errands("/progress", "GET", 200),
    **of_errands("/stop", "POST", 303),
    **of_errands("/again", "POST", 303),
    ("POST", "/<system>/lists/<key>/columns"): [
        arrived(to(303, "city", "next_city"), 403, system="permits", key="applications"),
        arrived(NOBODY, 404, system="permits", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    ("POST", "/<system>/lists/<key>/export"): [
        arrived(to(303, "city", "next_city"), 403, system="permits", key="applications"),
        arrived(NOBODY, 404, system="permits", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    **of_imports("", "GET", 200),
    **of_imports("/progress", "GET", 200),
    **of_imports("/failures.xlsx", "GET", 200),
    **of_imports("/undo", "POST", 303),
    ("GET", "/<system>/imports/<key>"): sheets_of(200),
    ("POST", "/<system>/imports/<key>"): sheets_of(422),
    ("GET", "/<system>/imports/<key>/template.xlsx"): sheets_of(200),
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
    ("POST", "/logout"): [everybody(303, "arriving")],  # last: who comes here is gone afterwards
}  # fmt: skip


@dataclass
class Town:
    """The people and objects of the table."""

    house: House
    browsers: dict[str, Browser]
    objects: dict[str, str]


@pytest.fixture(scope="module")
def town(whole_house: House) -> Town:
    house, world = whole_house, whole_house.world
    house.app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is an answer too: 500
    world.enter("学生", "permits.student")
    for name, username, place in (("区县", "district1", "130402"), ("区县二", "district2", "130403")):
        world.enter(name, "permits.organiser")
        world.enter(name, "permits.district_admin", place, world.project)
        house.account(name, username)
    house.account("学生", "student1")
    world.enter("邻市组织者", "permits.organiser")
    house.account("邻市组织者", "organiser3")
    house.register("undecided", "13800000001")
    world.enter("停用", "permits.city_admin", "130400")
    house.account("停用", "disabled1")

    in_review, others = world.to_review("组织者甲"), world.to_review("组织者乙", "130404")
    draft = world.apply("组织者甲", "130403")
    abroad = world.apply("邻市组织者", "130502")
    world.decide(abroad, "file_profile", "save", "邻市组织者", profile(origin="130502"))

    def post_of(name: str) -> str:
        return next(post.id for post in world.acting(name).posts if post.role == "permits.district_admin")

    def scan_of(name: str, instance: str) -> str:
        browser = house.visit(name)
        browser.get(house.task(instance, "city_review"))
        found = re.search(r'src="/files/([^"]+)"', browser.page)
        assert found, browser.page
        return found[1]

    browsers = {
        "visitor": house.browser(),
        "disabled": house.visit("停用"),
        "undecided": house.visit("undecided"),
        "owner": house.visit("组织者甲"),
        "organiser": house.visit("组织者乙"),
        "teacher": house.visit("教师"),
        "student": house.visit("学生"),
        "city": house.visit("市级"),
        "next_city": house.visit("邻市"),
        "district": house.visit("区县"),
    }
    second = house.visit("组织者甲").client.get_cookie("chengpi")
    assert second is not None
    browsers["owner"].get(f"/inbox/instances/{in_review}")
    paper = re.search(r'href="/files/([^"?]+)\?', browsers["owner"].page)
    assert paper
    with world.session() as session:
        accounts.disable(session, world.people["停用"], None, world.now)
        nonce = captcha.new(session, world.now, "1234").nonce
        owners_token, _ = tokens.create(session, world.people["组织者甲"], "a", None, None, world.now)
        by = world.acting("组织者甲")
        errand = errands.begin(session, "test/none", Words("导出", "Export"), {}, by, world.now)
    citys_import = imported(world, world.acting("市级"))
    objects = {
        "absent": ABSENT,
        "citys_import": citys_import,
        "owners_errand": errand,
        "captcha": nonce,
        "in_review": in_review,
        "draft": draft,
        "others_in_review": others,
        "review": world.open_task(in_review, "city_review"),
        "draft_task": world.open_task(draft, "submit"),
        "others_review": world.open_task(others, "city_review"),
        "scan": scan_of("组织者甲", in_review),
        "others_scan": scan_of("组织者乙", others),
        "paper": paper[1],
        "drafts_file": world.scan("组织者甲", draft)["scan"][0],
        "loose_file": world.scan("组织者甲")["scan"][0],
        "own_post": post_of("区县"),
        "other_post": post_of("区县二"),
        "owners_token": owners_token,
        "owners_device": sessions.session_id(second.value),
        "person_here": world.people["组织者甲"],
        "person_there": world.people["邻市组织者"],
        "colleague": world.people["市级二"],
    }
    return Town(house, browsers, objects)


def test_every_route_has_a_row(town: Town) -> None:
    routes = {
        (method, rule.rule)
        for rule in town.house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(ROWS), "every route needs its row, and every row its route"


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(town: Town, route: tuple[str, str]) -> None:
    """T9: and a foreign object answers as an absent one, but for its own id in the links."""
    wrong: list[str] = []
    unknown: dict[tuple[str, str | None], set[str]] = {}
    for row in ROWS[route]:
        # who is let in comes last, so that whom it is denied to meets the object as it was
        for persona in sorted(PERSONAS, key=lambda one: row.expects(one) in (200, 303)):
            answer, page = ask(town, route, row, persona)
            expected = row.expects(persona)
            given = answer.location.split("?")[0] if isinstance(expected, str) and answer.location else None
            if (given or answer.status_code) != expected:
                wrong.append(f"{persona} {dict(row.values)}: {given or answer.status_code}, not {expected}")
            if answer.status_code == 404 and expected == 404:
                unknown.setdefault((persona, row.values.get("system")), set()).add(page)
            wrong += unsafe_headers(answer, route, persona)
    assert not wrong
    for who, pages in unknown.items():
        first, *others = sorted(pages)
        assert not [
            line for other in others for line in unified_diff(first.split("\n"), other.split("\n"))
        ], who


def ask(town: Town, route: tuple[str, str], row: Row, persona: str) -> tuple[Any, str]:
    """Go there as `persona`; the answer, and its text without what differs from request to request."""
    method, rule = route
    values = {name: town.objects.get(value, value) for name, value in row.values.items()}
    url = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)
    browser = town.browsers[persona]
    if method == "GET":
        answer = browser.get(url)
    else:
        browser.get("/login" if persona in ("visitor", "disabled") else "/account/password")
        data = {name: town.objects.get(value, value) for name, value in row.data.items()}
        if url.startswith("/api/"):
            shown = {"X-CSRFToken": browser.hidden()["csrf_token"]}
            answer = browser.client.open(url, method=method, json=data, headers=shown)
        else:
            answer = browser.post(url, data)
    text = answer.get_data(as_text=True) if not answer.is_streamed else ""
    for value in values.values():
        text = text.replace(value, "…")
    text = re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\1…", text)
    text = re.sub(r'"request":"\w+"', "…", text)
    return answer, re.sub(
        r'(?s)<div id="messages".*?(?=<section)', "…", text
    )  # what an earlier post has said


def unsafe_headers(answer: Any, route: tuple[str, str], persona: str) -> list[str]:
    """What of the promised headers is not there (T23), whoever asks, whatever the answer."""
    told = {name for name, value in HEADERS.items() if answer.headers.get(name) != value}
    policy = answer.headers.get("Content-Security-Policy", "")
    if not ("default-src 'self'" in policy or "default-src 'none'" in policy) or "unsafe-eval" in policy:
        told.add("Content-Security-Policy")
    if "frame-ancestors 'none'" not in policy or "script-src" in policy:
        told.add("Content-Security-Policy")
    may_keep = route[1] in ("/static/<path:filename>", "/regions")
    if answer.headers.get("Cache-Control") != "no-store" and not may_keep:
        told.add("Cache-Control")
    answer.close()
    return [f"{persona}: {name} of {' '.join(route)}" for name in sorted(told)]
