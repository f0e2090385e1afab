"""fields.js and draft.js in a real browser under the strict policy, and the same form without JavaScript."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from flask import Flask, Response, jsonify, render_template, request
from flask_babel import Babel
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.platform.forms import read
from app.rooms.web import forms as pages
from app.rooms.web import shell
from tests.platform.forms.sample import children, given, made

pytestmark = pytest.mark.browser

ROOM = Path(pages.__file__).parent
FORM = made(
    {"type": "text", "name": "name", "required": True},
    {"type": "yes_no", "name": "party"},
    {"type": "date", "name": "joined", "show_if": "party", "require_if": "party"},
    {"type": "number", "name": "age"},
    {"type": "text", "name": "guardian", "show_if": "age < 18"},
    {"type": "region", "name": "origin", "level": "district"},
    {"type": "long_text", "name": "why", "maxlength": 5},
    {"type": "file", "name": "papers"},
)
PAGE = """<!doctype html><html lang="zh-CN"><head><title>样表</title><link rel="icon" href="/static/seal.svg">
<link rel="stylesheet" href="/static/fields.css"><script type="module" src="/static/fields.js"></script>
<script type="module" src="/static/draft.js"></script></head><body><form method="post" novalidate
data-draft="/draft"><input type="hidden" name="csrf_token" value="token">{}
<button name="outcome" value="done">提交</button></form></body></html>"""


class Site:
    """One page with the sample form, and the drafts it was sent."""

    def __init__(self) -> None:
        self.drafts: Queue[str] = Queue()
        self.url = ""
        self.app = Flask(
            __name__, template_folder=str(ROOM / "templates"), static_folder=str(ROOM / "static")
        )
        Babel(self.app, default_locale="zh")
        self.app.after_request(shell.close_unsent)
        self.app.add_url_rule("/", view_func=self.page, methods=["GET", "POST"])
        self.app.add_url_rule("/draft", view_func=self.draft, methods=["POST"])
        self.app.add_url_rule("/regions", "regions.below", self.regions)

    def page(self) -> Response:
        step = FORM.at("s")
        entry = read(step, pages.texts(request.form), given()) if request.method == "POST" else None
        complaints = entry.complaints if entry and not pages.is_update(request.form) else ()
        drawn = pages.render_form(step, {}, complaints, given(), sent=entry.sent if entry else None)
        answer = Response(
            PAGE.format(str(drawn) + render_template("fields/draft.html")), mimetype="text/html"
        )
        answer.headers["Content-Security-Policy"] = "default-src 'self'"
        return answer

    def draft(self) -> tuple[str, int]:
        assert request.headers["X-CSRFToken"] == "token"
        self.drafts.put(request.form["name"])
        return "", 401 if request.form["name"] == "gone" else 204

    def regions(self) -> Response:
        return jsonify([{"code": each.code, "name": each.name} for each in children(request.args["parent"])])


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(engine_of_pages: Browser, site: Site) -> Iterator[Page]:
    context = engine_of_pages.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.goto(site.url)
    yield page
    context.close()
    assert faults == []


def options(page: Page, level: str) -> list[str]:
    return page.locator(f"#f-origin-{level} option").all_text_contents()


def test_a_condition_shows_and_hides_at_once(page: Page) -> None:
    assert page.is_hidden("#f-joined")
    page.check("#f-party")
    assert page.is_visible("#f-joined")
    assert page.get_attribute("#f-joined", "aria-required") == "true"
    page.check("#f-party-2")
    assert page.is_hidden("#f-joined")


def test_a_condition_that_cannot_be_listed_is_asked_of_the_server(page: Page) -> None:
    assert page.is_hidden("#f-guardian")
    page.fill("#f-age", "17")
    page.wait_for_selector("#f-guardian", state="visible")
    page.fill("#f-age", "18")
    page.wait_for_selector("#f-guardian", state="hidden")


def test_regions_fill_level_by_level(page: Page) -> None:
    assert page.is_hidden("button[value=origin]")
    page.select_option("#f-origin-province", "130000")
    page.wait_for_selector("#f-origin-city:enabled")
    assert options(page, "city") == ["请选择地市", "邯郸市"]
    page.select_option("#f-origin-city", "130400")
    page.wait_for_selector("#f-origin-district:enabled")
    page.select_option("#f-origin-district", "130402")
    page.select_option("#f-origin-province", "440000")
    assert page.is_disabled("#f-origin-district")
    page.wait_for_selector("#f-origin-city:enabled")
    page.select_option("#f-origin-city", "441900")
    expect(page.locator("#f-origin-district")).to_contain_text("无下级地区")


def test_a_draft_is_saved_after_a_pause_and_on_leaving(page: Page, site: Site) -> None:
    page.fill("#f-name", "李四")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    assert site.drafts.get(timeout=10) == "李四"
    page.fill("#f-name", "李四光")
    page.goto("about:blank")
    assert site.drafts.get(timeout=10) == "李四光"


def test_a_draft_refused_for_lack_of_a_session_says_so_and_keeps_the_page(page: Page) -> None:
    page.fill("#f-name", "gone")
    expect(page.locator("[data-draft-status]")).to_contain_text("登录已失效")
    assert page.input_value("#f-name") == "gone"


def test_enter_submits_nothing_and_the_summary_leads_to_the_field(page: Page) -> None:
    page.press("#f-name", "Enter")
    assert page.query_selector("#error-summary") is None
    page.click("button[name=outcome]")
    page.click("#error-summary a")
    assert page.evaluate("document.activeElement.id") == "f-name"


def test_the_counter_and_the_chosen_file_speak_our_language(page: Page) -> None:
    page.fill("#f-why", "一二三四五六七")
    assert page.inner_text("[data-count]") == "超出 2 字"
    page.set_input_files("#f-papers", {"name": "扫描.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    assert page.inner_text("[data-chosen]") == "扫描.pdf"


def test_the_same_form_works_without_javascript(engine_of_pages: Browser, site: Site) -> None:
    context = engine_of_pages.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url)
    page.fill("#f-name", "李四")
    page.check("#f-party")
    page.select_option("#f-origin-province", "130000")
    page.click("button[value=origin]")
    assert options(page, "city") == ["请选择地市", "邯郸市"]
    assert page.input_value("#f-name") == "李四"
    assert page.is_visible("#f-joined")
    assert page.locator("#error-summary").count() == 0
    page.click("button[name=outcome]")
    assert page.locator("#error-summary a").all_text_contents() == [
        "请填写【joined】",
        "【origin】请精确到区县",
    ]
    context.close()
