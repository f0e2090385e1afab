"""Bad input at the pages of the permission chain: each is refused in words, and nothing is lost or stored."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.platform.documents import File
from app.platform.runtime import history
from tests.pages import House, decide, picture, upload
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of

WRONG_TYPE = "请上传彩色图片文件（JPG/PNG）"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def huge_picture() -> bytes:
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def png_with_script() -> bytes:
    """A true picture with a page behind it: two things in one file."""
    return picture() + b"<html><script>alert(1)</script></html>"


def torn() -> bytes:
    return picture()[:-40]


def lying_header() -> bytes:
    """A picture that says it is 50,000 x 50,000 pixels and holds nothing."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


SCANS = {
    "HTML": (b"<!doctype html><script>alert(1)</script>", "a.png", WRONG_TYPE),
    "SVG": (SVG, "a.png", WRONG_TYPE),
    "SVG by name": (SVG, "a.svg", WRONG_TYPE),
    "PDF": (b"%PDF-1.7\n1 0 obj\n%%EOF", "a.pdf", WRONG_TYPE),
    "PDF called JPG": (b"%PDF-1.7\n1 0 obj\n%%EOF", "a.jpg", WRONG_TYPE),
    "GIF": (b"GIF89a/*" + b"\0" * 50, "a.png", WRONG_TYPE),
    "program": (b"MZ\x90\0" + b"\0" * 99, "scan.png.exe", WRONG_TYPE),
    "picture called PDF": (picture(), "a.pdf", WRONG_TYPE),
    "picture and page": (png_with_script(), "a.png", WRONG_TYPE),
    "torn picture": (torn(), "a.png", WRONG_TYPE),
    "0 bytes": (b"", "a.png", "上传的文件是空的，请重新选择"),
    "100 megapixels": (huge_picture(), "a.png", "图片尺寸过大，请缩小后上传"),
    "2,500 megapixels, it says": (lying_header(), "a.png", "图片尺寸过大，请缩小后上传"),
}


@pytest.fixture(scope="module")
def at_upload(whole_house: House) -> tuple[Browser, str, str]:
    """Somebody before the upload of his scan: browser, address, instance."""
    name = whole_house.settle()
    instance = whole_house.to_upload(name)
    return whole_house.visit(name), whole_house.task(instance, "upload_scan"), instance


@pytest.fixture(scope="module")
def at_replacing(whole_house: House) -> tuple[Browser, str]:
    """Somebody who may replace the scan under review."""
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    return whole_house.visit(name), f"/permits/applications/{instance}/scan"


def files(house: House) -> int:
    with house.world.session() as session:
        return session.scalar(select(func.count()).select_from(File)) or 0


@pytest.mark.parametrize("kind", SCANS)
def test_what_is_no_scan_is_refused_in_words_and_not_stored(
    whole_house: House, at_upload: Any, at_replacing: Any, kind: str
) -> None:
    """P-15, C-21, T17: at the upload, and where it is replaced."""
    content, name, words = SCANS[kind]
    before = files(whole_house)
    browser, url, instance = at_upload
    answer = decide(browser, url, "upload", **upload(content, name))
    assert answer.status_code == 422
    assert words in browser.page
    browser, url = at_replacing
    browser.get(url)
    answer = browser.post(url, upload(content, name, "scan"))
    assert answer.status_code == 422
    assert words in browser.page
    assert files(whole_house) == before
    assert whole_house.world.open_elements(instance) == ["upload_scan"]


def sent_raw(browser: Browser, url: str, size: int) -> tuple[Any, io.BytesIO]:
    """A scan of `size` bytes, encoded here: the test client would put it into a file that it never closes."""
    browser.get(url)
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**browser.hidden(), **fields_of(browser.page), "outcome": "upload"}.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="scan.file"; filename="a.png"\r\n\r\n'
    body = "".join([*parts, head]).encode() + picture() + b"\0" * size + b"\r\n--x--\r\n"
    stream, kind = io.BytesIO(body), "multipart/form-data; boundary=x"
    return browser.client.post(url, input_stream=stream, content_length=len(body), content_type=kind), stream


