"""A filter whose choices follow another's: at once with scripts, by the button without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import true

from app.platform.lists import Filter, catalogue
from app.platform.registry import Words
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street

pytestmark = pytest.mark.browser
ROOMS = {"北楼": ("北101", "北102"), "南楼": ("南201",)}
DESKS = {"北101": ("甲座",), "南201": ("乙座", "丙座")}


def offer(*names: str) -> list[tuple[str, Words]]:
    return [(name, Words(name, name)) for name in names]


def choice(key: str, title: str, choices: Any, under: str = "") -> Filter:
    return Filter(key, Words(title, key), "choice", lambda code, now: true(), choices, under=under)


@pytest.fixture
def listed(street: Street) -> Iterator[str]:
    """The list of applications with three choices, each under the one before; its address."""
    system = street.house.world.system
    known = [catalogue._lists[name] for name in catalogue._lists if name.startswith(f"{system}/")]
    filters = (
        choice("house", "楼", lambda session, acting: offer(*ROOMS)),
        choice("room", "室", lambda session, acting, above: offer(*ROOMS.get(above, ())), "house"),
        choice("desk", "座", lambda session, acting, above: offer(*DESKS.get(above, ())), "room"),
    )
    changed = [replace(one, filters=filters) if one.key == "applications" else one for one in known]
    catalogue.enter(system, changed)
    yield street.applications
    catalogue.enter(system, known)


def offered(person: Person, key: str) -> list[str]:
    return person.page.locator(f"#filter-{key} option").all_inner_texts()


def test_what_follows_a_choice_is_offered_at_once(street: Street, listed: str) -> None:
    person = street.person(street.house.usernames["市级"])
    person.go(listed)
    page = person.page
    assert offered(person, "room") == ["请先选择楼"]
    assert page.locator("#filter-room").is_disabled()
    page.select_option("#filter-house", "北楼")
    page.locator("#filter-room option", has_text="北102").wait_for(state="attached")
    assert offered(person, "room") == ["全部", "北101", "北102"]
    page.select_option("#filter-room", "北101")
    page.locator("#filter-desk option", has_text="甲座").wait_for(state="attached")
    page.select_option("#filter-desk", "甲座")
    page.select_option("#filter-house", "南楼")
    page.locator("#filter-room option", has_text="南201").wait_for(state="attached")
    assert (page.input_value("#filter-room"), offered(person, "desk")) == ("", ["请先选择室"])
    page.select_option("#filter-room", "南201")
    page.locator("#filter-desk option", has_text="丙座").wait_for(state="attached")
    assert "house=" not in page.url
    person.press("查询")
    page.wait_for_url("**house=*")
    assert [page.input_value(f"#filter-{key}") for key in ("house", "room", "desk")] == ["南楼", "南201", ""]


def test_without_scripts_the_button_offers_it(street: Street, listed: str) -> None:
    person = street.person(street.house.usernames["市级"], scripts=False)
    person.go(listed)
    person.page.select_option("#filter-house", "北楼")
    person.press("查询")
    assert offered(person, "room") == ["全部", "北101", "北102"]
    person.page.select_option("#filter-room", "北102")
    person.page.select_option("#filter-house", "南楼")
    person.press("查询")
    assert offered(person, "room") == ["全部", "南201"]
    assert person.page.input_value("#filter-room") == ""


def test_the_bar_suits_everybody_at_every_width(street: Street, listed: str) -> None:
    person = street.person(street.house.usernames["市级"])
    for size in (DESKTOP, PHONE):
        person.page.set_viewport_size(size)
        person.go(f"{listed}?house=北楼")
        assert complaints_of_axe(person.page) == []
        assert not scrolls_sideways(person.page)
