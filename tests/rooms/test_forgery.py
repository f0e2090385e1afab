"""What no post may do: act on a forged token (T11), or write what its form does not ask for (T19)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Boolean, select

from app.platform.data import Base
from app.platform.identity import sessions, tokens
from app.platform.runtime import versions
from app.systems.permits import verbs
from tests.pages import House, picture, upload
from tests.rooms import list_posts
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.inbox.conftest import fields_of
from tests.world import profile

PASSING = {"identity_captcha", "identity_attempt", "identity_session", "web_kept", "audit_stream"}
ATTACK = "zz-attack"
SAFE = {"GET", "HEAD", "OPTIONS"}
OWN = {"csrf_token", "key", "revision", "outcome", "comment", "next"}  # what every form may carry besides


@dataclass(frozen=True)
class Post:
    """A post that succeeds: `ready` brings somebody to its page and returns browser, address and fields.

    `writes` is everything it may change: columns of rows there were, tables that get rows.
    """

    rule: str
    ready: Callable[[House], tuple[Browser, str, dict[str, Any]]]
    writes: frozenset[str]


def at_task(element: str, outcome: str, who: str = "", **typed: str) -> Callable[[House], Any]:
    """Somebody's fresh case at `element`, its page open."""

    def ready(house: House) -> tuple[Browser, str, dict[str, Any]]:
        name = house.settle()
        walk = {
            "file_profile": house.world.apply,
            "submit": house.to_submit,
            "upload_scan": house.to_upload,
            "city_review": house.world.to_review,
            "correct": lambda name: returned(house, name),
        }
        url = house.task(walk[element](name), element)
        browser = house.visit(who or name)
        browser.get(url)
        more = upload(picture(), "扫描件.png") if element in ("upload_scan", "correct") else {}
        return browser, url, {**fields_of(browser.page), "outcome": outcome, **typed, **more}

    return ready


def returned(house: House, name: str) -> str:
    instance = house.world.to_review(name)
    house.world.decide(instance, "city_review", "reject", "市级", comment="请重新盖章")
    return instance


def draft(house: House) -> Any:
    browser, url, fields = at_task("file_profile", "save")(house)
    return browser, f"{url}/draft", {**fields, "employer": "草稿单位"}


def claimed(verb: str) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        browser, url, fields = at_task("city_review", "", "市级")(house)
        if verb == "unclaim":
            browser.post(f"{url}/claim", {"revision": fields["revision"]})
            browser.get(url)
            fields = fields_of(browser.page)
        return browser, f"{url}/{verb}", {"revision": fields["revision"]}

    return ready


def at(url: str, fields: Mapping[str, Any], role: str = "permits.organiser") -> Callable[[House], Any]:
    """A fresh person on a page of his own."""

    def ready(house: House) -> Any:
        browser = house.visit(house.settle(role, "130400" if role == "permits.city_admin" else ""))
        browser.get("/account/password")
        return (
            browser,
            url,
            {name: value(house) if callable(value) else value for name, value in fields.items()},
        )

    return ready


def discard(house: House) -> Any:
    name = house.settle()
    instance = house.world.apply(name)
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/permits/applications/{instance}/discard", {}


def scan(house: House) -> Any:
    name = house.settle()
    instance = house.world.to_review(name)
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/permits/applications/{instance}/scan", upload(picture(), "新.png", "scan")


def identity(house: House) -> Any:
    name = house.settle("permits.teacher")
    browser = house.visit("市级")
    browser.get("/account/password")
    person = house.world.people[name]
    return browser, f"/permits/people/{person}", {"identity": "permits.student"}


def undecided(house: House) -> Any:
    house.count += 1
    username = house.register(f"undecided{house.count}", f"137000000{house.count:02}")
    browser = house.visit(username)
    browser.get("/identity/permits")
    return browser, "/identity/permits", {"role": "permits.organiser"}


def device(house: House) -> Any:
    name = house.settle()
    other = house.visit(name).client.get_cookie("chengpi")
    assert other is not None
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/account/sessions/{sessions.session_id(other.value)}/end", {}


def visitor(url: str, fields: Mapping[str, str]) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        house.count += 1
        browser = house.browser()
        browser.get(url)
        new = {"username": f"visitor{house.count}", "phone": f"136000000{house.count:02}"}
        return browser, url, {**fields, **new, "captcha_answer": "1234"}

    return ready


