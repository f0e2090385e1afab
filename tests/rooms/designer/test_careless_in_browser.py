"""The designer under careless hands: what is deleted, pasted, pressed twice or come back to loses nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.platform.design import drafts, empty, publishing
from app.platform.identity import roles
from app.platform.registry import Words
from tests.browser.live import Street
from tests.rooms.designer.drawing import begin, designer, is_saved, open_editor, saved
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]


def test_a_process_outlives_the_deletion_of_everything_drawn(street: Street) -> None:
    draft = begin(street, "office_emptied")
    page = open_editor(designer(street), draft)
    page.locator("#canvas .djs-container").click(position={"x": 400, "y": 40})
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    is_saved(page)
    expect(page.locator("[data-element-id=StartEvent_1], .outline-line:not(.is-lane)")).to_have_count(0)
    text = saved(street, draft)
    assert 'id="office_emptied"' in text
    assert 'name="请假审批"' in text
    assert "bpmn:participant" in text


def test_what_was_typed_last_is_saved_before_a_link_leads_away(street: Street) -> None:
    draft = begin(street, "office_left")
    page = open_editor(designer(street), draft)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator(".outline-line:not(.is-lane)").first.click()
    page.locator("#name").press_sequentially("甲")
    page.get_by_text("演练", exact=True).first.click()
    page.wait_for_url("**/rehearse")
    assert asked == []
    assert "甲提交" in saved(street, draft)


def test_the_old_address_of_a_published_draft_leads_to_its_process(street: Street) -> None:
    house = street.house
    process = house.world.process
    house.world.enter("发布员乙", roles.ADMINISTRATOR.key, "")
    with house.world.session() as session:
        by = house.world.acting("发布员乙")
        draft = drafts.reopen(session, process, by, house.world.now)
        name, text = next(pair for pair in drafts.files(session, draft).items() if pair[0].endswith(".bpmn"))
        noted = {name: text.replace("市级审核".encode(), "市级复审".encode())}
        drafts.save(session, draft, noted, read=1, window="w", by=by, now=house.world.now)
        publishing.ask(session, draft, 2, publishing.Wish("再发布一次"), by, house.world.now)
    one = designer(street)
    for page in ("", "/publish"):
        one.go(f"/designer/drafts/{draft}{page}")
        one.page.wait_for_url(f"**/designer/processes/{process}")
        one.sees("这份草稿已经发布", "再发布一次")
    one.page.get_by_role("link", name="对比上一版").first.click()
    expect(one.page.get_by_role("heading", name="版本对比")).to_be_visible()


def test_the_page_that_cannot_be_rehearsed_says_so_in_the_names_of_the_drawing(street: Street) -> None:
    draft = begin(street, "office_unready", name="还没画完")
    one = designer(street)
    one.go(f"/designer/drafts/{draft}/rehearse")
    one.sees("演练：还没画完", "还没画完：没有结束事件", "提交：之后没有走向")


def test_a_setting_that_holds_anyway_is_written_only_when_it_does_not(street: Street) -> None:
    form = (
        '{"id": "office/held", "title": "请假单", "title.en": "Leave", "fields": '
        '[{"name": "reason", "type": "text", "label": "事由", "label.en": "Reason"}]}'
    )
    one = designer(street)
    with street.house.world.session() as session:
        files = empty.bundle(session, "office_held", Words("请假审批", "Leave"), None)
    draft = begin(street, "office_held", {**files, "forms/office/held.json": form.encode()})
    one.go(f"/designer/drafts/{draft}/forms/office/held")
    held = one.page.get_by_label("批量办理时可一次填写")
    expect(held).to_be_checked()
    held.uncheck()
    expect(one.page.locator("[data-saved]")).to_contain_text("已保存")
    with street.house.world.session() as session:
        assert b'"together": false' in drafts.files(session, draft)["forms/office/held.json"]
