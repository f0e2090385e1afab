"""What no post of permits may do: act on a forged token (T11), or write what its form does not ask for (T19)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages import House, picture, upload
from tests.rooms.forgery import (
    AUDIT,
    PERSON,
    STEP,
    STORY,
    Post,
    at,
    unsafe_rules,
    works_only_as_meant,
    writes_no_more_than_asked,
)
from tests.systems.permits import posts, test_summary_forgery
from tests.world import profile

SCAN = frozenset(
    {"documents_file", "documents_reading", "permits_application.scan_id", "permits_application.uploaded_at"}
)


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


POSTS = {
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
        AUDIT | {"identity_post", "identity_post.ended_at", "identity_post.ended_by", "jobs_job"},
    ),
}
POSTS |= posts.POSTS


def test_every_post_of_permits_is_tried(whole_house: House) -> None:
    found = {rule for rule in unsafe_rules(whole_house) if rule.startswith("/permits/")}
    assert found == {post.rule for post in [*POSTS.values(), *test_summary_forgery.POSTS.values()]}


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(whole_house: House, name: str) -> None:
    works_only_as_meant(whole_house, POSTS[name])


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(whole_house: House, name: str) -> None:
    writes_no_more_than_asked(whole_house, POSTS[name])
