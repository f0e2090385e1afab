"""Verbs in bulk in Chromium: filter, count, sample, a number typed wrong and right, progress, result, taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform import settings
from app.platform.identity import roles
from app.platform.monitoring import repair_requests
from app.platform.runtime import control, doctor
from app.platform.runtime.entities import Instance
from tests.browser.live import Person, Street, served
from tests.pages import House
from tests.rooms.inbox.watching import judge

pytestmark = pytest.mark.browser
ADMIN, OTHER = "批量管理员", "批量管理员二"
WHY = "年终系统维护，统一暂停办理"


@pytest.fixture(scope="module")
def address(whole_house: House) -> Iterator[str]:
    """The house, answering, with one who looks after everything."""
    with served(whole_house) as url:
        for name in (ADMIN, OTHER):
            whole_house.world.enter(name, roles.ADMINISTRATOR.key)
        whole_house.account(ADMIN, "many1")
        yield url


def some(street: Street, count: int) -> list[str]:
    """Cases at the city's desk; only they are looked for, by the last of their numbers."""
    return [street.house.world.to_review(street.house.settle()) for _ in range(count)]


def states(street: Street, instances: list[str]) -> set[str]:
    with street.house.world.session() as session:
        return set(session.scalars(select(Instance.state).where(Instance.id.in_(instances))))


def tick(admin: Person, instances: list[str]) -> None:
    """Tick just these in the list of instances, and lead on."""
    admin.go("/monitor/lists/instances?size=100")
    for instance in instances:
        admin.page.locator(f"input[name=row][value='{instance}']").check()
    admin.page.get_by_role("button", name="批量处理").click()


def until_over(admin: Person) -> None:
    """Ask for a run's page until it is over, as one does without scripts."""
    for _ in range(100):
        if admin.page.locator("#run .state").inner_text() == "已完成":
            return
        admin.page.wait_for_timeout(200)
        admin.page.reload()
    raise AssertionError(admin.page.locator("#run").inner_text())


def test_from_a_list_to_its_results_and_back(street: Street) -> None:
    world = street.house.world
    instances = some(street, 3)
    admin = street.person("many1")
    tick(admin, instances)
    admin.sees("处理范围", "3 行", "处理方式")
    expect(admin.page.locator(".bulk-total")).to_contain_text("3")
    expect(admin.page.locator(".bulk-sample tbody tr")).to_have_count(3)
    judge(admin)
    admin.page.get_by_role("link", name="挂起", exact=True).click()
    admin.press("挂起 3 件")
    admin.sees("有 2 处需要修改", "请填写原因，5至500个字。", "请输入将要处理的件数：3")
    admin.page.fill("#bulk-reason", WHY)
    admin.page.fill("#bulk-count", "33")
    admin.press("挂起 3 件")
    admin.sees("请输入将要处理的件数：3")
    expect(admin.page.locator("#bulk-reason")).to_have_value(WHY)
    assert states(street, instances) == {"running"}
    judge(admin)
    admin.page.fill("#bulk-count", "3")
    admin.press("挂起 3 件")
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    expect(admin.page.locator(".bulk-results .is-done")).to_contain_text("3")
    assert states(street, instances) == {"suspended"}
    judge(admin)
    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="结果文件").click()
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).active.values)
    assert [row[3] for row in rows] == ["结果", "成功", "成功", "成功"]
    admin.press("撤销本次处理")
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    admin.sees("撤销批量挂起")
    assert states(street, instances) == {"running"}
    admin.go("/monitor/bulk/runs")
    admin.sees("批量挂起", "撤销批量挂起", WHY)
    judge(admin)
    with world.session() as session:
        assert [doctor.examine_one(session, one, world.now) for one in instances] == [[], [], []]


