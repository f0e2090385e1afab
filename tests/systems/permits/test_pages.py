"""The permission requirements as the pages show them, P-01 to P-21, each with its exact words."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from app.platform import audit
from app.platform.data import transaction
from app.platform.documents import File
from app.platform.runtime import history
from app.systems.permits.entities import Project
from tests.pages import House, decide, picture, upload
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.inbox.conftest import fields_of
from tests.world import profile

CENTRE, APPLY, PEOPLE = "/permits/", "/permits/apply", "/permits/lists/people"
BUTTON = ">申请工作管理权限</button>"


def typed(**over: str) -> dict[str, str]:
    return {name: value[0] for name, value in profile(**over).items()}


def press(house: House, browser: Browser, **over: str) -> Any:
    """Press 申请工作管理权限 with project and district."""
    browser.get(APPLY)
    sent = {"project": house.world.project, "district": "130402", "key": key_of(browser.page), **over}
    return browser.post(APPLY, sent)


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def new(house: House) -> tuple[str, Browser]:
    name = house.settle()
    return name, house.visit(name)


def main_of(page: str) -> str:
    """The page without its frame of menus."""
    return page[page.index("<main") : page.index("</main>")]


def test_the_start_page_leads_to_login_and_login_to_registration(whole_house: House) -> None:
    """P-01."""
    browser = whole_house.browser()
    browser.get("/")
    assert re.search(r'<a[^>]+href="/login"[^>]*>登录</a>', browser.page)
    browser.get("/login")
    assert "注册账号" in browser.page
    browser.get("/register")
    assert (browser.page.count("/register/permits") if browser.page else 0) == 1


def test_the_identity_is_chosen_first_and_every_other_page_waits(whole_house: House) -> None:
    """P-02, C-10."""
    whole_house.register("p02", "13500000002")
    browser = whole_house.browser()
    assert browser.sign_in("p02").status_code == 303
    for page in ("/", CENTRE, APPLY, "/inbox/", "/account", "/permits/lists/applications"):
        assert browser.get(page).location == "/identity/permits", page
    browser.get("/identity/permits")
    for role in ("组织者", "教师", "学生"):
        assert f"<b>{role}</b>" in browser.page
    assert browser.post("/identity/permits", {}).status_code == 422
    assert "请选择一个身份" in browser.page
    for role in ("permits.city_admin", "permits.district_admin", "nobody"):
        assert browser.post("/identity/permits", {"role": role}).status_code == 422
    assert browser.post("/identity/permits", {"role": "permits.organiser"}).location == "/"
    assert browser.get(APPLY).status_code == 200


@pytest.mark.parametrize("role", ["permits.teacher", "permits.student"])
def test_teachers_and_students_cannot_apply(whole_house: House, role: str) -> None:
    """P-03."""
    browser = whole_house.visit(whole_house.settle(role))
    browser.get(CENTRE)
    assert "申请工作管理权限" not in browser.page
    for answer in (browser.get(APPLY), browser.post(APPLY, {"project": whole_house.world.project})):
        assert answer.status_code == 403
        assert "学生和教师身份不可申请管理权限" in answer.get_data(as_text=True)


def test_an_account_that_exists_is_not_made_again(whole_house: House) -> None:
    """P-04: neither by its user name, nor by its phone."""
    whole_house.register("p04", "13500000004")
    for username, phone in (("p04", "13500000014"), ("P04", "13500000024"), ("another", "13500000004")):
        browser = whole_house.browser()
        browser.get("/register/permits")
        given = {
            "username": username,
            "name": "某某",
            "phone": phone,
            "captcha_answer": "1234",
            "agreed": "y",
        }
        answer = browser.post("/register/permits", {**given, "password": PASSWORD, "repeat": PASSWORD})
        assert answer.status_code == 422
        assert "该账号已存在，已有账号则无需申请新账号" in browser.page


def test_one_account_holds_permissions_for_several_districts(whole_house: House) -> None:
    """P-04, P-20: an icon for each approved pair, and none for what is only applied for."""
    world = whole_house.world
    name, browser = new(whole_house)
    for district in ("130402", "130403"):
        world.decide(world.to_review(name, district), "city_review", "approve", "市级")
    world.to_review(name, "130404")
    browser.get(CENTRE)
    tiles = re.findall(r'class="tile" href="([^"]+)"', browser.page)
    assert len(tiles) == 2
    found = [browser.get(tile).get_data(as_text=True) for tile in tiles]
    assert "邯山区" in main_of(found[0]) + main_of(found[1])
    assert "丛台区" in main_of(found[0]) + main_of(found[1])
    assert "复兴区" not in main_of(found[0]) + main_of(found[1])


def test_the_city_changes_an_identity_and_nobody_else(whole_house: House) -> None:
    """P-05."""
    world = whole_house.world
    name, browser = new(whole_house)
    whole_house.to_submit(name)
    assert browser.get("/identity/permits").location == "/"
    browser.get("/account")
    assert browser.post("/identity/permits", {"role": "permits.teacher"}).status_code == 302
    assert world.acting(name).holds("permits.organiser")
    city, url = whole_house.visit("市级"), f"/permits/people/{world.people[name]}"
    city.get(f"{PEOPLE}?q={name}")
    assert url in city.page
    city.get(url)
    answer = city.post(url, {"identity": "permits.teacher"})
    assert answer.location == PEOPLE
    city.get(answer.location)
    assert "身份已变更，该用户下次打开页面时生效。" in city.page
    assert browser.get(APPLY).status_code == 403
    assert whole_house.visit("邻市").get(url).status_code == 404


def test_the_management_centre_leads_to_the_apply_page(whole_house: House) -> None:
    """P-06, PG-P3."""
    _, browser = new(whole_house)
    browser.get(CENTRE)
    assert f'href="{APPLY}">申请工作管理权限</a>' in browser.page
    assert 'class="tile"' not in browser.page
    browser.get(APPLY)
    assert BUTTON in browser.page
    assert "本区县名称" in browser.page


@pytest.mark.parametrize(
    "sent",
    [
        {"project": "", "district": ""},
        {"project": "", "district": "130402"},
        {"district": ""},
        {"district": "130400"},
        {"district": "999999"},
        {"project": "0" * 26},
    ],
)
def test_project_and_district_are_asked_for(whole_house: House, sent: dict[str, str]) -> None:
    """P-07."""
    _, browser = new(whole_house)
    assert press(whole_house, browser, **sent).status_code == 422
    assert "请选择项目和区县" in browser.page
    assert BUTTON in browser.page


def test_a_closed_project_cannot_be_applied_for(whole_house: House) -> None:
    """P-07: only what is 启用 is offered, and only that is taken."""
    world = whole_house.world
    with world.session() as session, transaction(session):
        closed = Project(
            name="停用的竞赛", prefix="Z", year=2026, categories=[], groups=[],
            declare_from=world.now, declare_to=world.now, is_open=False,
        )  # fmt: skip
        session.add(closed)
        session.flush()
        project = closed.id
    _, browser = new(whole_house)
    browser.get(APPLY)
    assert "停用的竞赛" not in browser.page
    assert press(whole_house, browser, project=project).status_code == 422
    assert "请选择项目和区县" in browser.page


def test_without_a_profile_the_profile_opens_first_and_later_it_is_skipped(whole_house: House) -> None:
    """P-08, P-12."""
    _, browser = new(whole_house)
    answer = press(whole_house, browser)
    browser.get(answer.location)
    assert ">基础建档</h2>" in browser.page
    for words in (
        "带*号的均为必填项",
        "工作信息-【来自】一栏中，请精确到区县。",
        "填写完成后，请点击【保存】。",
        "关闭信息框后，请刷新页面，进行页面信息更新。",
    ):
        assert words in browser.page
    answer = decide(browser, answer.location, "save", **typed())
    browser.get(answer.location)
    assert "请核对以下信息，确认无误后点击【提交申请】。" in browser.page
    answer = press(whole_house, browser, district="130403")
    browser.get(answer.location)
    assert ">提交申请</button>" in browser.page
    for shown in ("青少年机器人竞赛", "丛台区", "演示中学", "科技处"):
        assert shown in main_of(browser.page)


REQUIRED = {
    "full_name": "请填写【姓名】",
    "gender": "请选择【性别】",
    "id_type": "请选择【证件类型】",
    "id_number": "请填写【证件号码】",
    "mobile": "请填写【手机号码】",
    "email": "请填写【电子邮箱】",
    "address": "请填写【通讯地址】",
    "origin": "请选择【来自】",
    "employer": "请填写【工作单位】",
    "department": "请填写【部门】",
    "position": "请填写【职务】",
}


@pytest.fixture
def at_profile(whole_house: House) -> tuple[Browser, str]:
    name = whole_house.settle()
    return whole_house.visit(name), whole_house.task(whole_house.world.apply(name), "file_profile")


@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field_is_named(at_profile: tuple[Browser, str], field: str) -> None:
    """P-09, C-16: by its label, above and beside it; everything else stays."""
    browser, url = at_profile
    without = {field: "" if REQUIRED[field].startswith("请选择") else "  "}
    if field == "gender":  # an identity card says it
        without |= {"id_type": "passport", "id_number": "E12345678"}
    assert decide(browser, url, "save", **typed(**without)).status_code == 422
    assert browser.page.count(REQUIRED[field]) >= 2
    assert "有 1 处需要修改" in browser.page
    if field != "employer":
        assert 'value="演示中学"' in browser.page


def test_what_need_not_be_filled_in_may_stay_empty(whole_house: House) -> None:
    """P-09."""
    name, browser = new(whole_house)
    url = whole_house.task(whole_house.world.apply(name), "file_profile")
    optional = {"ethnicity": "", "postcode": "", "landline": "", "birth_date": ""}
    assert decide(browser, url, "save", **typed(**optional)).status_code == 302, browser.page


@pytest.mark.parametrize("origin", ["130000", "130400"])
def test_the_origin_goes_down_to_the_district(at_profile: tuple[Browser, str], origin: str) -> None:
    """P-10."""
    browser, url = at_profile
    assert decide(browser, url, "save", **typed(origin=origin)).status_code == 422
    assert "【来自】请精确到区县" in browser.page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("id_number", "130402198506061230", "【证件号码】校验位不正确，请核对"),
        ("id_number", "13040219850231123X", "【证件号码】中的出生日期不正确，请核对"),
        ("mobile", "12345", "【手机号码】应为11位手机号码"),
        ("email", "nobody", "【电子邮箱】应为电子邮箱地址，例如name@example.cn"),
        ("postcode", "56", "【邮编】应为6位数字"),
        ("full_name", "长" * 51, "【姓名】最多50个字，现有51个"),
        ("gender", "female", "不一致，请核对"),
        ("gender", "robot", "【性别】请从所列选项中选择"),
    ],
)
def test_a_wrong_value_is_explained(at_profile: Any, field: str, value: str, words: str) -> None:
    """P-09, EN-P3."""
    browser, url = at_profile
    assert decide(browser, url, "save", **typed(**{field: value})).status_code == 422
    assert words in browser.page


def test_only_saving_stores_and_what_was_typed_waits_as_a_draft(whole_house: House) -> None:
    """P-11."""
    name, browser = new(whole_house)
    url = whole_house.task(whole_house.world.apply(name), "file_profile")
    browser.get(url)
    body = {**fields_of(browser.page), **typed(employer="草稿单位")}
    assert browser.post(f"{url}/draft", body).status_code == 204
    browser.get(APPLY)
    assert "未建档" in browser.page
    browser.get(url)
    assert 'value="草稿单位"' in browser.page
    assert decide(browser, url, "save").status_code == 302
    browser.get(APPLY)
    assert "已建档" in browser.page


def test_a_submitted_application_waits_for_its_scan_and_the_city_cannot_review_it(whole_house: House) -> None:
    """P-13, P-16: the states one reads on the way."""
    name, browser = new(whole_house)
    instance = whole_house.to_submit(name)
    city = whole_house.visit("市级")
    city.get(f"/permits/lists/applications?q={name}")
    assert "没有符合条件的记录" in city.page
    assert decide(browser, whole_house.task(instance, "submit"), "submit").status_code == 302
    browser.get(APPLY)
    assert "已提交待上传" in browser.page
    city.get(f"/permits/lists/applications?q={name}")
    assert "已提交待上传" in main_of(city.page)
    assert "/inbox/tasks/" not in main_of(city.page)
    whole_house.world.work()
    url = whole_house.task(instance, "upload_scan")
    assert decide(browser, url, "upload", **upload(picture(), "a.png")).status_code == 302
    browser.get(APPLY)
    assert "待市级审核" in browser.page
    city.get(f"/permits/lists/applications?q={name}")
    assert f"/inbox/tasks/{whole_house.world.open_task(instance, 'city_review')}" in city.page


def test_the_form_is_one_page_under_its_own_name(whole_house: House) -> None:
    """P-14, C-20, C-22: it can be downloaded only after it was submitted, and the upload only then."""
    name, browser = new(whole_house)
    instance = whole_house.to_submit(name)
    browser.get(whole_house.task(instance, "submit"))
    assert "下载打印" not in browser.page
    assert 'type="file"' not in browser.page
    decide(browser, whole_house.task(instance, "submit"), "submit")
    whole_house.world.work()
    browser.get(whole_house.task(instance, "upload_scan"))
    found = re.search(r'href="(/files/[^"]+download=1)"', browser.page)
    assert found
    answer = browser.get(found[1])
    told = unquote(answer.headers["Content-Disposition"].split("filename*=UTF-8''")[1])
    assert told == f"{name}-邯山区-青少年机器人竞赛-权限申请表.pdf"
    pdf = PdfReader(io.BytesIO(answer.data))
    assert len(pdf.pages) == 1
    text = pdf.pages[0].extract_text()
    for words in (name, "演示中学", "演示路 1 号", "邯山区", "青少年机器人竞赛"):
        assert words in text


def test_a_scan_is_replaced_until_it_is_reviewed(whole_house: House) -> None:
    """P-15."""
    world = whole_house.world
    name, browser = new(whole_house)
    instance = world.to_review(name)
    city, url = whole_house.visit("市级"), f"/permits/applications/{instance}/scan"
    browser.get(APPLY)
    assert url in browser.page
    browser.get(url)
    assert browser.post(url, {}).status_code == 422
    assert "请上传彩色图片文件（JPG/PNG）" in browser.page
    answer = browser.post(url, upload(picture("JPEG"), "重新上传.jpg", "scan"))
    assert answer.status_code == 303
    browser.get(answer.location)
    assert "扫描件已更新，等待市级管理员审核。" in browser.page
    task = whole_house.task(instance, "city_review")
    city.get(task)
    assert "重新上传.jpg" in city.page
    assert "扫描件.png" not in city.page
    with world.session() as session:  # what was handed in instead stands in the record, with both hashes
        (row,) = [one for one in history.of(session, instance) if one.kind == "amended"]
        kept = row.body["scans"]["scan"]
        assert kept["verdict"] == "unverified"
        assert len(kept["print"]["data"]) == len(kept["scans"][0]["content"]) == 64
    assert decide(city, task, "approve").status_code == 302
    assert browser.get(url).status_code == 404
    browser.get("/account/password")
    assert browser.post(url, upload(picture(), "太晚.png", "scan")).status_code == 404


def test_a_reviewer_does_not_decide_on_a_scan_he_has_not_seen(whole_house: House) -> None:
    """P-15, T10: replaced while he reads, the page is shown anew, his opinion kept."""
    name, browser = new(whole_house)
    instance = whole_house.world.to_review(name)
    city, task = whole_house.visit("市级"), whole_house.task(instance, "city_review")
    city.get(task)
    body = {**fields_of(city.page), "outcome": "approve", "comment": "看过旧件，同意"}
    url = f"/permits/applications/{instance}/scan"
    browser.get(url)
    browser.post(url, upload(picture(), "新件.png", "scan"))
    assert city.post(task, body).status_code == 409
    for words in ("这件事项已被更新", "新件.png", ">看过旧件，同意</textarea>"):
        assert words in city.page


def test_a_grey_scan_is_marked_not_refused(whole_house: House) -> None:
    """P-15."""
    name, browser = new(whole_house)
    instance = whole_house.to_upload(name)
    grey = picture(colour=False)
    url = whole_house.task(instance, "upload_scan")
    assert decide(browser, url, "upload", **upload(grey, "灰.png")).status_code == 302
    city = whole_house.visit("市级")
    city.get(whole_house.task(instance, "city_review"))
    assert "灰度扫描件" in city.page


def test_a_returned_application_shows_the_opinion_and_comes_back(whole_house: House) -> None:
    """P-17, C-33, C-36: by the returned step, on the apply page, with the corrected data printed anew."""
    world = whole_house.world
    name, browser = new(whole_house)
    instance = world.to_review(name)
    city, task = whole_house.visit("市级"), whole_house.task(instance, "city_review")
    assert decide(city, task, "reject").status_code == 422
    assert "选择“不通过”时，请填写【审核意见】" in city.page
    assert decide(city, task, "reject", comment="公章不清晰").status_code == 302
    browser.get(APPLY)
    assert "已退回" in browser.page
    assert "公章不清晰" in browser.page
    correct = whole_house.task(instance, "correct")
    browser.get(correct)
    assert "公章不清晰" in browser.page
    answer = decide(browser, correct, "submit", employer="新单位", **upload(picture(), "b.png"))
    assert answer.status_code == 422
    assert "打印后资料已有修改（工作单位）" in browser.page
    assert decide(browser, correct, "reprint", employer="新单位").status_code == 302
    world.work()
    correct = whole_house.task(instance, "correct")
    assert decide(browser, correct, "submit").status_code == 422  # the scan that was sent back does not count
    assert "请上传彩色图片文件（JPG/PNG）" in browser.page
    answer = decide(browser, correct, "submit", **upload(picture(), "c.png"))
    assert answer.status_code == 302
    city.get(whole_house.task(instance, "city_review"))
    assert "新单位" in main_of(city.page)
    assert "公章不清晰" in main_of(city.page)


def test_the_icon_appears_with_the_approval_and_leads_on(whole_house: House) -> None:
    """P-18."""
    name, browser = new(whole_house)
    instance = whole_house.world.to_review(name)
    browser.get(CENTRE)
    assert "还没有可管理的项目" in browser.page
    decide(whole_house.visit("市级"), whole_house.task(instance, "city_review"), "approve", comment="同意")
    browser = whole_house.visit(name)
    browser.get(CENTRE)
    found = re.search(r'class="tile" href="([^"]+)"', browser.page)
    assert found
    browser.get(found[1])
    assert "参与管理" in browser.page
    browser.get(APPLY)
    assert "已通过" in browser.page


def test_the_same_pair_is_not_applied_for_twice(whole_house: House) -> None:
    """P-19: while it runs the same one opens; once approved it is refused; others of the district may."""
    world = whole_house.world
    _, browser = new(whole_house)
    first = press(whole_house, browser).location
    assert press(whole_house, browser).location == first
    decide(browser, first, "save", **typed())
    browser.get(press(whole_house, browser).location)
    assert ">提交申请</button>" in browser.page
    other = whole_house.settle()
    approved = world.to_review(other)
    world.decide(approved, "city_review", "approve", "市级")
    refused = whole_house.visit(other)
    assert press(whole_house, refused).status_code == 422
    assert "请勿重复申请" in refused.page
    third = whole_house.settle()
    assert press(whole_house, whole_house.visit(third)).status_code == 303


def test_a_double_press_starts_one_application(whole_house: House) -> None:
    """P-19, T10: the same form sent twice."""
    _, browser = new(whole_house)
    browser.get(APPLY)
    sent = {"project": whole_house.world.project, "district": "130402", "key": key_of(browser.page)}
    assert len({browser.post(APPLY, sent).location for _ in range(2)}) == 1
    browser.get(APPLY)
    assert main_of(browser.page).count("继续办理") == 1


def test_a_profile_edited_later_leaves_the_reviewed_snapshot(whole_house: House) -> None:
    """P-21: the application under review shows what was printed."""
    world = whole_house.world
    name, _ = new(whole_house)
    instance = world.to_review(name)
    returned = world.to_review(name, "130403")
    world.decide(returned, "city_review", "reject", "市级", comment="请更正单位")
    world.decide(returned, "correct", "reprint", name, {"employer": ["后来的单位"]})
    city = whole_house.visit("市级")
    city.get(whole_house.task(instance, "city_review"))
    assert "演示中学" in main_of(city.page)
    assert "后来的单位" not in main_of(city.page)


def test_numbers_are_masked_in_lists_and_full_for_reviewer_and_owner(whole_house: House) -> None:
    """C-38, C-39: no list page carries a whole number."""
    world, (name, browser) = whole_house.world, new(whole_house)
    instance = world.to_review(name)
    number, phone = typed()["id_number"], typed()["mobile"]
    city = whole_house.visit("市级")
    for page in ("/inbox/", "/inbox/?box=done", "/permits/lists/applications", PEOPLE):
        city.get(page)
        assert number not in city.page, page
        assert phone not in city.page, page
    city.get(whole_house.task(instance, "city_review"))
    assert number in city.page
    browser.get("/inbox/?box=mine")
    assert number not in browser.page
    task = whole_house.task(instance, "city_review")
    world.decide(instance, "city_review", "approve", "市级")
    colleague = whole_house.visit("市级二")  # who neither has it on his desk nor decided it
    for page in (task, f"/inbox/instances/{instance}"):
        colleague.get(page)
        assert number not in colleague.page, page
        assert "130***********1231" in colleague.page


def test_another_city_sees_none_of_it(whole_house: House) -> None:
    """C-11: lists, filters and counts of the next city are empty."""
    name, _ = new(whole_house)
    whole_house.world.to_review(name)
    city = whole_house.visit("邻市")
    for page in (
        "/permits/lists/applications",
        f"/permits/lists/applications?q={name}",
        "/permits/lists/applications?district=130000/130400/",
        "/permits/lists/applications?district=",
        f"{PEOPLE}?q={name}",
        "/inbox/",
        "/inbox/?box=done",
    ):
        city.get(page)
        assert name not in main_of(city.page).replace(f'value="{name}"', ""), page
    city.get("/permits/lists/applications")
    assert "还没有人提交申请。" in city.page


def test_an_overdue_review_is_marked(whole_house: House) -> None:
    """C-18: by the clock that tests set."""
    world = whole_house.world
    name, _ = new(whole_house)
    world.to_review(name)
    city = whole_house.visit("市级")
    city.get(f"/inbox/?q={name}")
    assert "is-late" not in main_of(city.page)
    before = world.now
    world.now = before + timedelta(days=7)
    try:
        city = whole_house.visit("市级")
        city.get(f"/inbox/?q={name}")
        assert "is-late" in main_of(city.page)
    finally:
        world.now = before


def test_a_scan_lies_under_its_instance_only(whole_house: House) -> None:
    """C-23: a file whose row says another instance is not handed out to the reviewer of the first."""
    world = whole_house.world
    name, _ = new(whole_house)
    instance, draft = world.to_review(name), whole_house.to_submit(name, "130403")
    city = whole_house.visit("市级")
    city.get(whole_house.task(instance, "city_review"))
    found = re.search(r'src="/files/([^"]+)"', city.page)
    assert found
    assert city.get(f"/files/{found[1]}").status_code == 200
    with world.session() as session:
        session.execute(update(File).where(File.id == found[1]).values(instance_id=draft))
        session.commit()
    assert city.get(f"/files/{found[1]}").status_code == 404


def test_each_showing_of_another_persons_numbers_is_written_down(whole_house: House) -> None:
    """C-38, C-39: who saw the full number, when, of which case; one's own is nobody's business."""
    name, browser = new(whole_house)
    instance = whole_house.world.to_review(name)
    city, task = whole_house.visit("市级"), whole_house.task(instance, "city_review")
    city.get(task)
    city.get(f"/inbox/instances/{instance}")
    browser.get(f"/inbox/instances/{instance}")
    with whole_house.world.session() as session:
        shown = audit.read(session, f"instance:{instance}")
    assert [row.kind for row in shown] == ["fields.revealed"] * 2
    assert all(row.body is not None and "id_number" in row.body["fields"] for row in shown)
