"""A rehearsal in Chromium: from the start to the end, a step back, a complaint, a deadline skipped, and a test kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.platform.design import drafts, rehearsal_tests
from app.platform.design.errors import DrawnAlready
from app.platform.identity import roles
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.pages import House
from tests.platform.design.rehearsals import stored
from tests.rooms.designer import busy
from tests.rooms.designer.drawing import begin as begin_draft
from tests.rooms.inbox.watching import address, street
from tests.world import profile

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
PLAYER = "演练员"


@pytest.fixture
def player(street: Street) -> Person:
    house: House = street.house
    if PLAYER not in house.world.people:
        house.world.enter(PLAYER, roles.DESIGNER.key, "")
        house.account(PLAYER, "plays")
    return street.person("plays")


def draft(street: Street) -> str:
    world = street.house.world
    with world.session() as session:
        try:
            return drafts.reopen(session, world.process, world.acting(PLAYER), world.now)
        except DrawnAlready as error:
            return error.draft


def drawn(page: Page) -> None:
    expect(page.locator("#canvas[data-drawn]")).to_be_visible()


def outcome(page: Page, words: str) -> None:
    page.locator("#answer .rehearse-outcomes").get_by_role("button", name=words, exact=True).click()
    drawn(page)


def begin(page: Page) -> None:
    page.select_option("[name=project]", index=1)
    page.select_option("[name=district]", "130402")
    outcome(page, "发起")


def fill_profile(page: Page) -> None:
    for name, (value,) in profile().items():
        if name == "origin":
            continue
        field = page.locator(f"#answer [name='{name}']")
        kind = field.first.evaluate("one => one.type || one.tagName")
        if kind == "radio":
            page.check(f"#answer [name='{name}'][value='{value}']")
        elif kind.startswith("select"):
            field.first.select_option(value)
        else:
            field.first.fill(value)


def region(page: Page) -> None:
    for level, words in (("province", "河北省"), ("city", "邯郸市"), ("district", "邯山区")):
        chooser = page.locator(f"#f-origin-{level}")
        expect(chooser.locator("option", has_text=words)).to_have_count(1)
        chooser.select_option(label=words)


def test_a_chain_is_rehearsed_from_its_start_to_its_end(street: Street, player: Person) -> None:
    page, key = player.page, draft(street)
    player.go(f"/designer/drafts/{key}/rehearse")
    drawn(page)
    begin(page)
    expect(page).to_have_url(re.compile("/designer/rehearsals/"))
    expect(page.locator(".rehearse-token")).to_have_text("基础建档")
    expect(page.locator("#canvas .is-here")).to_have_count(1)
    before = stored(street.house.world)
    outcome(page, "保存")  # nothing filled in: complained of as in reality
    expect(page.locator("#error-summary")).to_be_focused()
    fill_profile(page)
    region(page)
    outcome(page, "保存")
    outcome(page, "提交申请")
    outcome(page, "扫描上传")
    expect(page.locator("#step-title")).to_have_text("市级审核")
    expect(page.locator("select[name=_who] option").first).to_have_text("市级")
    outcome(page, "不通过")
    expect(page.locator("#comment-error")).to_be_visible()
    page.fill("#comment", "同意")
    outcome(page, "通过")
    expect(page.locator(".notice.is-success")).to_contain_text("流程已结束：")
    ended = page.url
    page.goto(f"{ended}?lang=en")
    expect(page.locator(".notice.is-success")).to_contain_text("The chain has ended: ")
    page.goto(f"{ended}?lang=zh")
    page.locator("#step-back").click()
    drawn(page)
    expect(page.locator("#step-title")).to_have_text("市级审核")
    after = stored(street.house.world)
    assert {name for name in before if before[name] != after[name]} <= {
        "design_rehearsal",
        "identity_session",
    }
    assert [fault for fault in player.faults if "422" not in fault] == []


def test_what_was_played_is_kept_as_a_test_of_the_draft(street: Street, player: Person) -> None:
    page, key, world = player.page, draft(street), street.house.world
    player.go(f"/designer/drafts/{key}/rehearse")
    drawn(page)
    begin(page)
    page.get_by_text("存为测试").click()
    page.fill("#name", "发起后等待建档")
    page.locator(".rehearse-keep button").click()
    player.sees("已存为测试。")
    with world.session() as session:
        files = drafts.files(session, key)
        assert [one.name for one in rehearsal_tests.tests_of(world.process, files)] == ["发起后等待建档"]
        assert rehearsal_tests.failures(session, world.process, files, world.now) == []
    player.sees("1 个测试都通过")


def about_to_come(street: Street, player: Person) -> None:
    """The page of the chain of letters before the first move."""
    try:
        key = begin_draft(street, busy.KEY, busy.files("fairs.city_admin"))
    except DrawnAlready as error:
        key = error.draft
    player.go(f"/designer/drafts/{key}/rehearse")
    drawn(player.page)


def letter(street: Street, player: Person) -> Page:
    """A rehearsal of the chain of letters, begun by one about the city, with two at the city's desk."""
    page, world = player.page, street.house.world
    if "市级二" not in world.people:
        world.enter("市级二", "fairs.city_admin", "130400")
    about_to_come(street, player)
    player.sees("这个流程由消息发起")
    expect(page.locator("[name=_place]")).to_have_value("邯郸市")  # by its name, not its code
    page.fill("[name='_v.district']", "邯郸市")
    page.fill("[name='_v.topic']", "第 1 号")
    page.get_by_role("button", name="消息已到").click()
    drawn(page)
    return page


