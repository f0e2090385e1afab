"""The way in, in a real browser: register, sign in, choose an identity; at both widths, without axe findings."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser import CAPTCHA, PHONE
from tests.rooms.conftest import PASSWORD
from tests.rooms.portal.conftest import judge

pytestmark = pytest.mark.browser


def test_a_newcomer_walks_in(page, url):
    """P-01, P-02."""
    page.goto(url)
    judge(page)
    page.get_by_role("link", name="注册 青少年科技活动服务平台").click()
    judge(page)
    page.click(".entry-submit")
    assert page.locator("#error-summary").evaluate("summary => summary === document.activeElement")
    judge(page)
    for field, value in (
        ("username", "lijia"),
        ("name", "李佳"),
        ("phone", "13800000001"),
        ("password", PASSWORD),
        ("repeat", PASSWORD),
        ("captcha_answer", CAPTCHA),
    ):
        page.fill(f"#{field}", value)
    page.check("#agreed")
    page.click(".entry-submit")
    page.get_by_text("注册成功，请登录。").wait_for()
    page.fill("#login", "lijia")
    page.fill("#password", PASSWORD)
    page.fill("#captcha_answer", CAPTCHA)
    page.click(".entry-submit")
    page.get_by_role("heading", name="身份选择").wait_for()
    judge(page)
    page.get_by_label("组织者").check()
    page.get_by_role("button", name="确定").click()
    page.get_by_role("heading", name="工作台").wait_for()
    judge(page)
    page.goto(f"{url}/account")
    judge(page)
    page.goto(f"{url}/account/password")
    judge(page)


def test_the_captcha_has_a_way_without_eyes_and_the_password_stays_out_of_addresses(page, url):
    """C-02."""
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(f"{url}/login")
    page.fill("#login", "lijia")
    page.fill("#password", "geheim-geheim")
    page.get_by_role("button", name="换成文字题").click()
    page.locator("#captcha-question").wait_for()
    assert page.input_value("#password") == "geheim-geheim"
    judge(page)
    page.get_by_role("button", name="换成图片").click()
    page.locator(".captcha-picture").wait_for()
    assert not [address for address in addresses if "geheim" in address]


def test_the_captcha_changes_without_a_script_too(engine_of_pages, url):
    context = engine_of_pages.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}/login")
    page.fill("#login", "lijia")
    page.click("text=换成文字题")
    assert page.locator("#captcha-question").is_visible()
    assert page.input_value("#login") == "lijia"
    context.close()


def test_the_menu_of_a_phone_opens_and_closes_without_a_script(engine_of_pages, url, app, person):
    person("wang", "trial.city", "trial.clerk")
    context = engine_of_pages.new_context(viewport=PHONE, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}/login")
    page.fill("#login", "wang")
    page.fill("#password", PASSWORD)
    page.fill("#captcha_answer", CAPTCHA)
    page.click(".entry-submit")
    assert urlsplit(page.url).path == "/"
    assert not page.locator("#menu").is_visible()
    page.get_by_role("button", name="打开菜单").click()
    assert page.locator("#menu").is_visible()
    page.get_by_role("button", name="关闭菜单").click()
    assert not page.locator("#menu").is_visible()
    context.close()


@pytest.mark.parametrize(
    "path", ["/nothing", "/agreement", "/privacy", "/register", "/?lang=en", "/login?lang=en"]
)
def test_every_page_a_stranger_sees_is_open_to_everybody(page, url, path):
    page.goto(url + path)
    judge(page)
