"""A leave chain from an empty canvas to its second version, in Chromium, as somebody new to it would do it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.platform import settings
from app.platform.identity import roles
from app.platform.runtime.entities import Instance, Version
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.rooms.designer.drawing import checked
from tests.rooms.designer.newcomer import Newcomer
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
CLERK, HEAD, DEPUTY = "made.clerk", "made.office_head", "made.deputy"
ROLES = (
    ("clerk", "科员", "Clerk"),
    ("office_head", "办公室主任", "Head of office"),
    ("deputy", "分管副局长", "Deputy director"),
)
PEOPLE = {
    "designs": ("流程员", roles.ADMINISTRATOR.key, ""),
    "applies": ("科员甲", CLERK, "130402"),
    "heads": ("主任甲", HEAD, "130402"),
    "signs1": ("副局长甲", DEPUTY, "130402"),
    "signs2": ("副局长乙", DEPUTY, "130402"),
}
SECURITY = "角色管理员"


@pytest.fixture
def office(street: Street) -> Street:
    """An office: its roles made on their page, and somebody in each."""
    house, world = street.house, street.house.world
    world.enter(SECURITY, roles.SECURITY.key, "")
    house.account(SECURITY, "keeps_roles")
    browser = house.visit(SECURITY)
    for slug, zh, en in ROLES:
        browser.get("/admin/roles/new")
        sent = {
            "slug": slug,
            "title_zh": zh,
            "title_en": en,
            "scope": "region",
            "reach": "here",
            "subject": "",
        }
        assert browser.post("/admin/roles/new", sent).status_code == 303, browser.page
    with world.session() as session:
        settings.catch_up(session)
    for username, (name, role, place) in PEOPLE.items():
        world.enter(name, role, place)
        house.account(name, username)
    return street


def looks_well(person: Person) -> None:
    """At both widths axe-core finds nothing and nothing scrolls sideways."""
    for size in (PHONE, DESKTOP):
        person.page.set_viewport_size(size)
        assert complaints_of_axe(person.page) == []
        assert not scrolls_sideways(person.page)


def draw(one: Newcomer) -> None:
    """From the first page to a chain with its steps, people and buttons."""
    one.click(one.page.get_by_text("新建流程", exact=True).first)
    looks_well(one.person)
    one.fill("#name", "请假审批")
    one.button("开始设计")
    one.opened()
    looks_well(one.person)
    one.line("提交")
    one.append("user-task", "主任审批")
    one.tab("办理人")
    one.choose("#assignee-kind", f"role:{HEAD}")
    looks_well(one.person)
    one.tab("按钮")
    one.click("#preset-1")
    looks_well(one.person)
    one.click("#branch")
    one.append("gateway")
    one.fill("#name", "超过三天？")
    one.append("user-task", "副局长会签")
    one.tab("办理人")
    one.choose("#role", DEPUTY)
    one.choose("#seats", "all")
    looks_well(one.person)
    one.tab("按钮")
    one.click("#preset-0")
    one.click("#branch")
    one.append("service-task", "告知申请人")
    one.choose("#action", "platform/notify")
    one.fill("#parameter-title", "您的请假已批准")
    looks_well(one.person)
    one.append("end-event")
    one.fill("#name", "批准")
    looks_well(one.person)


def make_form(one: Newcomer) -> None:
    """The form, and who may do what with it at which step."""
    page = one.page
    one.click(".bar-verbs summary")
    looks_well(one.person)
    one.link("表单设计")
    looks_well(one.person)
    one.fill("#title", "请假单")
    one.button("新建表单")
    looks_well(one.person)
    one.click("[data-kind=choice]")
    one.type("请假类型")
    for place, label in enumerate(("年假", "病假")):
        one.fill(f'[data-focus="choice:{place}"]', label)
    for kind, label in (("date", "开始日期"), ("date", "结束日期"), ("number", "天数")):
        one.click(f"[data-kind={kind}]")
        one.type(label)
    one.check("[data-setting=variable] input")
    for kind, label in (("long_text", "事由"), ("file", "附件")):
        one.click(f"[data-kind={kind}]")
        one.type(label)
    looks_well(one.person)
    one.click("#tab-rights")
    looks_well(one.person)
    one.click(page.get_by_role("gridcell", name="附件，副局长会签"))
    looks_well(one.person)


def part_ways(one: Newcomer) -> None:
    """Back at the diagram: more than three days go to the deputies, all else is told at once."""
    one.link("返回流程图")
    one.opened()
    one.line("超过三天？")
    looks_well(one.person)
    one.choose("#way-to", "告知申请人")
    one.choose(one.page.get_by_label("什么情况下走这里").first, "compare")
    one.fill(one.page.get_by_label("值", exact=True), "3")
    looks_well(one.person)
    one.page.locator("[data-do=fit]").click()
    one.saved()
    found = checked(one.page)
    looks_well(one.person)
    assert [one for one in found if one.startswith(("错误", "提醒"))] == []


def rehearse(one: Newcomer) -> None:
    """Five days: asked for, approved by the head, signed by both deputies; kept as a test."""
    page = one.page
    page.get_by_role("link", name="演练", exact=True).click()
    played(page)
    looks_well(one.person)
    page.select_option("[name=_role]", CLERK)
    page.wait_for_url(re.compile(f"_role={CLERK}"))
    page.fill("[name=_place]", "130402")
    page.press("[name=_place]", "Enter")
    page.wait_for_url(re.compile("_place=130402"))
    played(page)
    fill_leave(page.locator("#answer"), 5)
    looks_well(one.person)
    page.get_by_role("button", name="发起", exact=True).click()
    played(page)
    expect(page.locator("#step-title")).to_have_text("主任审批")
    expect(page.locator("[name=_who] option").first).to_have_text("主任甲")
    looks_well(one.person)
    outcome(page, "同意")
    expect(page.locator("#step-title")).to_have_text("副局长会签")
    outcome(page, "同意")
    outcome(page, "同意")
    one.person.sees("流程已结束", "您的请假已批准")
    looks_well(one.person)
    page.get_by_text("存为测试", exact=True).click()
    page.fill("#name", "五天，主任和两位副局长都同意")
    page.locator(".rehearse-keep button").click()
    one.person.sees("已存为测试。")
    looks_well(one.person)


def played(page: Page) -> None:
    expect(page.locator("#canvas[data-drawn]")).to_be_visible()


def outcome(page: Page, words: str) -> None:
    page.locator("#answer .rehearse-outcomes").get_by_role("button", name=words, exact=True).click()
    played(page)


def fill_leave(form: Locator, days: int) -> None:
    """What an applicant fills in."""
    form.get_by_label("病假").check()
    form.get_by_label("开始日期").fill("2026-12-01")
    form.get_by_label("结束日期").fill(f"2026-12-{days:02}")
    form.get_by_label("天数").fill(str(days))
    form.get_by_label("事由").fill("感冒发烧")


def publish(one: Newcomer, note: str, carries: int = 0) -> None:
    """From the draft's impact to a new version."""
    page = one.page
    page.get_by_role("link", name="影响与发布", exact=True).click()
    looks_well(one.person)
    page.get_by_label("修改说明").fill(note)
    if carries:
        page.get_by_label("同时迁移在办事项").check()
    if page.locator("#publish-seen").count():
        page.locator("#publish-seen").check()
    page.get_by_role("button", name="下一步：核对").click()
    looks_well(one.person)
    if carries:
        page.locator("#publish-count").fill(str(carries))
    page.locator("button[value=confirm]").click()
    one.person.sees("已发布 v", note)
    looks_well(one.person)