def test_a_scan_of_21_megabytes_is_a_complaint_beside_its_field(at_upload: Any) -> None:
    """C-21."""
    browser, url, _ = at_upload
    answer, _ = sent_raw(browser, url, 21 * 1024 * 1024)
    assert answer.status_code == 422
    assert "【扫描件】每个文件不能超过20 MB" in answer.get_data(as_text=True)


def test_a_scan_of_50_megabytes_is_refused_before_it_is_read(at_upload: Any) -> None:
    browser, url, _ = at_upload
    answer, stream = sent_raw(browser, url, 50 * 1024 * 1024)
    assert answer.status_code == 413
    assert "单个文件不能超过 20 MB。" in answer.get_data(as_text=True)
    assert stream.tell() < 1024 * 1024


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.png",
        "..\\..\\boot.png",
        "a\0.png",
        "/etc/shadow.png",
        "%2e%2e%2fa.png",
        "C:\\CON.png",
        "审" * 300 + ".png",
        "\u202egnp.exe.png",
        '"; filename="x.html.png',
    ],
)
def test_a_file_name_is_only_shown(whole_house: House, name: str) -> None:
    """T18: it names no path, breaks no header, and the file comes back under a name of its own kind."""
    person = whole_house.settle()
    instance = whole_house.to_upload(person)
    browser = whole_house.visit(person)
    answer = decide(browser, whole_house.task(instance, "upload_scan"), "upload", **upload(picture(), name))
    assert answer.status_code == 302, browser.page
    with whole_house.world.session() as session:
        row = session.execute(
            select(File.id, File.name)
            .where(File.instance_id == instance, File.purpose != "document")
            .order_by(File.id.desc())
        ).first()
    assert row is not None
    assert not set(row.name) & set('/\\\0\r\n"\u202e')
    assert row.name.endswith(".png")
    assert len(row.name.encode()) <= 255
    told = browser.get(f"/files/{row.id}").headers
    assert "Set-Cookie" not in told
    assert told["Content-Disposition"].startswith("inline; filename=")


def test_somebody_else_s_file_cannot_be_handed_in(whole_house: House, at_upload: Any) -> None:
    """T9: a foreign id in the hidden field is as good as one that is not there."""
    browser, url, instance = at_upload
    other = whole_house.settle()
    foreign = whole_house.world.scan(other, whole_house.world.to_review(other))["scan"][0]
    for file in (foreign, "0" * 26, "../../x", "'"):
        answer = decide(browser, url, "upload", scan=file)
        assert answer.status_code == 422
        assert "【扫描件】文件不存在，请重新上传" in browser.page
        assert f"/files/{foreign}" not in browser.page
    assert whole_house.world.open_elements(instance) == ["upload_scan"]


def test_the_own_print_is_no_scan(whole_house: House, at_upload: Any) -> None:
    """P-15: the PDF of the same instance is there, but it is no picture."""
    browser, url, instance = at_upload
    with whole_house.world.session() as session:
        paper = session.scalar(
            select(File.id).where(File.instance_id == instance, File.type == "application/pdf")
        )
    assert decide(browser, url, "upload", scan=paper).status_code == 422


@pytest.fixture
def case(whole_house: House) -> tuple[Browser, str, str]:
    """A reviewer before a case: browser, address, instance."""
    instance = whole_house.world.to_review(whole_house.settle())
    return whole_house.visit("市级"), whole_house.task(instance, "city_review"), instance


@pytest.mark.parametrize("revision", ["2", "0", "-1", "99999999999999999999", "1 OR 1=1", ""])
def test_a_forged_revision_decides_nothing_and_keeps_the_opinion(case: Any, revision: str) -> None:
    browser, url, _ = case
    answer = decide(browser, url, "approve", revision=revision, comment="同意，材料齐全")
    assert answer.status_code == 409
    assert "这件事项已被更新" in browser.page
    assert ">同意，材料齐全</textarea>" in browser.page


