"""In by a code, a forgotten password, another phone: what each says, and to whom (C-02, C-03, C-05, C-06, C-49)."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import event, select

from app.extensions import db
from app.platform import jobs, notices, settings
from app.platform.identity import accounts, people
from app.platform.identity.entities import Account, OneTimeCode
from app.platform.notices.entities import Delivery
from tests.rooms.conftest import PASSWORD, Browser

PHONE = "13800138000"
SMS = {"to": PHONE, "agreed": "y", "captcha_answer": "1234"}


class Mailbox:
    """Stands in for a mail server."""

    target = "test"

    def __init__(self):
        self.sent = []

    def send(self, to, title, text, key):
        self.sent.append((to, text))


@pytest.fixture
def mail(app):
    ways, box = notices.settings(), Mailbox()
    notices.use(notices.Settings(box, ways.sms, ways.internal))
    yield box
    notices.use(ways)


@pytest.fixture
def wang(app, clock):
    """Somebody with a login phone and a mailbox."""
    with app.app_context():
        session = db.session()
        made, _ = accounts.create(session, "wang", "王小明", None, clock(), PASSWORD, PHONE, demo=True)
        people.change(session, made, {"email": "wang@example.org"}, None, clock())
        return made


@pytest.fixture
def texts(app, clock, tmp_path):
    """Carry out what waits in the outbox and return the texts sent so far as (phone, text)."""

    def read():
        with app.app_context():
            jobs.run_due(lambda: db.session(), clock, "test")
            db.session.remove()
        file = tmp_path / "sms.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(one["to"], one["text"]) for one in map(json.loads, lines)]

    return read


def code_of(text: str) -> str:
    found = re.search(r"\d{6}", text)
    assert found
    return found[0]


def sent(browser, answer):
    """Follow to the page of the code, where that is where it leads."""
    return browser.get(answer.location) if answer.status_code == 303 else answer


def ask(browser, url="/login/sms", **fields):
    browser.get(url)
    return sent(browser, browser.post(url, {**SMS, **fields}))


def test_a_phone_and_its_code_let_its_owner_in(browser, wang, texts):
    """C-02."""
    assert "/login/sms" in browser.get("/login").get_data(as_text=True)
    assert ask(browser).status_code == 200, browser.page
    ((to, text),) = texts()
    assert to == PHONE
    stolen = browser.client.get_cookie("chengpi-page").value
    given = {"code": code_of(text)}
    answer = browser.post("/login/sms?step=code&next=/account", given)
    assert answer.status_code == 303
    assert answer.location == "/account"
    assert browser.get("/account").status_code == 200
    again = Browser(browser.client.application.test_client())
    again.client.set_cookie("chengpi-page", stolen)
    again.get("/login/sms?step=code")
    assert again.post("/login/sms?step=code", given).status_code == 422
    assert "验证码已失效" in again.page


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(browser, wang):
    """C-16."""
    browser.get("/login/sms")
    assert browser.post("/login/sms", {"to": "123"}).status_code == 422
    for words in ("请填写验证码", "请先阅读并同意《用户协议》《隐私协议》"):
        assert words in browser.page
    assert 'value="123"' in browser.page
    assert ask(browser, to="123").status_code == 422
    assert "请填写正确的手机号码" in browser.page
    assert ask(browser, captcha_answer="0000").status_code == 422
    assert "验证码错误或已过期" in browser.page
    assert f'value="{PHONE}"' in browser.page


def test_no_captcha_no_code(app, browser, wang, texts):
    """C-03."""
    ask(browser, captcha_answer="0000")
    assert texts() == []
    with app.app_context():
        assert db.session().scalar(select(OneTimeCode.id)) is None


def test_one_a_minute_and_ten_a_day(app, browser, wang, texts, clock):
    """C-03."""
    assert ask(browser).status_code == 200
    clock.forward(seconds=59)
    assert ask(browser).status_code == 422
    assert "请1秒后再试" in browser.page
    for _ in range(9):
        clock.forward(seconds=61)
        assert ask(browser).status_code == 200
    clock.forward(seconds=61)
    assert ask(browser).status_code == 422
    assert "今天获取验证码的次数已用完" in browser.page
    assert len(texts()) <= 10


def test_five_wrong_tries_void_a_code_even_for_the_right_one(browser, wang, texts):
    """C-03."""
    ask(browser)
    right = code_of(texts()[0][1])
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        assert browser.post("/login/sms?step=code", {"code": wrong}).status_code == 422
        assert f"还可以再试{left}次" in browser.page
    for code in (wrong, right):
        assert browser.post("/login/sms?step=code", {"code": code}).status_code == 422
        assert "验证码已失效" in browser.page


def test_a_code_lasts_five_minutes(browser, wang, texts, clock):
    """C-03."""
    ask(browser)
    code = code_of(texts()[0][1])
    clock.forward(minutes=5)
    assert browser.post("/login/sms?step=code", {"code": code}).status_code == 422
    assert "验证码已失效" in browser.page


def test_without_an_ask_there_is_no_code_to_type(browser):
    assert browser.get("/login/sms?step=code").location == "/login/sms"
    browser.get("/login/sms")
    assert browser.post("/login/sms?step=code", {"code": "123456"}).location == "/login/sms"


def test_back_leads_to_another_code_and_the_phone_stays(browser, wang):
    ask(browser)
    answer = browser.post("/login/sms?step=code", {"back": "1"})
    browser.get(answer.location)
    assert f'value="{PHONE}"' in browser.page


def test_a_strangers_phone_gets_a_code_only_where_one_may_register(browser, texts, clock):
    """C-06."""
    assert ask(browser, "/login/sms?system=closed").status_code == 200
    assert texts() == []
    clock.forward(seconds=61)
    assert ask(browser, "/login/sms?system=trial").status_code == 200
    ((_, text),) = texts()
    answer = browser.post("/login/sms?system=trial&step=code", {"code": code_of(text)})
    assert answer.location == "/register/trial"
    browser.get("/register/trial")
    assert "该手机号尚未注册" in browser.page
    assert f'value="{PHONE}"' in browser.page


def test_a_disabled_account_hears_it_only_with_the_code(app, browser, wang, texts, clock):
    """C-08."""
    with app.app_context():
        accounts.disable(db.session(), wang, None, clock())
    assert ask(browser).status_code == 200
    given = {"code": code_of(texts()[0][1])}
    assert browser.post("/login/sms?step=code", given).status_code == 422
    assert "账号已被禁用" in browser.page


def test_a_generated_password_is_replaced_after_the_code(app, browser, texts, clock):
    """C-07, X-91."""
    with app.app_context():
        accounts.create(db.session(), "lijia", "李佳", None, clock(), phone=PHONE)
    ask(browser)
    answer = browser.post("/login/sms?step=code", {"code": code_of(texts()[0][1])})
    assert answer.location == "/forgot/password"
    browser.get("/forgot/password")
    assert "初始密码" in browser.page
    new = {"password": "Basalt-Erle-82", "repeat": "Basalt-Erle-82"}
    assert browser.post("/forgot/password", new).location == "/"
    assert browser.get("/account").status_code == 200


def test_text_messages_can_be_switched_off_for_all_or_for_one_system(app, browser, clock):
    """C-02."""
    with app.app_context():
        settings.change(db.session(), "login.sms_not_in", "closed", None, clock())
        settings.catch_up(db.session())
    assert browser.get("/login/sms?system=closed").status_code == 404
    assert browser.get("/login/sms?system=trial").status_code == 200
    with app.app_context():
        with pytest.raises(settings.BadSetting):
            settings.change(db.session(), "login.sms_not_in", "nowhere", None, clock())
        settings.change(db.session(), "login.sms", False, None, clock())
        settings.catch_up(db.session())
    assert browser.get("/login/sms").status_code == 404
    assert "/login/sms" not in browser.get("/login").get_data(as_text=True)
    settings.forget()


def forgot(browser, to, channel="sms"):
    browser.get("/forgot")
    return sent(browser, browser.post("/forgot", {"to": to, "channel": channel, "captcha_answer": "1234"}))


@pytest.mark.parametrize("name", ["wang", PHONE, "WANG@example.org"])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_forgotten_password_is_replaced_by_a_code(app, browser, wang, texts, mail, name, channel):
    """C-49."""
    other = Browser(app.test_client())
    assert other.sign_in("wang").status_code == 303
    assert forgot(browser, name, channel).status_code == 200
    for shown in ("138****", "w***", "王小明"):
        assert shown not in browser.page
    sent = texts()
    to, text = sent[0] if channel == "sms" else mail.sent[0]
    assert to == (PHONE if channel == "sms" else "wang@example.org")
    answer = browser.post("/forgot?step=code", {"code": code_of(text)})
    assert answer.location == "/forgot/password"
    browser.get("/forgot/password")
    for bad, words in (("short", "密码至少10位"), ("wang-Basalt-82", "密码不能包含姓名")):
        assert browser.post("/forgot/password", {"password": bad, "repeat": bad}).status_code == 422
        assert words in browser.page
    new = {"password": "Basalt-Erle-82", "repeat": "Basalt-Erle-82"}
    assert browser.post("/forgot/password", {**new, "repeat": "x"}).status_code == 422
    assert browser.post("/forgot/password", new).location == "/"
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert browser.get("/forgot/password").location == "/forgot"
    assert Browser(app.test_client()).sign_in("wang", "Basalt-Erle-82").status_code == 303


def test_whoever_cannot_be_reached_hears_the_same_and_gets_nothing(
    app, browser, person, wang, texts, mail, clock
):
    """C-49: unknown, disabled, deregistered, without an address, a mailbox of two."""
    with app.app_context():
        session = db.session()
        two = person("zhao")
        for name in ("disabled", "closed", "mute"):
            person(name)
        people.change(session, two, {"email": "both@example.org"}, None, clock())
        people.change(
            session, accounts.by_username(session, "mute"), {"email": "both@example.org"}, None, clock()
        )
        accounts.disable(session, wang, None, clock())
        session.get(Account, accounts.by_username(session, "closed")).closed_at = clock()
        session.commit()
    pages = set()
    for name in ("nobody", "wang", "closed", "mute", "both@example.org", "13900000000"):
        assert forgot(browser, name).status_code == 200
        plain = re.sub(r'value="[^"]*"|content="[^"]*"', "", browser.page)
        pages.add(re.sub(r"nonce-\S+", "", plain))
        assert browser.post("/forgot?step=code", {"code": "123456"}).status_code == 422
        assert "还可以再试4次" in browser.page
    assert len(pages) == 1
    assert texts() == []
    assert mail.sent == []


def test_known_and_unknown_take_the_same_statements(app, browser, wang):
    """T14."""
    said = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2].split("VALUES")[0]))
    ask(browser, to="13800138002")  # the first one of all draws the audit's keys
    runs = []
    for url, names in (("/login/sms", (PHONE, "13800138001")), ("/forgot", ("wang", "nobody"))):
        for name in names:
            browser.get(url)
            said.clear()
            given = {**SMS, "to": name, "channel": "sms"}
            assert browser.post(url, given).status_code == 303
            asked = list(said)
            said.clear()
            browser.get(f"{url}?step=code")
            assert browser.post(f"{url}?step=code", {"code": "x"}).status_code == 422
            runs.append((asked, list(said)))
    assert runs[0] == runs[1]
    assert runs[2] == runs[3]


def test_a_person_named_in_two_ways_gets_one_code_a_minute(browser, wang, texts, clock):
    """C-03: the second ask is answered alike, and nothing is sent."""
    assert forgot(browser, "wang").status_code == 200
    assert forgot(browser, PHONE).status_code == 200
    assert len(texts()) == 1
    clock.forward(seconds=61)
    assert forgot(browser, "wang").status_code == 200
    assert len(texts()) == 2


def test_a_sent_code_is_nowhere_any_more(app, browser, wang, texts):
    """T20: wiped once sent."""
    ask(browser)
    with app.app_context():
        assert db.session().scalar(select(Delivery.letter))["to"] == PHONE
    texts()
    with app.app_context():
        row = db.session().execute(select(Delivery.letter, Delivery.state, Delivery.body)).one()
        assert tuple(row) == (None, "sent", None)


def test_an_outdated_code_is_not_sent(app, browser, wang, texts, clock):
    ask(browser)
    clock.forward(minutes=6)
    assert texts() == []
    with app.app_context():
        assert db.session().scalar(select(Delivery.state)) == "dropped"


def test_a_new_login_phone_takes_the_password_and_a_code_sent_there(app, browser, wang, texts):
    """Account: the login phone changes only after a code."""
    browser.sign_in("wang")
    given = {"to": "13900000009", "password": "wrong", "captcha_answer": "1234"}
    browser.get("/account/phone")
    assert browser.post("/account/phone", given).status_code == 422
    assert "密码错误" in browser.page
    assert PASSWORD not in browser.page
    assert browser.post("/account/phone", {**given, "password": PASSWORD}).status_code == 303
    ((to, text),) = texts()
    assert to == "13900000009"
    answer = browser.post("/account/phone?step=code", {"code": code_of(text)})
    assert answer.location == "/account"
    browser.get("/account")
    assert "139****0009" in browser.page
    other = Browser(app.test_client())
    assert other.sign_in("13900000009").status_code == 303
    assert Browser(app.test_client()).sign_in(PHONE).status_code == 422


def test_anothers_phone_is_refused_only_after_its_code(app, browser, wang, texts, clock):
    with app.app_context():
        accounts.create(db.session(), "lijia", "李佳", None, clock(), PASSWORD, "13900000009", demo=True)
    browser.sign_in("wang")
    browser.get("/account/phone")
    given = {"to": "13900000009", "password": PASSWORD, "captcha_answer": "1234"}
    assert browser.post("/account/phone", given).status_code == 303
    code = code_of(texts()[0][1])
    assert browser.post("/account/phone?step=code", {"code": code}).status_code == 422
    assert "该手机号码已是他人的登录手机" in browser.page


def test_a_new_mailbox_takes_the_password_and_a_code_sent_there(browser, wang, mail, texts):
    browser.sign_in("wang")
    browser.get("/account/email")
    given = {"to": "new@example.org", "password": PASSWORD, "captcha_answer": "1234"}
    assert browser.post("/account/email", {**given, "to": "new"}).status_code == 422
    assert "请填写正确的电子邮箱" in browser.page
    assert browser.post("/account/email", given).status_code == 303
    texts()
    ((to, text),) = mail.sent
    assert to == "new@example.org"
    answer = browser.post("/account/email?step=code", {"code": code_of(text)})
    assert answer.location == "/account"
    browser.get("/account")
    assert "n***@example.org" in browser.page


def test_a_code_without_a_ticket_sets_no_password(browser):
    assert browser.get("/forgot/password").location == "/forgot"
