"""The verbs in a real browser, by whoever gives and whoever gets; both widths, by keyboard, without axe findings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from app.platform import documents
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street, served
from tests.pages import House, house_of
from tests.rooms.inbox.offices import at_check, at_review, furnish, happened, row

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live(
    tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[tuple[House, str]]:
    with house_of(tmp_path_factory.mktemp("verbs"), shared_press) as house, served(house) as url:
        furnish(house)
        yield house, url


@pytest.fixture
def street(live: tuple[House, str], engine_of_pages: Browser) -> Iterator[Street]:
    documents.use(live[0].settings)
    street = Street(*live, engine_of_pages)
    yield street
    faults = [fault for fault in street.close() if "/diagram" not in fault]  # the tests' chains are not drawn
    assert faults == []


def comes(street: Street, name: str, **more: bool) -> Person:
    return street.person(street.house.usernames[name], **more)


def judged(page: Page) -> None:
    """Both widths: nothing for axe to say, nothing to scroll sideways."""
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)


def choose(person: Person, name: str) -> None:
    """Search for somebody as one types, and tick him."""
    person.page.fill("#who", name)
    person.page.get_by_text("找到 1 人").wait_for()
    person.page.get_by_label(name).check()


def more(person: Person, words: str) -> None:
    """Open 更多 and follow one of its verbs."""
    person.page.locator(".verb-drop > summary").click()
    person.page.locator(".verb-drop").get_by_role("link", name=words, exact=True).click()


def test_transferred_from_one_inbox_into_another(street: Street) -> None:
    """D1, C-19: typed search, refusal at the person, and the next case opens."""
    world = street.house.world
    instance, task = at_review(world)
    giver, taker = comes(street, "市级"), comes(street, "王科长")
    giver.go(f"/inbox/tasks/{task}?box=todo")
    judged(giver.page)
    more(giver, "转办")
    giver.sees("转办后，这项任务由对方办理")
    judged(giver.page)
    giver.page.fill("#who", "组织者甲")
    giver.sees("应当回避")
    assert giver.page.locator(".person input").is_disabled()
    giver.page.fill("#verb-comment", "请王科长办理")
    choose(giver, "王科长")
    giver.press("转办")
    giver.sees("已转办给王科长")
    taker.go("/inbox/")
    taker.page.locator(f".case[href*='{task}']").click()
    taker.sees("由您本人办理", "请王科长办理")
    taker.press("同意")
    taker.sees("已办理")
    assert row(world, task).closed_by_id == world.people["王科长"]
    assert "transferred" in happened(world, instance)


def test_the_picker_works_without_a_script(street: Street) -> None:
    _, task = at_review(street.house.world)
    giver = comes(street, "市级", scripts=False)
    giver.go(f"/inbox/tasks/{task}/transfer")
    giver.page.fill("#verb-comment", "请接手")
    giver.page.fill("#who", "科技活动 赵")
    giver.page.press("#who", "Enter")
    giver.sees("找到 1 人")
    assert giver.page.input_value("#verb-comment") == "请接手"
    giver.page.get_by_label("赵干事").check()
    giver.press("转办")
    giver.sees("已转办给赵干事")
    assert row(street.house.world, task).assignee_id == street.house.world.people["赵干事"]


def test_delegated_advised_and_decided(street: Street) -> None:
    world = street.house.world
    _, task = at_review(world)
    giver, adviser = comes(street, "市级"), comes(street, "王科长")
    giver.go(f"/inbox/tasks/{task}")
    more(giver, "委托")
    choose(giver, "王科长")
    giver.press("委托")
    giver.sees("已委托王科长提出意见")
    giver.go(f"/inbox/tasks/{task}")
    giver.sees("受市级委托提出意见", "征求意见中")
    judged(giver.page)
    assert giver.page.get_by_role("button", name="同意", exact=True).count() == 0
    adviser.go(f"/inbox/tasks/{task}")
    adviser.page.fill("#comment", "可以通过")
    adviser.press("同意")
    adviser.sees("已办理")
    giver.go(f"/inbox/tasks/{task}")
    giver.sees("可以通过")
    giver.press("同意")
    giver.sees("已办理")
    assert row(world, task).state == "closed"


def test_signers_are_added_and_removed(street: Street) -> None:
    _, task = at_review(street.house.world)
    giver, added = comes(street, "市级"), comes(street, "王科长")
    giver.go(f"/inbox/tasks/{task}")
    more(giver, "加签 / 减签")
    judged(giver.page)
    choose(giver, "王科长")
    choose(giver, "赵干事")  # whom one ticked before stays ticked
    assert giver.page.get_by_label("王科长").is_checked()
    giver.page.get_by_label("在我之后").check()
    giver.press("保存签署人")
    giver.sees("已加签王科长、赵干事", "依次签署 0/3")
    more(giver, "加签 / 减签")
    present = giver.page.get_by_role("group", name="现有签署人")
    assert present.get_by_role("checkbox").first.is_disabled()  # his own seat
    present.get_by_label("赵干事").check()
    judged(giver.page)
    giver.press("保存签署人")
    giver.sees("已减签赵干事", "依次签署 0/2")
    giver.press("同意")
    giver.sees("已办理")
    added.go(f"/inbox/tasks/{task}")
    added.sees("请您签署")
    added.press("同意")
    added.sees("已办理")
    assert row(street.house.world, task).state == "closed"


def test_copied_and_read(street: Street) -> None:
    instance, task = at_review(street.house.world)
    giver, reader = comes(street, "市级"), comes(street, "钱干事")
    giver.go(f"/inbox/tasks/{task}/copy")
    choose(giver, "钱干事")
    giver.press("抄送")
    giver.sees("已抄送钱干事")
    reader.go(f"/inbox/instances/{instance}")
    reader.sees("任务review")
    judged(reader.page)


def test_returned_corrected_and_straight_back(street: Street) -> None:
    """B2: where to, and what happens afterwards, is the reviewer's choice."""
    world = street.house.world
    instance, task = at_review(world)
    reviewer, starter = comes(street, "市级"), comes(street, "组织者甲")
    reviewer.go(f"/inbox/tasks/{task}")
    reviewer.page.get_by_role("link", name="退回到…").first.click()
    judged(reviewer.page)
    reviewer.page.get_by_label("任务prepare").check()
    reviewer.page.get_by_label("直接回到这一步").check()
    reviewer.press("退回")
    reviewer.page.locator("#error-summary").get_by_text("请填写退回意见").wait_for()
    assert reviewer.page.get_by_label("任务prepare").is_checked()
    judged(reviewer.page)
    reviewer.page.fill("#verb-comment", "请补充预算")
    reviewer.press("退回")
    reviewer.sees("已退回到“任务prepare”")
    starter.go("/inbox/")
    starter.page.locator(f".case[href*='{world.open_task(instance, 'prepare')}']").click()
    starter.sees("请补充预算")
    starter.press("送审")
    starter.sees("已办理")
    assert world.open_elements(instance) == ["review"]


