"""The proof: a chain that is only drawn and published is started, returned, countersigned, listed, counted, printed.

No Python file of the house names its fields, its roles or its steps; these stand in `tests/platform/records/purchases`.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.empty_world import ROOT
from tests.platform.records.purchases import PROCESS
from tests.rooms.inbox.watching import address, street
from tests.rooms.office.town import move_in

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
NOTEBOOK = {
    "item": "笔记本电脑",
    "kind": "computer",
    "count": "3",
    "amount": "18000.50",
    "needed": "2026-12-01",
}
REGISTER, FIGURES = f"/office/lists/{PROCESS}", f"/office/statistics/{PROCESS}"


@pytest.fixture
def people(street: Street) -> Street:
    move_in(street.house)
    return street


def judge(person: Person) -> None:
    """At both widths: axe-core finds nothing, nothing scrolls sideways."""
    for size in (DESKTOP, PHONE):
        person.page.set_viewport_size(size)
        assert complaints_of_axe(person.page) == []
        assert not scrolls_sideways(person.page)
    person.page.set_viewport_size(DESKTOP)


def start(person: Person, values: dict[str, str]) -> str:
    """Find the chain where one starts, fill in its form, send it; return the address of the instance."""
    person.go("/")
    person.page.locator("#menu").get_by_role("link", name="发起", exact=True).click()
    person.follow("设备采购")
    person.fill(values)
    person.page.locator("input[name=urgent][value=yes]").check()
    person.press("提交")
    person.sees("已发起，可在这里查看办理进度。")
    return person.page.url.removeprefix(person.url).split("?")[0]


def decide(person: Person, outcome: str, comment: str = "", values: dict[str, str] | None = None) -> None:
    """Open what waits first, fill in, decide."""
    person.go("/inbox/")
    person.page.locator("a.case").first.click()
    person.page.locator("#case-title").wait_for()
    if values:
        person.fill(values)
    if comment:
        person.page.fill("#comment", comment)
    person.page.get_by_role("button", name=outcome, exact=True).first.click()
    person.page.wait_for_load_state()


def test_a_chain_that_was_only_drawn_is_used_by_four_people(people: Street) -> None:
    clerk, head = people.person("clerk_office"), people.person("head_office")
    member, second = people.person("member_office"), people.person("second_office")
    instance = start(clerk, NOTEBOOK)
    clerk.sees("待负责人审核")

    decide(head, "退回修改", "数量过多，请核对。", {"granted": "2"})
    decide(clerk, "重新提交", values={"count": "2"})
    decide(head, "同意")
    decide(member, "同意")
    clerk.go(instance)
    clerk.sees("采购小组会签中")
    decide(second, "同意")
    clerk.go(instance)
    clerk.sees("已批准")

    clerk.go(REGISTER)
    row = clerk.page.locator("table.list tbody tr")
    expect(row).to_have_count(1)
    for words in ("职员甲的设备采购", "已批准", "笔记本电脑", "电脑", "18000.50", "2026-12-01"):
        expect(row).to_contain_text(words)
    head.go(REGISTER)
    head.page.locator("[name=f_count_from]").fill("3")
    head.press("查询")
    head.sees("没有符合条件的记录")
    head.go(f"{REGISTER}?f_count_from=2&f_count_to=2&f_kind=computer")
    expect(head.page.locator("table.list tbody tr")).to_have_count(1)
    judge(head)

    head.press("导出")
    people.house.world.work()
    head.page.reload()
    with head.page.expect_download() as got:
        head.page.get_by_role("link", name="下载").first.click()
    book = openpyxl.load_workbook(io.BytesIO(Path(got.value.path()).read_bytes()))
    titles, line = book.active.iter_rows(values_only=True)
    said = dict(zip(titles, line, strict=True))
    assert (said["设备名称"], said["类别"], said["数量（台）"], said["预算（元）"]) == (
        "笔记本电脑",
        "电脑",
        2,
        18000.5,
    )

    head.go(FIGURES)
    head.sees("按状态", "按地区", "按类别", "数值合计", "用时中位数（含首尾日）")
    approved = head.page.locator("#of-stage + *, .figure-table", has_text="按状态").locator(
        "tr", has_text="已批准"
    )
    approved.get_by_role("link").click()
    expect(head.page.locator("table.list tbody tr")).to_have_count(1)
    head.go(FIGURES)
    judge(head)
    with head.page.expect_download() as got:
        head.press("导出")
    assert openpyxl.load_workbook(io.BytesIO(Path(got.value.path()).read_bytes()))["概况"]["A2"].value == 1

    with clerk.page.expect_popup() as shown:
        clerk.go(instance)
        clerk.page.get_by_role("link", name="打印办理单").click()
    paper = clerk.page.request.get(people.url + instance + "/paper")
    shown.value.close()
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.body())).pages).split())
    for words in ("设备采购办理单", "笔记本电脑", "退回修改", "数量过多，请核对。", "组员二"):
        assert words in text


def test_what_was_typed_and_not_sent_is_there_again(people: Street) -> None:
    clerk = people.person("colleague_office")
    clerk.go(f"/office/start/{PROCESS}")
    clerk.fill({"item": "投影仪"})
    clerk.sees("草稿已保存")
    clerk.go(f"/office/start/{PROCESS}")
    expect(clerk.page.locator("#f-item")).to_have_value("投影仪")
    clerk.press("提交")
    clerk.sees("请")
    expect(clerk.page.locator("#error-summary")).to_be_visible()
    judge(clerk)


def test_it_is_started_without_scripts(people: Street) -> None:
    clerk = people.person("colleague_office", scripts=False)
    clerk.go("/office/start")
    clerk.follow("设备采购")
    clerk.fill({**NOTEBOOK, "item": "打印机"})
    clerk.press("提交")
    clerk.sees("已发起，可在这里查看办理进度。")


def test_the_pages_of_the_office_suit_everybody(people: Street) -> None:
    for username in ("clerk_office", "platform_office"):
        one = people.person(username)
        for path in (
            "/office/start",
            "/office/",
            REGISTER,
            FIGURES,
            f"{REGISTER}?lang=en",
            f"{FIGURES}?lang=en",
        ):
            one.go(path)
            judge(one)


def test_whoever_has_no_business_there_is_offered_nothing(people: Street) -> None:
    one = people.person("onlooker_office")
    expect(one.page.locator("#menu").get_by_role("link", name="发起", exact=True)).to_have_count(0)
    one.go("/office/start")
    one.sees("暂无可以发起的流程")
    judge(one)
    one.go("/office/")
    one.sees("暂无台账")


def test_no_file_of_the_house_knows_the_chain() -> None:
    words = re.compile(rf"{PROCESS}|office/purchase\b|made\.(clerk|head|board)")
    assert not [path for path in ROOT.glob("app/**/*.py") if words.search(path.read_text(encoding="utf-8"))]
