"""The pages of regions and units ask a fixed number of statements, however much lies there (no N+1)."""

from __future__ import annotations

import pytest

from app.platform.identity import posts, roles, units
from tests.pages import House
from tests.rooms.inbox.test_statements import counted

PAGES = (
    "/admin/regions",
    "/admin/regions?q=邯",
    "/admin/regions/130402",
    "/admin/units",
    "/admin/units/add?to=130000/130400/130402/",
    "/admin/places?kinds=region+unit&within=platform.units.manage&q=学校",
)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_costs_the_same_for_one_unit_as_for_many(whole_house: House, url: str) -> None:
    world, name = whole_house.world, whole_house.settle(roles.REGIONAL.key, "130400")
    browser = whole_house.visit(name)
    with world.session() as session:
        units.add(session, "第一学校", "130402", None, world.now)
    browser.get(url)  # what is asked once per process is asked now
    alone = counted(whole_house.app, browser, url)
    with world.session() as session:
        for number in range(6):
            units.add(session, f"学校{number}", "130402", None, world.now)
            path = "130000/130400/130402/"
            role = f"{world.system}.city_admin"
            posts.grant(session, world.enter(f"某{number}"), role, path, None, world.now, None)
    assert counted(whole_house.app, browser, url) == alone
    assert alone <= 16
