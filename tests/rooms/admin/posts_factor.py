"""What resetting somebody's second factor may write, as `test_forgery` tries it."""

from __future__ import annotations

from typing import Any

from app.platform.identity import roles
from tests.pages import House
from tests.rooms import factors
from tests.rooms.forgery import AUDIT


def reset(house: House) -> Any:
    """A security administrator at the page of somebody who has one."""
    owner, keeper = house.settle(), house.settle(roles.SECURITY.key)
    with house.world.session() as session:
        factors.set_up(session, house.world.people[owner], house.world.now)
    browser, person = house.visit(keeper), house.world.people[owner]
    browser.get(f"/admin/people/{person}/factor")
    return browser, f"/admin/people/{person}/factor/reset", {}


GONE = frozenset({"identity_factor", "identity_recovery_code", "notices_notice"})
POSTS = {"reset factor": ("/admin/people/<person>/factor/reset", reset, AUDIT | GONE)}
"""By name: the rule, who is brought to its page, and what the post may write."""
