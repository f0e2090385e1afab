"""The loop closes in a browser: print, sign, photograph, upload; what is not this print is refused (C-20, P-17)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform import documents
from app.platform.documents import Document
from tests import photos
from tests.browser import DESKTOP, PHONE, scrolls_sideways
from tests.browser.live import Person, Street
from tests.photos import pages_of, photo, stamped, without_code

pytestmark = pytest.mark.browser


def printed(street: Street, instance: str) -> bytes:
    """The newest print of an instance, as it is downloaded."""
    with street.house.world.session() as session:
        file = session.scalars(
            select(Document.file_id).where(Document.instance_id == instance).order_by(Document.id.desc())
        ).first()
        assert file is not None
        opened = documents.open_file(session, documents.settings().storage, file)
        assert opened is not None
        return opened[1]


def send(person: Person, content: bytes, button: str) -> None:
    """Upload a photo of the signed print and submit."""
    upload = {"name": "签章件.jpg", "mimeType": "image/jpeg", "buffer": content}
    person.page.set_input_files("input[type=file][name='scan.file']", files=[upload])
    person.press(button)


def test_a_photo_of_the_signed_print_is_accepted_and_shown_beside_it(street: Street) -> None:
    """Crooked by three degrees, in the shadow, JPEG 60: verified, and the reviewer sees both."""
    house, name = street.house, street.house.settle()
    instance = house.to_upload(name)
    person = street.person(house.usernames[name])
    person.go(house.task(instance, "upload_scan"))
    (page,) = pages_of(printed(street, instance))
    send(person, photo(stamped(page), turn=3, shadow=True, quality=60), "扫描上传")
    person.sees("市级管理员办理“市级审核”")

    city = street.person("city1")
    city.go(house.task(instance, "city_review"))
    expect(city.page.locator("#materials .state.is-ok")).to_have_text("已核验")
    city.page.locator("[data-tabs] a[href='#materials']").click()
    city.page.get_by_role("link", name="与打印件对照").focus()
    city.page.keyboard.press("Enter")
    city.sees("每一页的二维码都已读出，与打印件一致")
    for size, columns in ((DESKTOP, 2), (PHONE, 1)):
        city.page.set_viewport_size(size)
        pictures = city.page.locator(".facing-sides img")
        expect(pictures).to_have_count(2)
        for number in range(2):
            pictures.nth(number).scroll_into_view_if_needed()
            expect(pictures.nth(number)).to_have_js_property("complete", True)
            assert pictures.nth(number).evaluate("one => one.naturalWidth") > 800
        lefts = {round(pictures.nth(n).bounding_box()["x"]) for n in range(2)}  # type: ignore[index]
        assert len(lefts) == columns
        assert not scrolls_sideways(city.page)
    city.page.set_viewport_size(DESKTOP)
    city.follow("返回办理")
    expect(city.page.locator("#history")).to_contain_text("与打印件 SQ2026-")


def test_a_print_from_before_a_change_is_refused_naming_the_field(street: Street) -> None:
    """P-17, P-21: after the correction only the new print counts; what was typed stays."""
    house, world, name = street.house, street.house.world, street.house.settle()
    instance = world.to_review(name)
    (old,) = pages_of(printed(street, instance))
    world.decide(instance, "city_review", "reject", "市级", comment="单位有误")
    person = street.person(house.usernames[name])
    person.go(house.task(instance, "correct"))
    person.page.fill("#f-employer", "第二演示中学")
    person.press("保存并重新生成申请表")
    person.page.wait_for_url("**/inbox/instances/*")
    person.follow("去办理：修改重新上传")
    send(person, photo(stamped(old)), "重新提交")
    expect(person.page.locator("#error-summary")).to_contain_text("打印后资料已有修改（工作单位）")
    expect(person.page.locator("#f-scan-error")).to_contain_text("请重新打印、签字、盖章后再上传")
    (new,) = pages_of(printed(street, instance))
    send(person, photo(stamped(new)), "重新提交")
    person.sees("市级管理员办理“市级审核”")


def test_another_documents_page_is_refused_here_and_where_a_scan_is_replaced(street: Street) -> None:
    house, name, other = street.house, street.house.settle(), street.house.settle()
    instance, theirs = house.to_upload(name), house.to_upload(other)
    (foreign,), (own,) = pages_of(printed(street, theirs)), pages_of(printed(street, instance))
    person = street.person(house.usernames[name])
    person.go(house.task(instance, "upload_scan"))
    send(person, photo(stamped(foreign)), "扫描上传")
    expect(person.page.locator("#error-summary")).to_contain_text("的另一份文件，请上传编号SQ2026-")
    send(person, photo(stamped(own)), "扫描上传")
    person.sees("市级管理员办理“市级审核”")
    person.go(f"/permits/applications/{instance}/scan")
    upload = {"name": "另一份.jpg", "mimeType": "image/jpeg", "buffer": photo(stamped(foreign))}
    person.page.set_input_files("#scan", files=[upload])
    person.press("上传")
    expect(person.page.locator("#scan-error")).to_contain_text("的另一份文件")


def test_an_unreadable_photo_is_left_to_the_reviewer(street: Street) -> None:
    house, name = street.house, street.house.settle()
    instance = house.to_upload(name)
    person = street.person(house.usernames[name])
    person.go(house.task(instance, "upload_scan"))
    (page,) = pages_of(printed(street, instance))
    send(person, photo(without_code(stamped(page)).convert("L").convert("RGB")), "扫描上传")
    person.sees("市级管理员办理“市级审核”")
    city = street.person("city1")
    city.go(house.task(instance, "city_review"))
    expect(city.page.locator("#materials")).to_contain_text("未核验")
    city.page.locator("[data-tabs] a[href='#materials']").click()
    city.follow("与打印件对照")
    city.sees("有的页读不出二维码，系统没有核对，请您逐页查看。")
    expect(city.page.locator(".facing-sides img")).to_have_count(2)


def test_photos_are_read_at_every_size_and_turn(street: Street) -> None:
    """What the helper makes is what a phone makes: upright, across, small and large."""
    instance = street.house.to_upload(street.house.settle())
    (page,) = pages_of(printed(street, instance), dpi=300)
    press = documents.settings().press
    for turn, side in ((0, 1600), (3, 2400), (-7, 4000), (90, 3000), (183, 2000)):
        content = photos.photo(stamped(page), turn=turn, side=side)
        assert press.read(content, "image/jpeg")[0].ours, (turn, side)
