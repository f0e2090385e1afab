"""Every property, set through the panel in Chromium: what stands in the file, and what the engine reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from app.platform.design import drafts
from app.platform.engine.vocabulary import BPMN, OURS
from app.platform.runtime import versions
from tests.browser.live import Street
from tests.rooms.designer import specimen
from tests.rooms.designer.drawing import append, begin, checked, choose, designer, open_editor, saved, tab
from tests.rooms.designer.panel import ROWS
from tests.rooms.designer.panel.said import PROCESS, Row
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
SPACES = {"bpmn": BPMN, "ours": OURS}
GROUPS = [(key, list(rows)) for key, rows in groupby(ROWS, lambda row: (row.of or "process", row.tab))]


def put(page: Page, selector: str, value: str | bool | None) -> None:
    """Type, choose, tick or press."""
    place = page.locator(f".designer-panel {selector}")
    kind = place.evaluate("one => one.tagName + (one.type ?? '')")
    if value is None:
        place.click()
    elif isinstance(value, bool):
        place.set_checked(value)
    elif kind.startswith("SELECT"):
        place.focus()
        place.select_option(value)
    else:
        place.fill(value)
        place.press("Tab")
    page.evaluate("new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))")


def now(street: Street, draft: str) -> dict[str, bytes]:
    """The draft's files as the server has them."""
    with street.house.world.session() as session:
        return drafts.files(session, draft)


def stands(element: etree._Element, key: str) -> str | None:
    """What stands in the file: a property, or what a path finds."""
    if "/" not in key:
        path = f"bpmn:extensionElements/ours:properties/ours:property[@name='{key}']/@value"
    else:
        path = (
            key.replace("//ours", ".//ours").replace("//bpmn", ".//bpmn")
            if key.startswith("//")
            else f".{key}"
        )
        path = key if key.startswith("//*") else path.replace("..//", ".//")
    found = element.xpath(path, namespaces=SPACES)
    return str(found[0]) if found else None


def wait_for(page: Page) -> Iterator[None]:
    """Let what was typed be saved."""
    page.wait_for_timeout(600)
    expect(page.locator("#saved:not([data-state=dirty]):not([data-state=saving])")).to_be_attached()
    yield


def opened(street: Street) -> tuple[Page, str, str]:
    """The editor with the specimen in it, the draft and the process."""
    street.house.count += 1
    process = f"{specimen.KEY}_{street.house.count}"
    given = specimen.files()
    files = {
        name: content.replace(specimen.KEY.encode(), process.encode()) for name, content in given.items()
    }
    draft = begin(street, process, files)
    return open_editor(designer(street), draft), draft, process


@pytest.mark.parametrize(
    ("key", "rows"), GROUPS, ids=lambda one: "-".join(one) if isinstance(one, tuple) else ""
)
def test_what_is_said_in_the_panel_is_what_the_engine_reads(
    street: Street, key: tuple[str, str], rows: list[Row]
) -> None:
    page, draft, process = opened(street)
    file = f"{specimen.KEY}.bpmn"
    wrong: list[str] = []
    for row in rows:
        if row.element != PROCESS:
            choose(page, row.element)
        tab(page, row.tab)
        for selector, value in row.typed.items():
            if selector.startswith("@"):
                tab(page, selector[1:])
                continue
            put(page, selector, value)
        next(wait_for(page))
        saved = now(street, draft)
        root = etree.fromstring(saved[file])
        (element,) = root.xpath(f"//*[@id='{row.of or process}']")
        for name, expected in row.file.items():
            if stands(element, name) != expected:
                wrong.append(f"{row.typed}: {name} is {stands(element, name)!r}, not {expected!r}")
        try:
            definition = versions.check(saved)[process]
        except Exception as error:  # every reason at once
            wrong.append(
                f"{row.typed}: {[one.message('en') for one in getattr(error, 'problems', [])] or error}"
            )
            continue
        if row.read is not None and row.read[0](definition) != row.read[1]:
            wrong.append(f"{row.typed}: the engine reads {row.read[0](definition)!r}, not {row.read[1]!r}")
    assert wrong == []