def test_taken_back_from_the_line_that_says_what_was_done(street: Street) -> None:
    world = street.house.world
    instance, task = at_check(world)
    city = comes(street, "市级")
    city.go(f"/inbox/tasks/{task}")
    city.press("通过")
    city.page.locator("#messages").get_by_role("link", name="撤回").click()
    city.sees("有人办理或签收之前都可以撤回")
    judged(city.page)
    city.page.fill("#verb-comment", "看错了")
    city.press("撤回")
    city.sees("已撤回")
    assert world.open_elements(instance) == ["check"]


def test_urged_by_the_starter_once(street: Street) -> None:
    instance, _ = at_check(street.house.world)
    starter = comes(street, "组织者甲")
    starter.go(f"/inbox/instances/{instance}")
    starter.press("催办")
    starter.sees("已催办，已通知办理人", "下一个工作日可再次催办")
    assert starter.page.get_by_role("button", name="催办").is_disabled()
    judged(starter.page)


def test_a_substitute_is_appointed_and_gives_it_back(street: Street) -> None:
    world = street.house.world
    _, task = at_review(world, "组织者乙")
    absent, present = comes(street, "市级"), comes(street, "钱干事")
    absent.page.locator("summary[aria-label*='市级，打开菜单']").click()
    absent.follow("休假代理")
    judged(absent.page)
    choose(absent, "钱干事")
    absent.page.fill("#verb-until", f"{world.now:%Y-%m-%d}")
    absent.press("请其代理")
    absent.sees("已委托钱干事代理", "代理中")
    judged(absent.page)
    present.go(f"/inbox/tasks/{task}")
    present.sees("您正在代市级办理")
    judged(present.page)
    present.press("同意")
    present.sees("已办理")
    absent.go(f"/inbox/tasks/{task}")
    absent.sees("钱干事 代 市级")
    present.go("/inbox/absence")
    present.press("交回 市级")
    present.sees("代理已结束", "（提前结束）")