def test_several_things_are_open_at_once_and_each_is_done(street: Street, player: Person) -> None:
    """Begun by a message; two sign, one checks, a reply comes, and time passes until the last step is overdue."""
    page = letter(street, player)
    expect(page.locator(".rehearse-token")).to_have_text(["会签", "核对", "等复函"])
    expect(page.locator(".rehearse-tasks a")).to_have_text(["会签", "核对"])
    expect(page.locator("#step .card-header")).to_contain_text("已签 0/2")
    assert page.locator("select[name=_who] option").all_inner_texts()[:2] == ["市级", "市级二"]
    page.select_option("select[name=_who]", label="市级二")
    page.wait_for_url(re.compile("_who="))
    outcome(page, "同意")
    expect(page.locator("#step .card-header")).to_contain_text("已签 1/2")
    expect(page.locator("select[name=_who] option").first).to_have_text("市级")
    page.locator(".rehearse-tasks").get_by_text("核对").click()
    drawn(page)
    outcome(page, "已核对")
    expect(page.locator(".rehearse-token")).to_have_text(["会签", "等复函"])
    outcome(page, "同意")
    expect(page.locator(".rehearse-token")).to_have_text(["等复函"])
    page.fill("[name='_v.accepted']", "true")
    page.get_by_role("button", name="送达消息").click()
    drawn(page)
    expect(page.locator("#step-title")).to_have_text("办结")
    page.locator("[name=_to][value=next]").click()
    drawn(page)
    expect(page.locator(".notice.is-success")).to_contain_text("流程已结束")
    player.sees("已逾期")
    assert player.faults == []


def test_a_place_there_is_not_is_said_and_stays_typed(street: Street, player: Person) -> None:
    page = player.page
    about_to_come(street, player)
    page.fill("[name=_place]", "没有的地方")
    page.press("[name=_place]", "Enter")
    player.sees("没有地区或单位叫“没有的地方”")
    expect(page.locator("[name=_place]")).to_have_value("没有的地方")


def test_the_page_of_several_open_steps_is_fit_for_a_phone(street: Street, player: Person) -> None:
    page = letter(street, player)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)


def test_the_page_is_fit_for_a_screen_reader_and_a_phone(street: Street, player: Person) -> None:
    page, key = player.page, draft(street)
    player.go(f"/designer/drafts/{key}/rehearse")
    drawn(page)
    begin(page)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)
