"""Second factor and single sign-on in a real browser, by keyboard, at both widths, without axe findings."""

from __future__ import annotations

import io
from dataclasses import replace

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from app.extensions import db
from app.platform import settings
from app.platform.identity import oidc, proof, roles
from app.platform.registry import Words
from tests.browser import CAPTCHA
from tests.rooms import factors
from tests.rooms.conftest import PASSWORD
from tests.rooms.oidc_provider import CLIENT, SECRET, provider
from tests.rooms.portal.conftest import judge

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def two_factors(app, clock) -> None:
    with app.app_context():
        settings.change(db.session(), proof.SETTING, True, None, clock())


def sign_in(page: Page, url: str, path: str = "/login") -> None:
    page.goto(f"{url}{path}")
    page.fill("#login", "wang")
    page.fill("#password", PASSWORD)
    page.fill("#captcha_answer", CAPTCHA)
    page.press("#captcha_answer", "Enter")


def test_an_administrator_sets_it_up_and_comes_back_with_a_code(app, page, url, person, clock):
    made = person("wang", roles.REGIONAL.key)
    sign_in(page, url)
    page.get_by_text("您担任的岗位要求使用两步验证").wait_for()
    judge(page, "enrol-start")
    page.get_by_role("button", name="开始设置").press("Enter")
    page.get_by_role("heading", name="扫描二维码").wait_for()
    assert page.locator(".factor-qr svg").bounding_box()["width"] > 180
    judge(page, "enrol-scan")
    secret = page.locator(".factor-typed code").inner_text().replace(" ", "")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".factor-qr").screenshot())))
    assert pyotp.parse_uri(read.text).secret == secret
    page.fill("#first-code", "000000")
    page.press("#first-code", "Enter")
    page.locator("#first-code-error").wait_for()
    judge(page, "enrol-refused")
    page.fill("#first-code", pyotp.TOTP(secret).at(clock()))
    page.press("#first-code", "Enter")
    page.get_by_text("这些恢复码只显示这一次").wait_for()
    judge(page, "codes")
    codes = page.locator(".factor-codes code").all_inner_texts()
    page.get_by_role("link", name="已妥善保存").click()
    page.get_by_role("heading", name="工作台").wait_for()
    page.goto(f"{url}/account/factor/codes")
    judge(page, "codes-gone")
    page.goto(f"{url}/account/factor")
    judge(page, "manage-demanded")
    page.goto(f"{url}/account")
    judge(page, "account")

    page.context.clear_cookies()
    clock.forward(minutes=2)
    sign_in(page, url, "/login?next=/account")
    page.get_by_role("heading", name="两步验证").wait_for()
    assert page.locator("#secret_code").evaluate("field => field === document.activeElement")
    judge(page, "code")
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    page.locator("#secret_code-error").wait_for()
    judge(page, "code-refused")
    with app.app_context():
        shown = factors.shown(db.session(), made, clock())
    page.fill("#secret_code", shown)
    page.press("#secret_code", "Enter")
    page.get_by_role("heading", name="我的账号").wait_for()

    page.context.clear_cookies()
    sign_in(page, url)
    page.get_by_role("link", name="使用恢复码").click()
    judge(page, "recovery")
    page.fill("#secret_code", codes[0].lower())
    page.press("#secret_code", "Enter")
    page.get_by_text("还剩 9 个").first.wait_for()


def test_a_person_without_such_a_post_manages_it(app, page, url, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    sign_in(page, url)
    with app.app_context():
        page.fill("#secret_code", factors.shown(db.session(), made, clock()))
    page.press("#secret_code", "Enter")
    page.get_by_role("heading", name="工作台").wait_for()
    page.goto(f"{url}/account/factor")
    judge(page, "manage")
    page.get_by_role("button", name="关闭两步验证").click()
    page.locator("#off-code-error").wait_for()
    judge(page, "manage-refused")


def test_another_administrator_looks_at_it(app, page, url, person, clock):
    owner, keeper = person("mei", "trial.city"), person("wang", roles.SECURITY.key)
    with app.app_context():
        factors.set_up(db.session(), owner, clock())
        factors.set_up(db.session(), keeper, clock())
    sign_in(page, url)
    with app.app_context():
        page.fill("#secret_code", factors.shown(db.session(), keeper, clock()))
    page.press("#secret_code", "Enter")
    page.get_by_role("heading", name="工作台").wait_for()
    page.goto(f"{url}/admin/people/{owner}/factor")
    judge(page, "admin")
    page.get_by_role("button", name="重置两步验证").click()
    page.get_by_text("两步验证已重置").wait_for()
    judge(page, "admin-reset")
    page.goto(f"{url}/admin/people/{keeper}/factor")
    judge(page, "admin-own")


def test_there_and_back_and_linked(app, page, url, person, clock):
    person("wang", "trial.city")
    oidc.forget()
    with provider() as there:
        there.now = clock().timestamp()
        told = oidc.Provider(there.url, CLIENT, SECRET, Words("市统一身份认证", "City sign-on"))
        app.extensions["chengpi"] = replace(app.extensions["chengpi"], oidc=told)
        page.goto(f"{url}/login")
        judge(page, "login-sso")
        page.get_by_role("link", name="用市统一身份认证登录").click()
        page.get_by_text("尚未关联").wait_for()
        judge(page, "login-not-linked")
        sign_in(page, url)
        page.get_by_role("heading", name="工作台").wait_for()
        page.goto(f"{url}/account")
        judge(page, "account-sso")
        page.get_by_role("link", name="关联", exact=True).click()
        judge(page, "link")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.get_by_role("link", name="前往市统一身份认证").wait_for()
        judge(page, "link-go")
        page.get_by_role("link", name="前往市统一身份认证").click()
        page.get_by_text("已关联，以后可以用统一身份认证登录").wait_for()
        judge(page, "account-linked")
        page.context.clear_cookies()
        page.goto(f"{url}/login?next=/account")
        page.get_by_role("link", name="用市统一身份认证登录").click()
        page.get_by_role("heading", name="我的账号").wait_for()
    oidc.forget()
