"""The boxes in a real browser: back and forward keep the filters, choices apply at once, keys tick (B3-23, B3-24)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from app.platform import documents
from app.platform.lists import views
from tests import pages
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street, served
from tests.rooms.inbox.boxed import USERNAMES, fill

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(whole_house: pages.House) -> Iterator[tuple[pages.House, str]]:
    world = whole_house.world
    fill(world, 5, 40)
    whole_house.usernames.update(USERNAMES)
    with world.session() as session:
        by = world.acting("市级")
        for title, asked, reach in (
            ("邯山区超期", {"region": "130402", "due": "overdue"}, "me"),
            ("会签中", {"flag": "seated"}, "office"),
        ):
            views.save(session, "inbox/todo", title, asked, reach, by, world.now)
    with served(whole_house) as url:
        yield whole_house, url


@pytest.fixture
def street(town: tuple[pages.House, str], engine_of_pages: Browser) -> Iterator[Street]:
    documents.use(town[0].settings)
    street = Street(*town, engine_of_pages)
    yield street
    # the drawings of these chains hold no picture: the page says so to whoever looks at the tab
    assert [fault for fault in street.close() if not fault.endswith("/diagram")] == []


def question(person: Person) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(person.page.url).query))


def titles(person: Person) -> list[str]:
    return person.page.locator("[data-cases] .case-title").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_are_in_the_address_and_back_and_forward_keep_them(street: Street, scripts: bool) -> None:
    """B3-23, B3-24: set them, open a case, go back, reload, open in another tab: always the same."""
    city = street.person("city1", scripts=scripts)
    city.go("/inbox/")
    city.page.locator(".sieve-fold summary").click()
    city.page.select_option("#filter-region", "130402")
    if not scripts:
        city.page.locator(".sieve-text button").click()
    city.page.locator(".chip").wait_for()
    city.page.fill("#filter-q", "场")
    city.page.locator(".sieve-text button").click()
    expect(city.page.locator(".chip")).to_have_count(2)
    asked, found = question(city), titles(city)
    assert {key: asked[key] for key in ("box", "region", "q")} == {
        "box": "todo",
        "region": "130402",
        "q": "场",
    }
    if scripts:
        assert set(asked) == {"box", "region", "q"}  # nothing empty
    assert found
    city.page.locator("[data-cases] .case").first.click()
    city.page.locator(".case-head").wait_for()
    assert titles(city) == found
    assert question(city)["q"] == "场"
    for step in (city.page.go_back, city.page.reload):
        step()
        assert (question(city), titles(city)) == (asked, found)
    city.page.go_forward()
    city.page.locator(".case-head").wait_for()
    assert (titles(city), city.page.input_value("#filter-q")) == (found, "场")
    city.page.go_back()
    city.page.go_back()
    expect(city.page.locator(".chip")).to_have_count(1)
    assert city.page.input_value("#filter-q") == ""
    other = street.person("city2")
    other.go("/inbox/?" + urlsplit(f"?{'&'.join(f'{key}={value}' for key, value in asked.items())}").query)
    expect(other.page.locator(".chip")).to_have_count(2)


def test_ticks_are_counted_and_x_ticks_the_row_one_stands_on(street: Street) -> None:
    city = street.person("city1")
    city.go("/inbox/?mode=list")
    told, ticks = city.page.locator(".box-ticked"), city.page.locator('input[name="row"]')
    expect(told).to_contain_text("共")
    keys = city.page.keyboard
    for key in ("j", "x"):
        keys.press(key)
    expect(told).to_have_text("已选 1")
    for key in ("j", "j", "j", "Shift+X"):
        keys.press(key)
    expect(told).to_have_text("已选 4")
    assert ticks.nth(0).is_checked()
    assert ticks.nth(3).is_checked()
    keys.press("x")
    expect(told).to_have_text("已选 3")
    city.page.locator("[data-search]").focus()
    keys.type("x")
    expect(told).to_have_text("已选 3")  # no key fires while one types
    city.go("/inbox/?mode=table")
    city.page.locator("[data-tick-all] input").check()
    expect(city.page.locator(".box-ticked")).to_have_text("已选 20")


def test_a_view_is_saved_from_the_bar_and_found_in_the_rail(street: Street) -> None:
    city = street.person("city2")
    city.go("/inbox/?due=overdue")
    city.page.locator(".save-view summary").click()
    city.page.fill("#view-title", "我的超期")
    city.page.locator(".save-view").get_by_text("我的科室").click()
    city.page.locator(".save-view button").click()
    here = city.page.locator('.menu .rail a[aria-current="page"]')
    expect(here).to_contain_text("我的超期")
    assert question(city)["due"] == "overdue"
    colleague = street.person("city1")
    colleague.go("/inbox/")
    colleague.page.locator(".menu .rail").get_by_text("我的超期").click()
    assert question(colleague)["due"] == "overdue"


def test_the_table_takes_the_whole_width_and_leads_back(street: Street) -> None:
    city = street.person("city1")
    city.go("/inbox/")
    city.page.get_by_role("button", name="表格").click()
    table = city.page.locator(".inbox-table")
    box = table.bounding_box()
    assert box is not None
    assert box["width"] > 1100
    city.page.locator("th a", has_text="时限").click()
    assert question(city)["sort"] == "due"
    table.locator(".case").nth(2).click()
    city.page.locator(".case-head").wait_for()
    expect(table).to_have_count(0)
    city.page.go_back()
    assert (question(city)["mode"], question(city)["sort"]) == ("table", "due")
    city.page.get_by_role("button", name="列表").click()
    expect(table).to_have_count(0)


def test_the_pane_keeps_its_width(street: Street) -> None:
    """At least 640 px for a case on a desk of 1440."""
    city = street.person("city1")
    city.go("/inbox/?mode=list")
    city.page.locator("[data-cases] .case").first.click()
    pane = city.page.locator(".case-sheet").bounding_box()
    assert pane is not None
    assert pane["width"] >= 640


SCENES = {
    "list": ("/inbox/?mode=list", ""),
    "filters": ("/inbox/?mode=list&due=overdue&region=130402&flag=seated", ".sieve-fold > summary"),
    "save a view": ("/inbox/?mode=list&due=overdue", ".save-view > summary"),
    "table": ("/inbox/?mode=table", ""),
    "columns": ("/inbox/?mode=table", ".columns > summary"),
    "lost": ("/inbox/?mode=list&process=gone", ""),
    "nothing": ("/inbox/?mode=table&q=nobody", ""),
    "claimable": ("/inbox/?box=claimable&mode=list", ""),
    "copies": ("/inbox/?box=copies&mode=list", ""),
    "drafts": ("/inbox/?box=drafts&mode=table", ""),
    "mine": ("/inbox/?box=mine&mode=table", ""),
    "done": ("/inbox/?box=done&mode=table", ""),
    "views": ("/inbox/views", ".views-verbs > details > summary"),
    "english": ("/inbox/?mode=table&lang=en", ""),
}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_box_is_open_to_everybody(street: Street, size: dict[str, int]) -> None:
    """WCAG 2.2 AA by axe-core; nothing scrolls sideways."""
    city = street.person("city1")
    city.page.set_viewport_size(size)
    wrong = {}
    for name, (path, press) in SCENES.items():
        city.go(path)
        line = city.page.locator(press).first if press else None
        if line is not None and line.is_visible():
            line.click()
        if found := [*complaints_of_axe(city.page), *(["sideways"] if scrolls_sideways(city.page) else [])]:
            wrong[name] = found
    assert wrong == {}


def test_on_a_phone_the_boxes_and_the_bar_stand_behind_one_line_each(street: Street) -> None:
    city = street.person("city1", scripts=False)
    city.page.set_viewport_size(PHONE)
    city.go("/inbox/?mode=list")
    strip, fold = city.page.locator(".strip"), city.page.locator(".sieve-fields")
    expect(strip.locator(".rail")).to_be_hidden()
    expect(fold).to_be_hidden()
    strip.locator("summary").click()
    strip.get_by_role("link", name="待签收").click()
    assert question(city)["box"] == "claimable"
    city.page.locator(".sieve-fold summary").click()
    expect(fold).to_be_visible()
    first = city.page.locator(".case-row").first.bounding_box()
    assert first is not None
    assert first["height"] < 90
