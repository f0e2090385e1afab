"""Signing in at another house: what its word is worth, and what is said when it is worth nothing (C-50)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pyotp
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

from app.extensions import db
from app.platform import settings
from app.platform.audit.entities import AuditRow
from app.platform.identity import accounts, oidc, proof
from app.platform.identity.entities import Account, External
from app.platform.registry import Words
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.oidc_provider import CLIENT, SECRET, TestProvider, provider

BACK = "/login/sso/return"


@pytest.fixture
def there(app, clock) -> Iterator[TestProvider]:
    """A provider, and the application that trusts it."""
    oidc.forget()
    with provider() as made:
        made.now = clock().timestamp()
        told = oidc.Provider(made.url, CLIENT, SECRET, Words("市统一身份认证", "City sign-on"))
        app.extensions["chengpi"] = replace(app.extensions["chengpi"], oidc=told)
        yield made
    oidc.forget()


@pytest.fixture
def linked(app, there, person, clock) -> str:
    """Wang, known there as u-1001."""
    made = person("wang", "trial.city")
    with app.app_context():
        session = db.session()
        values = {"issuer": there.url, "subject": "u-1001", "person_id": made, "linked_at": clock()}
        session.add(External(**values))
        session.commit()
    return made


def leave(browser: Browser, url: str = "/login/sso") -> dict[str, str]:
    """Set out; return what the provider is asked."""
    answer = browser.client.get(url)
    assert answer.status_code == 303, answer.status_code
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def come_back(browser: Browser, there: TestProvider, asked: dict[str, str]) -> str:
    """Sign in there and return; the path one is led to."""
    back = urlsplit(there.authorize(asked))
    return browser.client.get(f"{back.path}?{back.query}").location


def failures(app) -> list[str]:
    with app.app_context():
        return list(
            db.session().scalars(select(AuditRow.kind).where(AuditRow.kind == "account.sign_in_failed"))
        )


def is_in(browser: Browser) -> bool:
    return browser.client.get("/account").status_code == 200


def said(browser: Browser) -> str:
    browser.get("/login")
    return browser.page


def test_who_is_linked_signs_in_and_lands_where_he_was_going(browser, there, linked):
    browser.get("/login?next=/account")
    assert "用市统一身份认证登录" in browser.page
    asked = leave(browser, "/login/sso?next=/account")
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        "code",
        "openid",
        "S256",
    )
    assert come_back(browser, there, asked) == "/account"
    assert is_in(browser)


def test_it_leads_to_no_other_site(browser, there, linked):
    asked = leave(browser, "/login/sso?next=//evil.example")
    assert come_back(browser, there, asked) == "/"


def test_a_wrong_state_another_browsers_answer_and_a_second_time(app, browser, there, linked):
    asked = leave(browser)
    back = urlsplit(there.authorize(asked))
    stranger = Browser(app.test_client())
    assert stranger.client.get(f"{back.path}?{back.query}").location == "/login"
    assert "登录请求已失效" in said(stranger)
    forged = urlencode({"code": "x", "state": "forged"})
    assert browser.client.get(f"{BACK}?{forged}").location == "/login"
    assert browser.client.get(f"{back.path}?{back.query}").location == "/login"  # the try is used up
    assert not is_in(browser)
    assert len(failures(app)) == 3


def test_a_replayed_code_opens_nothing(browser, there, linked):
    first = leave(browser)
    back = parse_qs(urlsplit(there.authorize(first)).query)
    code = back["code"][0]
    there.codes.clear()  # somebody has redeemed it before
    again = urlencode({"code": code, "state": first["state"]})
    assert browser.client.get(f"{BACK}?{again}").location == "/login"
    assert "无法核实" in said(browser)
    assert not is_in(browser)


def test_a_code_of_another_try_is_worth_nothing_here(app, browser, there, linked):
    """PKCE: the code was asked for by another browser."""
    stranger = Browser(app.test_client())
    stolen = parse_qs(urlsplit(there.authorize(leave(stranger))).query)["code"][0]
    mine = leave(browser)
    answer = browser.client.get(f"{BACK}?{urlencode({'code': stolen, 'state': mine['state']})}")
    assert answer.location == "/login"
    assert not is_in(browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"aud": "another client"},
        {"aud": ["another client", "a third"]},
        {"aud": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"azp": "another client"},
        {"nbf": 4102444800},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_and_here_opens_nothing(app, browser, there, linked, claims):
    there.claims = claims
    assert come_back(browser, there, leave(browser)) == "/login"
    assert "无法核实" in said(browser)
    assert not is_in(browser)
    assert len(failures(app)) == 1


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_token_without_a_signature_of_the_providers_key_opens_nothing(browser, there, linked, alg):
    there.alg = alg
    assert come_back(browser, there, leave(browser)) == "/login"
    assert not is_in(browser)


def test_a_token_signed_by_a_strangers_key_opens_nothing_and_a_new_key_is_fetched(browser, there, linked):
    assert come_back(browser, there, leave(browser)) == "/"
    browser.get("/account/password")
    browser.post("/logout")
    there.signing = RSAKey.generate_key(2048, {"kid": "two"})
    assert come_back(browser, there, leave(browser)) == "/login"
    there.key = there.signing
    assert come_back(browser, there, leave(browser)) == "/"


def test_an_answer_of_another_issuer_is_not_heard(browser, there, linked):
    asked = leave(browser)
    code = parse_qs(urlsplit(there.authorize(asked)).query)["code"][0]
    mixed = urlencode({"code": code, "state": asked["state"], "iss": "https://another.example"})
    assert browser.client.get(f"{BACK}?{mixed}").location == "/login"
    assert "/token" not in there.asked


def test_whoever_is_not_linked_gets_no_account(app, browser, there, linked):
    there.subject = "u-9999"
    assert come_back(browser, there, leave(browser)) == "/login"
    assert "尚未关联" in said(browser)
    with app.app_context():
        assert len(db.session().scalars(select(Account.person_id)).all()) == 1


def test_a_disabled_and_a_closed_account_stay_shut(app, browser, there, linked, clock):
    with app.app_context():
        accounts.disable(db.session(), linked, None, clock())
    assert come_back(browser, there, leave(browser)) == "/login"
    assert "账号已被禁用" in said(browser)
    with app.app_context():
        session = db.session()
        session.execute(update(Account).values(is_disabled=False, closed_at=clock()))
        session.commit()
    assert come_back(browser, there, leave(browser)) == "/login"
    assert "尚未关联" in said(browser)


def test_the_visitor_cancels_there(browser, there, linked):
    asked = leave(browser)
    gone = urlencode({"error": "access_denied", "state": asked["state"]})
    assert browser.client.get(f"{BACK}?{gone}").location == "/login"
    assert "没有完成" in said(browser)


def test_a_try_waits_ten_minutes(browser, there, linked, clock):
    asked = leave(browser)
    clock.forward(minutes=11)
    assert come_back(browser, there, asked) == "/login"
    assert not is_in(browser)


def test_a_provider_that_is_down_is_said_in_words(browser, there, linked):
    there.down = 503
    assert browser.client.get("/login/sso").location == "/login"
    assert "暂时无法连接" in said(browser)
    there.down = None
    asked = leave(browser)
    there.down = 500
    assert come_back(browser, there, asked) == "/login"
    assert "暂时无法连接" in said(browser)


def test_a_port_where_nobody_answers_and_a_configuration_of_another_issuer(app, browser, there, linked):
    there.issuer_said = "https://another.example"
    assert browser.client.get("/login/sso").location == "/login"
    config = app.extensions["chengpi"]
    app.extensions["chengpi"] = replace(config, oidc=replace(config.oidc, issuer="http://127.0.0.1:9"))
    started = time.monotonic()
    assert browser.client.get("/login/sso").location == "/login"
    assert time.monotonic() - started < 6
    assert "暂时无法连接" in said(browser)


def test_one_links_after_the_password_and_unlinks(app, browser, there, person):
    person("wang", "trial.city")
    browser.sign_in("wang")
    assert browser.get("/account/sso/go").location == "/account/sso"
    browser.get("/account/sso")
    assert browser.post("/account/sso", {"password": "wrong"}).status_code == 422
    assert "密码错误" in browser.page
    assert browser.post("/account/sso", {"password": PASSWORD}).status_code == 303
    browser.get("/account/sso")
    assert "前往市统一身份认证" in browser.page
    assert come_back(browser, there, leave(browser, "/account/sso/go")) == "/account"
    browser.get("/account")
    assert "已关联" in browser.page
    other = Browser(app.test_client())
    assert come_back(other, there, leave(other)) == "/"
    assert browser.post("/account/sso/unlink").status_code == 303
    assert come_back(other, there, leave(other)) == "/login"
    browser.get("/account")
    assert "未关联" in browser.page


def test_nobody_links_what_is_somebody_elses_nor_in_another_session(app, browser, there, linked, person):
    person("lihua", "trial.city")
    browser.sign_in("lihua")
    browser.get("/account/sso")
    browser.post("/account/sso", {"password": PASSWORD})
    assert come_back(browser, there, leave(browser, "/account/sso/go")) == "/account"
    browser.get("/account")
    assert "已关联其他人员" in browser.page
    browser.post("/account/sso", {"password": PASSWORD})
    there.subject = "u-2"
    asked = leave(browser, "/account/sso/go")
    browser.post("/logout")
    assert come_back(browser, there, asked) == "/login"
    with app.app_context():
        assert db.session().scalars(select(External.subject)).all() == ["u-1001"]


def test_the_second_factor_is_asked_for_all_the_same(app, browser, there, linked, clock):
    """What the provider says of its own factors (`amr`) does not stand for ours."""
    with app.app_context():
        settings.change(db.session(), proof.SETTING, True, None, clock())
    browser.sign_in("wang")
    browser.get("/account/factor")
    browser.post("/account/factor/start")
    browser.get("/account/factor")
    secret = browser.page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    assert browser.post("/account/factor", {"secret_code": pyotp.TOTP(secret).at(clock())}).status_code == 303
    browser.get("/account/password")
    browser.post("/logout")
    there.claims = {"amr": ["pwd", "otp", "mfa"], "acr": "high"}
    assert come_back(browser, there, leave(browser)) == "/"
    assert browser.get("/account").location.startswith("/factor")


def test_without_a_provider_or_the_extra_nothing_is_offered(app, browser, there, linked, monkeypatch):
    monkeypatch.setattr(oidc, "is_installed", lambda: False)
    assert browser.get("/login/sso").status_code == 404
    browser.get("/login")
    assert "统一身份认证" not in browser.page
    answer = app.test_cli_runner().invoke(args=["check"])
    assert answer.exit_code != 0
    assert "sso" in answer.output


@pytest.mark.parametrize(
    "issuer",
    ["http://idp.example.org", "ftp://idp.example.org", "https://a@b.example", "https://x/?y", "idp", ""],
)
def test_an_issuer_that_is_none_is_refused_at_the_start(issuer):
    with pytest.raises(ValueError, match="issuer"):
        oidc.Provider(issuer, "a", "b")
