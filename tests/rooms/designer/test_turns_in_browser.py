"""What stands against drawing, as the editor says it: another, one's own other window, a newer state, a publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform.design import drafts, editing, publishing
from app.platform.engine.layout import drawn as laid_out
from tests.browser.live import Street
from tests.rooms.designer.drawing import DESIGNERS, begin, designer, is_saved, open_editor, saved
from tests.rooms.designer.posts_publishing import drawn
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
BEAT = 15_000


@pytest.fixture
def later(street: Street) -> Iterator[None]:
    """A minute and more goes by when the test says so; the clock is put back."""
    before = street.house.world.now
    yield
    street.house.world.now = before


def pass_by(street: Street, seconds: int) -> None:
    street.house.world.now += timedelta(seconds=seconds)


def banner(page: Page, words: str) -> None:
    expect(page.locator(".draft-banner")).to_contain_text(words, timeout=BEAT)


def aside(street: Street, draft: str) -> list[str]:
    """What was kept aside of a draft: the diagram of each such state."""
    with street.house.world.session() as session:
        kept = [one for one in drafts.states(session, draft) if one.aside]
        return [next(iter(drafts.files(session, draft, one.revision).values())).decode() for one in kept]


@pytest.mark.usefixtures("later")
def test_who_does_not_answer_is_taken_over_from_and_keeps_what_he_types(street: Street) -> None:
    draft = begin(street, "office_unanswered")
    mine = open_editor(designer(street, "draws1"), draft)
    theirs = open_editor(designer(street, "draws2"), draft)
    theirs.get_by_role("button", name="请求接手").click()
    banner(theirs, "已请求接手，等对方答复")
    banner(mine, "绘图员乙 请求接手编辑")
    street.house.world.now += timedelta(seconds=59)  # he beats meanwhile, and is still there
    with mine.expect_response(lambda answer: answer.url.endswith("/beat"), timeout=BEAT):
        pass
    pass_by(street, 2)
    banner(theirs, "绘图员甲 一分钟没有答复，您可以接手")
    theirs.get_by_role("button", name="接手编辑").click()
    expect(theirs.locator("#title")).to_be_enabled(timeout=BEAT)
    theirs.fill("#title", "'乙'")
    is_saved(theirs)
    if mine.locator("#title").is_enabled():  # he has not heard yet
        mine.fill("#title", "'甲晚了一步'")
        banner(mine, "您的修改没有丢失，已另存在“历史”中")
        assert any("甲晚了一步" in text for text in aside(street, draft))
        mine.get_by_role("button", name="查看我的修改").click()
        expect(mine.locator(".drawer-history tr.is-aside")).to_contain_text("另存的修改")
    else:
        banner(mine, "绘图员乙 正在编辑")
    assert "'乙'" in saved(street, draft).replace("&#39;", "'").replace("&apos;", "'")


def test_ones_own_second_window_goes_on_and_the_first_may_take_it_back(street: Street) -> None:
    draft = begin(street, "office_two_windows")
    one = designer(street)
    first = open_editor(one, draft)
    first.fill("#title", "'第一窗'")
    is_saved(first)
    second = first.context.new_page()
    second.goto(f"{street.url}/designer/drafts/{draft}")
    expect(second.locator(".designer[data-ready]")).to_be_visible()
    expect(second.locator("#title")).to_be_enabled(timeout=BEAT)
    expect(second.locator("#title")).to_have_value("'第一窗'")
    banner(first, "您在另一窗口编辑着这份草稿")
    expect(first.locator("#title")).to_be_disabled()
    second.fill("#title", "'第二窗'")
    is_saved(second)
    first.get_by_role("button", name="接手编辑").click()
    expect(first.locator("#title")).to_be_enabled(timeout=BEAT)
    expect(first.locator("#title")).to_have_value("'第二窗'")
    banner(second, "您在另一窗口编辑着这份草稿")


@pytest.mark.usefixtures("later")
def test_who_comes_back_to_a_newer_state_is_told_until_he_has_read_it(street: Street) -> None:
    draft = begin(street, "office_newer")
    one = designer(street)
    mine = open_editor(one, draft)
    mine.context.set_offline(True)
    mine.fill("#title", "'离线时写的'")
    expect(mine.get_by_text("未连接 · 修改保留在本页")).to_be_visible()
    pass_by(street, 61)  # he was not heard of
    world = street.house.world
    designer(street, "draws2")
    by = world.acting(DESIGNERS["draws2"])
    with world.session() as session:
        newer = saved(street, draft).replace('name="请假审批"', 'name="别人改的"').encode()
        read = drafts.get(session, draft).revision
        drafts.save(
            session, draft, {"office_newer.bpmn": newer}, read=read, window="theirs", by=by, now=world.now
        )
        editing.leave(session, draft, "theirs")
    mine.context.set_offline(False)
    banner(mine, "这份草稿在别处有了更新的修改")
    assert any("离线时写的" in text for text in aside(street, draft))
    with mine.expect_response(lambda answer: answer.url.endswith("/beat"), timeout=BEAT):
        pass
    mine.wait_for_timeout(500)
    banner(mine, "这份草稿在别处有了更新的修改")  # still: it is his to go on
    expect(mine.locator("#title")).to_be_disabled()
    mine.get_by_role("button", name="查看最新草稿").click()
    expect(mine.locator("#name")).to_have_value("别人改的")
    expect(mine.locator("#title")).to_be_enabled()
    one.faults.clear()  # the connection was taken away on purpose


def test_a_draft_that_is_to_be_published_stands_still(street: Street) -> None:
    one, world = designer(street), street.house.world
    key = "office_stands"
    form = b'{"id": "office/small", "title": "S", "title.en": "S", "steps": {"*": "edit"}, "fields": [FIELD]}'.replace(
        b"FIELD", b'{"type": "number", "name": "n", "label": "N", "label.en": "N"}'
    )
    files = {f"{key}.bpmn": laid_out(drawn(key, "first")), "forms/office/small.json": form}
    draft = begin(street, key, files)
    page = open_editor(one, draft)
    by = world.acting(DESIGNERS["draws1"])
    with world.session() as session:
        revision = drafts.get(session, draft).revision
        publishing.ask(
            session, draft, revision, publishing.Wish("看一看", world.now + timedelta(days=1)), by, world.now
        )
    page.fill("#number", "QJ{serial:04}")
    banner(page, "这份草稿正等待发布，发布前不能修改")
    banner(page, "已另存在“历史”中")
    assert any("QJ{serial:04}" in text for text in aside(street, draft))
    with page.expect_response(lambda answer: answer.url.endswith("/beat"), timeout=BEAT):
        pass
    page.wait_for_timeout(500)
    expect(page.locator("#number")).to_be_disabled()
    again = open_editor(designer(street), draft)  # it is said before anything is typed
    banner(again, "这份草稿正等待发布，发布前不能修改")
    expect(again.locator("#number")).to_be_disabled()
    for other in ("forms/office/small", f"tables/{key}_table1.dmn"):
        designer(street).go(f"/designer/drafts/{draft}/{other}")
        banner(again, "这份草稿正等待发布，发布前不能修改")