NEW = {"name": "新人", "password": PASSWORD, "repeat": PASSWORD, "agreed": "y"}
CHANGED = {"old": PASSWORD, "password": "Anders-Wald-58", "repeat": "Anders-Wald-58"}
AUDIT = frozenset({"audit_head.link", "audit_head.seq", "audit_row", "audit_key"})
STORY = frozenset(
    {"runtime_history", *(f"runtime_instance.{name}" for name in ("head", "history_length", "revision"))}
)
CLAIM = STORY | {f"runtime_task.{name}" for name in ("claimed_at", "claimed_by_id", "revision")}
STEP = (
    STORY
    | {"runtime_entry", "runtime_receipt", "runtime_task"}
    | {f"runtime_instance.{name}" for name in ("stage_zh", "stage_en", "tokens")}
    | {f"runtime_task.{name}" for name in ("closed_at", "closed_by_id", "outcome", "revision", "state")}
)
SCAN = frozenset(
    {"documents_file", "documents_reading", "permits_application.scan_id", "permits_application.uploaded_at"}
)
PERSON = frozenset(
    f"identity_person.{name}"
    for name in (
        "name", "gender", "id_type", "id_number", "id_number_hash", "id_number_last_hash", "birth_on",
        "ethnicity", "phone", "phone_hash", "email", "email_hash",
    )
)  # fmt: skip
POSTS = {
    "login": Post(
        "/login",
        visitor("/login", {"login": "city1", "password": PASSWORD}),
        AUDIT | {"identity_account.first_sign_in_at"},
    ),
    "register": Post(
        "/register/<system>",
        visitor("/register/permits", NEW),
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
        "/permits/apply",
        at("/permits/apply", {"project": lambda house: house.world.project, "district": "130402"}),
        STEP | {"permits_application", "runtime_instance", "runtime_serial", "runtime_serial.last"},
    ),
    "discard": Post(
        "/permits/applications/<instance>/discard",
        discard,
        STORY
        | {f"runtime_instance.{name}" for name in ("state", "stage_zh", "stage_en", "ended", "ended_at")}
        | {f"runtime_task.{name}" for name in ("state", "closed_at", "revision")}
        | {"permits_application.closed_at"},
    ),
    "own profile": Post(
        "/permits/profile",
        at("/permits/profile", {name: value[0] for name, value in profile().items()}),
        AUDIT | PERSON | {"permits_profile"},
    ),
    "own profile draft": Post(
        "/permits/profile/draft",
        at("/permits/profile/draft", {"employer": "草稿中学"}),
        frozenset({"runtime_draft"}),
    ),
    "scan": Post("/permits/applications/<instance>/scan", scan, STORY | SCAN | {"runtime_task.revision"}),
    "change identity": Post(
        "/permits/people/<person>",
        identity,
        AUDIT | {"identity_post", "identity_post.ended_at", "identity_post.ended_by"},
    ),
    "draft": Post("/inbox/tasks/<task>/draft", draft, frozenset({"runtime_draft"})),
    "claim": Post("/inbox/tasks/<task>/claim", claimed("claim"), CLAIM),
    "unclaim": Post("/inbox/tasks/<task>/unclaim", claimed("unclaim"), CLAIM),
    "file profile": Post(
        "/inbox/tasks/<task>",
        at_task("file_profile", "save", **{name: value[0] for name, value in profile().items()}),
        STEP | AUDIT | PERSON | {"permits_profile"},
    ),
    "submit": Post(
        "/inbox/tasks/<task>",
        at_task("submit", "submit"),
        STEP | {"jobs_job", "permits_application.snapshot", "permits_application.submitted_at"},
    ),
    "upload": Post("/inbox/tasks/<task>", at_task("upload_scan", "upload"), STEP | SCAN),
    "approve": Post(
        "/inbox/tasks/<task>",
        at_task("city_review", "approve", "市级", comment="同意"),
        STEP
        | AUDIT
        | {"identity_post", *(f"runtime_instance.{name}" for name in ("state", "ended", "ended_at"))},
    ),
    "correct": Post("/inbox/tasks/<task>", at_task("correct", "submit"), STEP | SCAN),
    "logout": Post("/logout", at("/logout", {}), AUDIT),
}


def rows(house: House) -> dict[tuple[str, Any], dict[str, Any]]:
    """Every row there is, as the application reads it."""
    found = {}
    with house.world.session() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in PASSING:
                continue
            for row in session.execute(select(table)).mappings():
                key = tuple(row[column.name] for column in table.primary_key)
                found[table.name, key] = dict(row)
    return found


