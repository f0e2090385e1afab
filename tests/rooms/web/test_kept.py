"""Nothing typed is lost when a session ends in the middle of a form, and nobody else gets it."""

from __future__ import annotations

import re

import pytest
from flask import render_template_string, request

from app.rooms.web import kept
from app.rooms.web.guards import signed_in
from tests.rooms.conftest import Browser

FROM = {"Referer": "http://localhost/notes"}


@pytest.fixture
def app(app):
    """The application, and a page with a form that redisplays what was kept, and one that does not."""
    seen = app.extensions["seen"] = []

    @app.get("/notes")
    @signed_in
    def notes():
        typed = kept.take() or {}
        return render_template_string(
            '{% extends "web/base.html" %}{% block content %}<p>[{{ typed.get("opinion", "") }}]</p>{% endblock %}',
            typed=typed,
        )

    @app.post("/notes")
    @signed_in
    def write():
        seen.append(request.form.to_dict())
        return "written"

    @app.get("/plain")
    @signed_in
    def plain():
        return render_template_string('{% extends "web/base.html" %}{% block content %}plain{% endblock %}')

    return app


def typed_into_an_ended_session(browser, clock, **fields):
    browser.sign_in("wang")
    browser.get("/account")
    clock.forward(minutes=31)
    return browser.post("/notes", {"opinion": "同意，材料齐全", **fields}, headers=FROM)


def test_what_was_typed_comes_back_after_login(browser, person, clock):
    person("wang", "trial.organiser")
    answer = typed_into_an_ended_session(browser, clock)
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    browser.get(answer.location)
    assert "您填写的内容已保留" in browser.page
    answer = browser.sign_in("wang", url=answer.location)
    assert answer.location.startswith("/notes?kept=")
    browser.get(answer.location)
    assert "[同意，材料齐全]" in browser.page
    assert "您刚才提交的内容还在" not in browser.page
    browser.get(answer.location)
    assert "[同意，材料齐全]" in browser.page  # a reload loses nothing either


def test_a_page_that_does_not_redisplay_offers_to_send_it_again(app, browser, person, clock):
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    browser.get("/plain")
    clock.forward(minutes=31)
    headers = {"Referer": "http://localhost/plain"}
    answer = browser.post("/notes?a=1", {"opinion": '<b>"同意"</b>'}, headers=headers)
    answer = browser.sign_in("wang", url=answer.location)
    browser.get(answer.location)
    assert "您刚才提交的内容还在" in browser.page
    assert 'action="/notes?a=1"' in browser.page
    assert 'name="opinion" value="&lt;b&gt;&#34;同意&#34;&lt;/b&gt;"' in browser.page


def test_passwords_and_captchas_are_never_kept(app, browser, person, clock):
    person("wang", "trial.organiser")
    answer = typed_into_an_ended_session(browser, clock, password="geheim", captcha_answer="1234")
    answer = browser.sign_in("wang", url=answer.location)
    with app.test_request_context(answer.location), app.app_context():
        from app.extensions import db

        fields = db.session.query(kept.Kept).one().fields
        raw = db.session.connection().exec_driver_sql("select fields from web_kept").scalar()
    assert [name for name, _value in fields] == ["opinion"]
    assert "同意".encode() not in raw


def test_another_person_in_the_same_browser_gets_nothing(browser, person, clock):
    person("wang", "trial.organiser")
    person("zhao", "trial.organiser")
    answer = typed_into_an_ended_session(browser, clock)
    browser.get(browser.sign_in("zhao", url=answer.location).location)
    assert "[]" in browser.page
    assert "同意" not in browser.page


def test_the_same_person_with_a_guessed_key_gets_nothing(browser, person, clock):
    person("wang", "trial.organiser")
    typed_into_an_ended_session(browser, clock)
    browser.sign_in("wang")
    browser.get("/notes?kept=guess")
    assert "[]" in browser.page


