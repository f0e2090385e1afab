"""What the page of an instance lets one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.identity import roles
from tests.pages import House
from tests.rooms.forgery import Post


def looked_after(verb: str, **fields: str) -> Callable[[House], Any]:
    """A platform administrator at a fresh case's page."""

    def ready(house: House) -> Any:
        house.count += 1
        name = f"监控{house.count}"
        house.world.enter(name, roles.ADMINISTRATOR.key)
        house.account(name, f"monitor{house.count}")
        instance = house.world.to_review(house.settle())
        browser = house.visit(name)
        page = f"/monitor/instances/{instance}"
        browser.get(page)
        return browser, f"{page}/{verb}", fields

    return ready


AUDITED = {"audit_row", "audit_head", "audit_head.seq", "audit_head.link", "audit_key"}
MOVED = {
    "runtime_history",
    "runtime_instance.history_length",
    "runtime_instance.head",
    "runtime_instance.revision",
}
ROOT = "/monitor/instances/<instance>"
POSTS = {
    "see an entry of a case in full": Post(
        f"{ROOT}/reveal", looked_after("reveal"), frozenset(AUDITED), shows=True
    ),
    "pack a case": Post(f"{ROOT}/archive", looked_after("archive"), frozenset({"jobs_errand", "jobs_job"})),
    "suspend a case": Post(
        f"{ROOT}/verbs/<verb>",
        looked_after("verbs/suspend", reason="核查"),
        frozenset(MOVED | {"runtime_instance.state", "runtime_timer.next_at", "runtime_receipt"}),
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
