"""Regions and units in a real browser: a place is found and chosen by keyboard alone; the tree opens and closes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.platform.identity import roles, units
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]


def keeper(street: Street) -> Person:
    house = street.house
    if "市区域管" not in house.world.people:
        house.world.enter("市区域管", roles.REGIONAL.key, "130400")
        house.account("市区域管", "city_keeper")
        with house.world.session() as session:
            units.add(session, "丛台实验学校", "130403", None, house.world.now)
    return street.person("city_keeper")


def judge(one: Person) -> None:
    for size in (DESKTOP, PHONE):
        one.page.set_viewport_size(size)
        assert complaints_of_axe(one.page) == []
        assert not scrolls_sideways(one.page)
    one.page.set_viewport_size(DESKTOP)


def test_a_unit_is_added_by_keyboard_alone(street: Street) -> None:
    one = keeper(street)
    one.go("/admin/units/add")
    keyboard = one.page.keyboard
    one.page.locator("#new-name").focus()
    keyboard.type("邯山第一小学")
    keyboard.press("Tab")
    keyboard.type("邯山")
    expect(one.page.locator(".place-lines input")).to_have_count(1)
    judge(one)
    one.page.locator("#place-to-search").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Space")
    expect(one.page.locator(".place-lines input")).to_be_checked()
    keyboard.press("Enter")
    one.page.wait_for_url(re.compile("/admin/units/(?!add)"))
    one.sees("邯山第一小学")
    judge(one)


def test_one_walks_down_with_the_arrow_keys(street: Street) -> None:
    one = keeper(street)
    one.go("/admin/units/add")
    one.page.locator("#place-to-search").focus()
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("ArrowRight")
    expect(one.page.locator(".place-trail b")).to_have_text("邯郸市")
    expect(one.page.locator(".place-lines input").first).to_be_focused()


def test_the_tree_opens_and_closes_where_it_stands(street: Street) -> None:
    one = keeper(street)
    one.go("/admin/regions?open=")
    opener = one.page.locator("[data-tree]").first
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(one.page.get_by_role("link", name="丛台区", exact=True)).to_be_visible()
    judge(one)
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(one.page.get_by_role("link", name="丛台区", exact=True)).to_be_hidden()
