"""The whole permission chain by two people at two browsers, both ways out (PR-P1)."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, expect
from pypdf import PdfReader

from app.platform.data import transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import regions, sessions
from app.platform.runtime import history
from tests.browser import CAPTCHA
from tests.browser.live import Person, Street
from tests.pages import picture
from tests.rooms.conftest import PASSWORD

pytestmark = pytest.mark.browser

PROJECT = "青少年机器人竞赛"
BODY = "13040219850606123"
PROFILE = {
    "gender": "male",
    "id_type": "resident_id",
    "id_number": BODY + check_digit(BODY),
    "email": "organiser@example.org",
    "address": "演示路 1 号",
    "employer": "演示中学",
    "department": "科技处",
    "position": "教师",
}


def codes(street: Street) -> tuple[str, ...]:
    """The codes of province, city and district as the house has them."""
    with street.house.world.session() as session:
        district = regions.get(session, "130402")
        assert district is not None
        return tuple(district.path.strip("/").split("/"))


def newcomer(person: Person, username: str, name: str, phone: str) -> None:
    """Register, log in, choose the identity of an organiser (P-01, P-02)."""
    page = person.page
    person.go("/")
    page.locator(".masthead").get_by_role("link", name="登录").click()
    person.follow("注册账号")
    page.click("main a[href='/register/permits']")  # the tests' own system has a door too
    for field, value in {"username": username, "name": name, "phone": phone}.items():
        page.fill(f"#{field}", value)
    for field in ("password", "repeat"):
        page.fill(f"#{field}", PASSWORD)
    page.fill("#captcha_answer", CAPTCHA)
    page.check("#agreed")
    page.click(".entry-submit")
    person.sees("注册成功，请登录。")
    person.sign_in(username)
    page.wait_for_url("**/identity/permits")
    page.get_by_text("组织者", exact=True).click()
    person.press("确定")
    page.wait_for_url(person.url + "/")


def apply(person: Person, street: Street) -> None:
    """From the management centre to 基础建档 (P-06…P-08)."""
    person.go("/permits/")
    person.follow("申请工作管理权限")
    person.page.wait_for_url("**/permits/apply")
    person.press("申请工作管理权限")
    person.sees("请选择项目和区县")
    person.page.locator("#f-project").select_option(street.house.world.project)
    person.page.select_option("#f-district", codes(street)[-1])
    person.press("申请工作管理权限")
    person.page.wait_for_url("**/inbox/tasks/*")


def pdf_of(download: Download) -> PdfReader:
    return PdfReader(io.BytesIO(Path(download.path()).read_bytes()))


def print_form(person: Person, name: str) -> PdfReader:
    """Wait for the document, download it, and look at its name and pages (P-14)."""
    with person.page.expect_download() as waiting:
        person.follow("预览打印")
    assert waiting.value.suggested_filename == f"{name}-邯山区-{PROJECT}-权限申请表.pdf"
    pdf = pdf_of(waiting.value)
    assert len(pdf.pages) == 1
    return pdf


def send_scan(person: Person, name: str, content: bytes, button: str, kind: str = "image/jpeg") -> None:
    person.page.set_input_files("#f-scan", {"name": name, "mimeType": kind, "buffer": content})
    person.press(button)


def judge(city: Person, name: str, outcome: str, opinion: str = "") -> None:
    """Find the applicant's case in the inbox and decide it."""
    city.go("/inbox/")
    city.page.locator(".case", has_text=name).first.click()
    city.page.fill("#comment", opinion)
    city.press(outcome)


