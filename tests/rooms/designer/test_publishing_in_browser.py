"""A publication in Chromium: impact, mapping, confirmation, migration, taking back; axe-core is content."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.platform.design import drafts
from app.platform.identity import roles
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.pages import House
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
PUBLISHER = "发布员"


def looks_well(person: Person) -> None:
    """At both widths, and in English."""
    page = person.page
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)


@pytest.fixture
def publisher(street: Street) -> Person:
    """Whoever looks after everything, and a draft in which the city's step is called otherwise."""
    house: House = street.house
    if PUBLISHER not in house.world.people:
        house.world.enter(PUBLISHER, roles.ADMINISTRATOR.key, "")
        house.account(PUBLISHER, "publisher")
    by = house.world.acting(PUBLISHER)
    with house.world.session() as session:
        if (open_one := drafts.of_process(session, house.world.process)) is not None:
            drafts.close(session, open_one.id, by, house.world.now)
        draft = drafts.reopen(session, house.world.process, by, house.world.now)
        files = drafts.files(session, draft).items()
        name, text = next(pair for pair in files if pair[0].endswith(".bpmn"))
        changed = re.sub(rb"\bcity_review\b", b"city_check", text)
        drafts.save(session, draft, {name: changed}, read=1, window="w", by=by, now=house.world.now)
    return street.person("publisher")


def test_a_draft_is_published_and_what_runs_is_carried_over_and_taken_back(
    street: Street, publisher: Person
) -> None:
    house, page = street.house, publisher.page
    process = house.world.process
    house.world.to_review("组织者甲")
    publisher.go(f"/designer/processes/{process}")
    page.get_by_role("link", name="影响与发布").click()
    expect(page.get_by_role("heading", name="对在办事项的影响")).to_be_visible()
    before = int(page.locator(".impact-tile.is-wait .impact-count").inner_text())
    assert before >= 1
    looks_well(publisher)

    page.locator(".impact-tile.is-wait a").click()
    publisher.sees("需指定对应步骤", "新版本中没有该步骤")
    looks_well(publisher)
    page.get_by_role("link", name="返回", exact=True).click()

    page.locator("select[name=map-city_review]").select_option("city_check")
    page.get_by_role("button", name="重新测算").click()
    page.wait_for_url(re.compile("map-city_review=city_check"))
    assert page.locator(".impact-tile.is-wait .impact-count").inner_text() == "0"

    page.get_by_role("button", name="下一步：核对").click()
    publisher.sees("请填写修改说明")
    page.get_by_label("修改说明").fill("市级审核改名为市级核对")
    page.get_by_label("同时迁移在办事项").check()
    if page.locator("#publish-seen").count():
        page.locator("#publish-seen").check()
    page.get_by_role("button", name="下一步：核对").click()
    confirm = page.locator("button[value=confirm]")
    expect(confirm).to_contain_text("并迁移")
    looks_well(publisher)
    confirm.click()
    publisher.sees("请输入要迁移的件数")
    count = re.search(r"迁移 (\d+) 件", confirm.inner_text())
    assert count
    page.locator("#publish-count").fill(count[1])
    confirm.click()
    publisher.sees("已发布 v", "市级审核改名为市级核对")

    house.world.work()
    page.reload()
    publisher.sees("已完成", "已迁移")
    looks_well(publisher)
    page.get_by_role("button", name="撤销迁移").click()
    publisher.sees("已开始撤销迁移")
    house.world.work()
    page.reload()
    expect(page.locator(".process-migration").first).to_contain_text("已迁移")
    page.get_by_text("退回此版本").first.click()
    page.get_by_label("为什么退回").first.fill("先用原来的步骤")
    page.get_by_role("button", name=re.compile("重新发布")).first.click()
    publisher.sees("先用原来的步骤", "内容同 v")
    looks_well(publisher)
    page.get_by_role("link", name="迁移在办事项到此版本").click()
    expect(page.get_by_role("heading", name="开始迁移")).to_be_visible()
    looks_well(publisher)
    assert publisher.faults == []


def test_the_pages_are_there_in_english(street: Street, publisher: Person) -> None:
    process = street.house.world.process
    publisher.go(f"/designer/processes/{process}?lang=en")
    publisher.sees("Versions")
    publisher.page.get_by_role("link", name="Impact and publication").click()
    publisher.sees("What it does to running cases", "Next: confirm")
    assert not re.search(r"[\u4e00-\u9fff]", publisher.page.locator(".publish-form form").inner_text())
    looks_well(publisher)
    publisher.go("/designer/?lang=zh")
