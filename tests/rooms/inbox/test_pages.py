"""The inbox as people use it: one walks an application through, one decides."""

from __future__ import annotations

import re

from tests.world import World


def test_a_reviewer_finds_decides_and_is_led_on(world: World, visit) -> None:
    """C-34: after a decision the item leaves the list, and the next one opens."""
    first, second = world.to_review(), world.to_review("组织者乙")
    city = visit("市级")
    answer = city.get("/inbox/")
    assert answer.status_code == 200
    assert "组织者甲" in city.page
    assert "组织者乙" in city.page
    assert first and second
