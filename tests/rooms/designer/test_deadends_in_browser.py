"""The steps that nobody can do, in Chromium: found by a press, gone with a post given, each seeing what is his."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.platform.design import nightly
from app.platform.identity import posts, roles
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Street
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
PAGE = "/designer/deadends"
PEOPLE = {
    "looks": ("看流程", roles.DESIGNER.key, ""),
    "here": ("邢台区域", roles.REGIONAL.key, "130500"),
    "there": ("邯郸区域", roles.REGIONAL.key, "130400"),
}


@pytest.fixture
def emptied(street: Street) -> Street:
    """A house in which the only city administrator of 邢台 has just left, and who looks at that."""
    house = street.house
    for username, (name, role, place) in PEOPLE.items():
        if name not in house.world.people:
            house.world.enter(name, role, place)
            house.account(name, username)
    with house.world.session() as session:
        nightly.look(session, None, house.world.now)
        for name in {"邻市", "新来的"} & house.world.people.keys():
            for post in house.world.acting(name).posts:
                posts.end(session, post.id, house.world.now, None)
    return street


def test_a_step_nobody_can_do_is_found_by_a_press_and_gone_with_a_post(emptied: Street) -> None:
    designer = emptied.person("looks")
    designer.go(PAGE)
    designer.sees("没有已发现的环节")  # nobody has looked yet: it does not say that all is well
    designer.press("重新核对")
    designer.sees("新发现1处")
    row = designer.page.locator("table tbody tr", has_text="邢台市")
    expect(row).to_contain_text("市级审核")
    expect(row).to_contain_text("没有人担任")
    for size in (DESKTOP, PHONE):
        designer.page.set_viewport_size(size)
        assert complaints_of_axe(designer.page) == []
        assert not scrolls_sideways(designer.page)
    designer.page.set_viewport_size(DESKTOP)
    emptied.house.world.enter("新来的", f"{emptied.house.world.system}.city_admin", "130500")
    designer.press("重新核对")  # or it has been looked at already, since a post was given
    expect(designer.page.locator("table tbody tr", has_text="邢台市")).to_have_count(0)
    designer.go(f"{PAGE}?state=closed")
    expect(designer.page.locator("table tbody tr", has_text="邢台市")).to_contain_text("已有人办理")


def test_who_gives_posts_sees_the_places_that_are_his(emptied: Street) -> None:
    with emptied.house.world.session() as session:
        nightly.look(session, None, emptied.house.world.now)
    here, there = emptied.person("here"), emptied.person("there")
    here.go(PAGE)
    expect(here.page.locator("table tbody tr", has_text="邢台市")).to_have_count(1)
    expect(here.page.get_by_role("link", name="选人授予岗位")).to_be_visible()
    there.go(PAGE)
    expect(there.page.get_by_text("邢台市")).to_have_count(0)


def test_the_line_below_a_lane_names_the_regions_without_anybody(emptied: Street) -> None:
    designer = emptied.person("looks")
    designer.go(PAGE)
    system = emptied.house.world.system
    asked = f"/designer/reach?role={system}.city_admin&at=variable:district(city)"
    said = designer.page.evaluate("async (path) => (await fetch(path)).json()", asked)
    assert (said["regions"], said["with"], said["without"]) == (2, 1, ["邢台市"])
    assert said["message"] == "今天2个地区中1个有人；无人：邢台市"
