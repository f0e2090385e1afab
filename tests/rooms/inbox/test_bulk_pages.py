"""Ticks, the bar, the page that asks and its results in a real browser, with and without scripts, at both widths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.runtime import tasks
from app.platform.runtime.entities import Instance, Task
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.rooms.inbox.test_bulk import comments, started
from tests.world import World

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CHENGPI_SHOTS")
"""A folder that is given here keeps the pictures, to be looked at."""
TITLES = (
    "邯山区第三届青少年机器人集市举办申请",
    "丛台区科普开放日",
    "复兴区“小小科学家”夏季集市（含户外展区与流动科普大篷车）举办申请",
)


def looked_at(person: Person, name: str) -> None:
    """No page may complain or scroll sideways at either width; keep a picture where one is wanted."""
    for width, size in (("1440", DESKTOP), ("390", PHONE)):
        person.page.set_viewport_size(size)
        person.page.wait_for_timeout(150)
        if SHOTS:
            person.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png")
        assert complaints_of_axe(person.page) == [], (name, width)
        assert not scrolls_sideways(person.page), (name, width)
    person.page.set_viewport_size(DESKTOP)


def waiting(world: World, count: int) -> list[str]:
    """Tasks with titles as they are in life."""
    found = started(world, count)
    with world.session() as session, transaction(session):
        for number, task in enumerate(found):
            instance = session.scalar(select(Task.instance_id).where(Task.id == task))
            named = {"title": TITLES[number % 3], "number": f"JS2026{number + 1:04}"}
            session.execute(update(Instance).where(Instance.id == instance).values(named))
    return found


def test_rows_are_ticked_and_decided_with_one_opinion_and_their_own(street: Street) -> None:
    """D1, B3-25: a range with Shift, the reason at the row that cannot, the results, and the refused one again."""
    world = street.house.world
    wanted = waiting(world, 6)
    city = street.person("city1")
    city.go("/inbox/?box=todo")
    ticks = city.page.locator('input[name="row"]')
    bar, verbs = city.page.locator("#inbox-rows"), city.page.locator(".bulk-verbs")
    expect(verbs).to_be_hidden()
    ticks.nth(0).check()
    expect(bar).to_contain_text("已选 1")
    ticks.nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("已选 4")
    expect(verbs).to_be_visible()
    looked_at(city, "bulk-bar")
    with world.session() as session:
        tasks.claim(session, wanted[0], 1, world.acting("市级二"), world.now)
    city.press("退回 勾选的事项")
    city.sees("市级二已签收", "已选 4 件，其中 3 件可以一起办理")
    looked_at(city, "bulk-ask")
    own = city.page.locator(f"#own-{wanted[1]}")
    own.fill("缺单位盖章")
    own.press("Enter")  # nothing is decided by it, and nothing typed is lost
    expect(own).to_have_value("缺单位盖章")
    assert comments(world) == {}
    city.press("退回（3 件）")
    city.sees("还有 2 件没有审核意见")
    looked_at(city, "bulk-wrong")
    city.page.fill("#comment", "材料不全")
    with world.session() as session:
        tasks.claim(session, wanted[2], 1, world.acting("市级二"), world.now)
    city.press(
        "退回（3 件）" if city.page.get_by_role("button", name="退回（3 件）").count() else "退回（2 件）"
    )
    city.sees("批量办理结果")
    assert comments(world)[wanted[1]] == "缺单位盖章"
    looked_at(city, "bulk-result")


def test_the_refused_are_tried_again_and_the_result_is_found_later(street: Street) -> None:
    world = street.house.world
    wanted = waiting(world, 3)
    city = street.person("city1")
    city.go("/inbox/together?lean=no&" + "&".join(f"row={task}" for task in wanted))
    city.page.fill("#comment", "请补充活动方案")
    with world.session() as session:
        for verb in (tasks.claim, tasks.unclaim):
            revision = session.scalar(select(Task.revision).where(Task.id == wanted[0]))
            verb(session, wanted[0], revision, world.acting("市级二"), world.now)
    city.press("退回（3 件）")
    city.sees("成功 2 件，未办理 1 件。", "内容已发生变化，请重新查看")
    looked_at(city, "bulk-refused")
    city.follow("重试未办理的 1 件")
    expect(city.page.locator("#comment")).to_have_value("请补充活动方案")
    looked_at(city, "bulk-again")
    city.press("退回（1 件）")
    city.sees("成功 1 件，未办理 0 件。")
    city.go("/errands")
    city.sees("批量办理 3 件", "批量办理 1 件")


def test_rows_are_transferred_and_copied_without_scripts(street: Street) -> None:
    """Everything essential works without JavaScript."""
    world = street.house.world
    wanted = waiting(world, 3)
    city = street.person("city1", scripts=False)
    city.go("/inbox/?box=todo")
    for task in wanted[:2]:
        city.page.check(f'input[name="row"][value="{task}"]')
    city.press("转办 勾选的事项")
    city.page.fill("#who", "市级二")
    city.press("查找")
    city.page.get_by_label("市级二").check()
    city.page.fill("#comment", "请代为办理")
    city.press("转办（2 件）")
    city.sees("成功 2 件，未办理 0 件。")
    second = street.person("city2")
    second.go(f"/inbox/together?verb=copy&row={wanted[2]}")
    looked_at(second, "bulk-whom")
    second.press("抄送（1 件）")
    second.sees("请选择人员")
