"""`next=` leads nowhere but here (T12)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from app.rooms.web.security import safe_target

FOREIGN = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "http://evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "//evil.example ",
    "\x00//evil.example",
    "/\x0b/evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "evil.example",
    "www.evil.example/",
    "@evil.example",
    "//user@evil.example",
    "https://localhost@evil.example",
    "//evil.example\\@localhost",
    "//localhost.evil.example",
    "//[::1]",
    "//[::1]:80/",
    "//127.0.0.1",
    "//evil。example",
    "//evil%E3%80%82example",
    "//\u2025evil.example",
    "／／evil.example",
    "//evil.example/%2f..",
    "/%09/evil.example\n",
    "//%0d%0aevil.example",
    "?next=//evil.example",
    "#//evil.example",
    ".",
    "..",
    "../..",
    "./",
    "//",
    "///",
    "\\",
    "/ /evil.example",
    "https://",
    "http:",
    "//evil.example:443/path?x#y",
    "//[",
    "/\x7f/evil",
    "x" * 3000,
    "/" + "x" * 3000,
    "",
    None,
]
OWN = [
    "/",
    "/account",
    "/inbox/?box=todo&page=2",
    "/a/b?x=%2F%2Fevil.example",
    "/%2f%2fevil.example",
    "/中文?q=审核",
]


@pytest.mark.parametrize("target", FOREIGN)
def test_a_foreign_target_becomes_the_start_page(target):
    assert safe_target(target) == "/"


@pytest.mark.parametrize("target", OWN)
def test_a_page_of_ours_stays(target):
    assert safe_target(target) == target


def test_the_login_never_leads_off_the_site(browser, person):
    person("wang", "trial.organiser")
    for target in FOREIGN:
        answer = browser.sign_in("wang", url="/login?next=" + quote(target or ""))
        assert answer.status_code == 303
        assert answer.location == "/"
        browser.client.delete_cookie("chengpi")


def test_the_language_switch_never_leads_off_the_site(browser):
    for target in FOREIGN:
        browser.get("/login?lang=en&next=" + quote(target or ""))
        assert 'href="//' not in browser.page
        assert 'href="http' not in browser.page


def test_the_post_switcher_never_leads_off_the_site(browser, person):
    person("wang", "trial.organiser", "trial.clerk")
    browser.sign_in("wang")
    browser.get("/account")
    for target in FOREIGN:
        assert browser.post("/account/post", {"post": "", "next": target or ""}).location == "/"


@pytest.mark.parametrize(
    "asked", ["_external=1&_scheme=javascript", "endpoint=x", "_method=X&_anchor=y", "filename=z"]
)
def test_what_a_visitor_asks_for_never_steers_the_links_of_a_page(browser, asked):
    answer = browser.get(f"/login?{asked}&next=/account")
    assert answer.status_code == 200
    switch = f"/login?{asked.replace('&', '&amp;')}&amp;next=%2Faccount&amp;lang=en"
    assert f'href="{switch}"' in browser.page


def test_what_no_text_can_hold_is_nowhere_a_failure(browser, person):
    """PostgreSQL keeps a NUL in no text."""
    for url in ("/regions?parent=%00", "/captcha/%00.png", "/login?kept=%00&next=%00"):
        assert browser.get(url).status_code in (200, 404), url
    browser.get("/login")
    given = {"login": "a\0b", "password": "x", "captcha_nonce": "\0", "captcha_answer": "1234"}
    assert browser.post("/login", given).status_code == 422
