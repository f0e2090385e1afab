"""A leave form is drawn in Chromium from nothing: fields, rights, a condition, preview; axe-core is content."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from app.platform import forms
from app.platform.design import drafts, editing
from app.platform.identity import roles
from app.platform.registry import Words
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.rooms.designer.leave import DIAGRAM, FORM, KEY
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
DRAWER, COLLEAGUE = "表单设计员", "表单设计同事"
FILE = f"forms/{FORM}.json"
BEGUN = {
    "id": FORM,
    "title": "请假单",
    "title.en": "Leave",
    "steps": {"*": "read", "start": "edit"},
    "fields": [
        {"type": "text", "name": "name", "label": "姓名", "label.en": "Name"},
        {"type": "number", "name": "day_count", "label": "天数", "label.en": "Days", "variable": True},
        {"type": "long_text", "name": "reason", "label": "事由", "label.en": "Reason", "mystery": [1, 2]},
    ],
}


@pytest.fixture
def leave(street: Street) -> str:
    """A draft of its own for each test: the chain is drawn, its form is not. Its id."""
    world = street.house.world
    for name, username in ((DRAWER, "form_drawer"), (COLLEAGUE, "form_colleague")):
        if name not in world.people:
            world.enter(name, roles.DESIGNER.key, "")
            street.house.account(name, username)
    street.house.count += 1
    key = f"{KEY}_{street.house.count}"
    with world.session() as session:
        files = {f"{key}.bpmn": DIAGRAM.replace(KEY, key).encode()}
        return drafts.begin(session, key, Words("请假", "Leave"), files, world.acting(DRAWER), world.now)


def begun(street: Street, draft: str, data: dict[str, object] | None = None) -> None:
    """Let the draft have a form already."""
    world = street.house.world
    text = json.dumps(data or BEGUN, ensure_ascii=False, indent=2).encode()
    with world.session() as session:
        drafts.save(
            session,
            draft,
            {FILE: text},
            read=1,
            window="w",
            by=world.acting(DRAWER),
            now=world.now,
            note="始",
        )
        editing.leave(session, draft, "w")


def kept(street: Street, draft: str) -> dict[str, object]:
    """The form as the draft has it now."""
    with street.house.world.session() as session:
        found: dict[str, object] = json.loads(drafts.files(session, draft)[FILE])
    return found


def opened(street: Street, draft: str, who: str = "form_drawer") -> Person:
    one = street.person(who)
    one.go(f"/designer/drafts/{draft}/forms/{FORM}")
    expect(one.page.locator(".sheet")).to_be_visible()
    return one


def saved(page: Page) -> None:
    expect(page.locator("[data-saved][data-state=saved]")).to_be_visible()


def add(page: Page, kind: str, label: str) -> None:
    """One click, and the label typed where the cursor is."""
    page.click(f"[data-kind={kind}]")
    page.keyboard.type(label)


def test_a_leave_form_is_drawn_from_nothing(street: Street, leave: str) -> None:
    one = street.person("form_drawer")
    page = one.page
    one.go(f"/designer/drafts/{leave}/forms")
    one.sees("还没有表单")
    page.fill("#title", "请假单")
    page.fill("#form", FORM)
    one.press("新建表单")
    one.sees("还没有字段")
    add(page, "text", "姓名")
    add(page, "choice", "请假类型")
    for place, label in enumerate(("年假", "病假")):
        page.fill(f'[data-focus="choice:{place}"]', label)
    add(page, "date", "开始日期")
    add(page, "date", "结束日期")
    add(page, "number", "天数")
    page.check("[data-setting=variable] input")
    add(page, "long_text", "事由")
    page.locator('[data-path="fields.5"] .is-star').click()
    add(page, "file", "附件")
    condition = page.locator("[data-setting=show_if]")
    condition.get_by_role("button", name="添加条件").click()
    condition.get_by_label("字段").select_option("leave_type")
    condition.get_by_label("值").select_option("2")

    page.click("#tab-rights")
    cell = page.get_by_role("gridcell", name="天数，主任审批：只读")
    cell.focus()
    page.keyboard.press("e")
    expect(page.get_by_role("gridcell", name="天数，主任审批：可填")).to_be_focused()
    page.get_by_role("radio", name="必填项").check()
    page.get_by_role("gridcell", name="整张表单，修改：只读").click()
    page.get_by_label("把另一步骤的权限照搬到“修改”").select_option("start")
    saved(page)
    found = kept(street, leave)
    assert [(one["type"], one["name"], one["label.en"]) for one in found["fields"]] == [
        ("text", "name", "Name"),
        ("choice", "leave_type", "Leave type"),
        ("date", "start_date", "Start date"),
        ("date", "end_date", "End date"),
        ("number", "day_count", "Days"),
        ("long_text", "reason", "Reason"),
        ("file", "attachments", "Attachments"),
    ]
    assert found["steps"] == {"*": "read", "start": "edit", "amend": "edit"}
    fields = {one["name"]: one for one in found["fields"]}
    assert fields["day_count"]["at"] == {"review": "edit"}
    assert fields["day_count"]["variable"] is True
    assert fields["reason"]["required"] is True
    assert fields["attachments"]["show_if"] == "leave_type == '2'"
    assert fields["leave_type"]["choices"][1] == {"code": "2", "label": "病假", "label.en": "Sick leave"}
    form = forms.load(json.dumps(found).encode())
    assert form.variables == {"day_count": "number"}
    assert form.at("review").writable == {"day_count"}

    page.click("#tab-preview")
    preview = page.locator("[data-preview]")
    preview.get_by_label("姓名").fill("李四")
    attachments = preview.locator("[data-field=attachments]")
    expect(attachments).to_be_hidden()
    preview.get_by_label("病假").check()
    expect(attachments).to_be_visible()
    page.select_option("#preview-step", "review")  # the head of the office: his step, what was typed is read
    expect(preview.locator("dd", has_text="李四")).to_be_visible()
    expect(preview.locator("dd", has_text="病假")).to_be_visible()
    expect(preview.get_by_label("天数")).to_be_editable()
    page.get_by_label("English").check()
    expect(preview.locator("dt", has_text="Leave type")).to_be_visible()

    page.reload()
    expect(page.locator(".part")).to_have_count(7)
    saved_now = kept(street, leave)
    assert saved_now == found
    assert one.faults == []


def test_fields_are_moved_doubled_and_deleted_by_keys_and_that_is_undone(street: Street, leave: str) -> None:
    begun(street, leave)
    page = opened(street, leave).page
    labels = page.locator(".part-label")
    face = page.locator('[data-path="fields.0"] .part-face')
    face.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(labels).to_have_text(["天数", "姓名", "事由"])
    expect(page.locator('[data-path="fields.1"] .part-face')).to_be_focused()
    page.keyboard.press("Delete")
    expect(labels).to_have_text(["天数", "事由"])
    page.keyboard.press("Control+z")
    expect(labels).to_have_text(["天数", "姓名", "事由"])
    page.keyboard.press("Control+z")
    expect(labels).to_have_text(["姓名", "天数", "事由"])
    page.keyboard.press("Control+y")
    expect(labels).to_have_text(["天数", "姓名", "事由"])
    page.locator('[data-path="fields.0"] .part-face').focus()
    page.keyboard.press("Control+d")
    expect(labels).to_have_text(["天数", "天数", "姓名", "事由"])
    saved(page)
    assert [one["name"] for one in kept(street, leave)["fields"]] == [
        "day_count",
        "day_count_2",
        "name",
        "reason",
    ]


def test_a_field_is_dragged_into_its_place(street: Street, leave: str) -> None:
    begun(street, leave)
    page = opened(street, leave).page
    source = page.locator('[data-path="fields.2"] .part-face').bounding_box()
    target = page.locator('[data-path="fields.0"] .part-face').bounding_box()
    assert source
    assert target
    page.mouse.move(source["x"] + 20, source["y"] + 15)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 20, steps=5)
    page.mouse.move(target["x"] + 10, target["y"] + 10)
    expect(page.locator(".place-line")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".part-label")).to_have_text(["事由", "姓名", "天数"])
    kind = page.locator("[data-kind=date]").bounding_box()
    assert kind
    page.mouse.move(kind["x"] + 10, kind["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 40, target["y"] + 20, steps=5)
    page.mouse.move(target["x"] + 10, target["y"] + 5)
    page.mouse.up()
    expect(page.locator(".part-label")).to_have_text(["日期", "事由", "姓名", "天数"])


def test_rights_are_painted_in_one_stroke_which_is_undone_at_once(street: Street, leave: str) -> None:
    begun(street, leave)
    page = opened(street, leave).page
    page.click("#tab-rights")
    page.get_by_label("隐藏").check()
    boxes = [
        page.get_by_role("gridcell", name=f"{label}，主任审批").bounding_box()
        for label in ("姓名", "天数", "事由")
    ]
    for place, box in enumerate(boxes):
        assert box
        page.mouse.move(box["x"] + 20, box["y"] + 10, steps=3)
        if place == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page.locator("td.r-hidden.is-own")).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(page.locator("td.r-hidden.is-own")).to_have_count(0)


def test_what_the_panel_does_not_know_is_shown_and_kept(street: Street, leave: str) -> None:
    begun(street, leave)
    page = opened(street, leave).page
    expect(page.locator("[data-complaints]")).to_have_text("1 处需要修改")
    page.click("[data-complaints]")
    page.get_by_role("button", name="mystery").click()
    expect(page.locator(".forms-panel .field-error")).to_contain_text("mystery")
    expect(page.get_by_label("mystery")).to_have_value("[1,2]")
    page.locator("[data-setting=label] input").fill("请假事由")
    saved(page)
    assert kept(street, leave)["fields"][2] == {
        **BEGUN["fields"][2],
        "label": "请假事由",
        "label.en": "Leave reason",
    }


def test_the_text_may_be_written_by_hand_and_what_is_wrong_is_said_at_its_field(
    street: Street, leave: str
) -> None:
    begun(street, leave, {**BEGUN, "fields": BEGUN["fields"][:2]})
    page = opened(street, leave).page
    page.click("#tab-json")
    text = page.locator("#json").input_value()
    page.fill("#json", text + "}")
    expect(page.locator("[data-json-error]")).to_be_visible()
    page.fill("#json", text.replace('"name": "day_count"', '"name": "name"'))
    expect(page.locator("[data-complaints]")).to_have_text("1 处需要修改")
    page.click("#tab-fields")
    expect(page.locator('[data-path="fields.1"].is-wrong')).to_be_visible()
    page.locator('[data-path="fields.1"] .part-face').click()
    expect(page.locator(".panel-complaints")).to_contain_text("重复")


def test_a_condition_the_rows_cannot_say_stays_text_and_is_judged_by_the_server(
    street: Street, leave: str
) -> None:
    odd = {**BEGUN["fields"][0], "show_if": "day_count + 1 > 3"}
    begun(street, leave, {**BEGUN, "fields": [odd, BEGUN["fields"][1]]})
    page = opened(street, leave).page
    page.locator('[data-path="fields.0"] .part-face').click()
    area = page.locator("[data-setting=show_if] textarea")
    expect(area).to_have_value("day_count + 1 > 3")
    area.fill("day_count + + > 3")
    expect(page.locator(".panel-complaints")).to_contain_text("表达式有误")
    area.fill("day_count > 3")
    page.get_by_role("button", name="逐条选择").click()
    expect(page.locator("[data-setting=show_if]").get_by_label("比较")).to_have_value(">")


def test_two_never_overwrite_each_other(street: Street, leave: str) -> None:
    begun(street, leave)
    one = opened(street, leave)
    two = opened(street, leave, "form_colleague")
    two.sees(f"{DRAWER} 正在编辑")
    expect(
        two.page.locator("[data-setting=label] input, [data-setting=title] input").first
    ).to_have_attribute("readonly", "")
    two.press("请求接手")
    with one.page.expect_response(lambda answer: answer.url.endswith("/beat"), timeout=15_000):
        pass
    one.sees(f"{COLLEAGUE} 请求接手编辑")
    one.press("交给对方")
    with two.page.expect_response(lambda answer: answer.url.endswith("/beat"), timeout=15_000):
        pass
    expect(two.page.locator(".draft-banner")).to_be_hidden()
    two.page.locator('[data-path="fields.0"] .part-face').click()
    two.page.locator("[data-setting=label] input").fill("本人姓名")
    saved(two.page)
    one.sees(f"{COLLEAGUE} 正在编辑")
    assert kept(street, leave)["fields"][0]["label"] == "本人姓名"


def test_without_a_connection_nothing_is_lost(street: Street, leave: str) -> None:
    begun(street, leave)
    one = opened(street, leave)
    page = one.page
    page.context.set_offline(True)
    page.locator('[data-path="fields.0"] .part-face').click()
    page.locator("[data-setting=label] input").fill("断网时改")
    one.sees("未连接 · 修改保留在本页")
    other = page.context.new_page()
    page.close()  # the window is gone, with what it could not save
    other.context.set_offline(False)
    other.goto(f"{street.url}/designer/drafts/{leave}/forms/{FORM}")
    other.get_by_role("button", name="恢复", exact=True).click()
    expect(other.locator(".part-label").first).to_have_text("断网时改")
    saved(other)
    assert kept(street, leave)["fields"][0]["label"] == "断网时改"
    one.faults.clear()  # the connection was taken away on purpose


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_view_is_accessible_at_both_widths(street: Street, leave: str, language: str) -> None:
    section = {
        "type": "section",
        "title": "明细",
        "title.en": "Items",
        "fields": [
            {
                "type": "table",
                "name": "goods",
                "label": "物品",
                "label.en": "Items",
                "columns": [{"type": "money", "name": "fee", "label": "费用", "label.en": "Fee"}],
            },
            {"type": "computed", "name": "sum", "label": "合计", "label.en": "Sum", "sum_of": "goods.fee"},
        ],
    }
    begun(street, leave, {**BEGUN, "tabs": True, "fields": [*BEGUN["fields"][:2], section]})
    one = street.person("form_drawer")
    one.go(f"/designer/drafts/{leave}/forms?lang={language}")
    for size in (DESKTOP, PHONE):
        one.page.set_viewport_size(size)
        assert complaints_of_axe(one.page) == []
        assert not scrolls_sideways(one.page)
    one.go(f"/designer/drafts/{leave}/forms/{FORM}")
    for view in ("fields", "rights", "preview", "json"):
        one.page.click(f"#tab-{view}")
        for size in (DESKTOP, PHONE):
            one.page.set_viewport_size(size)
            if view == "preview":
                expect(one.page.locator("[data-preview] .field").first).to_be_visible()
            assert complaints_of_axe(one.page) == [], view
            assert not scrolls_sideways(one.page), view
    one.page.click("#tab-fields")
    for path in ("fields.2", "fields.2.fields.0", "fields.2.fields.1"):
        one.page.locator(f'[data-focus="{path}"]').click()
        assert complaints_of_axe(one.page) == []
    assert one.faults == []
