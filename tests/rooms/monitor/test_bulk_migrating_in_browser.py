"""Many carried over in Chromium: from a process's page to a new version, seen to the end, and taken back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform.identity import roles
from app.platform.runtime import doctor, versions
from app.platform.runtime.entities import Instance, Version
from tests.browser.live import Person, Street, served_without_worker
from tests.pages import House
from tests.platform.engine.nested import Nested
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import STARTER, begin, kinds
from tests.rooms.inbox.watching import judge

pytestmark = pytest.mark.browser
ADMIN, PROCESS = "迁移管理员", "tests_carried"
GO = "go=办理|Go"
WHY = "第二版流程已经发布"


@pytest.fixture(scope="module")
def address(whole_house: House) -> Iterator[str]:
    """The house, answering, with no worker of its own: a run stands until the test lets one work."""
    with served_without_worker(whole_house) as url:
        whole_house.world.enter(ADMIN, roles.ADMINISTRATOR.key)
        whole_house.account(ADMIN, "carrier")
        yield url


def publish(street: Street, second: str) -> int:
    """A version that asks `prepare` and then `second`; its number."""
    drawn = Nested(PROCESS).start().end().task("prepare", outcomes=GO).task(second, outcomes=GO)
    drawn.line("begin", "prepare", second, "done")
    world = street.house.world
    with world.session() as session:
        return versions.publish(session, files(drawn), None, world.now)[0].number


def go_on(street: Street, instance: str, element: str) -> None:
    """Let its starter decide."""
    street.house.world.decide(instance, element, "go", STARTER)


def on_versions(street: Street, instances: list[str]) -> list[int]:
    asked = select(Instance.id, Version.number).join(Version, Version.id == Instance.version_id)
    with street.house.world.session() as session:
        found = {row.id: row.number for row in session.execute(asked.where(Instance.id.in_(instances)))}
    return [found[one] for one in instances]


def results(admin: Person) -> list[tuple[str, str]]:
    """What the result file says, in the order the instances were begun."""
    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="结果文件").click()
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).active.values)
    assert rows[0][3:] == ("结果", "原因")
    return [(str(row[3]), str(row[4] or "")) for row in rows[1:]]


def test_from_a_process_s_page_to_the_new_version_and_back(street: Street) -> None:
    world = street.house.world
    old = publish(street, "checks")
    instances = [begin(world, PROCESS, data={}) for _ in range(5)]
    behind, late = instances[3], instances[4]
    go_on(street, behind, "prepare")
    new = publish(street, "review")
    beside = begin(world, PROCESS, data={})

    admin = street.person("carrier")
    admin.go(f"/monitor/processes/{PROCESS}?version={old}")
    expect(admin.page.locator("table.list tbody tr")).to_have_count(5)
    admin.press("批量处理")
    expect(admin.page.locator(".bulk-total")).to_contain_text("5")
    admin.sees("版本", f"v{old}")
    admin.page.get_by_role("link", name="迁移", exact=True).click()
    admin.sees("可处理 4 件", "新版本中没有该步骤")
    judge(admin)
    admin.page.fill("#bulk-reason", WHY)
    admin.page.fill("#bulk-count", "4")
    admin.press("迁移 4 件")
    expect(admin.page.locator("#run .state")).to_have_text("处理中")
    expect(admin.page.locator("#run progress")).to_have_attribute(
        "value", "1"
    )  # the one left out is told at once
    judge(admin)

    go_on(street, late, "prepare")  # meanwhile it goes where the new version has no step
    world.work()
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    assert on_versions(street, [*instances, beside]) == [new, new, new, old, old, new]
    expect(admin.page.locator(".bulk-results .is-done")).to_contain_text("3")
    expect(admin.page.locator(".bulk-results .is-failed")).to_contain_text("1")
    expect(admin.page.locator(".bulk-results .is-skipped")).to_contain_text("1")
    judge(admin)
    assert results(admin) == [
        *[("成功", "")] * 3,
        ("跳过", "不能迁移到现行版本：新版本中没有该步骤"),
        ("失败", "任务checks：新版本中没有该步骤"),
    ]
    go_on(street, instances[0], "prepare")
    assert world.open_elements(instances[0]) == ["review"]

    admin.press("撤销本次处理")
    admin.sees("撤销批量迁移")
    world.work()
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    assert on_versions(street, instances) == [new, old, old, old, old]
    assert results(admin) == [("跳过", "其后又有变化，未撤销"), ("成功", ""), ("成功", "")]
    go_on(street, instances[1], "prepare")
    assert world.open_elements(instances[1]) == ["checks"]
    assert [kinds(world, one).count("migrated") for one in instances] == [1, 2, 2, 0, 0]
    with world.session() as session:
        assert [doctor.examine_one(session, one, world.now) for one in instances] == [[]] * 5


def test_after_a_day_it_is_not_offered_to_take_it_back(street: Street) -> None:
    world = street.house.world
    old = publish(street, "checks")
    instance = begin(world, PROCESS, data={})
    new = publish(street, "review")
    admin = street.person("carrier")
    admin.go(f"/monitor/processes/{PROCESS}?version={old}")
    admin.page.locator(f"input[name=row][value='{instance}']").check()
    admin.press("批量处理")
    admin.page.get_by_role("link", name="迁移", exact=True).click()
    admin.page.fill("#bulk-count", "1")
    admin.press("迁移 1 件")
    world.work()
    expect(admin.page.locator("#run .state")).to_have_text("已完成", timeout=20_000)
    assert on_versions(street, [instance]) == [new]
    expect(admin.page.get_by_role("button", name="撤销本次处理")).to_have_count(1)
    world.now += timedelta(hours=24)
    run = admin.page.url.removeprefix(admin.url)
    admin.go(run)
    admin.sign_in("carrier")  # nobody stays signed in for so long
    admin.go(run)
    expect(admin.page.locator("#run .state")).to_have_text("已完成")
    expect(admin.page.get_by_role("button", name="撤销本次处理")).to_have_count(0)
    assert on_versions(street, [instance]) == [new]
