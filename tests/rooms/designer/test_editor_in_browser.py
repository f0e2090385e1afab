"""The editor in Chromium: a chain drawn, saved by itself, handed over; what comes in goes out as it was."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from lxml import etree
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Street
from tests.rooms.designer.drawing import (
    ROOT,
    append,
    begin,
    checked,
    choose,
    designer,
    is_saved,
    open_editor,
    saved,
    tab,
)
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
DIAGRAMS = sorted((ROOT / "processes").rglob("*.bpmn"))


SAID = {("isInterrupting", "true"), ("cancelActivity", "true"), ("isSequential", "false")}
"""What holds anyway, said or not."""


def facts(text: str | bytes) -> Counter[tuple[object, ...]]:
    """Everything a file says, but for its spaces and the order of attributes: each element with where it stands."""
    root = etree.fromstring(text.encode() if isinstance(text, str) else text)
    found: Counter[tuple[object, ...]] = Counter()
    for node in root.iter():
        above = node.getparent()
        place = None if above is None else (above.tag, above.get("id") or above.get("bpmnElement"))
        order = None
        if node.tag.endswith("}waypoint") and above is not None:
            order = above.index(node)
        shown = {
            name: str(float(value)) if name in ("x", "y", "width", "height") else value
            for name, value in node.attrib.items()
            if not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}")
            and (name, value) not in SAID
        }
        if node.tag.endswith("}definitions"):
            shown.pop("exporter", None)
            shown.pop("exporterVersion", None)
        if node.tag.endswith("EventDefinition"):
            shown.pop(
                "id", None
            )  # two files call it as their message, which no reader after the standard takes
        found[(place, node.tag, order, tuple(sorted(shown.items())), (node.text or "").strip())] += 1
    return found


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_of_the_house_comes_back_as_it_was(street: Street, path: object) -> None:
    content = path.read_bytes()  # type: ignore[attr-defined]
    key = f"office_back_{path.stem}"  # type: ignore[attr-defined]
    draft = begin(street, key, {f"{key}.bpmn": content})
    page = open_editor(designer(street), draft)
    page.locator("[data-part=xml]").click()
    text = page.locator(".drawer-file pre").text_content() or ""
    lost, new = facts(content) - facts(text), facts(text) - facts(content)
    assert (sorted(map(str, lost)), sorted(map(str, new))) == ([], [])


def test_a_leave_chain_is_drawn_in_few_steps(street: Street) -> None:
    """Applicant, then the head of his office; a correction goes back, a refusal ends, an approval is told."""
    one = designer(street)
    page = one.page
    one.go("/designer/")
    steps = 0

    def did(_result: object = None) -> None:
        nonlocal steps
        steps += 1

    did(page.get_by_text("新建流程", exact=True).first.click())
    did(page.fill("#name", "请假审批单"))
    did(page.fill("#name_en", "Leave"))
    did(one.press("开始设计"))
    expect(page.locator(".designer[data-ready]")).to_be_visible()
    draft = page.url.rpartition("/")[2]
    did(choose(page, "提交"))
    did(append(page, "user-task", "处室审批"))
    did(tab(page, "办理人"))
    did(page.select_option("#assignee-kind", "lane"))
    role = f"{street.house.world.system}.city_admin"
    did(page.select_option("#role", role))
    did(tab(page, "按钮"))
    did(page.locator("#preset-1").click())
    did(page.locator("#branch").click())
    did(page.locator(".outline-line", has_text="排他网关").click())
    did(append(page, "end-event", "同意"))
    problems = [one for one in checked(page) if one.startswith("错误")]
    assert problems == []
    assert steps <= 16
    text = saved(street, draft)
    assert f'name="role" value="{role}"' in text
    assert 'name="at" value="starter.region"' in text
    assert "修改后重新提交" in text
    assert 'outcome == "approve"' in text
    assert text.count("<bpmn:lane ") == 2


def test_a_process_renamed_is_called_so_on_every_page_of_its_draft(street: Street) -> None:
    draft = begin(street, "office_renamed")
    page = open_editor(designer(street), draft)
    page.fill("#name", "年休假审批")
    page.locator("#name").press("Tab")
    expect(page.locator(".bar-name h1")).to_have_text("年休假审批")
    assert page.title().startswith("年休假审批")
    page.reload()
    expect(page.locator(".bar-name h1")).to_have_text("年休假审批")
    page.goto(page.url + "/forms")
    expect(page.locator(".trail")).to_contain_text("年休假审批")


def test_a_change_of_a_property_is_one_step_of_undo(street: Street) -> None:
    draft = begin(street, "office_undo")
    page = open_editor(designer(street), draft)
    choose(page, "提交")
    page.fill("#stage", "已提交")
    is_saved(page)
    assert 'name="stage" value="已提交"' in saved(street, draft)
    page.locator("[data-do=undo]").click()
    expect(page.locator("#stage")).to_have_value("")
    page.wait_for_timeout(900)
    is_saved(page)
    assert "已提交" not in saved(street, draft)
    page.locator("[data-do=redo]").click()
    expect(page.locator("#stage")).to_have_value("已提交")


def test_a_crash_loses_no_more_than_the_last_second(street: Street) -> None:
    draft = begin(street, "office_crash")
    one = designer(street)
    page = open_editor(one, draft)
    page.fill("#title", "'某人的请假'")  # the focus stays in the field: nobody has left it
    page.wait_for_timeout(1300)
    page.context.close()
    again = open_editor(designer(street), draft)
    expect(again.locator("#title")).to_have_value("'某人的请假'")
    again.fill("#number", "QJ{year}{serial:04}")
    is_saved(again)
    assert "QJ{year}{serial:04}" in saved(street, draft)


def test_what_was_drawn_without_a_connection_is_offered_again(street: Street) -> None:
    draft = begin(street, "office_offline")
    one = designer(street)
    page = open_editor(one, draft)
    page.context.set_offline(True)
    page.fill("#title", "lixian")
    expect(page.get_by_text("未连接 · 修改保留在本页")).to_be_visible()
    page.context.set_offline(False)
    is_saved(page)
    assert "lixian" in saved(street, draft)
    page.context.set_offline(True)
    page.fill("#title", "you_lixian")
    expect(page.get_by_text("未连接 · 修改保留在本页")).to_be_visible()
    page.close(run_before_unload=False)
    context = page.context
    context.set_offline(False)
    new = context.new_page()
    new.goto(f"{street.url}/designer/drafts/{draft}")
    expect(new.get_by_text("本机有一份没有保存成功的修改")).to_be_visible()
    new.get_by_role("button", name="恢复", exact=True).click()
    is_saved(new)
    expect(new.locator("#title")).to_have_value("you_lixian")
    assert "you_lixian" in saved(street, draft)


def test_two_designers_take_turns_and_lose_nothing(street: Street) -> None:
    draft = begin(street, "office_turns")
    one, two = designer(street, "draws1"), designer(street, "draws2")
    mine = open_editor(one, draft)
    mine.fill("#title", "'甲的标题'")
    is_saved(mine)
    theirs = open_editor(two, draft)
    expect(theirs.get_by_text("绘图员甲 正在编辑")).to_be_visible()
    expect(theirs.locator("#title")).to_be_disabled()
    theirs.get_by_role("button", name="请求接手").click()
    expect(mine.get_by_text("绘图员乙 请求接手编辑")).to_be_visible(timeout=15_000)
    mine.fill("#number", "QJ{serial:04}")
    mine.get_by_role("button", name="交给对方").click()
    expect(theirs.locator("#title")).to_be_enabled(timeout=15_000)
    expect(theirs.locator("#number")).to_have_value("QJ{serial:04}")
    theirs.fill("#title", "'乙的标题'")
    is_saved(theirs)
    text = saved(street, draft)
    assert "乙的标题" in text
    assert "QJ{serial:04}" in text
    expect(mine.get_by_text("绘图员乙 正在编辑")).to_be_visible(timeout=15_000)
    expect(mine.locator("#title")).to_be_disabled()


def test_an_earlier_state_is_looked_at_and_restored(street: Street) -> None:
    draft = begin(street, "office_history")
    page = open_editor(designer(street), draft)
    first = page.locator("#title").input_value()
    page.keyboard.press("Control+s")
    page.fill("#keep-note", "第一稿")
    page.locator("#keep").get_by_role("button", name="保存").click()
    is_saved(page)
    page.fill("#title", "'第二稿'")
    page.wait_for_timeout(1200)
    page.locator("[data-part=history]").click()
    row = page.locator(".drawer-history tr", has_text="第一稿")
    row.get_by_role("button", name="查看").click()
    expect(page.get_by_text("不能修改")).to_be_visible()
    expect(page.locator("#title")).to_have_value(first)
    expect(page.locator("#title")).to_be_disabled()
    page.get_by_role("button", name="返回现在的草稿").click()
    expect(page.locator("#title")).to_have_value("'第二稿'")
    row.get_by_role("button", name="恢复为草稿").click()
    expect(page.locator("#title")).to_have_value(first)
    expect(page.locator("#title")).to_be_enabled()
    assert "第二稿" not in saved(street, draft)


def test_only_what_the_platform_runs_can_be_drawn(street: Street) -> None:
    draft = begin(street, "office_menus")
    page = open_editor(designer(street), draft)
    choose(page, "提交")
    append(page, "user-task", "处室审批")
    page.locator(".djs-context-pad .entry[data-action=replace]").click()
    offered = page.locator(".djs-popup-results .djs-popup-label").all_text_contents()
    assert {"系统动作", "线下任务", "决策表", "赋值", "调用流程"} <= set(offered)
    assert not any(re.search("任务$", one) and one not in ("线下任务", "用户任务") for one in offered)
    assert not any("即席" in one or "事务" in one or "发送" in one or "接收" in one for one in offered)
    page.keyboard.press("Escape")
    assert 'name="assignee" value="starter"' in _saved_text(street, draft, page)


def _saved_text(street: Street, draft: str, page: object) -> str:
    is_saved(page)  # type: ignore[arg-type]
    return saved(street, draft)


def test_the_keyboard_draws_and_finds(street: Street) -> None:
    draft = begin(street, "office_keys")
    page = open_editor(designer(street), draft)
    page.keyboard.press("Control+f")
    page.keyboard.type("提交")
    page.keyboard.press("Enter")
    page.locator("[data-element='bpmn:UserTask']").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("键盘画的")
    page.keyboard.press("Enter")
    expect(page.locator(".outline-line", has_text="键盘画的")).to_be_hidden()  # the search still says 提交
    page.fill("#outline-search", "")
    expect(page.locator(".outline-line", has_text="键盘画的")).to_be_visible()
    checked(page)
    page.keyboard.press("F8")
    expect(page.locator(".panel-findings")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_editor_and_the_first_page_please_axe_at_both_widths(street: Street, language: str) -> None:
    one = designer(street)
    content = next(path for path in DIAGRAMS if path.stem == "slate_report").read_bytes()
    draft = begin(street, f"office_axe_{language}", {"a.bpmn": content})
    one.go(f"/designer/?lang={language}")
    for size in (DESKTOP, PHONE):
        one.page.set_viewport_size(size)
        assert complaints_of_axe(one.page) == []
        assert not scrolls_sideways(one.page)
    one.page.set_viewport_size(DESKTOP)
    page = open_editor(one, draft)
    page.locator("[data-part=problems]").click()
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)
    page.set_viewport_size(DESKTOP)
    page.locator(
        ".outline-line:not(.is-lane)", has_text="用户任务" if language == "zh" else "User task"
    ).first.click()
    for line in page.locator(".panel-tabs [role=tab]").all():
        line.click()
        assert complaints_of_axe(page) == []
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    if language == "en":
        chrome = page.locator(
            ".designer-bar, .designer-palette, .panel-tabs, .drawer-tabs, .panel-field > label"
        )
        words = " ".join(chrome.all_text_contents()).replace("请假审批", "")
        assert not re.search("[一-鿿]", words), words
