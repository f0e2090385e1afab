"""The second factor at the door: what is open before it, the way through it, and what is said on the way (C-50)."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import event

from app.extensions import db
from app.platform import settings
from app.platform.identity import accounts, posts, proof, roles
from tests.rooms import factors
from tests.rooms.conftest import PASSWORD, Browser


@pytest.fixture(autouse=True)
def asked(app, clock) -> None:
    with app.app_context():
        settings.change(db.session(), proof.SETTING, True, None, clock())


def digits(app, person: str, clock) -> str:
    with app.app_context():
        return factors.shown(db.session(), person, clock())


def secret_of(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1].replace(" ", "")


def enrol(browser: Browser, clock) -> list[str]:
    """Walk through the setting up as its pages lead; return the recovery codes."""
    browser.get("/account/factor")
    assert browser.post("/account/factor/start").location == "/account/factor"
    browser.get("/account/factor")
    shown = pyotp.TOTP(secret_of(browser.page)).at(clock())
    assert browser.post("/account/factor", {"secret_code": shown}).location == "/account/factor/codes"
    browser.get("/account/factor/codes")
    return re.findall(r"<li><code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", browser.page)


def test_whose_post_asks_for_it_sets_it_up_before_anything_else(app, browser, person, clock):
    person("wang", roles.DESIGNER.key)
    browser.sign_in("wang")
    for path in ("/", "/account", "/account/password", "/notices", "/inbox/", "/identity/trial"):
        assert browser.get(path).location.startswith("/account/factor"), path
    assert browser.get("/api/v1/me").status_code == 403
    assert browser.get("/nothing").status_code == 404
    assert 'class="bell' not in browser.page
    assert browser.get("/factor").location.startswith("/account/factor")
    codes = enrol(browser, clock)
    assert len(codes) == 10
    assert browser.get("/").status_code == 200
    browser.get("/account/factor/codes")
    assert codes[0] not in browser.page
    assert "恢复码已经显示过" in browser.page


def test_a_first_password_is_changed_before_one_is_set_up_and_stays_proved_after(app, browser, person, clock):
    with app.app_context():
        made, _ = accounts.create(db.session(), "wang", "王小明", None, clock(), PASSWORD)
        posts.grant(db.session(), made, roles.DESIGNER.key, "", None, clock(), None)
    browser.sign_in("wang")
    assert browser.get("/").location == "/account/password"
    assert browser.get("/account/password").status_code == 200
    new = {"old": PASSWORD, "password": "Anders-Wald-58", "repeat": "Anders-Wald-58"}
    assert browser.post("/account/password", new).status_code == 303
    assert browser.get("/").location.startswith("/account/factor")
    assert len(enrol(browser, clock)) == 10
    browser.get("/account/password")
    again = {"old": "Anders-Wald-58", "password": PASSWORD, "repeat": PASSWORD}
    assert browser.post("/account/password", again).status_code == 303
    assert browser.get("/account").status_code == 200


def test_the_code_comes_after_the_password_and_leads_where_one_was_going(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    assert browser.sign_in("wang", url="/login?next=/account").location == "/account"
    led = browser.get("/account").location
    assert led == "/factor?next=/account"
    for path in ("/account/password", "/account/factor", "/account/factor/codes"):
        assert browser.get(path).location.startswith("/factor"), path
    browser.get(led)
    assert browser.post("/account/factor/start").location.startswith("/factor")
    assert browser.post("/account/factor/off", {"secret_code": "1"}).location.startswith("/factor")
    assert browser.post(led, {"secret_code": ""}).status_code == 422
    assert browser.post(led, {"secret_code": "000000"}).status_code == 422
    assert "动态验证码错误" in browser.page
    assert 'value="000000"' not in browser.page
    assert browser.post(led, {"secret_code": digits(app, made, clock)}).location == "/account"
    assert browser.get("/account").status_code == 200


def test_next_leads_to_no_other_site(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    browser.sign_in("wang")
    browser.get("/factor?next=//evil.example")
    answer = browser.post("/factor?next=//evil.example", {"secret_code": digits(app, made, clock)})
    assert answer.location == "/"


def test_a_recovery_code_lets_in_and_says_how_many_are_left(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        codes = factors.set_up(db.session(), made, clock())
    for number, code in enumerate(codes):
        one = Browser(app.test_client())
        one.sign_in("wang")
        one.get("/factor/recovery?next=/notices")
        answer = one.post("/factor/recovery?next=/notices", {"secret_code": code})
        assert answer.location == ("/account/factor" if number >= 6 else "/notices")
        one.get(answer.location)
        assert f"还剩 {9 - number} 个" in one.page
        assert one.get("/notices").status_code == 200
    assert "使用了一个恢复码" in Browser(one.client).get("/notices").get_data(as_text=True)
    browser.sign_in("wang")
    browser.get("/factor/recovery")
    assert browser.post("/factor/recovery", {"secret_code": codes[0]}).status_code == 422
    assert "已使用过" in browser.page


def test_too_many_wrong_codes_are_said_in_words_and_the_way_out_stays_open(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    browser.sign_in("wang")
    browser.get("/factor")
    for _ in range(6):
        browser.post("/factor", {"secret_code": "000000"})
    assert "请15分钟后再试" in browser.page
    assert browser.post("/logout").status_code == 303
    assert browser.get("/account").location.startswith("/login")


def test_the_clock_set_back_during_a_login_is_said_in_words(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        codes = factors.set_up(db.session(), made, clock())
    browser.sign_in("wang")
    browser.get("/factor")
    browser.post("/factor", {"secret_code": digits(app, made, clock)})
    other = Browser(app.test_client())
    other.sign_in("wang")
    clock.forward(minutes=-20)
    other.get("/factor")
    assert other.post("/factor", {"secret_code": digits(app, made, clock)}).status_code == 422
    assert "服务器时间早于" in other.page
    assert other.post("/factor/recovery", {"secret_code": codes[0]}).status_code == 303


def test_the_same_code_in_two_browsers_lets_one_in(app, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    first, second = (Browser(app.test_client()) for _ in range(2))
    shown = digits(app, made, clock)
    for one, status in ((first, 303), (second, 422)):
        one.sign_in("wang")
        one.get("/factor")
        assert one.post("/factor", {"secret_code": shown}).status_code == status
    assert "已使用过" in second.page


def test_a_post_given_is_felt_by_the_next_request_of_an_open_browser(app, browser, person, clock):
    made = person("wang", "trial.city")
    browser.sign_in("wang")
    assert browser.get("/account").status_code == 200
    with app.app_context():
        posts.grant(db.session(), made, roles.REGIONAL.key, "", None, clock(), None)
    assert browser.get("/account").location.startswith("/account/factor")


def test_one_turns_it_on_renews_the_codes_and_turns_it_off_by_oneself(app, browser, person, clock):
    made = person("wang", "trial.city")
    browser.sign_in("wang")
    browser.get("/account")
    assert "设置两步验证" in browser.page
    old = enrol(browser, clock)
    clock.forward(seconds=30)
    browser.get("/account/factor")
    assert browser.post("/account/factor/codes", {"secret_code": "000000"}).status_code == 422
    assert 'id="renew-code-error"' in browser.page
    assert browser.post("/account/factor/codes", {"secret_code": digits(app, made, clock)}).status_code == 303
    browser.get("/account/factor/codes")
    assert old[0] not in browser.page
    clock.forward(seconds=30)
    browser.get("/account/factor")
    assert (
        browser.post("/account/factor/off", {"secret_code": digits(app, made, clock)}).location == "/account"
    )
    other = Browser(app.test_client())
    other.sign_in("wang")
    assert other.get("/account").status_code == 200


def test_the_login_page_says_when_nobody_is_asked(app, browser, clock):
    browser.get("/login")
    assert "未启用两步验证" not in browser.page
    with app.app_context():
        settings.change(db.session(), proof.SETTING, False, None, clock())
    browser.get("/login")
    assert "未启用两步验证" in browser.page


def test_the_secret_and_the_codes_stand_in_no_readable_cookie(app, browser, person, clock):
    person("wang", "trial.city")
    browser.sign_in("wang")
    browser.get("/account/factor")
    browser.post("/account/factor/start")
    browser.get("/account/factor")
    secret = secret_of(browser.page)
    browser.post("/account/factor", {"secret_code": pyotp.TOTP(secret).at(clock())})
    cookie = browser.client.get_cookie("chengpi-page").value
    read = str(app.session_interface.get_signing_serializer(app).loads(cookie))
    assert "factor-codes" in read
    browser.get("/account/factor/codes")
    codes = re.findall(r"<li><code>([0-9A-Z-]+)</code>", browser.page)
    assert len(codes) == 10
    assert not [one for one in (secret, *codes) if one in read or one in cookie]


def test_an_operator_resets_it_from_the_command_line(app, browser, person, clock):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    browser.sign_in("wang")
    answer = app.test_cli_runner().invoke(args=["person", "reset-factor", "wang"])
    assert answer.output == "reset\n"
    assert browser.get("/account").location.startswith("/login")
    assert app.test_cli_runner().invoke(args=["person", "reset-factor", "wang"]).exit_code == 1


@pytest.mark.parametrize(
    ("path", "proved", "most"),
    [
        ("/factor", False, 2),
        ("/factor/recovery", False, 2),
        ("/account/factor", True, 9),
        ("/account", True, 16),
    ],
)
def test_pages_ask_few_statements(app, browser, person, clock, path, proved, most):
    made = person("wang", "trial.city")
    with app.app_context():
        factors.set_up(db.session(), made, clock())
    browser.sign_in("wang")
    browser.get("/factor")
    if proved:
        browser.post("/factor", {"secret_code": digits(app, made, clock)})
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    statements = [one for one in asked if not one.startswith("BEGIN")]
    assert len(statements) <= most, statements
