"""What no post may do, as checks: act on a forged token (T11), or write what its form does not ask for (T19).

The rooms' posts are in tests/rooms/test_forgery.py, a system's own in tests/systems/<key>/test_forgery.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, select

from app.platform.data import Base
from app.platform.runtime import versions
from app.platform.runtime.entities import Process
from tests.pages import House, picture, upload
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of

PASSING = {"identity_captcha", "identity_attempt", "identity_session", "web_kept", "audit_stream"}
PASSING |= {"monitoring_delta", "monitoring_stay"}  # what the triggers of the figures append
ATTACK = "zz-attack"
SAFE = {"GET", "HEAD", "OPTIONS"}
HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
OWN = {"csrf_token", "key", "revision", "outcome", "comment", "next"}  # what every form may carry besides


@dataclass(frozen=True)
class Post:
    """A post that succeeds: `ready` brings somebody to its page and returns browser, address and fields.

    `writes` is everything it may change: columns of rows there were, tables that get rows. `data`: a page of ours posts
    it in the background, as JSON with the token in a header.
    """

    rule: str
    ready: Callable[[House], tuple[Browser, str, dict[str, Any]]]
    writes: frozenset[str]
    shows: bool = False
    data: bool = False

    @property
    def done(self) -> tuple[int, ...]:
        """How it answers when it is done: by leading on, unless it shows something that is shown once."""
        return (200,) if self.shows or self.data else (204, 302, 303)

    def send(
        self, browser: Browser, url: str, fields: Mapping[str, Any], token: str, headers: Mapping[str, str]
    ) -> Any:
        """Post `fields` with this token and nothing besides."""
        if self.data:
            return browser.client.post(url, json=dict(fields), headers={**headers, "X-CSRFToken": token})
        return browser.client.post(url, data={**fields, "csrf_token": token}, headers=headers)

    def send_honestly(self, browser: Browser, url: str, fields: Mapping[str, Any]) -> Any:
        """Post `fields` as the page would."""
        if self.data:
            return self.send(browser, url, fields, browser.hidden()["csrf_token"], HERE)
        return browser.post(url, fields)


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


def at(url: str, fields: Mapping[str, Any], role: str = "") -> Callable[[House], Any]:
    """A fresh person on a page of his own."""

    def ready(house: House) -> Any:
        browser = house.visit(house.settle(role, "130400" if role.endswith(".city_admin") else ""))
        browser.get("/account/password")
        return (
            browser,
            url,
            {name: value(house) if callable(value) else value for name, value in fields.items()},
        )

    return ready


AUDIT = frozenset({"audit_head", "audit_head.link", "audit_head.seq", "audit_row", "audit_key"})
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
PERSON = frozenset(
    f"identity_person.{name}"
    for name in (
        "name", "gender", "id_type", "id_number", "id_number_hash", "id_number_last_hash", "birth_on",
        "ethnicity", "phone", "phone_hash", "email", "email_hash",
    )
)  # fmt: skip


def bystander(house: House) -> str:
    """Somebody who has an account and nothing to do with any post."""
    if "旁人" not in house.world.people:
        house.world.enter("旁人")
        house.account("旁人", "bystander")
    return "旁人"


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
    other = house.world.people[bystander(house)]
    harm: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = getattr(column.type, "impl", column.type)
            value = other if column.name.endswith("_id") else ATTACK
            harm[column.name] = "1" if isinstance(kind, Boolean) else value
    return {name: value for name, value in harm.items() if name not in own}


def asked_of(house: House) -> set[str]:
    """Every field of the forms of the house's chains: what a step does not let one write is tested by itself."""
    with house.world.session() as session:
        programs = [
            versions.program(session, version)
            for version in session.scalars(select(Process.current_id))
            if version
        ]
        return {name for program in programs for form in program.forms.values() for name in form.fields}


def unsafe_rules(house: House, *, api: bool = False) -> set[str]:
    return {
        rule.rule
        for rule in house.app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE and rule.rule.startswith("/api/") is api
    }


def works_only_as_meant(house: House, post: Post) -> None:
    """T11: no token, somebody else's, one of before a logout, and a post from another site."""
    others, left = (house.visit(bystander(house)) for _ in range(2))
    shown = []
    for browser in (others, left):
        browser.get("/account")
        shown.append(browser.hidden()["csrf_token"])
    left.post("/logout")
    browser, url, fields = post.ready(house)
    typed = fields if post.data else {key: value for key, value in fields.items() if isinstance(value, str)}
    before, cookie = rows(house), browser.client.get_cookie("chengpi")
    away = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for token, headers in (("", {}), (shown[0], {}), (shown[1], {}), ("", away), (shown[0], away)):
        answer = post.send(browser, url, typed, token, headers)
        assert answer.status_code == 400, (url, token, headers)
    assert written(before, rows(house)) == set()
    assert browser.client.get_cookie("chengpi") == cookie
    answer = post.send_honestly(browser, url, fields)
    assert answer.status_code in post.done, browser.page


def writes_no_more_than_asked(house: House, post: Post) -> None:
    """T19: every column of the database posted along; only what the post is for changes."""
    browser, url, fields = post.ready(house)
    other = house.world.people[bystander(house)]
    harm = hostile(house, {*OWN, *fields, *asked_of(house)})
    assert {"person_id", "place", "starter_id", "is_disabled", "must_change_password", "state"} <= set(harm)
    before = rows(house)
    answer = post.send_honestly(browser, url, {**harm, **fields})
    assert answer.status_code in post.done, browser.page
    after = rows(house)
    more = written(before, after) - post.writes
    assert not more, sorted(more)
    assert ATTACK not in str(after)
    assert str(after).count(other) == str(before).count(other)
    new = [row for key, row in after.items() if key not in before]
    assert not [
        row for row in new if row.get("is_disabled") or row.get("must_change_password") or row.get("is_demo")
    ]
