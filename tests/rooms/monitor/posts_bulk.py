"""What verbs in bulk let one post, as `test_forgery` tries it."""

from __future__ import annotations

import re
from typing import Any

from app.platform.monitoring import bulk, bulk_choosing
from app.platform.monitoring.bulk_choosing import Picked
from app.platform.monitoring.bulk_verbs import Wish
from tests.pages import House
from tests.rooms.forgery import AUDIT, Post
from tests.rooms.list_posts import ERRAND
from tests.rooms.monitor.posts_repairs import WATCHER, _watcher

WHY = "系统维护，统一暂停"


def _leading_on(house: House) -> Any:
    browser, instance = _watcher(house), house.world.to_review(house.settle())
    browser.get("/monitor/lists/instances")
    return browser, "/monitor/bulk/of/instances", {"row": instance, "asked": "state=running"}


def _beginning(house: House) -> Any:
    browser, instance = _watcher(house), house.world.to_review(house.settle())
    address = f"/monitor/bulk?list=instances&row={instance}&verb=suspend"
    browser.get(address)
    mark = re.search(r'name="mark" value="(\w+)"', browser.page)
    assert mark
    given = {"do": "confirm", "verb": "suspend", "reason": WHY, "count": "1", "mark": mark[1]}
    return browser, address, given


def _pausing(house: House) -> Any:
    browser, instance = _watcher(house), house.world.to_review(house.settle())
    world = house.world
    with world.session() as session:
        by, picked, wish = world.acting(WATCHER), Picked((instance,)), Wish("suspend", WHY)
        found = bulk_choosing.sort(bulk_choosing.look(session, picked, by, world.now), wish, by, world.now)
        confirmed, question = bulk.Confirmed(1, found.mark), bulk.Question("instances", {})
        run = bulk.begin(session, picked, wish, question, confirmed, by, world.now)
    browser.get(f"/monitor/bulk/runs/{run}")
    return browser, f"/monitor/bulk/runs/{run}/pause", {}


POSTS = {
    "in bulk, from a list": Post("/monitor/bulk/of/<source>", _leading_on, frozenset({"identity_session"})),
    "in bulk": Post(
        "/monitor/bulk",
        _beginning,
        AUDIT | ERRAND | {"monitoring_bulk", "monitoring_bulk_row", "runtime_receipt", "identity_session"},
    ),
    "pause in bulk": Post(
        "/monitor/bulk/runs/<run>/<verb>",
        _pausing,
        AUDIT | {"monitoring_bulk.state", "identity_session"},
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
