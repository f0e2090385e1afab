"""An instance's page in Chromium: every tab, the slider, what is done from it, and the page that checks a pack."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.platform.identity import roles
from app.platform.monitoring import archive
from app.platform.runtime.entities import Instance
from app.rooms.monitor.casetabs import TABS
from tests.browser import DESKTOP, PHONE
from tests.browser.live import Person, Street
from tests.rooms.inbox.watching import address
from tests.rooms.monitor.looking import PICTURES, look

pytestmark = pytest.mark.browser
__all__ = ["address"]
KEEPER = "监控员"


@pytest.fixture
def keeper(street: Street) -> Person:
    house = street.house
    if KEEPER not in house.world.people:
        house.world.enter(KEEPER, roles.ADMINISTRATOR.key)
        house.account(KEEPER, "instance_keeper")
    return street.person("instance_keeper")


@pytest.fixture
def case(street: Street) -> str:
    """A case that was sent back and handed in again: it is at the city's for the second time."""
    house = street.house
    world, name = house.world, house.settle()
    instance = world.to_review(name)
    world.now += timedelta(minutes=7)
    world.decide(instance, "city_review", "reject", "市级", comment="单位盖章不清晰，请重新盖章后上传。")
    with world.session() as session:
        assert session.get_one(Instance, instance).state == "running"
    return instance


def test_every_tab_suits_everybody_at_every_width(keeper: Person, case: str) -> None:
    found = []
    for tab in TABS:
        keeper.go(f"/monitor/instances/{case}?tab={tab}")
        found += look(keeper, tab)
    keeper.go(f"/monitor/instances/{case}?at=6&tab=entries")
    found += look(keeper, "then")
    keeper.go(f"/monitor/instances/{case}?tab=data&lang=en")
    found += look(keeper, "english")
    keeper.go(f"/monitor/instances/{case}?lang=zh")
    assert not found


def test_a_row_of_the_list_leads_here_and_the_page_begins_at_its_head(keeper: Person, case: str) -> None:
    page = keeper.page
    page.set_viewport_size(PHONE)
    keeper.go("/monitor/lists/instances")
    page.locator(f'main a[href$="/monitor/instances/{case}"]').first.click()
    expect(page.locator(".case-side .tab-line [aria-current]")).to_have_count(1)
    page.wait_for_load_state("load")
    assert page.evaluate("scrollY") == 0
    page.set_viewport_size(DESKTOP)


def test_the_slider_shows_the_case_as_it_was(keeper: Person, case: str) -> None:
    keeper.go(f"/monitor/instances/{case}")
    expect(keeper.page.locator("#then")).to_have_count(0)
    keeper.page.get_by_role("link", name="上一步").click()
    expect(keeper.page.locator("#then")).to_contain_text("正在查看")
    slider = keeper.page.get_by_role("slider", name="时间轴")
    slider.focus()
    slider.press("Home")
    keeper.page.wait_for_url("**at=1*")
    expect(keeper.page.locator("#at-said")).to_contain_text("第 1 /")
    keeper.page.get_by_role("link", name="回到现在").click()
    expect(keeper.page.locator("#then")).to_have_count(0)


def test_a_click_on_a_step_shows_its_visits(keeper: Person, case: str) -> None:
    keeper.go(f"/monitor/instances/{case}")
    every = keeper.page.locator(".tree-of-visits > li").count()
    keeper.page.locator('[data-element="city_review"]').click()
    expect(keeper.page.locator("#history .card-header")).to_contain_text("只看")
    assert 0 < keeper.page.locator(".tree-of-visits > li").count() < every
    keeper.page.get_by_role("link", name="显示全部").click()
    expect(keeper.page.locator(".tree-of-visits > li")).to_have_count(every)


def test_it_is_suspended_with_a_reason_and_goes_on(keeper: Person, case: str) -> None:
    keeper.go(f"/monitor/instances/{case}")
    keeper.page.locator(".case-verb > summary", has_text="挂起").click()
    found = look(keeper, "suspend")
    keeper.page.get_by_label("原因").first.fill("核查材料")
    keeper.page.get_by_role("button", name="确认挂起").click()
    keeper.sees("已挂起")
    keeper.page.locator(".case-verb > summary", has_text="恢复").click()
    keeper.page.get_by_label("原因").first.fill("核查完毕")
    keeper.page.get_by_role("button", name="确认恢复").click()
    keeper.sees("已恢复办理")
    assert not found


def test_numbers_are_shown_in_full_once_and_that_is_written_down(keeper: Person, case: str) -> None:
    keeper.go(f"/monitor/instances/{case}?tab=entries")
    keeper.page.get_by_role("button", name="显示完整号码").click()
    keeper.sees("本次查看已记入日志")
    keeper.go(f"/monitor/instances/{case}?tab=audit")
    keeper.sees("查看完整证件号码")


def test_the_packs_own_page_checks_it_from_the_disk(
    street: Street, keeper: Person, case: str, tmp_path: Path
) -> None:
    world = street.house.world
    with world.session() as session:
        archive.write_pack(session, case, world.acting(KEEPER), world.now, tmp_path / "pack.zip")
    folder = tmp_path / "pack"
    with zipfile.ZipFile(tmp_path / "pack.zip") as found:
        found.extractall(folder)
    context = street.browser.new_context()
    try:
        page = context.new_page()
        page.goto((folder / "check.html").as_uri())
        page.locator("#folder").set_input_files(folder)
        expect(page.locator(".ok")).to_contain_text("所有文件与归档时一致")
        entries = folder / "entries.json"
        entries.write_bytes(entries.read_bytes().replace(b"1", b"2", 1))
        (folder / "more.txt").write_text("?")
        page.reload()
        page.locator("#folder").set_input_files(folder)
        expect(page.locator("li.bad")).to_have_count(2)
        expect(page.locator("#answer")).to_contain_text("entries.json：已被改动")
        expect(page.locator("#answer")).to_contain_text("more.txt：不属于归档包")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/check.png")
            page.goto((folder / "decisions.html").as_uri())
            page.screenshot(path=f"{PICTURES}/decisions.png", full_page=True)
    finally:
        context.close()