def test_an_application_passes(street: Street) -> None:
    """P-01…P-16, P-18: one applies step by step, with every mistake on the way; one approves."""
    organiser, name = street.person(), "陈雨桐"
    page = organiser.page
    newcomer(organiser, "chenyutong", name, "13800000101")
    organiser.go("/permits/")
    organiser.sees("还没有可管理的项目")
    apply(organiser, street)

    # 基础建档: what is missing is named, the region goes down to the district, what was typed stays (P-09…P-11)
    organiser.sees("带*号的均为必填项", "工作信息-【来自】一栏中，请精确到区县。")
    organiser.press("保存")
    summary = page.locator("#error-summary")
    for label in ("性别", "证件类型", "证件号码", "电子邮箱", "通讯地址", "来自", "工作单位", "部门", "职务"):
        expect(summary).to_contain_text(f"【{label}】")
    organiser.fill(PROFILE)
    organiser.choose_region("origin", *codes(street)[:2])
    organiser.press("保存")
    organiser.sees("【来自】请精确到区县")
    assert page.input_value("#f-employer") == "演示中学"
    page.fill("#f-department", "草稿中的部门")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    page.fill("#f-department", "离开前的部门")
    organiser.go("/permits/")  # at once: the page keeps its draft while it is left
    organiser.follow("继续办理")
    expect(page.locator("#f-department")).to_have_value("离开前的部门")
    assert page.input_value("#f-employer") == "演示中学"
    page.fill("#f-department", "科技处")
    organiser.choose_region("origin", *codes(street))
    organiser.press("保存")

    # 提交申请: an overview of project, district and profile; then the system prints (P-12…P-14)
    organiser.sees("请核对以下信息", PROJECT, "演示中学", "科技处")
    organiser.press("提交申请")
    page.wait_for_url("**/inbox/instances/*")
    organiser.follow("去办理：打印签字盖章并扫描上传")
    text = print_form(organiser, name).pages[0].extract_text()
    assert "演示中学" in text
    assert name in text

    # 扫描上传: only a colour picture (P-15, P-16)
    organiser.press("扫描上传")
    expect(page.locator("#error-summary")).to_contain_text("请上传彩色图片文件（JPG/PNG）")
    send_scan(organiser, "扫描件.pdf", b"%PDF-1.4\n%%EOF", "扫描上传", "application/pdf")
    expect(page.locator("#error-summary")).to_contain_text("请上传彩色图片文件（JPG/PNG）")
    send_scan(organiser, "扫描件.jpg", picture("JPEG"), "扫描上传")
    organiser.sees("市级管理员办理“市级审核”", "待市级审核")

    # 市级审核 in the inbox; the icon at the next login, by nobody's doing (P-17, P-18)
    city = street.person("city1")
    judge(city, name, "通过", "材料齐全，同意。")
    city.sees("已办理：")
    organiser.page.locator(".masthead details.drop:not(.bell) > summary").click()
    organiser.press("退出登录")
    organiser.sign_in("chenyutong")
    organiser.go("/permits/")
    organiser.page.locator(".tile", has_text=PROJECT).click()
    organiser.sees("参与管理", "邯山区")


def test_an_application_is_returned_corrected_and_passes(street: Street) -> None:
    """P-17, C-33: the opinion is asked for, read, and answered with a new print and a new scan."""
    name = street.house.settle()
    instance = street.house.to_upload(name)
    organiser, city = street.person(street.house.usernames[name]), street.person("city1")
    organiser.go(street.house.task(instance, "upload_scan"))
    send_scan(organiser, "扫描件.jpg", picture("JPEG"), "扫描上传")
    organiser.sees("市级管理员办理“市级审核”")
    judge(city, name, "不通过")
    city.sees("选择“不通过”时，请填写【审核意见】")
    city.page.fill("#comment", "单位盖章不清晰，请重新盖章。")
    city.press("不通过")
    city.sees("已办理：")

    organiser.go("/inbox/")
    organiser.sees("退回件")
    organiser.page.locator(".case", has_text="邯山区").first.click()
    organiser.sees("单位盖章不清晰，请重新盖章。")
    organiser.page.fill("#f-employer", "第二演示中学")
    organiser.press("保存并重新生成申请表")
    organiser.page.wait_for_url("**/inbox/instances/*")
    organiser.follow("去办理：修改重新上传")
    text = print_form(organiser, name).pages[0].extract_text()
    assert "第二演示中学" in text
    send_scan(organiser, "新扫描件.jpg", picture("JPEG"), "重新提交")
    organiser.sees("市级管理员办理“市级审核”")
    judge(city, name, "通过")
    city.sees("已办理：")
    organiser.go("/permits/")
    organiser.page.locator(".tile", has_text=PROJECT).wait_for()