def test_after_half_an_hour_it_is_gone(browser, person, clock):
    person("wang", "trial.organiser")
    answer = typed_into_an_ended_session(browser, clock)
    clock.forward(minutes=31)
    browser.get(browser.sign_in("wang", url=answer.location).location)
    assert "[]" in browser.page


def test_a_stranger_cannot_fill_the_house(app, browser):
    answer = browser.client.post("/notes", data={"opinion": "x"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    assert "kept" not in answer.location


def test_a_post_from_another_site_is_not_kept(browser, person, clock):
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    clock.forward(minutes=31)
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = browser.client.post("/notes", data={"opinion": "x"}, headers=headers)
    assert "kept" not in answer.location


def test_a_page_of_before_a_new_login_keeps_what_was_typed_in_itself(app, browser, person):
    """T11: the friendly side of a refused token."""
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    browser.get("/account")
    old = browser.hidden()["csrf_token"]
    browser.post("/logout")
    browser.sign_in("wang")
    answer = browser.post(
        "/notes", {"csrf_token": old, "opinion": "同意", "password": "geheim"}, headers=FROM
    )
    assert answer.status_code == 400
    assert "页面已过期" in browser.page
    assert 'name="opinion" value="同意"' in browser.page
    assert "geheim" not in browser.page
    assert app.extensions["seen"] == []
    browser.post("/notes", {"opinion": "同意"})
    assert app.extensions["seen"][0]["opinion"] == "同意"


def test_a_program_is_told_to_sign_in(app):
    answer = app.test_client().post("/notes", json={"opinion": "x"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 401


def test_a_fragment_leads_the_whole_page_to_the_login(app):
    answer = Browser(app.test_client()).get("/notes", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login?next=")


def test_what_was_sent_to_too_long_an_address_is_not_kept(browser, person, clock):
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    browser.get("/account")
    clock.forward(minutes=31)
    answer = browser.post("/notes?" + "x" * 3000, {"opinion": "同意"}, headers=FROM)
    assert answer.status_code == 303
    assert "kept" not in answer.location


REFUSED = "材料第三页缺少公章，请补正后重新上传"


def refused_post(browser, url="/admin/dictionaries/new", **fields):
    browser.get("/account")
    return browser.post(
        url, {"comment": REFUSED, "outcome": "reject", "key": "01m8bmgf2dyms1we2v6hvybgth", **fields}
    )


def test_what_was_typed_into_a_refused_post_stands_there_to_be_copied(browser, person):
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    answer = refused_post(
        browser, phone="13800138000", place="130000/130400/", note='<b>"同意"</b>', day="2026-11-30"
    )
    assert answer.status_code == 403
    typed = re.search(r'<textarea[^>]*id="typed"[^>]*readonly>([^<]*)</textarea>', browser.page)[1]
    assert typed.split("\n\n") == [REFUSED, "13800138000", "&lt;b&gt;&#34;同意&#34;&lt;/b&gt;"]
    assert refused_post(browser, "/inbox/tasks/01m8bmgf2dyms1we2v6hvybgth").status_code == 404
    assert REFUSED in browser.page
    assert "不再由您办理" in browser.page


def test_nothing_secret_and_nothing_from_elsewhere_stands_there(browser, person):
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    refused_post(
        browser, password="Granit-Weide-47", captcha_answer="算术 七", secret_code="恢复 码", code="ABCDE 码"
    )
    assert REFUSED in browser.page
    for secret in ("Granit", "算术", "恢复 码", "ABCDE"):
        assert secret not in browser.page
    browser.get("/account")
    away = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    browser.post("/admin/dictionaries/new", {"comment": REFUSED}, headers=away)
    assert REFUSED not in browser.page
    assert browser.get("/admin/dictionaries/new?comment=" + REFUSED).status_code == 403
    assert 'id="typed"' not in browser.page


def test_a_stranger_gets_nothing_back_that_he_sends(browser):
    browser.get("/login")
    answer = browser.post("/no/such/page", {"comment": REFUSED})
    assert answer.status_code == 404
    assert REFUSED not in browser.page