def apply(person: Person, days: int) -> str:
    """Find the chain under 发起 and ask for leave; the address of the case."""
    person.go("/")
    person.page.locator("#menu").get_by_role("link", name="发起", exact=True).click()
    person.follow("请假审批")
    fill_leave(person.page.locator("main"), days)
    person.press("提交")
    person.sees("已发起，可在这里查看办理进度。")
    return person.page.url.removeprefix(person.url).split("?")[0]


def decide(person: Person, words: str, comment: str = "") -> None:
    """Open what waits first in the inbox, and decide."""
    person.go("/inbox/")
    person.page.locator("a.case").first.click()
    person.page.locator("#case-title").wait_for()
    if comment:
        person.page.fill("#comment", comment)
    person.page.get_by_role("button", name=words, exact=True).first.click()
    person.page.wait_for_load_state()


def run_it(office: Street, clerk: Person, head: Person) -> None:
    """Four people: five days go to the deputies, two do not, and one is returned and sent again."""
    long = apply(clerk, 5)
    decide(head, "同意")
    decide(office.person("signs1"), "同意")
    clerk.go(long)
    clerk.sees("副局长会签")
    decide(office.person("signs2"), "同意")
    assert standing(office, long) == ("ended", 1, "批准")
    clerk.go(long)
    clerk.sees("批准")
    clerk.go("/notices")
    clerk.sees("您的请假已批准")
    short = apply(clerk, 2)
    decide(head, "退回修改", "请写明事由。")
    clerk.go("/inbox/")
    clerk.page.locator("a.case").first.click()
    clerk.sees("请写明事由。")
    clerk.page.get_by_label("事由").fill("感冒，医嘱休息")
    clerk.press("重新提交")
    decide(head, "同意")
    assert standing(office, short) == ("ended", 1, "批准")  # no deputy was asked
    refused = apply(clerk, 1)
    decide(head, "不同意", "本周人手不足。")
    assert standing(office, refused) == ("ended", 1, "不同意")