def test_the_applicant_needs_no_script(street: Street) -> None:
    """Filling in, the cascade, uploading and submitting work without JavaScript."""
    name = street.house.settle()
    person = street.person(street.house.usernames[name], scripts=False)
    person.go("/permits/apply")
    person.page.locator("#f-project").select_option(street.house.world.project)
    person.page.select_option("#f-district", codes(street)[-1])
    person.press("申请工作管理权限")
    person.sees("基础建档")
    person.fill({**PROFILE, "mobile": "13800001234"})
    person.choose_region("origin", *codes(street))
    assert person.page.input_value("#f-employer") == "演示中学"
    person.press("保存")
    person.press("提交申请")
    person.follow("去办理：打印签字盖章并扫描上传")  # the page asks again by itself, without a script too
    send_scan(person, "扫描件.png", picture("PNG"), "扫描上传", "image/png")
    person.sees("市级管理员办理“市级审核”")
    city = street.person("city1", scripts=False)
    judge(city, name, "通过", "同意")
    city.sees("已办理：")


def test_two_reviewers_at_once_and_the_second_loses_nothing(street: Street) -> None:
    """C-19, T10: he reads who decided, what and when, and his own text."""
    name = street.house.settle()
    instance = street.house.world.to_review(name)
    path = street.house.task(instance, "city_review")
    first, second = street.person("city1"), street.person("city2")
    for person in (first, second):
        person.go(path)
    second.page.fill("#comment", "公章不清晰，请重新扫描。")
    first.press("通过")
    first.sees("已办理：")
    second.press("不通过")
    second.sees("该记录已被处理", "市级已于", "结果为“通过”", "公章不清晰，请重新扫描。")
    assert second.page.get_by_role("button", name="通过", exact=True).count() == 0


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(street: Street) -> None:
    name = street.house.settle()
    username = street.house.usernames[name]
    person = street.person(username)
    instance = street.house.world.apply(name)
    person.go(street.house.task(instance, "file_profile"))
    person.fill({"employer": "没有丢失的单位", "address": "没有丢失的路 9 号"})
    end_sessions(street, name)
    person.press("保存")
    person.sees("登录已失效，请重新登录。您填写的内容已保留，登录后可以继续。")
    person.sign_in(username)
    person.sees("已恢复您登录失效前填写的内容")
    assert person.page.input_value("#f-employer") == "没有丢失的单位"
    assert person.page.input_value("#f-address") == "没有丢失的路 9 号"


def test_a_double_click_decides_once(street: Street) -> None:
    """T10: one decision in the history, and a page that says so; with scripts and without."""
    for scripts in (True, False):
        name = street.house.settle()
        instance = street.house.world.to_review(name)
        city = street.person("city1", scripts=scripts)
        city.go(street.house.task(instance, "city_review"))
        city.page.fill("#comment", "同意")
        city.page.get_by_role("button", name="通过", exact=True).dblclick(no_wait_after=True)
        city.sees("已办理" if scripts else "办理")
        assert decisions(street, instance) == 1
        city.go(f"/inbox/instances/{instance}")
        city.sees("办结")


def end_sessions(street: Street, name: str) -> None:
    with street.house.world.session() as session, transaction(session):
        sessions.end_all(session, street.house.world.people[name])


def decisions(street: Street, instance: str) -> int:
    with street.house.world.session() as session:
        rows = history.of(session, instance)
    return len([row for row in rows if row.kind == "decided" and row.element == "city_review"])


def test_nothing_that_was_typed_runs(street: Street) -> None:
    """T8: what people type stands on every page as they typed it."""
    attack = "<img src=x onerror=window.__x=1>\"'</textarea><script>window.__x=1</script>"
    name = street.house.settle()
    instance = street.house.to_upload(name)
    world = street.house.world
    world.decide(instance, "upload_scan", "upload", name, world.scan(name, instance))
    world.decide(instance, "city_review", "reject", "市级", comment=attack)
    person = street.person(street.house.usernames[name])
    for path in (street.house.task(instance, "correct"), f"/inbox/instances/{instance}", "/permits/"):
        person.go(path)
        assert re.search(r"<img src=x", person.page.inner_text("main"))
        assert person.page.evaluate("window.__x") is None


def test_a_scan_is_replaced_in_our_own_words(street: Street) -> None:
    """The browser's own words of a file input are not seen; the complaint stands beside the field (P-15)."""
    name = street.house.settle()
    instance = street.house.world.to_review(name)
    person = street.person(street.house.usernames[name])
    person.go(f"/permits/applications/{instance}/scan")
    person.sees("选择文件", "未选择文件")
    assert person.page.locator("#scan").evaluate("one => getComputedStyle(one).opacity") == "0"
    person.press("上传")
    expect(person.page.locator(".field #scan-error")).to_have_text("请上传彩色图片文件（JPG/PNG）")
