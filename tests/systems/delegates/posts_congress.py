"""The posts of the convener's pages, and everything each may write."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.pages import House
from tests.processes.test_delegates_congress_setup import NEW_LIAISON, TERMS, allot, create, invite, publish
from tests.rooms.forgery import AUDIT as AUDIT_ROWS
from tests.rooms.forgery import STEP, Post
from tests.systems.delegates.world import CONVENING, OTHER_UNIT, World

NUMBERS = count(1)
AUDIT = AUDIT_ROWS | {"audit_head"}
CHANGED = AUDIT | {"delegates_congress.name", "runtime_instance.title"}
OPENED = AUDIT | {
    "delegates_invitation.liaison_id", "delegates_invitation.told_at", "identity_account", "identity_person",
    "identity_post", "identity_post.from_at", "notices_notice", "notices_delivery", "jobs_job",
}  # fmt: skip
BEGUN = AUDIT | STEP | {"delegates_congress", "runtime_instance", "runtime_serial", "runtime_serial.last"}
ENDED = {f"runtime_instance.{name}" for name in ("state", "ended", "ended_at")}
WAITS = {"runtime_timer", "runtime_subscription", "runtime_event"}


def fresh(house: House, *, published: bool = False) -> tuple[str, str]:
    """A congress of its own with a unit, published or not; its id and the invitation's."""
    world = house.world
    assert isinstance(world, World)
    congress = create(world, name=f"第{next(NUMBERS)}个大会")
    [invitation] = invite(world, congress, NEW_LIAISON)
    allot(world, congress, invitation)
    if published:
        publish(world, congress)
    return congress, invitation


def at(path: str, fields: dict[str, Any] | None = None, *, published: bool = False) -> Callable[[House], Any]:
    """The convener about to post to a fresh congress."""

    def ready(house: House) -> Any:
        congress, invitation = fresh(house, published=published)
        browser = house.visit(CONVENING)
        browser.get("/account/password")
        url = f"/delegates/congresses/{congress}" + path.format(invitation=invitation)
        given = {name.format(invitation=invitation): value for name, value in (fields or {}).items()}
        return browser, url, given

    return ready


def new(house: House) -> Any:
    browser = house.visit(CONVENING)
    browser.get("/account/password")
    return browser, "/delegates/congresses/new", TERMS | {"name": f"新建的第{next(NUMBERS)}个大会"}


def edited(house: House) -> Any:
    browser, url, _ = at("/edit")(house)
    return browser, url, TERMS | {"name": f"修改后的第{next(NUMBERS)}个大会"}


def exported(house: House) -> Any:
    browser, url, _ = at("")(house)
    return browser, url.replace("/congresses/", "/forms/") + "/export", {}


ONE = "/delegates/congresses/<congress>"
POSTS = {
    "new congress": Post("/delegates/congresses/new", new, BEGUN),
    "edit congress": Post(f"{ONE}/edit", edited, CHANGED),
    "publish": Post(
        f"{ONE}/publish",
        at("/publish"),
        OPENED | STEP | WAITS | {"delegates_congress.published_at", "runtime_instance.variables"},
    ),
    "end": Post(
        f"{ONE}/end",
        at("/end", published=True),
        AUDIT | STEP | WAITS | ENDED | {"delegates_congress.ended_at", "jobs_job"},
    ),
    "clone": Post(f"{ONE}/clone", at("/clone"), BEGUN | {"delegates_invitation", "delegates_allotted"}),
    "invite": Post(
        f"{ONE}/units",
        at("/units", {"list": f"{OTHER_UNIT}，高新乙，13800000022"}),
        AUDIT | {"delegates_invitation"},
    ),
    "units done": Post(f"{ONE}/units/done", at("/units/done"), STEP),
    "liaison": Post(
        f"{ONE}/units/<invitation>",
        at("/units/{invitation}", {"liaison": "高新丙", "phone": "13800000023"}),
        AUDIT | {"delegates_invitation.liaison", "delegates_invitation.phone"},
    ),
    "remove unit": Post(
        f"{ONE}/units/<invitation>/remove",
        at("/units/{invitation}/remove"),
        AUDIT | {"delegates_invitation", "delegates_allotted"},
    ),
    "quotas": Post(
        f"{ONE}/quotas",
        at("/quotas", {"{invitation}.guest": "3"}),
        AUDIT | {f"delegates_allotted.{name}" for name in ("seats", "minimums")} | {"delegates_allotted"},
    ),
    "export forms": Post("/delegates/forms/<congress>/export", exported, AUDIT | {"jobs_errand", "jobs_job"}),
}