@pytest.mark.parametrize("outcome", ["", "grant", "save", "approve;reject", "通过", "a\0b", "x" * 5000])
def test_an_outcome_the_step_does_not_have_is_refused(case: Any, outcome: str) -> None:
    browser, url, _ = case
    answer = decide(browser, url, outcome, comment="同意")
    assert answer.status_code == 422
    assert "请选择办理结果。" in browser.page
    assert ">同意</textarea>" in browser.page


def comments(house: House, instance: str) -> list[str]:
    with house.world.session() as session:
        return [row.body.get("comment", "") for row in history.of(session, instance) if row.kind == "decided"]


def test_an_opinion_of_a_megabyte_is_refused(whole_house: House, case: Any) -> None:
    browser, url, instance = case
    answer = decide(browser, url, "approve", comment="长" * 100_000)
    assert answer.status_code == 422, answer.status_code
    assert "【审核意见】最多2000个字" in browser.page
    assert whole_house.world.open_elements(instance) == ["city_review"]
    assert decide(browser, url, "approve", comment="长" * 2_000).status_code == 302


def test_a_post_of_many_megabytes_is_refused(case: Any) -> None:
    browser, url, _ = case
    assert decide(browser, url, "approve", comment="x" * 3_000_000).status_code == 413


@pytest.mark.parametrize("text", ["同\0意", "同意\x1b[31m", "\x08同意"])
def test_control_characters_do_not_reach_the_record(whole_house: House, case: Any, text: str) -> None:
    browser, url, instance = case
    answer = decide(browser, url, "approve", comment=text)
    assert answer.status_code == 422
    assert "【审核意见】含有不能使用的字符，请重新输入" in browser.page
    assert whole_house.world.open_elements(instance) == ["city_review"]


@pytest.mark.parametrize("field", ["full_name", "employer", "address", "id_number", "mobile", "email"])
def test_a_nul_in_a_field_is_named_by_its_label(whole_house: House, field: str) -> None:
    name = whole_house.settle()
    url = whole_house.task(whole_house.world.apply(name), "file_profile")
    browser = whole_house.visit(name)
    answer = decide(browser, url, "save", **{field: "a\0b"})
    assert answer.status_code == 422
    assert "含有不能使用的字符，请重新输入" in browser.page


def test_a_nul_at_the_door_is_a_wrong_login(whole_house: House) -> None:
    browser = whole_house.browser()
    answer = browser.sign_in("a\0b", "x\0y")
    assert answer.status_code == 422
    assert "账号或密码错误" in browser.page


@pytest.mark.parametrize("key", [None, "", "x" * 5000, "a\0b", "'; DROP TABLE runtime_task; --"])
def test_a_missing_or_strange_key_only_costs_the_protection_it_gives(
    whole_house: House, case: Any, key: str | None
) -> None:
    """Without a key a repeat meets a closed task: still one decision."""
    browser, url, instance = case
    browser.get(url)
    body = {**fields_of(browser.page), "outcome": "approve", "comment": "同意"}
    body.pop("key")
    if key is not None:
        body["key"] = key
    answers = [browser.post(url, dict(body)).status_code for _ in range(2)]
    assert answers[0] in (302, 422), browser.page
    assert answers[1] in (302, 409, 422)
    assert comments(whole_house, instance).count("同意") == (answers[0] == 302)


@pytest.mark.parametrize(
    "address",
    [
        "/inbox/?page=-1",
        "/inbox/?page=99999999999999999999",
        "/inbox/?page=x&size=9&sort=';--",
        "/inbox/?box=nothing&q=%00",
        "/inbox/?q=%25%5F%27%22",
        "/inbox/?at=99999999999&page=2",
        "/permits/lists/applications?stage=%00&district=x&project='",
        "/permits/lists/applications?sort=-nothing&size=1000000",
        "/permits/lists/people?identity=permits.city_admin",
        "/inbox/?box=done&closed_from=2026-13-45&closed_to=x",
        "/regions?parent=%00",
        "/regions?parent=" + "9" * 500,
        "/login?next=%00&lang=xx",
    ],
)
def test_a_strange_address_is_answered(whole_house: House, address: str) -> None:
    browser = whole_house.visit("市级")
    assert browser.get(address).status_code in (200, 302, 400, 404)
