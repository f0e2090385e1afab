"""Eight stalls, each really broken, in Chromium: the right sentence stands there, and the button mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from app.platform.monitoring import stalls
from app.platform.registry import house as leases
from app.platform.runtime import doctor
from tests.browser.live import Street, served_without_worker
from tests.pages import House
from tests.platform.monitoring import broken
from tests.platform.monitoring.broken import SEEDS, WATCHER, Broken
from tests.rooms.inbox.watching import judge

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(whole_house: House) -> Iterator[str]:
    """The house, answering, with no worker of its own: what is broken stays so until the test lets one work."""
    with served_without_worker(whole_house) as url:
        broken.settle(whole_house.world)
        whole_house.account(WATCHER, "watcher")
        yield url
    leases.actions.pop("tests/leave", None)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.__name__)
def test_the_sentence_is_right_and_the_button_mends_it(
    street: Street, seed: Callable[[House], Broken]
) -> None:
    world = street.house.world
    one = seed(world)
    with world.session() as session:
        (stall,) = stalls.of_instance(session, one.instance, world.now)
    admin = street.person("watcher")
    admin.go("/monitor/")
    admin.go("/monitor/stalls")
    row = admin.page.locator(f"#stall-{stall.key}")
    for part in one.says:
        expect(row.locator(".stall-sentence")).to_contain_text(part)
    judge(admin)
    if stall.mend == "give":
        row.get_by_role("link").first.click()
        admin.page.fill("#who", "市级二")
        admin.press("查找")
        admin.page.get_by_role("radio", name="市级二").check()
        admin.press("添加：交给此人")
        admin.page.fill("#reason", "原办理人已调离，由市级代办")
        admin.press("预览")
        admin.sees("执行后会怎样")
        expect(admin.page.locator("#preview")).to_contain_text("市级二")
        judge(admin)
        admin.press("执行修复")
        admin.sees("修复已执行")
        admin.go("/monitor/stalls")
    else:
        row.locator("summary").click()
        row.get_by_role("button").click()  # the browser asks for the reason
        expect(row.locator("textarea:invalid")).to_have_count(1)
        row.locator("textarea").fill("好")
        row.get_by_role("button").click()
        admin.sees("请填写修复原因")
        judge(admin)
        row.locator("textarea").fill("原因已经排除")
        row.get_by_role("button").click()
        admin.sees("已处理")
        world.work()
    expect(admin.page.locator(f"#stall-{stall.key}")).to_have_count(0)
    assert one.is_mended(world)
    with world.session() as session:
        assert stalls.of_instance(session, one.instance, world.now) == ()
        assert doctor.examine_one(session, one.instance, world.now) == []
