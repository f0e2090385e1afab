"""The applicant's way: an account, an identity, an application printed and uploaded, its return and its approval."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from app.platform.forms.id_numbers import check_digit
from tests.browser import CAPTCHA
from tests.browser.live import Person
from tests.pictures.camera import Camera

NAME, USERNAME, PHONE_NUMBER = "白晓晨", "baixiaochen", "13700000001"
BODY = "13040219880816321"
PROFILE = {
    "gender": "male",
    "id_type": "resident_id",
    "id_number": BODY + check_digit(BODY),
    "ethnicity": "01",
    "email": "baixiaochen@example.org",
    "address": "演示路 18 号",
    "postcode": "056001",
    "employer": "邯山区演示中学",
    "department": "科技教育处",
    "position": "科技辅导员",
}


def walk(camera: Camera) -> None:
    """Register, apply, file the profile, submit, print and upload; be returned, correct it, be approved."""
    page = camera.person()
    person = Person(page, camera.house.url)
    _arrive(camera, person)
    _apply(camera, person)
    _upload(camera, person)
    instance = page.url
    _judge(camera, "不通过", "单位盖章不清晰，请重新盖章后上传。")
    page.goto(instance)
    camera.take(page, "returned")
    person.follow("去办理")
    person.sees("单位盖章不清晰")
    camera.take(page, "correct", whole=True)
    _send_scan(person, "重新提交")
    _judge(camera, "通过", "材料齐全，同意。")
    person.go("/permits/")
    camera.take(page, "centre")


def _arrive(camera: Camera, person: Person) -> None:
    page = person.page
    person.go("/register/permits")
    for field, value in {"username": USERNAME, "name": NAME, "phone": PHONE_NUMBER}.items():
        page.fill(f"#{field}", value)
    for field in ("password", "repeat"):
        page.fill(f"#{field}", camera.house.password)
    page.fill("#captcha_answer", CAPTCHA)
    page.check("#agreed")
    camera.take(page, "register", whole=True)
    page.click(".entry-submit")
    person.sees("注册成功")
    page.fill("#login", USERNAME)
    page.fill("#password", camera.house.password)
    page.fill("#captcha_answer", CAPTCHA)
    page.click(".entry-submit")
    page.wait_for_url("**/identity/permits")
    page.get_by_text("组织者", exact=True).click()
    camera.take(page, "identity")
    person.press("确定")
    page.wait_for_url(person.url + "/")


def _apply(camera: Camera, person: Person) -> None:
    page = person.page
    person.go("/permits/apply")
    page.locator("#f-project").select_option(index=1)
    page.locator("#f-district").select_option("130402")
    camera.take(page, "apply")
    person.press("申请工作管理权限")
    person.sees("带*号的均为必填项")
    person.fill(PROFILE)
    _choose(person, "origin")
    camera.take(page, "profile", whole=True)
    person.press("保存")
    person.sees("请核对以下信息")
    camera.take(page, "submit", whole=True)
    person.press("提交申请")
    page.wait_for_url("**/inbox/instances/*")


def _upload(camera: Camera, person: Person) -> None:
    page = person.page
    person.follow("去办理")
    page.get_by_role("link", name="预览打印").first.wait_for()
    camera.take(page, "upload", whole=True)
    _send_scan(person, "扫描上传")
    person.sees("待市级审核")
    camera.take(page, "progress", whole=True)


def _choose(person: Person, name: str) -> None:
    """Go down the cascade to the first district of the demo city."""
    for level, label in (("province", "河北省"), ("city", "邯郸市"), ("district", "邯山区")):
        place = person.page.locator(f"#f-{name}-{level}")
        place.locator("option", has_text=label).first.wait_for(state="attached")
        place.select_option(label=label)


def _send_scan(person: Person, button: str) -> None:
    person.page.set_input_files(
        "#f-scan", {"name": "权限申请表.jpg", "mimeType": "image/jpeg", "buffer": _sheet()}
    )
    person.press(button)
    person.sees("待市级审核")


def _judge(camera: Camera, outcome: str, opinion: str) -> None:
    city: Page = camera.person("shiji")
    city.goto(f"{camera.house.url}/inbox/?q={NAME}")
    city.locator("a[href*='/inbox/tasks/']").first.click()
    city.fill("#comment", opinion)
    city.get_by_role("button", name=outcome, exact=True).click()
    city.get_by_text("已办理").first.wait_for()
    city.context.close()


def _sheet() -> bytes:
    """A synthetic scan: a page of lines with a red stamp."""
    sheet = Image.new("RGB", (620, 877), (250, 249, 244))
    draw = ImageDraw.Draw(sheet)
    for y in range(110, 800, 38):
        draw.line((50, y, 570, y), fill=(60, 60, 60), width=1)
    draw.ellipse((390, 650, 530, 790), outline=(196, 30, 30), width=5)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()
