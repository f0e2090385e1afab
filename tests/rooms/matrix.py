"""What a matrix of route x person x object is made of: rows, the people and objects of a town, and asking them all.

The rooms' own table is tests/rooms/test_guards.py, a system's is tests/systems/<key>/test_guards.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

from sqlalchemy.orm import Session

from app.platform.identity import accounts, captcha, posts, sessions, tokens
from app.rooms.web.security import HEADERS
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.world import profile

LOGIN, CHOOSE = "/login", "/identity/{system}"  # instead of a status: where one is led
Expected = int | str
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
UNKNOWN = {"outcome": "nonsense", "revision": "1"}
STALE = {"revision": "99"}


@dataclass
class Town:
    """The people and objects of the table."""

    house: House
    browsers: dict[str, Browser]
    objects: dict[str, str]


def settle(house: House) -> Town:
    """Let everybody of the table live in the house, whichever system's world is in it."""
    world, key = house.world, house.world.system
    house.app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is an answer too: 500
    world.enter("学生", f"{key}.student")
    for name, username, place in (("区县", "district1", "130402"), ("区县二", "district2", "130403")):
        world.enter(name, f"{key}.organiser")
        world.enter(name, f"{key}.district_admin", place, world.project)
        house.account(name, username)
    house.account("学生", "student1")
    world.enter("邻市组织者", f"{key}.organiser")
    house.account("邻市组织者", "organiser3")
    house.register("undecided", "13800000001")
    world.enter("停用", f"{key}.city_admin", "130400")
    house.account("停用", "disabled1")

    in_review, others = world.to_review("组织者甲"), world.to_review("组织者乙", "130404")
    draft = world.apply("组织者甲", "130403")
    abroad = world.apply("邻市组织者", "130502")
    world.decide(abroad, "file_profile", "save", "邻市组织者", profile(origin="130502"))

    def post_of(name: str) -> str:
        return next(post.id for post in world.acting(name).posts if post.role == f"{key}.district_admin")

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
    objects = {
        "absent": ABSENT,
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


def neighbours(house: House, people: Mapping[str, tuple[str, str, str]], ending: str) -> dict[str, Browser]:
    """The browsers of a room's `people` (user name -> name, role, place) and of those every room has beside them.

    A visitor, somebody whose account is to be shut, one who has not chosen who he is, an applicant and a reviewer.
    `ending` keeps the user names of two rooms apart.
    """
    house.app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is an answer too: 500
    for username, (name, role, place) in people.items():
        house.world.enter(name, role, place)
        house.account(name, f"{username}_{ending}")
    house.world.enter("停用", f"{house.world.system}.city_admin", "130400")
    house.account("停用", "disabled1")
    house.register("undecided", "13800000001")
    return {
        "visitor": house.browser(),
        "disabled": house.visit("停用"),
        "undecided": house.visit("undecided"),
        "owner": house.visit("组织者甲"),
        "reviewer": house.visit("市级"),
        **{username: house.visit(name) for username, (name, _, _) in people.items()},
    }


def leave(house: House, session: Session, former: str) -> None:
    """Shut the account of who is disabled, and end the one post of `former`, once both have signed in."""
    accounts.disable(session, house.world.people["停用"], None, house.world.now)
    (held,) = posts.of(session, house.world.people[former], house.world.now)
    posts.end(session, held.id, house.world.now, None)


def routes(town: Town) -> set[tuple[str, str, str]]:
    """The application's routes: method, rule, endpoint."""
    return {
        (method, rule.rule, rule.endpoint)
        for rule in town.house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def check(town: Town, route: tuple[str, str], rows: Sequence[Row]) -> None:
    """Fail unless everybody gets what `rows` say, and a foreign object answers as an absent one but for its own id."""
    wrong: list[str] = []
    unknown: dict[tuple[str, str | None], set[str]] = {}
    for row in rows:
        # who is let in comes last, so that whom it is denied to meets the object as it was
        for persona in sorted(town.browsers, key=lambda one: row.expects(one) in (200, 303)):
            answer, page = ask(town, route, row, persona)
            expected = row.expects(persona)
            if isinstance(expected, str):
                expected = expected.format(system=town.house.world.system)
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
        data = {
            key: town.objects.get(one, one) if isinstance(one, str) else one for key, one in row.data.items()
        }
        if row.door == "api":
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
