"""A process's page in Chromium: the switch, steps chosen by mouse and by keyboard, period, region, export, paper."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.jobs import running
from app.platform.monitoring import folding
from tests.browser import PHONE
from tests.browser.live import Person, Street
from tests.rooms.inbox.watching import address
from tests.rooms.monitor import cases
from tests.rooms.monitor.looking import PICTURES, look

pytestmark = pytest.mark.browser
__all__ = ["address"]
KEEPER = "流程监控员"
UPLOAD = "upload_scan"
PROCESS = "fairs_application"
FIELD = "通讯地址（集市申请）"  # of a form, as a column is called where another form asks the like
IN_SIGHT = """() => {
  const frame = document.querySelector(".process-drawing").getBoundingClientRect();
  const chosen = document.querySelector(".process-drawing [aria-current]").getBoundingClientRect();
  return chosen.left >= frame.left - 1 && chosen.right <= frame.right + 1;
}"""


@pytest.fixture
def keeper(street: Street) -> Person:
    """Somebody who watches a province, over cases in a county: one late at the city's, one still being printed."""
    house = street.house
    world = house.world
    if KEEPER not in world.people:
        world.enter(KEEPER, roles.ADMINISTRATOR.key, "130000")
        house.account(KEEPER, "process_keeper")
        late, done = world.to_review(house.settle()), world.to_review(house.settle())
        house.to_upload(house.settle())
        world.now += timedelta(days=1)
        world.decide(done, "city_review", "approve", "市级")
        with world.session() as session, transaction(session):
            cases.lie_in(session, cases.COUNTY)
            cases.be_late(session, late, world.now)
        with world.session() as session:
            folding.fold(session, world.now)
    return street.person("process_keeper")


def page_of(question: str = "") -> str:
    return f"/monitor/processes/{PROCESS}{question}"


def listed(one: Person) -> int:
    return one.page.locator("table.list tbody tr").count()


def step(one: Person, element: str) -> Locator:
    return one.page.locator(f'.process-drawing a:has([data-element="{element}"])')


def badge(one: Person, element: str, kind: str) -> Locator:
    return one.page.locator(f'[data-over="{element}"] [data-badge="{kind}"]')


def test_it_suits_everybody_at_every_width_and_in_both_languages(keeper: Person) -> None:
    found = []
    for name, question in {
        "count": "?element=city_review",
        "median": "?show=median",
        "returned": "?show=returned&lang=en",
        "wrong": "?period=dates&from=2026-01-02&lang=en",
        "empty": "?q=zzzz&lang=zh",
    }.items():
        keeper.go(page_of(question))
        keeper.page.evaluate("document.querySelector('.process-table').open = true")
        found += look(keeper, f"process-{name}")
    assert found == []


def test_the_switch_writes_other_numbers_on_the_same_steps(keeper: Person) -> None:
    keeper.go(page_of())
    expect(badge(keeper, "city_review", "open")).to_have_text("1")
    expect(badge(keeper, "city_review", "overdue")).to_have_text("1")
    for words, key in {
        "停留中位数": "median",
        "停留九成": "p90",
        "超期率": "late",
        "退回率": "returned",
    }.items():
        keeper.page.locator(".process-switch").get_by_role("link", name=words).click()
        keeper.page.wait_for_url(re.compile(f"show={key}"))
        expect(badge(keeper, "city_review", key)).to_be_visible()
        expect(keeper.page.locator(".process-switch [aria-current]")).to_have_text(words)
        expect(badge(keeper, "city_review", "open")).to_have_count(0)
    assert listed(keeper) == 2  # another figure shows the same list


def test_steps_are_chosen_by_mouse_and_by_keyboard_and_taken_away_by_their_chips(keeper: Person) -> None:
    keeper.go(page_of("?state="))
    assert listed(keeper) == 3
    step(keeper, "city_review").click()
    keeper.page.wait_for_url(re.compile(r"element=city_review#diagram"))
    assert listed(keeper) == 1
    expect(step(keeper, "city_review")).to_have_attribute("aria-current", "true")
    step(keeper, UPLOAD).click(modifiers=["Shift"])
    keeper.page.wait_for_url(re.compile(rf"element=city_review\.{UPLOAD}#diagram"))
    assert listed(keeper) == 2
    expect(keeper.page.locator(".process-chips li")).to_have_count(3)
    keeper.page.get_by_role("link", name="不再按市级审核筛选").click()
    keeper.page.wait_for_url(re.compile(rf"element={UPLOAD}#diagram"))
    assert listed(keeper) == 1
    step(keeper, "city_review").focus()
    keeper.page.keyboard.press("Enter")
    keeper.page.wait_for_url(re.compile(r"element=city_review#diagram"))
    step(keeper, UPLOAD).focus()
    keeper.page.keyboard.press("Shift+Enter")
    keeper.page.wait_for_url(re.compile(rf"element=city_review\.{UPLOAD}#diagram"))
    keeper.page.get_by_role("link", name="全部清除").click()
    expect(keeper.page.locator(".process-chips")).to_have_count(0)
    assert listed(keeper) == 3