def test_a_press_after_typing_is_not_lost(street: Street) -> None:
    """What is typed is written when one leaves it; the button pressed meanwhile must still be there to be let go."""
    page, _draft, _process = opened(street)
    choose(page, "任务review")
    tab(page, "办理人")
    page.select_option("#seats", "share")
    page.fill("#seats-share", "0.7")
    page.locator("#avoid-starter").scroll_into_view_if_needed()
    box = page.locator("#avoid-starter").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.wait_for_timeout(250)
    page.mouse.up()
    expect(page.locator("#avoid-starter")).to_be_checked()
    expect(page.locator("#seats-share")).to_have_value("0.7")


def test_what_is_done_and_undone_is_saved_all_the_same(street: Street) -> None:
    page, _draft, process = opened(street)
    choose(page, "调用")
    page.select_option("#called", process)
    page.locator("[data-do=undo]").click()
    expect(page.locator("#saved[data-state=saved]")).to_be_visible()


def test_years_that_are_none_stay_as_typed_and_are_complained_of(street: Street) -> None:
    page, draft, _ = opened(street)
    tab(page, "高级")
    put(page, "#retention", "years")
    put(page, "#retention-years", "0")
    next(wait_for(page))
    years = page.locator("#retention-years")
    expect(years).to_have_value("0")
    expect(years).to_have_class(re.compile("is-invalid"))
    assert '"P0Y"' in saved(street, draft)
    assert [each for each in checked(page) if "P10Y" in each], checked(page)
    put(page, "#retention-years", "15")
    next(wait_for(page))
    expect(years).not_to_have_class(re.compile("is-invalid"))
    assert '"P15Y"' in saved(street, draft)
    assert not [each for each in checked(page) if "P10Y" in each]


def decided(street: Street, process: str) -> tuple[Page, str]:
    """A new chain of one step with three outcomes, parted in one press."""
    draft = begin(street, process)
    page = open_editor(designer(street), draft)
    choose(page, "提交")
    append(page, "user-task", "处室审批")
    tab(page, "按钮")
    page.click("#preset-1")
    page.click("#branch")
    next(wait_for(page))
    return page, draft


def ways(text: str) -> dict[str, tuple[str | None, str | None]]:
    """What each flow out of the gateway leads to -> its condition, none on the default, and the stage there."""
    root = etree.fromstring(text.encode())
    (gateway,) = root.iter(f"{{{BPMN}}}exclusiveGateway")
    found = {}
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if flow.get("sourceRef") == gateway.get("id"):
            (target,) = root.xpath(f"//*[@id='{flow.get('targetRef')}']")
            condition = flow.findtext(f"{{{BPMN}}}conditionExpression")
            assert (condition is None) == (gateway.get("default") == flow.get("id"))
            found[target.get("name")] = (condition, stands(target, "stage"))
    return found


def test_each_outcome_of_a_last_step_has_its_way_and_an_approval_ends_approved(street: Street) -> None:
    page, draft = decided(street, "office_last_step")
    assert ways(saved(street, draft)) == {
        "同意": ('outcome == "approve"', "同意|Approve"),
        "修改后重新提交": ('outcome == "return"', None),
        "不同意": (None, "不同意|Reject"),
    }
    assert [each for each in checked(page) if "默认" in each or "走向" in each] == []


def test_an_end_drawn_for_an_approval_gives_way_to_what_is_drawn_on(street: Street) -> None:
    page, draft = decided(street, "office_drawn_on")
    append(page, "user-task", "厅长审批")
    next(wait_for(page))
    assert ways(saved(street, draft)) == {
        "厅长审批": ('outcome == "approve"', None),
        "修改后重新提交": ('outcome == "return"', None),
        "不同意": (None, "不同意|Reject"),
    }
    page.locator("[data-do=undo]").click()  # the name
    page.locator("[data-do=undo]").click()
    next(wait_for(page))
    assert ways(saved(street, draft))["同意"] == ('outcome == "approve"', "同意|Approve")


def test_an_end_named_on_the_canvas_carries_its_name_as_stage(street: Street) -> None:
    page, draft = decided(street, "office_named_end")
    append(page, "end-event", "")
    page.keyboard.press("Escape")
    page.locator(".djs-element.selected .djs-hit").first.dblclick(force=True)
    page.keyboard.type("已批准")
    page.keyboard.press("Enter")
    next(wait_for(page))
    assert ways(saved(street, draft))["已批准"] == ('outcome == "approve"', "已批准")
