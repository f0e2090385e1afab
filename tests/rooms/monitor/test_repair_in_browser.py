"""Repair mode in Chromium: without scripts, against somebody who is quicker, and with a second administrator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.platform import settings
from app.platform.identity import roles
from app.platform.monitoring import repair_requests
from app.platform.runtime import doctor
from tests.browser.live import Street, served
from tests.pages import House
from tests.platform.monitoring import forked
from tests.platform.runtime.steps import begin, decide
from tests.rooms.inbox.watching import judge

pytestmark = pytest.mark.browser
FIRST, SECOND = "修复员甲", "修复员乙"
WHY = "经办人误操作，按会议纪要更正"


@pytest.fixture(scope="module")
def address(whole_house: House) -> Iterator[str]:
    """The house, answering, with two who look after everything."""
    with served(whole_house) as url:
        for name, username in ((FIRST, "mender1"), (SECOND, "mender2")):
            whole_house.world.enter(name, roles.ADMINISTRATOR.key)
            whole_house.account(name, username)
        yield url


def sound(street: Street, instance: str) -> None:
    with street.house.world.session() as session:
        assert doctor.examine_one(session, instance, street.house.world.now) == []


def test_lines_are_added_previewed_and_done_without_scripts(street: Street) -> None:
    world = street.house.world
    instance = world.to_review(street.house.settle())
    admin = street.person("mender1", scripts=False)
    admin.go(f"/monitor/instances/{instance}/repair")
    admin.sees("修复模式", "各支所在环节")
    admin.page.get_by_role("button", name="添加：移动").first.click()
    admin.sees("请选择移到哪个环节")
    admin.page.locator("select[name^='to:city_review']").select_option("submit")
    admin.page.get_by_role("button", name="添加：移动").first.click()
    admin.press("添加：终止整件事项")
    expect(admin.page.locator(".repair-lines li")).to_have_count(2)
    admin.page.get_by_role("button", name="移除").last.click()
    expect(admin.page.locator(".repair-lines li")).to_have_count(1)
    admin.press("预览")
    admin.sees("请填写修复原因，5至500个字。")
    admin.page.fill("#reason", WHY)
    admin.press("预览")
    admin.sees("执行后会怎样", "新出现的任务")
    assert world.open_elements(instance) == ["city_review"]
    admin.press("执行修复")
    admin.sees("修复已执行")
    assert world.open_elements(instance) == ["submit"]
    sound(street, instance)


def test_who_is_overtaken_keeps_his_lines_and_reads_what_has_changed(street: Street) -> None:
    world = street.house.world
    instance = world.to_review(street.house.settle())
    admin = street.person("mender1")
    admin.go(f"/monitor/instances/{instance}/repair")
    admin.page.locator("select[name^='to:city_review']").select_option("submit")
    admin.page.get_by_role("button", name="添加：移动").first.click()
    admin.page.fill("#reason", WHY)
    admin.press("预览")
    admin.sees("执行后会怎样")
    world.decide(instance, "city_review", "reject", "市级", comment="单位盖章不清晰")
    admin.press("执行修复")
    admin.sees("预览之后这件事项又有变化", "预览之后发生的变化")
    expect(admin.page.locator(".repair-changed li").filter(has_text="市级").first).to_be_visible()
    expect(admin.page.locator(".repair-lines li")).to_have_count(1)
    expect(admin.page.locator("#reason")).to_have_value(WHY)
    judge(admin)
    assert "city_review" not in world.open_elements(instance)
    admin.press("预览")
    admin.sees("第 1 项不能执行")
    expect(admin.page.locator("#line-1")).to_have_class("is-bad")
    sound(street, instance)


def test_where_two_are_wanted_the_other_one_lets_it_be_done(street: Street) -> None:
    world = street.house.world
    instance = world.to_review(street.house.settle())
    with world.session() as session:
        settings.change(session, repair_requests.TWO_PAIRS, True, None, world.now)
    admin, other = street.person("mender1"), street.person("mender2")
    admin.go(f"/monitor/instances/{instance}/repair")
    admin.press("添加：终止整件事项")
    admin.page.fill("#reason", WHY)
    admin.press("预览")
    admin.press("提交复核")
    admin.sees("已提交，由另一名管理员同意后执行。", "您提交的修复须由另一名管理员同意。")
    judge(admin)
    other.go("/monitor/repairs")
    judge(other)
    other.page.get_by_role("link", name="查看并决定").last.click()
    other.sees(WHY, "执行后会怎样")
    judge(other)
    other.press("同意并执行")
    other.sees("已同意，修复已执行。")
    assert world.open_elements(instance) == []
    sound(street, instance)
    with world.session() as session:
        settings.change(session, repair_requests.TWO_PAIRS, False, None, world.now)


def test_a_branch_that_is_done_is_asked_again(street: Street) -> None:
    world, starter = street.house.world, street.house.settle()
    with world.session() as session:
        forked.publish(session, world)
    instance = begin(world, forked.KEY, starter)
    decide(world, world.open_task(instance, "left"), "go", "市级")
    admin = street.person("mender1")
    admin.go(f"/monitor/instances/{instance}/repair")
    admin.press("添加：增加一支")
    admin.sees("请选择在哪里增加")
    admin.page.get_by_label("在哪里增加").select_option(label="分支：任务left")
    admin.press("添加：增加一支")
    expect(admin.page.locator(".repair-lines li")).to_contain_text("在“任务left”增加一支")
    admin.page.fill("#reason", WHY)
    admin.press("预览")
    expect(admin.page.locator(".repair-preview")).to_contain_text("任务left")
    judge(admin)
    admin.page.set_viewport_size({"width": 390, "height": 844})
    judge(admin)
    admin.press("执行修复")
    admin.sees("修复已执行")
    assert sorted(world.open_elements(instance)) == ["left", "right"]
    sound(street, instance)
    admin.go(f"/monitor/instances/{instance}/repair")
    admin.page.locator("summary", has_text="增加一支").click()
    admin.sees("现在没有可以增加一支的位置。")


def test_one_s_own_matter_cannot_be_repaired(street: Street) -> None:
    world, name = street.house.world, street.house.settle()
    instance = world.to_review(name)
    world.enter(name, roles.ADMINISTRATOR.key)
    admin = street.person(street.house.usernames[name])
    admin.page.goto(f"{admin.url}/monitor/instances/{instance}/repair")
    admin.sees("这件事项由您本人发起，请由其他管理员处理。")
    admin.faults.clear()  # the refusal is what was asked for
