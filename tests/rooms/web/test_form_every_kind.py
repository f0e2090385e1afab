"""A form of every kind in a real browser, at both widths: axe-core finds nothing, nothing scrolls sideways."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask_babel import Babel
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.platform.forms import read
from app.rooms.web import forms as pages
from app.rooms.web import shell
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.platform.forms.every_kind import FORM, VALUES, WRONG, house

pytestmark = pytest.mark.browser

ROOM = Path(pages.__file__).parent
SHOTS = os.environ.get("CHENGPI_SHOTS")
"""A folder that is given here keeps the pictures, to be looked at."""
PAGE = """<!doctype html><html lang="zh-CN" data-bs-theme="light"><head><meta charset="utf-8"><title>样表</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/static/seal.svg">
<link rel="stylesheet" href="/static/built/tabler.min.css"><link rel="stylesheet" href="/static/chengpi.css">
<link rel="stylesheet" href="/static/fields.css"><script type="module" src="/static/fields.js"></script></head>
<body><main class="page-body"><div class="container-xl"><h1>样表</h1><form method="post" class="card" novalidate>
<div class="card-body">{}</div><p class="card-footer">
<button class="btn btn-primary" name="outcome" value="done">提交</button></p>
</form></div></main></body></html>"""


class Site:
    """The form in four states, each at its address."""

    def __init__(self) -> None:
        self.url = ""
        self.app = Flask(
            __name__, template_folder=str(ROOM / "templates"), static_folder=str(ROOM / "static")
        )
        Babel(self.app, default_locale="zh")
        self.app.after_request(shell.close_unsent)
        self.app.add_url_rule("/<state>", view_func=self.page, methods=["GET", "POST"])

    def page(self, state: str) -> Response:
        step, values = FORM.at("s"), VALUES if state in ("filled", "read") else {}
        given = house(values)
        sent = pages.texts(request.form) if request.method == "POST" else WRONG if state == "wrong" else None
        entry = read(step, sent, given) if sent is not None else None
        complaints = entry.complaints if entry and not pages.is_update(request.form) else ()
        drawn = pages.render_form(
            step, values, complaints, given, sent=entry.sent if entry else None, editable=state != "read"
        )
        answer = Response(PAGE.format(drawn), mimetype="text/html")
        answer.headers["Content-Security-Policy"] = "default-src 'self'"
        return answer


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def opened(browser: Browser, site: Site, state: str, *, scripts: bool = True) -> Page:
    page = browser.new_context(viewport=DESKTOP, java_script_enabled=scripts).new_page()
    page.goto(f"{site.url}/{state}")
    return page


@pytest.mark.parametrize("state", ["empty", "filled", "wrong", "read"])
def test_it_is_clean_at_both_widths(engine_of_pages: Browser, site: Site, state: str) -> None:
    page = opened(engine_of_pages, site, state)
    found = []
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        found += complaints_of_axe(page)
        if scrolls_sideways(page):
            found.append(f"wider than {size['width']}")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{state}-{size['width']}.png", full_page=True)
    page.context.close()
    assert found == []


def rows(page: Page) -> list[str]:
    return page.locator("#f-members tbody .rows-figure").all_text_contents()


def test_rows_come_and_go_with_the_keyboard_and_keep_count(engine_of_pages: Browser, site: Site) -> None:
    page = opened(engine_of_pages, site, "filled")
    page.focus("button[name=_add]")
    page.keyboard.press("Enter")
    assert rows(page) == ["1", "2", "3"]
    assert page.evaluate("document.activeElement.name") == "members.3.name"
    expect(page.locator("[data-rows-said]")).to_have_text("已添加第3行")
    page.keyboard.type("赵七")
    page.focus("button[value='members:1']")
    page.keyboard.press("Space")
    assert rows(page) == ["1", "2"]
    assert page.evaluate("document.activeElement.name") == "members.2.name"
    assert page.locator("label[for='f-members-3-name']").text_content() == "队员 第2行 姓名"
    page.click("button[name=outcome]")
    expect(page.locator("label[for='f-members-2-name']")).to_have_text("队员 第2行 姓名")
    assert rows(page) == ["1", "2"]
    assert [page.input_value(f"#f-members-{row}-name") for row in (1, 2)] == ["王五六", "赵七"]
    page.context.close()


def test_the_last_row_leaves_an_empty_one_behind(engine_of_pages: Browser, site: Site) -> None:
    page = opened(engine_of_pages, site, "empty")
    page.fill("#f-members-1-name", "张三")
    page.click("button[value='members:1']")
    assert rows(page) == ["1"]
    assert page.input_value("input[name='members.2.name']") == ""
    page.context.close()


def test_what_is_computed_follows_at_once(engine_of_pages: Browser, site: Site) -> None:
    page = opened(engine_of_pages, site, "filled")
    page.fill("#f-members-2-fee", "100")
    expect(page.locator("#f-total")).to_have_text("220.50 元")
    page.click("button[value='members:1']")
    expect(page.locator("#f-total")).to_have_text("100.00 元")
    page.fill("#f-held-to", "2026-12-05")
    expect(page.locator("#f-days")).to_have_text("5 天")
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_unit_is_found_by_name_and_chosen(engine_of_pages: Browser, site: Site, scripts: bool) -> None:
    page = opened(engine_of_pages, site, "empty", scripts=scripts)
    page.fill("#f-full_name", "李四")
    page.fill("#f-unit", "中学")
    page.click("button[value=unit]")
    found = page.locator("[data-search=unit] .form-check-label")
    expect(found).to_have_count(2)
    assert found.all_text_contents()[0].split() == ["邯郸市第一中学", "河北省邯郸市"]
    page.check("input[name=unit][value=u2]")
    assert page.input_value("#f-full_name") == "李四"
    page.click("button[name=outcome]")
    assert page.is_checked("input[name=unit][value=u2]")
    assert "请选择【所在单位】" not in page.inner_text("#error-summary")
    page.context.close()


def test_rows_come_and_go_without_javascript(engine_of_pages: Browser, site: Site) -> None:
    page = opened(engine_of_pages, site, "empty", scripts=False)
    page.fill("#f-members-1-name", "张三")
    page.click("button[name=_add]")
    page.fill("#f-members-2-name", "王五")
    page.check("#f-members-2-captain")
    page.click("button[value='members:1']")
    expect(page.locator("#f-members tbody .rows-figure")).to_have_text(["1"])  # the next page has come
    assert page.input_value("#f-members-1-name") == "王五"
    assert page.is_checked("#f-members-1-captain")
    assert page.locator("#error-summary").count() == 0
    page.context.close()
