"""What the record's pages let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.identity import roles
from tests.pages import House


def as_keeper(house: House, role: str, page: str, fields: dict[str, str]) -> Any:
    """Somebody with one post of the house, on a page of the room."""
    house.count += 1
    name = f"管理{house.count}"
    house.world.enter(name, role)
    house.account(name, f"keeper{house.count}")
    browser = house.visit(name)
    browser.get(page)
    return browser, page, fields


def verify(house: House) -> Any:
    return as_keeper(house, roles.AUDIT.key, "/admin/records/verify", {})


POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "verify the record": ("/admin/records/verify", verify, frozenset({"jobs_errand", "jobs_job"})),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
