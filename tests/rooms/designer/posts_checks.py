"""Looking again for steps that nobody can do, as `test_forgery` tries it."""

from __future__ import annotations

from typing import Any

from app.platform.design import nightly
from app.platform.identity import roles
from tests.pages import House
from tests.rooms.forgery import AUDIT, Post


def at_the_list(house: House) -> Any:
    """A fresh designer at the list, in a house that has just been looked over."""
    with house.world.session() as session:
        nightly.look(session, None, house.world.now)
    browser = house.visit(house.settle(roles.DESIGNER.key))
    browser.get("/designer/deadends")
    return browser, "/designer/deadends/look", {}


POSTS = {
    "look again": Post("/designer/deadends/look", at_the_list, AUDIT | {"design_dead_end.seen_at"}),
}
