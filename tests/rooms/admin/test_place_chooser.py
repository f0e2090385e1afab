"""The place chooser finds and walks regions and units, and nothing outside the reader's reach (C-11)."""

from __future__ import annotations

import re

import pytest

from app.platform.identity import roles, units
from tests.pages import House
from tests.rooms.conftest import Browser

WITHIN = roles.UNITS


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    world = whole_house.world
    for name, username, place in (
        ("市区域管", "city_keeper", "130400"),
        ("省区域管", "province_keeper", "130000"),
    ):
        world.enter(name, roles.REGIONAL.key, place)
        whole_house.account(name, username)
    world.enter("系统管", roles.SYSTEM.key)
    whole_house.account("系统管", "system_keeper")
    with world.session() as session:
        units.add(session, "邯山区第一中学", "130402", None, world.now)
        closed = units.add(session, "邯山区旧学校", "130402", None, world.now)
        units.change(session, closed, None, world.now, is_closed=True)
        school = units.add(session, "襄都区第一中学", "130502", None, world.now)
        units.add(session, "高一年级", "130502", None, world.now, parent=school)
    return whole_house


def names(browser: Browser, query: str) -> list[str]:
    assert browser.get(f"/admin/places?name=place&within={WITHIN}&{query}").status_code == 200
    lines = re.findall(r'(?:form-check-label|place-plain)">([^<]+?)(?: <span|</span)', browser.page)
    return [line.strip() for line in lines]


def test_names_and_codes_are_found_within_the_reach_alone(house: House) -> None:
    city, province = house.visit("市区域管"), house.visit("省区域管")
    assert names(city, "kinds=region+unit&q=第一中学") == ["邯山区第一中学"]
    assert names(province, "kinds=region+unit&q=第一中学") == ["襄都区第一中学", "邯山区第一中学"]
    assert names(city, "kinds=region&q=130402") == ["邯山区"]
    assert names(city, "kinds=region&q=襄都") == []
    assert "没有找到" in city.page


def test_closed_ones_are_offered_to_nobody(house: House) -> None:
    assert names(house.visit("省区域管"), "kinds=unit&q=旧学校") == []


def test_the_tree_is_walked_from_the_highest_one_reaches(house: House) -> None:
    city = house.visit("市区域管")
    assert names(city, "kinds=region+unit") == ["邯郸市"]
    assert names(city, "kinds=region+unit&at=130000/130400/") == ["邯山区", "丛台区", "复兴区"]
    assert names(city, "kinds=region+unit&at=130000/130400/130402/") == ["邯山区第一中学"]
    assert names(city, "kinds=region+unit&at=130000/130500/") == ["邯郸市"]  # begins again where one may
    assert "河北省" not in city.page
    assert names(house.visit("系统管"), "kinds=region") == ["河北省"]


def test_a_region_of_which_only_units_are_wanted_is_walked_through_and_not_chosen(house: House) -> None:
    city = house.visit("市区域管")
    names(city, "kinds=unit&at=130000/130400/")
    assert 'value="130000/130400/130402/"' not in city.page
    assert "place:130000/130400/130402/" in city.page


def test_a_place_outside_the_reach_is_not_named_as_chosen(house: House) -> None:
    city = house.visit("市区域管")
    assert "襄都" not in city.get(
        f"/admin/places?within={WITHIN}&kinds=region&value=130000/130500/130502/"
    ).get_data(as_text=True)
    assert names(city, "kinds=region&value=130000/130400/130402/") == ["邯山区", "邯郸市"]


def test_a_permission_that_bounds_no_chooser_finds_nothing(house: House) -> None:
    city = house.visit("市区域管")
    city.get("/admin/places?name=place&kinds=region&within=platform.logs.read")
    assert "邯郸" not in city.page