def written(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> set[str]:
    """Columns of known rows that changed, and tables with new or fewer rows."""
    told = {table for table, _ in set(before) ^ set(after)}
    for one in set(before) & set(after):
        told |= {f"{one[0]}.{name}" for name, value in after[one].items() if value != before[one][name]}
    return told


def hostile(house: House, own: set[str]) -> dict[str, str]:
    """A value that does harm for every column of every table that the form does not ask for."""
    other = house.world.people["组织者乙"]
    harm: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = getattr(column.type, "impl", column.type)
            value = other if column.name.endswith("_id") else ATTACK
            harm[column.name] = "1" if isinstance(kind, Boolean) else value
    return {name: value for name, value in harm.items() if name not in own}


def asked_of(house: House) -> set[str]:
    """Every field of the forms of permits: what a step does not let one write is tested by itself."""
    with house.world.session() as session:
        program = versions.current(session, verbs.PROCESS)
        return {name for form in program.forms.values() for name in form.fields}


def token(house: House) -> Any:
    name = house.settle()
    with house.world.session() as session:
        made, _ = tokens.create(session, house.world.people[name], "", None, None, house.world.now)
    browser = house.visit(name)
    browser.get("/account/password")
    return browser, f"/account/tokens/{made}/revoke", {}


POSTS["token"] = Post("/account/tokens/<token>/revoke", token, AUDIT | {"identity_token.revoked_at"})

POSTS |= {name: Post(*post) for name, post in list_posts.POSTS.items()}


def unsafe_rules(house: House, *, api: bool = False) -> set[str]:
    return {
        rule.rule
        for rule in house.app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE and rule.rule.startswith("/api/") is api
    }


def test_no_verb_of_the_api_is_done_for_a_browser_that_shows_no_token(whole_house: House) -> None:
    """T11: the cookie alone opens nothing; programs show a token of their own instead."""
    browser = whole_house.visit("市级")
    before = rows(whole_house)
    for rule in unsafe_rules(whole_house, api=True):
        url = re.sub(r"<[^>]+>", "0" * 26, rule)
        for headers in ({}, {"X-CSRFToken": "forged"}, {"Authorization": "Basic eDp5"}):
            assert browser.client.post(url, json={}, headers=headers).status_code in (400, 403, 405), rule
    assert written(before, rows(whole_house)) == set()


def test_every_post_of_the_house_is_tried(whole_house: House) -> None:
    assert unsafe_rules(whole_house) == {post.rule for post in POSTS.values()}


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(whole_house: House, name: str) -> None:
    """T11: no token, somebody else's, one of before a logout, and a post from another site."""
    others, left = whole_house.visit("教师"), whole_house.visit("教师")
    shown = []
    for browser in (others, left):
        browser.get("/account")
        shown.append(browser.hidden()["csrf_token"])
    left.post("/logout")
    browser, url, fields = POSTS[name].ready(whole_house)
    typed = {field: value for field, value in fields.items() if isinstance(value, str)}
    before, cookie = rows(whole_house), browser.client.get_cookie("chengpi")
    away = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for token, headers in (("", {}), (shown[0], {}), (shown[1], {}), ("", away), (shown[0], away)):
        answer = browser.client.post(url, data={**typed, "csrf_token": token}, headers=headers)
        assert answer.status_code == 400, (url, token, headers)
    assert written(before, rows(whole_house)) == set()
    assert browser.client.get_cookie("chengpi") == cookie
    answer = browser.post(url, fields)
    assert answer.status_code in (204, 302, 303), browser.page


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(whole_house: House, name: str) -> None:
    """T19: every column of the database posted along; only what the post is for changes."""
    browser, url, fields = POSTS[name].ready(whole_house)
    other = whole_house.world.people["组织者乙"]
    harm = hostile(whole_house, {*OWN, *fields, *asked_of(whole_house)})
    assert {"person_id", "place", "starter_id", "is_disabled", "must_change_password", "state"} <= set(harm)
    before = rows(whole_house)
    answer = browser.post(url, {**harm, **fields})
    assert answer.status_code in (204, 302, 303), browser.page
    after = rows(whole_house)
    assert written(before, after) <= POSTS[name].writes
    assert ATTACK not in str(after)
    assert str(after).count(other) == str(before).count(other)
    new = [row for key, row in after.items() if key not in before]
    assert not [
        row for row in new if row.get("is_disabled") or row.get("must_change_password") or row.get("is_demo")
    ]


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
        form = versions.current(session, verbs.PROCESS).forms["permits/permission"]
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
