"""In and out of the house (P-01, P-02, C-02, C-06)."""

import re

from app.extensions import db
from app.platform.identity import accounts
from tests.rooms.conftest import PASSWORD, Browser


def test_the_start_page_has_a_login_link_and_lists_the_systems(browser):
    """P-01, C-46."""
    page = browser.get("/")
    assert page.status_code == 200
    assert 'href="/login"' in browser.page
    assert "青少年科技活动服务平台" in browser.page


def test_a_newcomer_registers_signs_in_and_chooses_an_identity(browser):
    """P-01, P-02."""
    browser.get("/register/trial")
    answer = browser.post(
        "/register/trial",
        {
            "username": "lijia",
            "name": "李佳",
            "phone": "13800000001",
            "password": "Granit-Weide-47",
            "repeat": "Granit-Weide-47",
            "agreed": "y",
            "captcha_answer": "1234",
        },
    )
    assert answer.status_code == 303, browser.page
    assert browser.sign_in("13800000001").status_code == 303
    assert browser.get("/account").location == "/identity/trial"
    assert browser.get("/").location == "/identity/trial"
    browser.get("/identity/trial")
    for name in ("组织者", "教师", "学生"):
        assert name in browser.page
    assert "市级管理员" not in browser.page
    assert browser.post("/identity/trial").status_code == 422
    assert browser.post("/identity/trial", {"role": "trial.city"}).status_code == 422
    assert browser.post("/identity/trial", {"role": "trial.organiser"}).location == "/"
    assert browser.get("/account").status_code == 200
    assert "138****0001" in browser.page
    assert "13800000001" not in browser.page


def test_an_account_is_not_registered_twice(browser):
    """P-04."""
    facts = {
        "username": "lijia",
        "name": "李佳",
        "phone": "13800000001",
        "password": "Granit-Weide-47",
        "repeat": "Granit-Weide-47",
        "agreed": "y",
        "captcha_answer": "1234",
    }
    browser.get("/register/trial")
    assert browser.post("/register/trial", facts).status_code == 303
    for change in ({"username": "another"}, {"phone": "13800000002"}):
        browser.get("/register/trial")
        answer = browser.post("/register/trial", facts | change)
        assert answer.status_code == 422
        assert "该账号已存在，已有账号则无需申请新账号" in browser.page
        assert 'value="李佳"' in browser.page


def test_a_refused_form_names_each_field_and_keeps_the_input_but_the_passwords(browser):
    """C-16."""
    browser.get("/register/trial")
    answer = browser.post(
        "/register/trial", {"username": "lijia", "phone": "12", "password": "Granit-Weide-47"}
    )
    assert answer.status_code == 422
    for words in (
        "请填写姓名",
        "请填写正确的手机号码",
        "请填写验证码",
        "请先阅读并同意《用户协议》《隐私协议》",
    ):
        assert words in browser.page
    assert 'value="lijia"' in browser.page
    assert "Granit-Weide-47" not in browser.page


def test_a_system_that_does_not_register_has_no_registration(browser):
    """C-06."""
    assert browser.get("/register/closed").status_code == 404
    assert browser.get("/register/absent").status_code == 404


def test_a_wrong_captcha_lets_nobody_in(browser, person):
    """C-02."""
    person("wang", "trial.organiser")
    browser.get("/login")
    facts = {"login": "wang", "password": "Granit-Weide-47", "captcha_answer": "0000"}
    assert browser.post("/login", facts).status_code == 422
    assert "验证码错误或已过期" in browser.page


def test_a_captcha_can_be_a_question_in_words(browser):
    """C-02."""
    assert "等于几" in browser.get("/captcha?kind=words").get_data(as_text=True)
    browser.get("/login")
    browser.post("/login", {"login": "wang", "again": "words"})
    assert "等于几" in browser.page
    assert 'value="wang"' in browser.page


def test_the_picture_of_an_answered_captcha_is_gone(browser, person):
    person("wang")
    browser.get("/login")
    picture = f"/captcha/{browser.hidden()['captcha_nonce']}.png"
    assert browser.get(picture).mimetype == "image/png"
    browser.post("/login", {"login": "wang", "password": "x", "captcha_answer": "1234"})
    assert browser.get(picture).status_code == 404


