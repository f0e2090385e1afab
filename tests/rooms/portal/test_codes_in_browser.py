"""Codes in a real browser: sign in by one, a forgotten password, another phone; both widths, without axe findings."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from werkzeug.serving import make_server

from app.extensions import db
from app.platform.identity import accounts
from app.platform.notices.entities import Delivery
from tests.browser import CAPTCHA, DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.rooms.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def url(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desk", "phone"])
def page(request, engine_of_pages) -> Iterator[Page]:
    """A page that remembers what its console complained of: a breach of the content policy is one."""
    context = engine_of_pages.new_context(viewport=request.param, locale="zh-CN")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def judge(page: Page) -> None:
    assert complaints_of_axe(page) == []
    assert not scrolls_sideways(page)
    assert [text for text in page.complaints if "Failed to load resource" not in text] == []


def code_of(app, phone: str) -> str:
    """The digits that wait in the outbox for a phone."""
    with app.app_context():
        letters = db.session().scalars(select(Delivery.letter).order_by(Delivery.id.desc()))
        text = next(one["text"][0] for one in letters if one and one["to"] == phone)
    return re.findall(r"\d{6}", text)[0]


def test_in_by_a_code_and_on_to_another_phone(page, url, app, clock):
    """C-02, C-03, C-05."""
    with app.app_context():
        accounts.create(db.session(), "wang", "王小明", None, clock(), PASSWORD, "13800138000", demo=True)
    page.goto(f"{url}/login")
    judge(page)
    page.get_by_role("link", name="短信登录").click()
    judge(page)
    page.click(".entry-submit")
    assert page.locator("#error-summary").evaluate("summary => summary === document.activeElement")
    judge(page)
    page.fill("#to", "138 0013 8000")
    page.fill("#captcha_answer", CAPTCHA)
    page.check("#agreed")
    page.keyboard.press("Enter")
    page.get_by_text("验证码已发送").wait_for()
    again = page.locator("button[data-wait]")
    page.locator("button[data-wait][disabled]").wait_for()
    assert "秒后可重新获取" in again.inner_text()
    judge(page)
    page.reload()
    page.fill("#code", "000000")
    page.click(".entry-submit")
    page.locator("#code-error").wait_for()
    judge(page)
    page.fill("#code", code_of(app, "13800138000"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/account")
    judge(page)
    page.get_by_role("link", name="更换登录手机").click()
    judge(page)
    page.fill("#to", "13900000009")
    page.fill("#password", PASSWORD)
    page.fill("#captcha_answer", CAPTCHA)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_text("验证码已发送").wait_for()
    judge(page)
    page.fill("#code", code_of(app, "13900000009"))
    page.get_by_role("button", name="确认更换").click()
    page.get_by_text("登录手机已更换。").wait_for()
    assert "139****0009" in page.inner_text("main")


def test_a_forgotten_password_is_replaced(page, url, app, clock):
    """C-49."""
    with app.app_context():
        accounts.create(db.session(), "wang", "王小明", None, clock(), PASSWORD, "13800138000", demo=True)
    page.goto(f"{url}/login")
    page.get_by_role("link", name="忘记密码？").click()
    judge(page)
    page.fill("#to", "wang")
    page.fill("#captcha_answer", CAPTCHA)
    page.click(".entry-submit")
    page.get_by_text("如果该账号存在").wait_for()
    judge(page)
    page.fill("#code", code_of(app, "13800138000"))
    page.click(".entry-submit")
    page.get_by_role("heading", name="设置新密码").wait_for()
    judge(page)
    page.fill("#password", "Basalt-Erle-82")
    page.fill("#repeat", "Basalt-Erle-82")
    page.click(".entry-submit")
    page.get_by_text("新密码已生效").wait_for()
