"""A second click on the place of a verdict decides nothing nobody has looked at."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.platform.runtime.entities import Task
from tests.browser.live import Street

pytestmark = pytest.mark.browser


def waiting(street: Street) -> int:
    """How many cases the city has before it."""
    with street.house.world.session() as session:
        asked = select(func.count()).where(Task.element == "city_review", Task.state == "open")
        return session.scalar(asked) or 0


def test_a_hasty_second_click_does_not_decide_the_case_that_opens_next(street: Street) -> None:
    """C-19: one click, one decision, however fast the next case opens."""
    world = street.house.world
    first, _ = (world.to_review(street.house.settle()) for _ in range(2))
    person = street.person(street.house.usernames["市级"])
    person.go(f"/inbox/tasks/{world.open_task(first, 'city_review')}?box=todo")
    button = person.page.get_by_role("button", name="通过", exact=True)
    box = button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = waiting(street)
    with person.page.expect_navigation():
        person.page.mouse.click(x, y)
    for _ in range(3):
        person.page.mouse.click(x, y)
    person.page.wait_for_timeout(300)
    assert world.open_elements(first) == []
    assert waiting(street) == before - 1