def standing(office: Street, case: str) -> tuple[str, int, str | None]:
    """How a case stands in the database: its state, the number of its version, what it is called there."""
    with office.house.world.session() as session:
        row = session.execute(
            select(Instance.state, Version.number, Instance.stage_zh)
            .join(Version, Version.id == Instance.version_id)
            .where(Instance.id == case.rpartition("/")[2])
        ).one()
    return row.state, row.number, row.stage_zh


def change(one: Newcomer, process: str) -> None:
    """A step is called otherwise, one more is put in, and the form asks one question more."""
    page = one.page
    one.person.go(f"/designer/processes/{process}")
    one.person.press("修改")
    one.opened()
    one.line("主任审批")
    page.fill("#name", "办公室主任审批")
    one.line("告知申请人")
    page.locator("#insert").click()
    one.type("人事备案")
    one.press("Enter")
    one.tab("办理人")
    page.select_option("#role", HEAD)
    one.saved()
    page.locator("[data-do=fit]").click()
    looks_well(one.person)
    page.locator(".bar-verbs summary").click()
    page.get_by_role("link", name="表单设计", exact=True).click()
    page.get_by_role("link", name="请假单", exact=True).click()
    page.click("[data-kind=text]")
    page.keyboard.type("离岗联系人")
    expect(page.locator("[data-saved][data-state=saved]")).to_be_visible()
    page.get_by_role("link", name="返回流程图", exact=True).click()
    one.opened()
    expect(page.locator(".designer-bar [data-findings]")).to_be_visible()
    assert "is-error" not in page.locator(".outline-list").inner_html()
    page.get_by_role("link", name="对比", exact=True).click()
    one.person.sees("办公室主任审批", "人事备案", "离岗联系人")
    looks_well(one.person)
    page.go_back()
    one.opened()


def drop_outdated(one: Newcomer) -> None:
    """What was kept as a test no longer holds, which is said by names; it is played no more."""
    page = one.page
    page.get_by_role("link", name="演练", exact=True).click()
    one.person.sees("结束于应为“批准”，实际是无", "待办步骤应为无，实际是“人事备案”")
    page.locator(".rehearse-tests-kept summary").click()
    looks_well(one.person)
    one.person.press("确认删除")
    one.person.sees("已删除测试。")
    page.locator("main").get_by_role("link", name="请假审批", exact=True).click()
    one.opened()


def roll_back(office: Street, one: Newcomer, clerk: Person) -> None:
    """The first version again, by one button; what starts now has its form."""
    page = one.page
    row = page.locator(".edition", has=page.get_by_text("v1", exact=True))
    row.locator("summary").click()
    row.get_by_label("为什么退回").fill("先按原来的办")
    looks_well(one.person)
    row.get_by_role("button", name="把 v1 重新发布").click()
    one.person.sees("已把 v1 的内容发布为 v3。", "先按原来的办", "内容同 v1")
    clerk.go("/office/start")
    clerk.follow("请假审批")
    clerk.sees("请假类型")
    expect(clerk.page.get_by_label("离岗联系人")).to_have_count(0)


def test_a_newcomer_draws_a_leave_chain_that_people_use_while_it_changes(office: Street) -> None:
    one = Newcomer(office.person("designs"))
    one.person.go("/designer/")
    draw(one)
    make_form(one)
    part_ways(one)
    assert one.steps < 60, one.steps
    rehearse(one)
    one.page.get_by_role("link", name="请假审批", exact=True).click()
    one.opened()
    publish(one, "请假审批第一版")
    process = one.page.url.rpartition("/")[2].partition("?")[0]
    clerk, head = office.person("applies"), office.person("heads")
    run_it(office, clerk, head)

    at_deputies = apply(clerk, 4)
    decide(head, "同意")
    at_head = apply(clerk, 3)
    change(one, process)
    drop_outdated(one)
    publish(one, "改名、增加备案和离岗联系人", carries=2)
    office.house.world.work()
    one.page.reload()
    one.person.sees("已完成", "已迁移 2")
    assert {standing(office, case)[1] for case in (at_deputies, at_head)} == {2}
    decide(office.person("signs1"), "同意")
    decide(office.person("signs2"), "同意")
    clerk.go(at_deputies)
    clerk.sees("人事备案")
    assert standing(office, at_deputies)[0] == "running"
    head.go("/inbox/")
    head.sees("办公室主任审批", "人事备案")
    head.page.locator("a.case", has_text="人事备案").click()
    head.page.locator("#case-title").wait_for()
    head.press("提交")
    head.page.wait_for_load_state()
    assert standing(office, at_deputies) == ("ended", 2, "批准")
    roll_back(office, one, clerk)
    assert standing(office, at_head)[:2] == ("running", 2)
