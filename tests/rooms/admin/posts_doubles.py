"""What merging lets one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.identity import roles
from app.platform.personnel import merging
from tests.pages import House
from tests.rooms.forgery import AUDIT


def _merging(house: House) -> Any:
    """The keeper of all people at the page of two who are one, ready to confirm."""
    world = house.world
    if "合并办理" not in world.people:
        world.enter("合并办理", roles.SYSTEM.key)
        house.account("合并办理", "merging_keeper")
    for name in ("录入一", "录入二"):
        world.people.pop(name, None)
        world.enter(name)
    plan = merging.Plan(world.people["录入一"], world.people["录入二"])
    with world.session() as session:
        mark = merging.preview(session, plan, world.acting("合并办理"), world.now).mark
    browser, address = house.visit("合并办理"), f"/admin/people/{plan.keep}/merge/{plan.drop}"
    browser.get(address)
    return browser, address, {"do": "confirm", "mark": mark}


POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "merge two": (
        "/admin/people/<person>/merge/<other>",
        _merging,
        AUDIT | {"identity_person.merged_into_id", "jobs_job", "notices_notice"},
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