def test_the_busiest_step_stays_in_sight_when_the_window_changes_width(keeper: Person) -> None:
    keeper.go(page_of("?element=city_review"))
    for width in (PHONE["width"], 480, PHONE["width"]):
        keeper.page.locator(".process-drawing").evaluate("one => { one.scrollLeft = 0 }")
        keeper.page.set_viewport_size({"width": width, "height": PHONE["height"]})
        keeper.page.wait_for_function(IN_SIGHT)


def test_one_bar_asks_the_drawing_and_the_list(keeper: Person) -> None:
    keeper.go(page_of("?element=city_review&show=median"))
    dates = keeper.page.locator("[data-dates]")
    expect(dates).to_be_hidden()
    keeper.page.get_by_label("统计期间", exact=True).select_option("dates")
    expect(dates).to_be_visible()
    dates.locator("input").first.fill("2020-01-01")
    dates.locator("input").last.fill("2020-01-31")
    keeper.page.get_by_label("列表只列期内发起的").check()
    keeper.press("查询")
    keeper.sees("这个期间没有可以统计的办理。")
    assert listed(keeper) == 0
    assert "element=city_review" in keeper.page.url
    keeper.page.get_by_label("列表只列期内发起的").uncheck()
    keeper.page.locator("#filter-region").select_option("130400")
    keeper.press("查询")
    expect(keeper.page.locator("table.list tbody tr")).to_have_count(1)
    keeper.page.locator("#filter-region").select_option("130500")
    keeper.press("查询")
    expect(keeper.page.locator(".watch-count").first).to_have_text("0")


def test_what_is_taken_out_is_what_is_seen_with_the_columns_chosen(keeper: Person) -> None:
    keeper.go(page_of("?element=city_review"))
    keeper.page.locator("details.columns summary").click()
    assert look(keeper, "process-columns") == []
    keeper.page.get_by_label("单位", exact=True).check()
    keeper.page.get_by_label("更新", exact=True).uncheck()
    keeper.page.get_by_label(FIELD, exact=True).check()
    keeper.press("保存")
    expect(keeper.page.locator(f'table.list [data-label="{FIELD}"]')).to_have_text("演示路 1 号")
    expect(keeper.page.locator("table.list thead")).to_contain_text("单位")
    assert "element=city_review" in keeper.page.url
    heads = [one.strip() for one in keeper.page.locator("table.list thead th").all_inner_texts()]
    number = keeper.page.locator('table.list [data-label="编号"]').inner_text()
    keeper.page.get_by_role("button", name="导出 CSV 文件").click()
    keeper.page.wait_for_url(re.compile("/errands/"))
    link = keeper.page.get_by_role("link", name="下载")
    link.first.wait_for()
    with keeper.page.expect_download() as got:
        link.first.click()
    rows = list(csv.reader(io.StringIO(got.value.path().read_text("utf-8-sig"))))
    assert rows[0] == [one for one in heads if one and one not in ("选择", "操作")]
    assert [row[rows[0].index("编号")] for row in rows[1:]] == [number]
    assert [row[rows[0].index(FIELD)] for row in rows[1:]] == ["演示路 1 号"]


def test_on_paper_it_fits_and_needs_no_colour(keeper: Person) -> None:
    keeper.go(page_of())
    keeper.page.emulate_media(media="print")
    drawing = keeper.page.locator(".process-drawing svg")
    frame = keeper.page.locator(".process-drawing").bounding_box()
    box = drawing.bounding_box()
    assert frame is not None
    assert box is not None
    assert box["width"] <= frame["width"] + 1
    shapes = {
        kind: drawing.locator(f'[data-badge="{kind}"] > :first-child').first.evaluate("one => one.tagName")
        for kind in ("open", "overdue")
    }
    assert shapes == {"open": "rect", "overdue": "polygon"}
    if PICTURES:
        keeper.page.pdf(path=f"{PICTURES}/process.pdf", format="A4", landscape=True, print_background=False)
    keeper.page.emulate_media(media="screen")


def test_the_overview_leads_here_with_the_right_filter(keeper: Person) -> None:
    keeper.go("/monitor/")
    row = keeper.page.locator(".watch-table tbody tr").first
    row.locator('[data-label="超期"] a').click()
    keeper.page.wait_for_url(re.compile("/monitor/processes/.*trouble=overdue"))
    assert listed(keeper) == 1
    keeper.page.get_by_role("link", name="流程监控").last.click()
    keeper.page.locator(".watch-table tbody tr").first.locator(".cell-title a").click()
    expect(keeper.page.locator("h1")).to_have_text("科普集市举办申请")


def test_what_waits_for_the_house_is_counted_and_leads_to_its_case(street: Street, keeper: Person) -> None:
    world, name = street.house.world, street.house.settle()
    instance = street.house.to_submit(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "run_due", lambda *_, **__: 0)  # nobody prints its paper yet
        world.decide(instance, "submit", "submit", name)
        with world.session() as session, transaction(session):
            cases.lie_in(session, cases.COUNTY, instance)
        keeper.go(page_of())
        expect(badge(keeper, "print_form", "waiting")).to_have_text("1")
        step(keeper, "print_form").click()
        keeper.page.wait_for_url(re.compile(r"element=print_form#diagram"))
        assert listed(keeper) == 1
        assert look(keeper, "process-waiting") == []
    world.work()
    keeper.go(page_of())
    expect(badge(keeper, "print_form", "waiting")).to_have_count(0)
