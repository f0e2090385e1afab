"""What the page of periods lets one post, as `test_forgery` tries it."""

from __future__ import annotations

from typing import Any

from app.platform.identity import roles
from tests.pages import House
from tests.rooms.admin.posts_records import as_keeper
from tests.rooms.forgery import AUDIT


def periods(house: House) -> Any:
    page = "/admin/retention"
    return as_keeper(house, roles.SYSTEM.key, page, {f"months-{house.world.process}": "600"})


POSTS = {
    "how long things are kept": (
        "/admin/retention",
        periods,
        AUDIT
        | frozenset(
            {
                "settings_value",
                "settings_value.value",
                "settings_value.changed_at",
                "settings_revision",
                "settings_revision.number",
            }
        ),
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
