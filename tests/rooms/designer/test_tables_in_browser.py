"""Decision tables in Chromium: a table is made from nothing, tried, saved by itself and there again afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.platform.design import drafts, tables
from app.platform.identity import roles
from app.platform.registry import Words
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.pages import House
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
DRAWER = "制表员"
ROOT = Path(__file__).parents[3]
FRONT = ROOT / "app/rooms/designer/front/tables/words.js"


@pytest.fixture
def drawer(street: Street) -> Person:
    house: House = street.house
    if DRAWER not in house.world.people:
        house.world.enter(DRAWER, roles.DESIGNER.key, "")
        house.account(DRAWER, "tables_drawer")
    return street.person("tables_drawer")


def draft(street: Street, key: str, files: dict[str, bytes]) -> str:
    world = street.house.world
    with world.session() as session:
        return drafts.begin(session, key, Words("请假", "Leave"), files, world.acting(DRAWER), world.now)


def saved(street: Street, key: str, name: str) -> bytes:
    with street.house.world.session() as session:
        return drafts.files(session, key)[name]


def test_a_table_is_made_tried_and_kept(street: Street, drawer: Person) -> None:
    page, key = drawer.page, draft(street, "office_tables", {"office_tables.bpmn": b"<a/>"})
    drawer.go(f"/designer/drafts/{key}/tables")
    drawer.sees("这份草稿还没有决策表")
    page.get_by_role("link", name="新建决策表").click()
    expect(page.locator("#tables[data-ready]")).to_be_visible()
    page.get_by_title("添加规则").click()
    for number, text in enumerate(('"事假"', '"科室"')):
        page.locator("#canvas tbody tr [contenteditable]").nth(number).click()
        page.keyboard.type(text)
    page.locator("#try-title").click()
    expect(page.locator("#state")).to_contain_text("已保存")
    expect(page.locator("#problems")).not_to_contain_text("没有问题")  # it asks nothing yet
    name = page.locator("#tables").get_attribute("data-name") or ""
    text = saved(street, key, name)
    assert "事假".encode() in text
    fixed = text.replace(b"<text></text>", b"<text>kind</text>", 1).replace(
        b"<text />", b"<text>kind</text>", 1
    )
    found, problems = tables.look(name, fixed, {"kind": '"事假"'}, street.house.world.now)
    assert (problems, found[0].outputs) == ([], {"result": "科室"})
    page.reload()
    expect(page.locator("#tables[data-ready]")).to_be_visible()
    expect(page.locator("#canvas")).to_contain_text("事假")
    assert drawer.faults == []


def test_the_sheet_of_a_column_opens_whole_and_no_cell_lies_under_the_mark(
    street: Street, drawer: Person
) -> None:
    page, key = drawer.page, draft(street, "office_sheet", {"office_sheet.bpmn": b"<a/>"})
    drawer.go(f"/designer/drafts/{key}/tables")
    page.get_by_role("link", name="新建决策表").click()
    expect(page.locator("#tables[data-ready]")).to_be_visible()
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        page.locator("th.input-cell").dblclick()
        sheet = page.locator("#canvas .context-menu")
        expect(sheet).to_be_visible()
        assert sheet.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
        page.keyboard.press("Escape")
        page.locator("#try-title").click()
    for _rule in range(14):
        page.get_by_title("添加规则").click()
    last, mark = page.locator("#canvas tfoot").bounding_box(), page.locator(".bjs-powered-by").bounding_box()
    assert last is not None
    assert mark is not None
    assert last["y"] + last["height"] <= mark["y"]


def test_the_table_of_the_quotas_opens_and_changes_nothing(street: Street, drawer: Person) -> None:
    content = (ROOT / "processes/delegates/quota.dmn").read_bytes()
    key = draft(street, "office_quota", {"office_quota.bpmn": b"<a/>", "quota.dmn": content})
    page = drawer.page
    drawer.go(f"/designer/drafts/{key}/tables")
    expect(page.locator("#tables[data-ready]")).to_be_visible()
    expect(page.locator("#problems")).to_contain_text("没有问题")
    page.fill('#asks input[name="must_fill"]', "false")
    for name in page.locator("#asks input").evaluate_all("all => all.map(one => one.name)"):
        if name != "must_fill":
            page.fill(f'#asks input[name="{name}"]', "2" if name == "member" else "1")
    expect(page.locator("#result")).to_contain_text("成立的规则")
    expect(page.locator("#canvas tr.is-held").first).to_be_visible()
    assert saved(street, key, "quota.dmn") == content
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.evaluate("scrollTo(0, 0)")  # what lies half below the head of the page is not too small
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)
    page.set_viewport_size(DESKTOP)


def test_everything_the_table_editor_says_is_said_in_chinese() -> None:
    known = set(re.findall(r'"((?:[^"\\]|\\.)+)":', FRONT.read_text(encoding="utf-8")))
    found: set[str] = set()
    for package in ("dmn-js-decision-table", "dmn-js-shared", "table-js"):
        for path in (ROOT / "node_modules" / package / "lib").rglob("*.js"):
            found |= set(re.findall(r"translate\(['\"]([^'\"]+)['\"]", path.read_text(encoding="utf-8")))
    assert {one for one in found if one not in known and one != "value"} == set()