def test_without_scripts_who_is_overtaken_types_the_number_anew(street: Street) -> None:
    instances = some(street, 2)
    admin = street.person("many1", scripts=False)
    tick(admin, instances)
    admin.page.get_by_role("link", name="终止", exact=True).click()
    admin.page.fill("#bulk-reason", WHY)
    admin.page.fill("#bulk-count", "2")
    world = street.house.world
    with world.session() as session:
        control.cancel(session, instances[0], "重复发起", world.acting(OTHER), world.now)
    admin.press("终止 2 件")
    admin.sees("可处理的事项有变化，现为 1 件，请核对后重新输入。")
    expect(admin.page.locator("#bulk-reason")).to_have_value(WHY)
    admin.page.fill("#bulk-count", "1")
    admin.press("终止 1 件")
    until_over(admin)
    admin.sees("这种处理不能撤销。", "已结束")
    assert states(street, instances) == {"cancelled"}


def test_tokens_are_moved_once_the_first_was_previewed(street: Street) -> None:
    world, instances = street.house.world, some(street, 2)
    admin = street.person("many1")
    tick(admin, instances)
    admin.page.get_by_role("link", name="跳转", exact=True).click()
    for field in ("version", "source", "target"):
        admin.page.locator(f"#bulk-{field} option").nth(1).wait_for(state="attached")
        if field == "target":
            admin.page.locator("#bulk-target").select_option("submit")
        else:
            admin.page.locator(f"#bulk-{field}").select_option(index=1)
        admin.press("更新选项")
    admin.page.fill("#bulk-reason", WHY)
    admin.press("预览第一件")
    admin.sees("执行后会怎样", "将处理 2 件")
    admin.page.evaluate("scrollTo(0, 0)")
    judge(admin)
    admin.page.fill("#bulk-count", "2")
    admin.press("跳转 2 件")
    until_over(admin)
    assert [world.open_elements(one) for one in instances] == [["submit"], ["submit"]]


def test_tasks_are_handed_to_who_was_looked_for(street: Street) -> None:
    world, instances = street.house.world, some(street, 2)
    admin = street.person("many1")
    tick(admin, instances)
    admin.page.get_by_role("link", name="转办", exact=True).click()
    admin.page.fill("#bulk-reason", WHY)
    admin.page.fill("#bulk-count", "2")
    admin.press("转办 2 件")
    admin.sees("有 1 处需要修改")
    admin.page.fill("#who", "市级二")
    admin.press("查找")
    admin.page.get_by_role("radio", name="市级二").check()
    expect(admin.page.locator("#bulk-count")).to_have_value("2")
    admin.press("转办 2 件")
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    expect(admin.page.locator(".bulk-results .is-done")).to_contain_text("2")
    expect(admin.page.locator(".facts")).to_contain_text("市级二")
    assert [world.open_elements(one) for one in instances] == [["city_review"], ["city_review"]]


def test_where_two_are_wanted_moving_and_ending_are_done_one_by_one(street: Street) -> None:
    world, instances = street.house.world, some(street, 1)
    with world.session() as session:
        settings.change(session, repair_requests.TWO_PAIRS, True, None, world.now)
    admin = street.person("many1")
    tick(admin, instances)
    admin.sees("请逐件在“流程修复”中提交")
    expect(admin.page.get_by_role("link", name="终止", exact=True)).to_have_count(0)
    expect(admin.page.get_by_role("link", name="挂起", exact=True)).to_have_count(1)
    with world.session() as session:
        settings.change(session, repair_requests.TWO_PAIRS, False, None, world.now)


def test_rows_named_by_hand_are_not_there_outside_the_reach(street: Street) -> None:
    world, instances = street.house.world, some(street, 1)
    world.enter("邻市批量", roles.ADMINISTRATOR.key, "130500")
    street.house.account("邻市批量", "many_next")
    admin = street.person("many_next")
    admin.go(f"/monitor/bulk?list=instances&verb=suspend&row={instances[0]}")
    admin.sees("没有可以处理的事项")
    assert not re.search("挂起 [0-9]+ 件", admin.page.content())
    assert states(street, instances) == {"running"}