def test_a_generated_password_is_changed_before_anything_else(app, browser, clock):
    """C-07, X-91."""
    with app.app_context():
        _person, password = accounts.create(db.session(), "teacher1", "赵老师", None, clock())
    assert browser.sign_in("teacher1", password).status_code == 303
    assert browser.get("/account").location == "/account/password"
    browser.get("/account/password")
    assert 'id="menu"' not in browser.page
    facts = {"old": password, "password": "Granit-Weide-47", "repeat": "Granit-Weide-47"}
    answer = browser.post("/account/password", facts)
    assert answer.location == "/account"
    assert browser.get("/account").status_code == 200


def test_a_changed_password_ends_all_other_sessions(app, browser, person):
    """T15."""
    person("wang", "trial.organiser")
    other = Browser(app.test_client())
    other.sign_in("wang")
    browser.sign_in("wang")
    browser.get("/account/password")
    browser.post(
        "/account/password", {"old": PASSWORD, "password": "Basalt-Erle-82", "repeat": "Basalt-Erle-82"}
    )
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_one_ends_ones_own_sessions_and_nobody_elses(app, browser, person):
    person("wang", "trial.organiser")
    person("zhao", "trial.organiser")
    other, stranger = Browser(app.test_client()), Browser(app.test_client())
    other.sign_in("wang")
    stranger.sign_in("zhao")
    browser.sign_in("wang")
    browser.get("/account")
    (device,) = re.findall(r"/account/sessions/(\w{64})/end", browser.page)
    stranger.get("/account")
    assert stranger.post(f"/account/sessions/{device}/end").status_code == 404
    assert other.get("/account").status_code == 200
    assert browser.post(f"/account/sessions/{device}/end").status_code == 303
    assert other.get("/account").status_code == 303


def test_the_working_post_narrows_what_one_may(app, browser, person):
    """C-01, T-17."""
    person("wang", "trial.city", "trial.clerk")
    browser.sign_in("wang")
    browser.get("/account")
    assert 'id="menu"' in browser.page
    assert browser.page.count("我的账号") > 2  # the trial's own menu line leads there
    posts = re.findall(r'name="post" value="(\w{26})"', browser.page)
    browser.post("/account/post", {"post": posts[1], "next": "/account"})
    browser.get("/account")
    assert 'aria-current="true"' in browser.page
    assert browser.post("/account/post", {"post": "0" * 26}).status_code == 404


def desk(browser) -> str:
    """The start page of whoever is signed in, without frame and menu."""
    browser.get("/")
    return browser.page[browser.page.index("<main") : browser.page.index("</main>")]


def test_the_desk_shows_systems_of_ones_own_and_those_one_may_join(browser, person):
    """C-46: neither a role nor a way to register, and a system is not there."""
    person("wang", "trial.city")
    browser.sign_in("wang")
    page = desk(browser)
    assert re.search(r"<h2>青少年科技活动服务平台</h2>.*?我的账号", page, re.DOTALL)
    assert "/identity/trial" not in page
    assert "代表委员推选系统" not in browser.page
    assert 'href="/identity/fairs"' in page


def test_a_system_in_which_there_is_nothing_to_open_is_still_on_the_desk(browser, person):
    """C-46: a role without a menu of its own."""
    person("zhao", "trial.clerk")
    browser.sign_in("zhao")
    assert re.search(r"<h2>青少年科技活动服务平台</h2>\s*</div>\s*<p[^>]*>您在这里的事项", desk(browser))


def test_who_joins_a_second_system_has_both(browser, person):
    """C-46: one account for all."""
    person("qian", "trial.clerk")
    browser.sign_in("qian")
    browser.get("/identity/fairs")
    assert browser.post("/identity/fairs", {"role": "fairs.organiser"}).location == "/"
    page = desk(browser)
    assert 'href="/fairs/apply"' in page
    assert "青少年科技活动服务平台" in page
    assert "/identity/fairs" not in page


def test_whose_menu_holds_work_of_the_platform_is_not_told_that_he_has_none(browser, person):
    """C-46: a designer has no system, and something to do."""
    person("zhou", "platform.designer")
    browser.sign_in("zhou")
    page = desk(browser)
    assert "流程设计" in page
    assert "您还没有可以办理的业务" not in page


def test_who_belongs_nowhere_sees_no_system_but_open_ones(browser, person):
    """C-46."""
    person("sun")
    browser.sign_in("sun")
    page = desk(browser)
    assert "您还没有可以办理的业务" in page
    assert set(re.findall(r'href="/identity/(\w+)"', page)) >= {"trial", "fairs"}
    assert "closed" not in page
