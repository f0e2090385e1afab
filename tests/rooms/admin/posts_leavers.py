"""What leaving lets one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.identity import roles
from app.platform.personnel import leaving
from tests.pages import House
from tests.rooms.forgery import AUDIT, CLAIM, STORY


def _leaving(house: House) -> Any:
    """The keeper of all people at the page of somebody who leaves, ready to confirm."""
    world = house.world
    if "离岗办理" not in world.people:
        world.enter("离岗办理", roles.SYSTEM.key)
        house.account("离岗办理", "leaving_keeper")
    person, plan = world.people["市级"], leaving.Plan(None, "调离", disables=False)
    with world.session() as session:
        mark = leaving.preview(session, person, plan, world.acting("离岗办理"), world.now).mark
    browser, address = house.visit("离岗办理"), f"/admin/people/{person}/leave"
    browser.get(address)
    return browser, address, {"do": "confirm", "reason": "调离", "mark": mark}


POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "hand over": ("/admin/people/<person>/leave", _leaving, AUDIT | STORY | CLAIM | {"identity_session"}),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
