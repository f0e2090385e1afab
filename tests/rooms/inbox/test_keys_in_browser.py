"""The inbox by its keys, and by the keyboard alone: nothing is decided without a question, nothing while one types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.rooms.inbox.watching import address, case, judge, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
OPEN = ["city_review"]


def keys(person: Person, *pressed: str) -> None:
    for key in pressed:
        person.page.keyboard.press(key)


def focus(person: Person) -> str:
    """What the focus is on, in words."""
    return str(
        person.page.evaluate(
            "(document.activeElement.textContent || document.activeElement.id || document.activeElement.tagName).trim()"
        )
    )


def said(person: Person):
    """What a screen reader is told of a key."""
    return person.page.locator("#inbox-live [data-say]")


def test_from_the_list_to_a_decision_by_keys(street: Street) -> None:
    """j, Enter, a, Enter: the case that the list shows first is approved, and the next one opens."""
    case(street)
    case(street)
    one = street.person("city1")
    one.go("/inbox/")
    keys(one, "j")
    first = one.page.evaluate("document.activeElement.href").split("/tasks/")[1].split("?")[0]
    keys(one, "Enter")
    one.page.wait_for_url(re.compile(first))
    keys(one, "a")
    expect(one.page.get_by_role("alertdialog")).to_contain_text("确认“通过”？")
    assert focus(one).startswith("确认")
    judge(one)
    keys(one, "Enter")
    one.page.wait_for_url(lambda url: first not in url)
    one.sees("已办理：")
    world = street.house.world
    with world.session() as session:
        from app.platform.runtime.entities import Task

        assert session.get_one(Task, first).outcome == "approve"


def test_a_question_left_unanswered_decides_nothing(street: Street) -> None:
    instance, url = case(street)
    one = street.person("city1")
    one.go(url)
    keys(one, "a", "Escape")
    expect(one.page.locator("[data-ask]")).to_be_hidden()
    keys(one, "a")
    one.press("取消 Esc")
    expect(one.page.locator("[data-ask]")).to_be_hidden()
    assert one.page.url.endswith(url)
    assert street.house.world.open_elements(instance) == OPEN


@pytest.mark.parametrize("key", ["r", "d"])
def test_a_negative_outcome_asks_for_the_opinion_first(street: Street, key: str) -> None:
    """d is the second negative outcome, or the only one there is."""
    instance, url = case(street)
    one = street.person("city1")
    one.go(url)
    before = one.page.evaluate("scrollY")
    keys(one, key)
    assert one.page.evaluate("document.activeElement.id") == "comment"
    assert one.page.evaluate("scrollY") == before  # what is read stays where it is
    expect(said(one)).to_have_text("已选“不通过”，写好意见后按 Ctrl+Enter")
    keys(one, "Control+Enter")
    expect(said(one)).to_have_text("“不通过”需要填写意见")
    expect(one.page.locator("[data-ask]")).to_be_hidden()
    one.page.keyboard.type("jax r 公章不清晰")  # letters that are keys elsewhere
    expect(one.page.locator("#comment")).to_have_value("jax r 公章不清晰")
    assert street.house.world.open_elements(instance) == OPEN
    keys(one, "Control+Enter")
    expect(one.page.get_by_role("alertdialog")).to_contain_text("确认“不通过”？")
    assert street.house.world.open_elements(instance) == OPEN
    keys(one, "Enter")
    one.page.wait_for_url(lambda address: url not in address)
    assert street.house.world.open_elements(instance) == ["correct"]


def test_nothing_happens_while_one_composes_or_holds_a_modifier(street: Street) -> None:
    instance, url = case(street)
    one = street.person("city1")
    one.go(url)
    one.page.evaluate(
        """for (const more of ["isComposing", "ctrlKey", "altKey", "metaKey", "keyCode"].map((one) => ({ [one]: 229 })))
             document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true, ...more }))"""
    )
    expect(one.page.locator("[data-ask]")).to_be_hidden()
    assert street.house.world.open_elements(instance) == OPEN


def test_switched_off_single_keys_do_nothing_and_the_rest_works(street: Street) -> None:
    """WCAG 2.1.4: in the overlay, kept with the account."""
    instance, url = case(street)
    one = street.person("city1")
    one.go("/inbox/")
    keys(one, "?")
    dialog = one.page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_contain_text("同意（按 Enter 确认后才提交）")
    judge(one)
    keys(one, "Escape")
    expect(dialog).to_be_hidden()
    keys(one, "?")
    dialog.get_by_role("button", name="关闭单键快捷键").click()
    one.page.wait_for_load_state("networkidle")
    one.go(url)
    keys(one, "a", "r", "j", "?", "/")
    expect(one.page.locator("[data-ask]")).to_be_hidden()
    assert one.page.evaluate("document.activeElement === document.body")
    keys(one, "Escape")
    one.page.wait_for_url(re.compile(r"/inbox/\\?|/inbox/$|box=todo"))
    one.follow("全部快捷键")
    one.page.get_by_role("button", name="开启单键快捷键").click()
    one.page.wait_for_load_state("networkidle")
    one.go(url)
    keys(one, "a")
    expect(one.page.locator("[data-ask]")).to_be_visible()
    assert street.house.world.open_elements(instance) == OPEN


def test_by_tab_and_enter_alone(street: Street) -> None:
    """No letter is needed: list, open, opinion, decide."""
    instance, url = case(street)
    one = street.person("city1")
    task = url.rsplit("/", 1)[1]
    one.go("/inbox/")

    def tab_to(condition: str, most: int = 120) -> None:
        for _ in range(most):
            one.page.keyboard.press("Tab")
            if one.page.evaluate(f"(one => {condition})(document.activeElement)"):
                shown = one.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert shown != "none" or one.page.evaluate(
                    "getComputedStyle(document.activeElement).boxShadow"
                ) not in ("none", "")
                return
        raise AssertionError(f"the focus never comes to {condition}")

    tab_to(f"one.href?.includes('{task}')")
    keys(one, "Enter")
    one.page.wait_for_url(re.compile(task))
    tab_to("one.id === 'comment'")
    one.page.keyboard.type("请重新盖章")
    tab_to("one.value === 'reject'")
    keys(one, "Enter")
    one.page.wait_for_url(lambda address: task not in address)
    assert street.house.world.open_elements(instance) == ["correct"]


def test_search_boxes_and_ticks(street: Street) -> None:
    case(street)
    case(street)
    one = street.person("city1")
    one.go("/inbox/")
    keys(one, "/")
    assert one.page.evaluate("'search' in document.activeElement.dataset")
    one.page.keyboard.type("ga")
    assert "/inbox/" in one.page.url
    one.go("/inbox/")
    one.page.evaluate(
        """for (const one of document.querySelectorAll("[data-cases] li")) {
             const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "row" });
             box.setAttribute("aria-label", "勾选");
             one.prepend(box);
           }"""
    )
    ticked = one.page.locator('input[name="row"]:checked')
    keys(one, "j", "x")
    expect(ticked).to_have_count(1)
    expect(said(one)).to_have_text("已选 1 件")
    keys(one, "j", "Shift+X")
    expect(ticked).to_have_count(2)
    keys(one, "x")
    expect(ticked).to_have_count(1)
    for letters, box in (("gs", "mine"), ("gd", "done"), ("gi", "todo")):
        keys(one, *letters)
        one.page.wait_for_url(re.compile(f"box={box}"))


def test_on_a_phone_list_and_task_are_two_pages_and_back_keeps_the_place(street: Street) -> None:
    case(street)
    one = street.person("city1")
    one.page.set_viewport_size(PHONE)
    one.go("/inbox/?box=todo&q=新")
    expect(one.page.locator(".inbox-pane")).to_be_hidden()
    row = one.page.locator("[data-cases] .case").last
    row.scroll_into_view_if_needed()
    row.click()
    one.page.wait_for_url(re.compile("/tasks/"))
    expect(one.page.locator(".inbox-list")).to_be_hidden()
    for button in one.page.locator(".verdict-verbs button[name=outcome]").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert not scrolls_sideways(one.page)
    assert complaints_of_axe(one.page) == []
    one.page.locator(".case-back").click()
    one.page.wait_for_url(re.compile("q="))
    expect(one.page.locator(".inbox-list")).to_be_visible()
    one.page.set_viewport_size(DESKTOP)


def test_printed_is_the_case_with_its_form_and_all_that_was_said(street: Street) -> None:
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    one.page.emulate_media(media="print")
    for shown in ("#form", "#history", ".case-head"):
        expect(one.page.locator(shown)).to_be_visible()
    for gone in (".verdict", ".inbox-list", ".masthead", "#diagram", ".case-tabs", "#case-live"):
        expect(one.page.locator(gone)).to_be_hidden()


def test_with_reduced_motion_nothing_moves_and_the_fresh_verdict_still_sleeps(street: Street) -> None:
    _, url = case(street)
    one = street.person("city1")
    one.page.emulate_media(reduced_motion="reduce")
    one.go(f"{url}?fresh=1")
    running = one.page.evaluate("document.getAnimations().map((one) => one.animationName)")
    assert set(running) <= {"verdict-wakes"}
