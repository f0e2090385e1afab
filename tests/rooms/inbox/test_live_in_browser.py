"""Two people at two browsers with one task open: each state reaches the other's page, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from app.platform import notices
from app.platform.data import transaction
from app.platform.registry import Words
from app.platform.runtime import control, instances, tasks
from tests.browser.live import Person, Street
from tests.rooms.inbox.watching import address, ask, both, case, judge, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
TYPED = "公章不清晰，请重新扫描后再报。"


def type_opinion(person: Person, words: str = TYPED) -> None:
    person.page.fill("#comment", words)
    expect(person.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")


def buttons(page: Page):
    return page.locator('.verdict button[name="outcome"]')


def stopped(person: Person, title: str, *words: str) -> None:
    """The banner names it, every outcome is off and says why, and the text is still there."""
    banner = person.page.locator("#case-live .notice")
    expect(banner).to_contain_text(title)
    for one in words:
        expect(banner).to_contain_text(one)
    for button in buttons(person.page).all():
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("aria-describedby", "verdict-off")
    expect(person.page.locator("#verdict-off")).to_be_visible()
    expect(person.page.locator("#comment")).to_have_value(TYPED)
    judge(person)


def test_each_sees_that_the_other_has_it_open_and_that_he_has_left(street: Street) -> None:
    """Pain 23: "one click takes a task someone is on"; here both are told, and nobody is kept out."""
    _, url = case(street)
    one, two = both(street, url)
    expect(two.page.locator(".case-others")).to_contain_text("市级 刚刚打开了这件事项")
    expect(one.page.locator(".case-others")).to_have_count(0)
    ask(one)
    expect(one.page.locator(".case-others")).to_contain_text("市级二")
    assert one.page.locator("#case-live").get_attribute("role") == "status"
    judge(one)
    two.page.context.close()
    street.people.remove(two)
    street.house.world.now += timedelta(seconds=91)
    ask(one)
    expect(one.page.locator(".case-others")).to_have_count(0)
    expect(buttons(one.page).first).to_be_enabled()


def test_decided_by_another_while_one_writes(street: Street) -> None:
    """C-19."""
    instance, url = case(street)
    one, two = both(street, url)
    type_opinion(two)
    one.page.fill("#comment", "同意")
    one.press("通过")
    one.page.wait_for_url(re.compile("/inbox/"))
    ask(two)
    stopped(two, "该记录已被处理", "市级已于", "结果为“通过”", "同意")
    with two.page.expect_response(lambda answer: answer.url.endswith("/draft")):
        two.page.fill("#comment", TYPED + "又写")  # what is typed afterwards is kept too
    expect(two.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    two.go(url)
    two.sees("您填写的内容没有提交", TYPED + "又写")
    judge(two)
    assert street.house.world.open_elements(instance) == []


def test_claimed_by_another_and_put_back(street: Street) -> None:
    _, url = case(street)
    one, two = both(street, url)
    type_opinion(two)
    world, task = street.house.world, url.rsplit("/", 1)[1]
    with world.session() as session:
        tasks.claim(session, task, 1, world.acting("市级"), world.now)
    ask(two)
    stopped(two, "该记录已被处理", "市级已于", "签收，正在办理")
    with world.session() as session:
        tasks.unclaim(session, task, 2, world.acting("市级"), world.now)
    ask(two)
    for button in buttons(two.page).all():
        expect(button).to_be_enabled()
    expect(two.page.locator("#case-live")).to_contain_text("刷新页面")
    two.follow("刷新页面")
    expect(two.page.locator("#comment")).to_have_value(TYPED)
    two.press("不通过")
    two.page.wait_for_url(re.compile("/inbox/"))
    ask(one)
    expect(one.page.locator("#case-live .notice")).to_contain_text("市级二已于")


def test_suspended_stays_readable_and_goes_on_where_it_was(street: Street) -> None:
    """Pain 43."""
    instance, url = case(street)
    two = street.person("city2")
    two.go(url)
    type_opinion(two)
    world = street.house.world
    world.enter("总管", "platform.administrator")
    with world.session() as session:
        control.suspend(session, instance, "接到举报，核查中", world.acting("总管"), world.now)
    ask(two)
    stopped(two, "已挂起", "总管于", "接到举报，核查中", "已保留为草稿")
    two.go(url)
    two.sees("已挂起", "演示中学", TYPED)
    expect(buttons(two.page)).to_have_count(0)
    judge(two)
    with world.session() as session:
        control.resume(session, instance, "核查完毕", world.acting("总管"), world.now)
    ask(two)
    two.follow("刷新页面")
    expect(two.page.locator("#comment")).to_have_value(TYPED)
    expect(buttons(two.page).first).to_be_enabled()


def test_cancelled_by_the_applicant_while_one_writes(street: Street) -> None:
    instance, url = case(street)
    two = street.person("city2")
    two.go(url)
    type_opinion(two)
    world = street.house.world
    with world.session() as session:
        starter = session.get_one(instances.Instance, instance).starter_id
    name = next(name for name, person in world.people.items() if person == starter)
    with world.session() as session:
        instances.cancel(session, instance, "不办了", world.acting(name), world.now)
    ask(two)
    stopped(two, "已撤销", f"{name}已于", "不办了")


def test_new_cases_are_told_and_never_move_the_list(street: Street) -> None:
    case(street)
    one = street.person("city1")
    one.go("/inbox/")
    before = one.page.locator("[data-cases]").inner_text()
    top = one.page.locator("[data-cases] .case").first.bounding_box()
    count = int(one.page.locator('.menu .rail [data-count="todo"]').inner_text())
    case(street)
    case(street)
    ask(one)
    expect(one.page.locator("[data-bar-new]")).to_have_text("有 2 件新事项，刷新列表")
    expect(one.page.locator('.menu .rail [data-count="todo"]')).to_have_text(str(count + 2))
    expect(one.page.locator('.menu [data-badge="todo"] [data-count]')).to_have_text(str(count + 2))
    assert one.page.locator("[data-cases]").inner_text() == before
    assert one.page.locator("[data-cases] .case").first.bounding_box() == top
    judge(one)
    one.follow("刷新列表")
    one.page.wait_for_load_state("networkidle")
    assert len(one.page.locator("[data-cases] .case").all()) >= min(20, count + 2)


def test_the_bell_of_an_open_page_follows_what_is_told(street: Street) -> None:
    """Its number, its bound and its name, to a hundred and back to none."""
    case(street)
    one = street.person("city1")
    world = street.house.world
    person = world.people["市级"]

    def tell(count: int) -> None:
        with world.session() as session, transaction(session):
            for number in range(count):
                notices.send(
                    session, [person], Words(f"第 {number} 条", "Note"), Words("文", "Text"), world.now
                )

    def read() -> None:
        with world.session() as session:
            notices.mark_read(session, person, None, world.now)

    read()
    one.go("/inbox/")
    bell = one.page.locator(".bell summary")
    expect(bell.locator(".bell-count")).to_be_hidden()
    for more, shown in ((2, "2"), (100, "99+")):
        tell(more)
        ask(one)
        expect(bell.locator(".bell-count")).to_have_text(shown)
        expect(bell.locator(".bell-count")).to_be_visible()
        expect(bell).to_have_attribute("aria-label", f"通知：{shown} 条未读")
    read()
    ask(one)
    expect(bell.locator(".bell-count")).to_be_hidden()
    expect(bell).to_have_attribute("aria-label", "通知：没有未读")


def test_an_applicant_s_open_page_learns_of_the_decision(street: Street) -> None:
    instance, _ = case(street)
    world = street.house.world
    with world.session() as session:
        starter = session.get_one(instances.Instance, instance).starter_id
    name = next(name for name, person in world.people.items() if person == starter)
    owner = street.person(street.house.usernames[name])
    owner.go(f"/inbox/instances/{instance}")
    ask(owner)
    expect(owner.page.locator("[data-bar-moved]")).to_be_hidden()
    world.decide(instance, "city_review", "reject", "市级", comment="请重扫")
    ask(owner)
    expect(owner.page.locator("[data-bar-moved]")).to_contain_text("这件事项有新进展")
    judge(owner)
    owner.follow("刷新页面")
    owner.sees("去办理")


def test_it_asks_every_fifteen_seconds_is_answered_at_once_and_stops_when_out_of_sight(
    street: Street,
) -> None:
    """No request waits on the server: an open page holds no thread."""
    _, url = case(street)
    one = street.person("city1")
    asked: list[str] = []
    one.page.on("request", lambda request: "/inbox/pulse" in request.url and asked.append(request.url))
    one.page.clock.install()
    one.go(url)
    assert asked == []
    for number in range(1, 4):
        with one.page.expect_response(lambda answer: "/inbox/pulse" in answer.url) as answer:
            one.page.clock.run_for(15_100)
        assert answer.value.status == (200 if number == 1 else 304)
        one.page.wait_for_timeout(100)
        assert len(asked) == number
        assert 0 <= answer.value.request.timing["responseStart"] < 2_000
    one.page.evaluate(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })"
    )
    one.page.clock.run_for(60_000)
    one.page.wait_for_timeout(200)
    assert len(asked) <= 4  # the one that was due may have looked, and seen that nobody does
    seen = len(asked)
    one.page.clock.run_for(120_000)
    one.page.wait_for_timeout(200)
    assert len(asked) == seen


def test_a_house_with_many_open_pages_has_all_its_threads_free(street: Street) -> None:
    """Twelve pages open against eight threads, and a thirteenth is served at once."""
    _, url = case(street)
    one = street.person("city1")
    for _ in range(12):
        page = one.page.context.new_page()
        page.goto(street.url + url)
    for page in one.page.context.pages[1:]:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    took = []
    for _ in range(3):  # a thread that a page kept would be missing each time; a busy machine is slow once
        one.go("/inbox/")
        took.append(one.page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd"))
    assert min(took) < 3_000


def test_a_session_that_ended_is_told_and_the_asking_stops(street: Street) -> None:
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    one.page.fill("#comment", TYPED)
    one.page.context.clear_cookies()
    asked: list[str] = []
    ask(one)
    expect(one.page.locator("[data-bar-left]")).to_contain_text("登录已失效")
    expect(one.page.locator("#comment")).to_have_value(TYPED)
    judge(one)
    one.page.on("request", lambda request: "/inbox/pulse" in request.url and asked.append(request.url))
    one.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    one.page.wait_for_timeout(300)
    assert asked == []


def test_offline_the_text_stays_and_is_saved_when_the_network_is_back(street: Street) -> None:
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    one.page.context.set_offline(True)
    one.page.fill("#comment", TYPED)
    expect(one.page.locator("[data-draft-status]")).to_contain_text("草稿未能保存，请检查网络")
    expect(one.page.locator("[data-bar-offline]")).to_be_visible()
    one.press("不通过")  # does not take the page away
    expect(one.page.locator("#comment")).to_have_value(TYPED)
    one.page.context.set_offline(False)
    expect(one.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    assert one.page.evaluate("localStorage.length + sessionStorage.length") == 0  # computers are shared
    one.faults.clear()
    one.go(url)
    expect(one.page.locator("#comment")).to_have_value(TYPED)


def test_two_windows_on_one_draft(street: Street) -> None:
    """The older one is told, sees the other's text, and keeps its own; both are on the server."""
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    other = Person(one.page.context.new_page(), one.url)
    other.go(url)
    type_opinion(one, "第一个窗口的意见")
    other.page.fill("#comment", "第二个窗口的意见")
    conflict = other.page.locator("[data-draft-conflict]")
    expect(conflict).to_contain_text("另一个窗口已保存较新的草稿")
    expect(other.page.locator("#comment")).to_have_value("第二个窗口的意见")
    judge(other)
    with other.page.context.expect_page() as opened:
        conflict.get_by_role("link", name="查看").click()
    expect(opened.value.get_by_text("第一个窗口的意见")).to_be_visible()
    conflict.get_by_role("button", name="仍用本页内容").click()
    expect(other.page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    expect(conflict).to_be_hidden()
    one.page.fill("#comment", "第一个窗口又写")
    expect(one.page.locator("[data-draft-conflict]")).to_be_visible()
    other.go(url)
    expect(other.page.locator("#comment")).to_have_value("第二个窗口的意见")
    other.sees("另一个窗口写的草稿也保留着")
    judge(other)


@pytest.mark.parametrize("later_first", [False, True])
def test_a_page_that_is_left_while_it_saves_keeps_the_last_words(street: Street, later_first: bool) -> None:
    """Both saves carry the version that was read; they arrive in either order, and neither is another window's."""
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    held: list[Route] = []
    one.page.route("**/draft*", lambda route: held.append(route) if len(held) < 2 else route.continue_())
    one.page.fill("#comment", "半句")
    one.page.locator("#comment").blur()
    while len(held) < 1:
        one.page.wait_for_timeout(50)
    one.page.fill("#comment", "半句，又写了半句")
    one.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    while len(held) < 2:
        one.page.wait_for_timeout(50)
    for route in reversed(held) if later_first else held:
        with one.page.expect_response(lambda answer: answer.url.endswith("/draft")) as answer:
            route.continue_()
        assert answer.value.status == 204
    expect(one.page.locator("[data-draft-conflict]")).to_be_hidden()
    other = Person(one.page.context.new_page(), one.url)
    other.go(url)
    expect(other.page.locator("#comment")).to_have_value("半句，又写了半句")
    expect(other.page.get_by_text("另一个窗口写的草稿也保留着")).to_have_count(0)
    type_opinion(one, "回到本页再写")  # and saves on
    expect(one.page.locator("[data-draft-conflict]")).to_be_hidden()


def test_a_continuous_typist_is_saved_every_five_seconds(street: Street) -> None:
    _, url = case(street)
    one = street.person("city1")
    one.go(url)
    saves: list[str] = []
    one.page.on("request", lambda request: request.url.endswith("/draft") and saves.append(request.url))
    one.page.locator("#comment").focus()
    for _ in range(13):
        one.page.keyboard.type("字")
        one.page.wait_for_timeout(500)
    assert 1 <= len(saves) <= 2
