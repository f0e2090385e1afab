"""What no post of the rooms may do: act on a forged token (T11), or write what its form does not ask for (T19)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.platform import notices
from app.platform.identity import sessions, tokens
from app.platform.registry import Words
from app.platform.registry import house as leases
from app.platform.runtime import phrases, versions
from tests.pages import House, decide
from tests.rooms import (
    admin,
    designer,
    factor_rows,
    list_posts,
    monitor,
    portal_posts,
    question_posts,
    view_posts,
)
from tests.rooms.conftest import PASSWORD
from tests.rooms.forgery import (
    ATTACK,
    AUDIT,
    CLAIM,
    PERSON,
    STEP,
    Post,
    at,
    at_task,
    claimed,
    draft,
    rows,
    unsafe_rules,
    works_only_as_meant,
    writes_no_more_than_asked,
    written,
)
from tests.rooms.inbox import verb_posts
from tests.rooms.office import posts as office_posts
from tests.world import ROOT, profile


def undecided(house: House) -> Any:
    house.count += 1
    username = house.register(f"undecided{house.count}", f"13700000{house.count:03}")
    browser = house.visit(username)
    browser.get(f"/identity/{house.world.system}")
    return browser, f"/identity/{house.world.system}", {"role": f"{house.world.system}.organiser"}


def device(house: House) -> Any:
    name = house.settle()
    other = house.visit(name).client.get_cookie("chengpi")
    assert other is not None
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/account/sessions/{sessions.session_id(other.value)}/end", {}


def letter(house: House) -> Any:
    """The applicant of a returned application, whose letter is being printed."""
    name = house.settle()
    instance = house.world.to_review(name)
    decide(house.visit("市级"), house.task(instance, "city_review"), "reject", comment="请改", **MARKED)
    browser, url = house.visit(name), house.task(instance, "correct")
    browser.get(url)
    return browser, f"{url}/letter", {}


def visitor(url: str, fields: Mapping[str, str]) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        house.count += 1
        browser = house.browser()
        browser.get(url)
        new = {"username": f"visitor{house.count}", "phone": f"13600000{house.count:03}"}
        return browser, url, {**fields, **new, "captcha_answer": "1234"}

    return ready


NEW = {"name": "新人", "password": PASSWORD, "repeat": PASSWORD, "agreed": "y"}
CHANGED = {"old": PASSWORD, "password": "Anders-Wald-58", "repeat": "Anders-Wald-58"}
SCAN = frozenset({"documents_file", "documents_reading", "fairs_application.scan_id"})
MARKED = {"item-employer": "1", "item-employer.code": "unclear"}
POSTS = {
    "login": Post(
        "/login",
        visitor("/login", {"login": "city1", "password": PASSWORD}),
        AUDIT | {"identity_account.first_sign_in_at"},
    ),
    "register": Post(
        "/register/<system>",
        visitor("/register/fairs", NEW),
        AUDIT | {"identity_account", "identity_person"},
    ),
    "identity": Post("/identity/<system>", undecided, AUDIT | {"identity_post"}),
    "password": Post(
        "/account/password",
        at("/account/password", CHANGED),
        AUDIT | {"identity_account.password_hash", "identity_account.password_at"},
    ),
    "post": Post("/account/post", at("/account/post", {"post": ""}), frozenset()),
    "device": Post("/account/sessions/<device>/end", device, AUDIT),
    "devices": Post("/account/sessions/end-others", at("/account/sessions/end-others", {}), AUDIT),
    "apply": Post(
        "/fairs/apply",
        at("/fairs/apply", {"project": lambda house: house.world.project, "district": "130402"}),
        STEP | {"fairs_application", "runtime_instance", "runtime_serial", "runtime_serial.last"},
    ),
    "draft": Post("/inbox/tasks/<task>/draft", draft, frozenset({"runtime_draft"})),
    "keys": Post("/inbox/keys", at("/inbox/keys", {"single": "off"}), frozenset({"lists_choice"})),
    "letter": Post("/inbox/tasks/<task>/letter", letter, frozenset()),
    "return for items": Post(
        "/inbox/tasks/<task>",
        at_task("city_review", "reject", "市级", comment="请改", **MARKED),
        STEP | AUDIT | {"runtime_instance.items", "jobs_job", "notices_notice", "notices_delivery"},
    ),
    "claim": Post("/inbox/tasks/<task>/claim", claimed("claim"), CLAIM),
    "unclaim": Post("/inbox/tasks/<task>/unclaim", claimed("unclaim"), CLAIM),
    "file profile": Post(
        "/inbox/tasks/<task>",
        at_task("file_profile", "save", **{name: value[0] for name, value in profile().items()}),
        STEP | AUDIT | PERSON | {"fairs_profile"},
    ),
    "submit": Post(
        "/inbox/tasks/<task>",
        at_task("submit", "submit"),
        STEP | {"jobs_job", "fairs_application.snapshot", "fairs_application.submitted_at"},
    ),
    "upload": Post("/inbox/tasks/<task>", at_task("upload_scan", "upload"), STEP | SCAN),
    "approve": Post(
        "/inbox/tasks/<task>",
        at_task("city_review", "approve", "市级", comment="同意"),
        STEP
        | AUDIT
        | {
            "identity_post",
            "notices_notice",
            "notices_delivery",
            "jobs_job",
            *(f"runtime_instance.{name}" for name in ("state", "ended", "ended_at")),
        },
    ),
    "correct": Post("/inbox/tasks/<task>", at_task("correct", "submit"), STEP | SCAN),
    "logout": Post("/logout", at("/logout", {}), AUDIT),
}


def token(house: House) -> Any:
    name = house.settle()
    with house.world.session() as session:
        made, _ = tokens.create(session, house.world.people[name], "", None, None, house.world.now)
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/account/tokens/{made}/revoke", {}


def captcha(house: House) -> Any:
    browser = house.browser()
    browser.get("/login/sms")
    return browser, "/captcha", {"captcha_nonce": browser.hidden()["captcha_nonce"], "captcha_answer": "1234"}


POSTS["captcha"] = Post("/captcha", captcha, frozenset(), shows=True)
POSTS["token"] = Post("/account/tokens/<token>/revoke", token, AUDIT | {"identity_token.revoked_at"})


def phrase(house: House) -> Any:
    name = house.settle()
    by = house.world.acting(name)
    with house.world.session() as session:
        phrases.add(session, "材料齐全。", by)
        kept = phrases.of(session, by.person)[-1].id
    browser = house.visit(name)
    browser.get("/inbox/phrases")
    return browser, f"/inbox/phrases/{kept}", {"text": "材料齐全，同意。", "back": "/inbox/"}


POSTS["phrase"] = Post(
    "/inbox/phrases",
    at("/inbox/phrases", {"text": "同意。", "back": "/inbox/"}),
    frozenset({"runtime_phrase"}),
)
POSTS["change phrase"] = Post("/inbox/phrases/<phrase>", phrase, frozenset({"runtime_phrase.text"}))


def told(url: str, fields: Mapping[str, Any]) -> Callable[[House], Any]:
    """A fresh person who has been told something."""

    def ready(house: House) -> Any:
        name = house.settle()
        with house.world.session() as session:
            person, words = house.world.people[name], Words("有事", "News")
            notices.send(session, [person], words, words, house.world.now)
        browser = house.visit(name)
        browser.get("/notices")
        return browser, url, dict(fields)

    return ready


POSTS["told"] = Post("/notices/read", told("/notices/read", {}), frozenset({"notices_notice.read_at"}))
POSTS["wishes"] = Post(
    "/notices/settings", told("/notices/settings", {"reset": "1"}), frozenset({"notices_choice"})
)

POSTS |= {
    name: Post(*post)
    for name, post in (
        list_posts.POSTS
        | portal_posts.POSTS
        | question_posts.POSTS
        | verb_posts.POSTS
        | view_posts.POSTS
        | admin.posts()
    ).items()
}
POSTS |= designer.posts() | monitor.posts() | office_posts.POSTS


def test_no_verb_of_the_api_is_done_for_a_browser_that_shows_no_token(whole_house: House) -> None:
    """T11: the cookie alone opens nothing; programs show a token of their own instead."""
    browser = whole_house.visit("市级")
    before = rows(whole_house)
    for rule in unsafe_rules(whole_house, api=True):
        url = re.sub(r"<[^>]+>", "0" * 26, rule)
        for headers in ({}, {"X-CSRFToken": "forged"}, {"Authorization": "Basic eDp5"}):
            assert browser.client.post(url, json={}, headers=headers).status_code in (400, 403, 405), rule
    assert written(before, rows(whole_house)) == set()


def test_every_post_of_the_rooms_is_tried(whole_house: House) -> None:
    tenants = tuple(f"/{key}/" for key, home in leases.homes.items() if home == "app.systems")
    found = {rule for rule in unsafe_rules(whole_house) if not rule.startswith(tenants)}
    elsewhere = {
        rule for method, rule in factor_rows.ROWS if method == "POST"
    }  # portal/test_factor_forgery.py
    assert found == {post.rule for post in POSTS.values()} | elsewhere


def test_every_system_with_pages_tries_its_own_posts() -> None:
    for path in (ROOT / "app/systems").glob("*/pages*"):
        table = ROOT / "tests/systems" / path.parent.name / "test_forgery.py"
        assert table.exists(), f"{path.parent.name}: what may its posts not do? ({table})"


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(whole_house: House, name: str) -> None:
    works_only_as_meant(whole_house, POSTS[name])


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(whole_house: House, name: str) -> None:
    writes_no_more_than_asked(whole_house, POSTS[name])


@pytest.mark.parametrize(
    ("element", "outcome", "who"),
    [
        ("submit", "submit", ""),
        ("upload_scan", "upload", ""),
        ("city_review", "approve", "市级"),
        ("correct", "reprint", ""),
    ],
)
def test_a_field_that_this_step_does_not_open_cannot_be_written(
    whole_house: House, element: str, outcome: str, who: str
) -> None:
    """T19, C-17: each read-only and hidden field, one by one; the sentence names it."""
    browser, url, fields = at_task(element, outcome, who)(whole_house)
    typed = {field: value for field, value in fields.items() if isinstance(value, str)}
    with whole_house.world.session() as session:
        form = versions.current(session, whole_house.world.process).forms["fairs/request"]
    closed = [one for one in form.fields.values() if one.name not in form.at(element).writable]
    assert closed
    before = rows(whole_house)
    for one in closed:
        name = f"{one.name}.province" if one.kind.key == "region" else one.name
        answer = browser.post(url, {**typed, name: ATTACK})
        assert answer.status_code == 422, one.name
        assert f"【{one.label.zh}】不能在这一步修改" in browser.page
    seen = AUDIT if who else frozenset()  # that the reviewer was shown another's numbers is written down
    assert written(before, rows(whole_house)) - seen == set()
