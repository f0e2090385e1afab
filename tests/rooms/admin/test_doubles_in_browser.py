"""Doubles in Chromium: found, compared and merged by the keyboard alone, and looked at by axe-core."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import people, roles
from app.platform.identity.entities import Person
from tests.browser import PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Street
from tests.rooms.admin.test_people_in_browser import tab_to
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
KEEPER = "合并键盘"


@pytest.fixture
def two(street: Street) -> tuple[str, str]:
    """Two entries of one person, and who looks after everybody."""
    world = street.house.world
    if KEEPER not in world.people:
        world.enter(KEEPER, roles.SYSTEM.key)
        street.house.account(KEEPER, "doubles_keeper")
    with world.session() as session, transaction(session):
        facts = {"name": "郑重复", "phone": "13811112222"}
        first = people.add(session, facts | {"gender": "male"}, None, world.now)
        second = people.add(session, facts | {"name": "郑重夏", "gender": "female"}, None, world.now)
    return first, second


def test_two_are_found_compared_and_merged_by_the_keyboard_alone(
    street: Street, two: tuple[str, str]
) -> None:
    first, second = two
    one = street.person("doubles_keeper")
    one.go("/admin/doubles")
    one.sees("手机号码相同")
    assert complaints_of_axe(one.page) == []
    tab_to(one, "核对郑重复")
    one.page.keyboard.press("Enter")
    one.sees("核对两条人员信息")
    assert complaints_of_axe(one.page) == []
    for _ in range(60):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("document.activeElement.name") == "take-name":
            break
    one.page.keyboard.press("ArrowDown")
    tab_to(one, "确认合并")
    one.page.keyboard.press("Enter")
    one.sees("已合并")
    with street.house.world.session() as session:
        kept = session.get_one(Person, first)
        assert (kept.name, kept.gender) == ("郑重夏", "male")
        assert session.scalar(select(Person.merged_into_id).where(Person.id == second)) == first
    one.go(f"/admin/people/{second}")
    one.sees("查看合并后的人员")


def test_the_pages_fit_a_phone(street: Street, two: tuple[str, str]) -> None:
    first, second = two
    one = street.person("doubles_keeper")
    one.page.set_viewport_size(PHONE)
    for path in (
        "/admin/doubles",
        f"/admin/people/{first}/double?who=郑",
        f"/admin/people/{first}/merge/{second}",
    ):
        one.go(path)
        assert complaints_of_axe(one.page) == []
        assert not scrolls_sideways(one.page)
