"""Codes in a real browser: sign in by one, a forgotten password, another phone; both widths, without axe findings."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.extensions import db
from app.platform.identity import accounts
from app.platform.notices.entities import Delivery
from tests.browser import CAPTCHA, DESKTOP
from tests.rooms.conftest import PASSWORD
from tests.rooms.portal.conftest import judge

pytestmark = pytest.mark.browser


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
    page.press("#to", "Enter")
    page.locator("#error-summary").wait_for()
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
    page.get_by_role("button", name="点击完成验证").click()
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
    page.press("#captcha_answer", "Enter")
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


@pytest.mark.parametrize("path", ["/login/sms", "/forgot"])
def test_a_code_is_asked_for_once_the_captcha_is_solved(page, url, path):
    """D-02, C-03: until then the button is off; a wrong answer brings another captcha and says so."""
    page.goto(url + path)
    send = page.get_by_role("button", name="获取验证码")
    expect(send).to_be_disabled()
    expect(send).to_have_accessible_description("请先完成上面的验证。")
    page.fill("#to", "13800138000")
    judge(page, "proving")
    prove = page.get_by_role("button", name="点击完成验证")
    prove.click()
    expect(page.locator("#captcha_answer")).to_be_focused()
    page.fill("#captcha_answer", "0000")
    nonce = page.input_value("[name=captcha_nonce]")
    prove.click()
    expect(page.locator("#captcha-error")).to_have_text("验证码错误或已过期，请重新输入")
    assert page.input_value("[name=captcha_nonce]") != nonce
    expect(page.locator("#captcha_answer")).to_be_focused()
    expect(send).to_be_disabled()
    judge(page, "proving-wrong")
    page.get_by_role("button", name="换成文字题").click()
    page.locator("#captcha-question").wait_for()
    expect(send).to_be_disabled()
    page.fill("#captcha_answer", CAPTCHA)
    prove.click()
    expect(page.locator(".captcha-proved")).to_be_focused()
    expect(send).to_be_enabled()
    expect(page.locator("#after-proof")).to_be_hidden()
    assert page.input_value("#to") == "13800138000"
    judge(page, "proved")


def test_a_solved_captcha_stays_solved_where_something_else_is_wrong(page, url):
    """D-02, D-03."""
    page.goto(f"{url}/login/sms")
    page.fill("#to", "138")
    page.fill("#captcha_answer", CAPTCHA)
    page.locator("#to").focus()  # who leaves an answered captcha has it looked at
    send = page.get_by_role("button", name="获取验证码")
    expect(send).to_be_enabled()
    send.click()
    expect(page.locator("#agreed-error")).to_have_text("请先阅读并同意《用户协议》《隐私协议》")
    expect(page.locator(".captcha-proved")).to_be_visible()
    page.check("#agreed")
    send.click()
    page.locator("#to-error").wait_for()
    page.fill("#to", "13800138000")
    send.click()
    page.get_by_text("验证码已发送").wait_for()


def test_without_a_script_captcha_and_code_are_asked_for_at_once(engine_of_pages, url):
    """D-02."""
    context = engine_of_pages.new_context(viewport=DESKTOP, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}/login/sms")
    expect(page.get_by_role("button", name="点击完成验证")).to_have_count(0)
    page.fill("#to", "13800138000")
    page.check("#agreed")
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_text("请填写验证码").first.wait_for()
    page.fill("#captcha_answer", CAPTCHA)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_text("验证码已发送").wait_for()
    context.close()


def test_where_the_server_does_not_answer_the_captcha_says_so(page, url):
    page.goto(f"{url}/login/sms")
    page.route("**/captcha", lambda route: route.abort())
    page.fill("#captcha_answer", CAPTCHA)
    page.get_by_role("button", name="点击完成验证").click()
    page.get_by_text("没有连上服务器，请再试一次").wait_for()
    assert page.input_value("#captcha_answer") == CAPTCHA
    page.unroute("**/captcha")
    page.get_by_role("button", name="点击完成验证").click()
    page.locator(".captcha-proved").wait_for()