def test_every_verb_is_reached_and_left_by_the_keyboard(street: Street) -> None:
    _, task = at_review(street.house.world)
    city = comes(street, "市级")
    city.go(f"/inbox/tasks/{task}")
    summary = city.page.locator(".verb-drop > summary")
    summary.focus()
    city.page.keyboard.press("Enter")
    city.page.keyboard.press("Tab")
    assert city.page.evaluate("document.activeElement.dataset.verb") == "transfer"
    city.page.keyboard.press("Escape")
    assert not city.page.locator(".verb-sheet").is_visible()
    assert summary.evaluate("one => one === document.activeElement")
    city.page.keyboard.press("Enter")
    city.page.keyboard.press("Tab")
    city.page.keyboard.press("Enter")
    city.sees("转办给")
    city.page.locator("#who").focus()
    city.page.keyboard.type("王科长")
    city.page.get_by_text("找到 1 人").wait_for()
    city.page.keyboard.press("Tab")
    city.page.keyboard.press("Tab")
    city.page.keyboard.press("Space")
    assert city.page.get_by_label("王科长").is_checked()
    city.page.locator("#verb-comment").focus()
    city.page.keyboard.press("Tab")
    city.page.keyboard.press("Tab")
    city.page.keyboard.press("Enter")
    city.sees("已转办给王科长")


def test_on_a_phone_the_verbs_are_a_sheet_with_room_for_a_thumb(street: Street) -> None:
    _, task = at_review(street.house.world)
    city = comes(street, "市级")
    city.page.set_viewport_size(PHONE)
    city.go(f"/inbox/tasks/{task}")
    assert not city.page.locator(".verb-near").first.is_visible()
    city.page.locator(".verb-drop > summary").click()
    lines = city.page.locator(".verb-drop .drop-line").filter(visible=True)
    assert lines.all_inner_texts() == ["签收", "退回到…", "转办", "委托", "加签 / 减签", "抄送", "打印"]
    for line in lines.all():
        box = line.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert complaints_of_axe(city.page) == []
    city.page.locator(".verb-drop").get_by_role("button", name="签收").click()
    city.sees("已签收")


def test_the_print_view_prints(street: Street) -> None:
    world = street.house.world
    task = world.open_task(world.to_review(street.house.settle()), "city_review")
    city, plain = comes(street, "市级"), comes(street, "市级二", scripts=False)
    city.page.add_init_script("window.print = () => { window.printed = true; }")
    city.go(f"/inbox/tasks/{task}/print")
    judged(city.page)
    city.press("打印")
    assert city.page.evaluate("window.printed")
    assert city.page.pdf(format="A4").startswith(b"%PDF")
    city.page.emulate_media(media="print")
    assert not city.page.locator(".masthead").is_visible()
    assert city.page.get_by_text("演示中学").first.is_visible()
    plain.go(f"/inbox/tasks/{task}/print")
    plain.sees("请用浏览器的“打印”功能打印本页")
