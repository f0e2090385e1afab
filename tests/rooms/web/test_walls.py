"""What holds for every route: a guard, the headers, a token before anything is changed."""

from __future__ import annotations

import pytest

from app.rooms.web import guards, shell
from app.rooms.web.security import HEADERS, POLICY
from tests.rooms.conftest import TRIAL

SAFE = {"GET", "HEAD", "OPTIONS"}


def address(app, rule) -> str:
    values = {name: "trial" if name == "system" else "0" * 26 for name in rule.arguments}
    with app.test_request_context():
        return rule.build(values, append_unknown=False)[1]


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_view_carries_a_guard(app):
    bare = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "guard")
    ]
    assert not bare


def test_a_view_without_a_guard_lets_nobody_in(app):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    with pytest.raises(guards.Unguarded):
        app.test_client().get("/forgotten")


def test_a_view_takes_one_guard_only():
    with pytest.raises(TypeError):
        guards.signed_in(guards.open_to_all(lambda: ""))


def test_every_answer_carries_the_headers(app, browser, person):
    person("wang", *[role.key for role in TRIAL.roles])
    browser.sign_in("wang")
    for rule in rules(app):
        answer = browser.client.get(address(app, rule))
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, rule
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert "X-Request-ID" in answer.headers
        open_list = answer.cache_control.public and rule.endpoint == "regions.below"
        assert open_list or answer.headers["Cache-Control"] == "no-store", rule


def test_static_files_are_kept_by_browsers_when_their_content_names_them(app, browser):
    with browser.get("/static/chengpi.css?v=1") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with browser.get("/static/chengpi.css") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]


def test_the_file_of_an_answer_without_a_body_is_closed(app):
    view = app.view_functions["static"]
    with app.test_request_context("/static/seal.svg", method="HEAD"):
        answer = app.make_response(view(filename="seal.svg"))
        unsent = answer.response
        assert not unsent.file.closed
        shell.close_unsent(answer)
        assert unsent.file.closed


def test_no_unsafe_route_acts_without_a_token(app, browser, person):
    """T11: without a token, with a wrong one, and as a cross-origin post."""
    person("wang", *[role.key for role in TRIAL.roles])
    browser.sign_in("wang")
    for rule in rules(app):
        for method in (rule.methods or set()) - SAFE:
            url = address(app, rule)
            for data, headers in (
                ({}, {}),
                ({"csrf_token": "wrong"}, {}),
                ({}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}),
                ({}, {"X-CSRFToken": "wrong"}),
            ):
                answer = browser.client.open(url, method=method, data=data, headers=headers)
                assert answer.status_code in (400, 403), (method, url, answer.status_code)
            assert browser.client.get("/account").status_code == 200  # still signed in, nothing done


def test_a_token_of_before_logout_is_worth_nothing_after_it(browser, person):
    """T11."""
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    browser.get("/account")
    old = browser.hidden()["csrf_token"]
    browser.post("/logout")
    browser.sign_in("wang")
    answer = browser.post("/account/sessions/end-others", {"csrf_token": old})
    assert answer.status_code == 400


def test_a_token_of_another_session_is_worth_nothing(app, browser, person):
    """T11."""
    from tests.rooms.conftest import Browser

    person("wang", "trial.organiser")
    person("zhao", "trial.organiser")
    browser.sign_in("wang")
    browser.get("/account")
    other = Browser(app.test_client())
    other.sign_in("zhao")
    other.get("/account")
    assert other.post("/logout", {"csrf_token": browser.hidden()["csrf_token"]}).status_code == 400


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(browser, person):
    """T15."""
    person("wang")
    answer = browser.sign_in("wang")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie


def test_a_login_changes_the_session(browser, person):
    """T15: what an attacker planted before the login is not the session after it."""
    person("wang")
    browser.client.set_cookie("chengpi", "planted-by-somebody")
    browser.sign_in("wang")
    assert browser.client.get_cookie("chengpi").value != "planted-by-somebody"
    browser.get("/account")
    first = browser.client.get_cookie("chengpi").value
    browser.post("/logout")
    assert browser.client.get_cookie("chengpi") is None
    browser.client.set_cookie("chengpi", first)
    assert browser.get("/account").status_code == 303


def test_a_session_ends_when_nobody_uses_it(browser, person, clock):
    """T15."""
    person("wang", "trial.organiser")
    browser.sign_in("wang")
    assert browser.get("/account").status_code == 200
    clock.forward(minutes=31)
    assert browser.get("/account").location.startswith("/login?next=")
