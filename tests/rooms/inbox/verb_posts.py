"""What the verbs' pages let one post, as `test_forgery` tries it: each brings somebody to its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.platform.runtime import substitutes
from tests.pages import House
from tests.platform.runtime.steps import decide
from tests.rooms.forgery import AUDIT, STEP, STORY
from tests.rooms.inbox.conftest import fields_of
from tests.rooms.inbox.offices import at_check, at_review, furnish

TASK, ABSENCE = "/inbox/tasks/<task>", "/inbox/absence"


def at_task(verb: str, **typed: Any) -> Callable[[House], Any]:
    """The city at a fresh matter's page of `verb`; of `typed` a name of somebody becomes his id."""

    def ready(house: House) -> Any:
        _moved_in(house)
        _, task = at_review(house.world)
        browser, url = house.visit("市级"), f"/inbox/tasks/{task}/{verb}"
        browser.get(url)
        known = {name: house.world.people.get(value, value) for name, value in typed.items()}
        return browser, url, {**fields_of(browser.page), **known}

    return ready


def urge(house: House) -> Any:
    _moved_in(house)
    instance, _ = at_check(house.world)
    browser = house.visit("组织者甲")
    browser.get(f"/inbox/instances/{instance}")
    return browser, f"/inbox/instances/{instance}/urge", {"key": f"urge{house.count}"}


def withdraw(house: House) -> Any:
    _moved_in(house)
    instance, task = at_check(house.world)
    decide(house.world, task, "pass", "市级")
    browser, url = house.visit("市级"), f"/inbox/instances/{instance}/withdraw"
    browser.get(url)
    return browser, url, {**fields_of(browser.page), "comment": "看错了"}


def absence(house: House) -> Any:
    _moved_in(house)
    browser = house.visit(house.settle())
    browser.get(ABSENCE)
    until = f"{house.world.now + timedelta(days=2):%Y-%m-%d}"
    return browser, ABSENCE, {**fields_of(browser.page), "to": house.world.people["王科长"], "until": until}


def end_absence(house: House) -> Any:
    _moved_in(house)
    name, world = house.settle(), house.world
    with world.session() as session:
        ids = (world.people[name], world.people["王科长"])
        until = world.now + timedelta(days=2)
        made = substitutes.appoint(session, *ids, world.now, until, None, world.acting(name), world.now)
    browser = house.visit(name)
    browser.get(ABSENCE)
    return browser, f"{ABSENCE}/{made}/end", {}


def _moved_in(house: House) -> None:
    if "王科长" not in house.world.people:
        furnish(house)


TOLD = STORY | {"runtime_receipt", "notices_notice", "notices_delivery"}
SEATS = {f"runtime_task.{name}" for name in ("seats", "revision", "claimed_at", "claimed_by_id")} | {
    "runtime_seat"
}
HOLDER = {f"runtime_task.{name}" for name in ("assignee_id", "revision")}
POSTS = {
    "transfer": (f"{TASK}/transfer", at_task("transfer", to="王科长", comment="请办"), TOLD | HOLDER),
    "delegate": (f"{TASK}/delegate", at_task("delegate", to="王科长", comment="请看"), TOLD | SEATS),
    "copy": (f"{TASK}/copy", at_task("copy", to="王科长", comment="请看"), TOLD | {"runtime_copy"}),
    "signers": (
        f"{TASK}/signers",
        at_task("signers", to="王科长", position="after", comment="会审"),
        TOLD | SEATS,
    ),
    "return": (
        f"{TASK}/return",
        at_task("return", to="prepare", then="straight_back", comment="请补充"),
        TOLD | STEP,
    ),
    "urge": ("/inbox/instances/<instance>/urge", urge, TOLD),
    "withdraw": ("/inbox/instances/<instance>/withdraw", withdraw, TOLD | STEP),
    "absence": (ABSENCE, absence, AUDIT | {"runtime_substitute", "runtime_receipt"}),
    "end absence": (f"{ABSENCE}/<appointment>/end", end_absence, AUDIT | {"runtime_substitute.ended_at"}),
}
