"""A return that names items, by two people at their browsers: marks, the letter, and old beside new (C4)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.browser.test_scans import printed, send
from tests.photos import pages_of, photo, stamped

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("CHENGPI_WALK_PICTURES")
"""A folder for screenshots, for whoever wants to look."""


def look(person: Person, name: str) -> None:
    """No finding of axe, nothing wider than the window, at both widths; and a picture where one is wanted."""
    for said, size in (("desk", DESKTOP), ("phone", PHONE)):
        person.page.set_viewport_size(size)
        if PICTURES:
            person.page.screenshot(path=Path(PICTURES) / f"{name}-{said}.png", full_page=said == "phone")
        assert not scrolls_sideways(person.page), f"{name} at {said}"
        person.page.set_viewport_size(
            {**size, "height": 5000}
        )  # what a sticky bar half covers counts as too small
        assert complaints_of_axe(person.page) == [], f"{name} at {said}"
    person.page.set_viewport_size(DESKTOP)


def mark(person: Person, name: str, code: str, why: str) -> None:
    """Tick what is to be put right, and say why."""
    person.page.check(f"#{name}")
    person.page.select_option(f"[name='{name}.code']", code)
    person.page.fill(f"[name='{name}.why']", why)


@pytest.mark.parametrize("scripts", [True, False])
def test_two_people_walk_a_return_that_names_items(street: Street, scripts: bool) -> None:
    house, world, name = street.house, street.house.world, street.house.settle()
    instance = world.to_review(name)
    city = street.person("city1", scripts=scripts)
    city.go(house.task(instance, "city_review"))
    mark(city, "item-employer", "mismatch", "与公章上的单位名称不一致")
    if scripts:
        city.page.get_by_role("navigation", name="本页内容").get_by_role("link", name="材料").click()
    file = city.page.locator("#materials [data-flag] input[type=checkbox]").get_attribute("name") or ""
    mark(city, file, "unclear", "公章看不清")
    if scripts:
        expect(city.page.locator(".verdict-flagged")).to_have_text("已标记 2 项")
        look(city, "1-marking-files")
        city.page.get_by_role("navigation", name="本页内容").get_by_role("link", name="表单").click()
        look(city, "1-marking")

    city.press("通过")  # what is marked is not passed over
    expect(city.page.locator("#error-summary")).to_contain_text("您标记了2项需要修改，而“通过”不会退回")
    expect(city.page.locator("#item-employer")).to_be_checked()
    city.page.fill("#comment", "请按标记修改后重新提交。")
    city.press("不通过")
    city.sees("已办理")
    world.work()

    person = street.person(house.usernames[name], scripts=scripts)
    person.go(house.task(instance, "correct"))
    letter = person.page.locator("#letter")
    expect(letter).to_contain_text("请一次改完以下 2 项")
    expect(letter).to_contain_text("不一致：与公章上的单位名称不一致")
    expect(person.page.locator("#f-employer-reason")).to_contain_text("与公章上的单位名称不一致")
    expect(person.page.locator("#f-full_name")).to_have_count(0)
    assert "f-employer" in (person.page.get_by_label("工作单位").get_attribute("aria-describedby") or "")
    if scripts:
        look(person, "2-letter")
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="下载告知书（PDF）").click()
    assert download.value.suggested_filename.startswith("一次性告知书-")
    if PICTURES and scripts:
        download.value.save_as(Path(PICTURES) / "letter.pdf")

    person.page.fill("#f-employer", "第二演示中学")
    person.press("保存并重新生成申请表")
    world.work()
    person.go(house.task(instance, "correct"))
    expect(person.page.get_by_label("工作单位")).to_have_value("第二演示中学")
    expect(person.page.locator("#f-full_name")).to_have_count(0)
    (new,) = pages_of(printed(street, instance))
    send(person, photo(stamped(new)), "重新提交")
    person.sees("市级管理员办理“市级审核”")

    city.go(house.task(instance, "city_review"))
    changes = city.page.locator("#compare")
    expect(changes).to_be_visible()
    for words in ("演示中学", "第二演示中学", "与公章上的单位名称不一致", "公章看不清", "未变化的"):
        expect(changes).to_contain_text(words)
    if scripts:
        expect(city.page.locator("#form")).to_be_hidden()  # the comparison is what opens
        look(city, "3-comparison")
    city.press("通过")
    city.sees("已办理")


def test_a_mark_without_a_reason_is_asked_for_it_and_survives_a_draft(street: Street) -> None:
    house, world, name = street.house, street.house.world, street.house.settle()
    instance = world.to_review(name)
    city = street.person("city1")
    city.go(house.task(instance, "city_review"))
    city.page.check("#item-mobile")
    expect(city.page.locator("[name='item-mobile.code']")).to_be_focused()
    city.page.fill("#comment", "请改")
    city.press("不通过")
    expect(city.page.locator("#error-summary")).to_contain_text("请说明【手机号码】需要修改的原因")
    look(city, "4-without-a-reason")
    city.page.fill("[name='item-mobile.why']", "空号")
    expect(city.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    city.go(house.task(instance, "city_review"))
    expect(city.page.locator("#item-mobile")).to_be_checked()
    expect(city.page.locator("[name='item-mobile.why']")).to_have_value("空号")
