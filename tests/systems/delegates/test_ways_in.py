"""How a liaison comes in: by a text message to the number the unit reported (D-01…D-05)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.platform import notices
from app.platform.notices import SmsFile
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.portal.test_codes import code_of
from tests.systems.delegates import town
from tests.systems.delegates.world import LIAISON_ONE, PHONES

STRANGER = "13800000777"


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    town.know(whole_house)
    return whole_house


@pytest.fixture
def texts(house: House, tmp_path: Path):  # type: ignore[no-untyped-def]
    """The texts sent so far, as (phone, text)."""
    ways, file = notices.settings(), tmp_path / "sms.jsonl"
    notices.use(notices.Settings(ways.mail, SmsFile(file), ways.internal))

    def read() -> list[tuple[str, str]]:
        house.world.work()
        lines = file.read_text().splitlines() if file.exists() else []
        return [(one["to"], one["text"]) for one in map(json.loads, lines)]

    yield read
    notices.use(ways)


def ask(browser: Browser, phone: str, **fields: str) -> int:
    """Ask for a code on the page of delegates; the status."""
    url = "/login/sms?system=delegates"
    browser.get(url)
    answer = browser.post(url, {"to": phone, "agreed": "y", "captcha_answer": "1234", **fields})
    if answer.status_code == 303:
        browser.get(answer.location)
    return int(answer.status_code)


def greeting(browser: Browser) -> str:
    """What the header says to whoever is signed in."""
    found = re.search(r'<span class="tool-name">(.*?)</span>\s*<svg', browser.page)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def test_the_login_page_has_two_ways_and_two_languages(house: House) -> None:
    """D-01, D-02."""
    browser = house.browser()
    browser.get("/login?system=delegates")
    assert "密码登录" in browser.page
    assert "短信登录" in browser.page
    assert "English" in browser.page
    browser.get("/login/sms?system=delegates")
    assert "+86" in browser.page
    assert "获取验证码" in browser.page
    assert re.sub(r"<[^>]+>|\s", "", browser.page).count("我已阅读并同意《用户协议》《隐私协议》") == 1


def test_without_the_tick_nobody_comes_in(house: House) -> None:
    """D-03: exact words."""
    browser = house.browser()
    browser.get("/login/sms?system=delegates")
    answer = browser.post(
        "/login/sms?system=delegates", {"to": PHONES[LIAISON_ONE], "captcha_answer": "1234"}
    )
    assert answer.status_code == 422
    assert "请先阅读并同意《用户协议》《隐私协议》" in browser.page


def test_without_the_captcha_there_is_no_code(house: House, texts) -> None:  # type: ignore[no-untyped-def]
    """D-02."""
    browser = house.browser()
    ask(browser, PHONES[LIAISON_ONE], captcha_answer="0000")
    assert "验证码" in browser.page
    assert texts() == []


def test_a_reported_number_comes_in_as_the_unit_s_liaison(house: House, texts) -> None:  # type: ignore[no-untyped-def]
    """D-02, D-04, D-05: the workbench greets him by name and its left module leads into the system."""
    browser = house.browser()
    ask(browser, PHONES[LIAISON_ONE])
    assert "注册/登录" in browser.page
    assert "返回" in browser.page
    ((to, text),) = texts()
    assert to == PHONES[LIAISON_ONE]
    answer = browser.post("/login/sms?system=delegates&step=code", {"code": code_of(text)})
    assert answer.status_code == 303
    browser.get("/")
    assert "工作台" in browser.page
    assert greeting(browser) == f"您好，{LIAISON_ONE}"
    assert "代表大会" in browser.page
    assert "/delegates/election" in browser.page
    assert browser.get("/delegates/election").status_code in (200, 302, 303)


def test_a_number_nobody_reported_registers_and_sees_nothing_of_the_congress(house: House, texts) -> None:  # type: ignore[no-untyped-def]
    """D-04: any other number may register but sees no 代表大会 module."""
    browser = house.browser()
    ask(browser, STRANGER)
    ((to, text),) = texts()
    assert to == STRANGER
    answer = browser.post("/login/sms?system=delegates&step=code", {"code": code_of(text)})
    assert answer.location == "/register/delegates"
    browser.get("/register/delegates")
    given = {"username": "stranger", "name": "路人", "phone": STRANGER, "captcha_answer": "1234"}
    answer = browser.post(
        "/register/delegates", {**given, "password": PASSWORD, "repeat": PASSWORD, "agreed": "y"}
    )
    assert answer.status_code == 303, browser.page
    browser.sign_in("stranger")
    browser.get("/")
    assert greeting(browser) == "您好，路人"
    assert "/delegates/" not in browser.page
    for path in ("congresses", "election", "forms", "affairs"):
        assert browser.get(f"/delegates/{path}").status_code == 403, path
