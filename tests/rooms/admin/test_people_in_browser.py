"""People in Chromium: entered by the keyboard alone, without scripts too, and looked at by axe-core."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform.forms.id_numbers import check_digit
from app.platform.identity import posts, regions, roles, units
from app.platform.identity.entities import Account, Person
from tests import pages
from tests.browser import PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person as Visitor
from tests.browser.live import Street
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
KEEPER = "市区域管"


@pytest.fixture
def keeper(street: Street) -> str:
    """The user name of a city's administrator; a school lies in the city."""
    house: pages.House = street.house
    if KEEPER not in house.world.people:
        house.world.enter(KEEPER, roles.REGIONAL.key, "130400")
        house.account(KEEPER, "city_keeper")
        with house.world.session() as session:
            units.add(session, "键盘中学", "130402", None, house.world.now)
    return "city_keeper"


def number(serial: int) -> str:
    body = f"13040219880808{serial:03}"
    return body + check_digit(body)


SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return document.activeElement.matches(":focus-visible") && (drawn || style.boxShadow !== "none");
}"""
"""Whether the browser draws where the focus is."""


def tab_to(one: Visitor, name: str) -> None:
    """Press Tab until the focus is on the control of this id or these words."""
    for _ in range(80):
        one.page.keyboard.press("Tab")
        seen = one.page.evaluate(
            "[document.activeElement.id, document.activeElement.textContent.trim(), document.activeElement.value || '']"
        )
        if name in seen:
            assert one.page.evaluate(SEEN), f"the focus on {name} is not to be seen"
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_person_with_a_post_is_entered_by_the_keyboard_alone(street: Street, keeper: str) -> None:
    one = street.person(keeper)
    one.go("/admin/people/new")
    press, write = one.page.keyboard.press, one.page.keyboard.type
    tab_to(one, "新增")
    press("Enter")
    one.sees("请填写姓名")
    assert one.page.evaluate("document.activeElement.id") == "error-summary"
    press("Tab")
    press("Enter")  # the complaint leads to its field
    assert one.page.evaluate("document.activeElement.id") == "name"
    press("Shift+Tab")
    tab_to(one, "name")
    write("周键盘")
    tab_to(one, "id_number")
    write(number(401))
    tab_to(one, "place-kept-search")
    write("键盘中学")
    expect(one.page.locator("#place-kept [data-found]").get_by_text("键盘中学")).to_be_visible()
    press("ArrowDown")  # from the search to what it has found
    press("Space")
    tab_to(one, "with_account")
    press("Space")
    tab_to(one, "username")
    write("zhoujianpan")
    tab_to(one, "role")
    for _ in range(40):
        press("ArrowDown")
        if one.page.evaluate("document.activeElement.value") == roles.REGIONAL.key:
            break
    tab_to(one, "新增")
    press("Enter")
    one.sees("密码只在此显示一次")
    world = street.house.world
    with world.session() as session:
        person = session.scalars(select(Person).where(Person.name == "周键盘")).one()
        assert session.get_one(Account, person.id).username == "zhoujianpan"
        (held,) = posts.of(session, person.id, world.now)
        assert (held.role, held.place) == (roles.REGIONAL.key, regions.path_of(session, "130402"))


def test_a_person_is_entered_without_scripts(street: Street, keeper: str) -> None:
    one = street.person(keeper, scripts=False)
    one.go("/admin/people/new")
    one.page.fill("#name", "吴无脚本")
    one.page.fill("#place-kept-search", "键盘中学")
    one.page.click("button[name=_update][value=kept]")
    one.page.get_by_label("键盘中学").check()
    one.press("新增")
    one.sees("已新增吴无脚本")


def test_the_pages_about_people_are_clean_and_fit(street: Street, keeper: str) -> None:
    one = street.person(keeper)
    one.go("/admin/people/new")
    one.page.fill("#name", "郑好看")
    one.page.fill("#place-kept-search", "键盘中学")
    one.page.get_by_label("键盘中学").check()
    one.press("新增")
    one.sees("已新增郑好看")
    there = one.page.url.removeprefix(street.url)
    for path in (
        "/admin/lists/people", "/admin/people/new", there, f"{there}/edit", f"{there}/posts", f"{there}/transfer",
    ):  # fmt: skip
        one.go(path)
        assert complaints_of_axe(one.page) == [], path
        one.page.set_viewport_size(PHONE)
        assert not scrolls_sideways(one.page), path
        assert complaints_of_axe(one.page) == [], path
        one.page.set_viewport_size({"width": 1440, "height": 900})
    one.go("/admin/people/new")
    one.press("新增")
    one.sees("请填写姓名")
    assert complaints_of_axe(one.page) == []
