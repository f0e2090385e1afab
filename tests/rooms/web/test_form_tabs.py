"""A form in tabs: links to its parts without scripts, real tabs with them; to fill in, to read, and on paper."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from flask_babel import Babel
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.platform.forms import load, read
from app.rooms.web import forms as pages
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.platform.forms.sample import given

pytestmark = pytest.mark.browser
ROOM = Path(pages.__file__).parent


def asked(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "name": name, "label": label, "label.en": name, **more}


def part(title: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "section", "title": title, "title.en": title, "fields": list(fields), **more}


PARTS = (
    asked("number", "编号"),
    part("基本信息", asked("name", "姓名", required=True), {**asked("party", "党员"), "type": "yes_no"}),
    part("政治面貌", asked("joined", "入党介绍人", required=True), show_if="party"),
    part("联系方式", asked("mail", "邮箱", required=True), asked("post", "邮编", required=True)),
    part("附件", {"type": "file", "name": "papers", "label": "附件", "label.en": "Papers"}),
)
FORM = {
    "id": "t/f",
    "title": "登记表",
    "title.en": "Form",
    "steps": {"s": "edit"},
    "fields": list(PARTS),
    "tabs": True,
}
PAGE = """<!doctype html><html lang="zh-CN"><head><title>登记表</title><link rel="icon" href="/static/seal.svg">
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/static/built/tabler.min.css">
<link rel="stylesheet" href="/static/chengpi.css"><link rel="stylesheet" href="/static/fields.css">
<script type="module" src="/static/{script}.js"></script></head><body class="no-menu"><main class="page"><h1>登记表</h1>
<form method="post" novalidate enctype="multipart/form-data">{form}
<button class="btn btn-primary" name="outcome" value="done">提交</button></form></main></body></html>"""


@pytest.fixture
def site() -> Iterator[str]:
    """The form to fill in at `/`, to read at `/read`."""
    app = Flask(__name__, template_folder=str(ROOM / "templates"), static_folder=str(ROOM / "static"))
    Babel(app, default_locale="zh")
    form = load(json.dumps(FORM).encode())

    def page(read_only: bool = False) -> Response:
        step = form.at("s")
        entry = read(step, pages.texts(request.form), given()) if request.method == "POST" else None
        complaints = entry.complaints if entry and not pages.is_update(request.form) else ()
        values = (
            {"number": "7", "name": "王静", "party": True, "joined": "李四", "mail": "a@b.cn"}
            if read_only
            else {}
        )
        drawn = pages.render_form(
            step, values, complaints, given(), sent=entry.sent if entry else None, editable=not read_only
        )
        text = PAGE.format(form=str(drawn), script="tabs" if read_only else "fields")
        answer = Response(text, mimetype="text/html")
        answer.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
        return answer

    app.add_url_rule("/", "fill", page, methods=["GET", "POST"])
    app.add_url_rule("/read", "read", lambda: page(True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(engine_of_pages: Browser, site: str) -> Iterator[Page]:
    context = engine_of_pages.new_context(viewport=DESKTOP)
    context.set_default_timeout(8_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(site)
    page.get_by_role("tab", name="基本信息").wait_for()
    yield page
    context.close()
    assert faults == []


def open_tab(page: Page) -> str:
    return page.locator('[role=tab][aria-selected="true"]').inner_text().split()[0]


def tabs(page: Page) -> list[str]:
    every = page.locator(".form-tabs a").all()
    return [" ".join(each.inner_text().split()) for each in every if each.is_visible()]


def test_one_part_shows_at_a_time_and_what_lies_outside_of_them_always(page: Page) -> None:
    assert tabs(page) == ["基本信息", "联系方式", "附件"]
    assert page.is_visible("#f-name")
    assert page.is_hidden("#f-mail")
    page.get_by_role("tab", name="联系方式").click()
    assert page.is_hidden("#f-name")
    assert page.is_visible("#f-mail")
    assert page.is_visible("#f-number")
    panel = page.get_by_role("tabpanel", name="联系方式")
    expect(panel).to_be_visible()
    assert page.url.endswith("#f-tab-4")
    page.reload()
    page.get_by_role("tab", name="基本信息").wait_for()
    assert open_tab(page) == "联系方式"


def test_arrow_keys_go_round_and_only_the_open_tab_is_in_the_order(page: Page) -> None:
    page.get_by_role("tab", name="基本信息").focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        seen.append(open_tab(page))
        assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
        assert page.locator('[role=tab][tabindex="0"]').count() == 1
    assert seen == ["联系方式", "附件", "基本信息", "附件", "基本信息", "附件"]


def test_a_part_that_a_condition_shows_is_a_tab_from_then_on(page: Page) -> None:
    page.check("#f-party")
    page.get_by_role("tab", name="政治面貌").click()
    assert page.is_visible("#f-joined")
    page.get_by_role("tab", name="基本信息").click()
    page.check("#f-party-2")
    page.get_by_role("tab", name="政治面貌").wait_for(state="hidden")
    assert tabs(page) == ["基本信息", "联系方式", "附件"]


def test_a_tab_with_complaints_says_so_and_the_first_such_opens(page: Page) -> None:
    page.fill("#f-name", "王静")
    page.get_by_role("button", name="提交").click()
    page.locator(".error-summary").wait_for()
    page.get_by_role("tab", name="基本信息").wait_for()
    assert tabs(page) == ["基本信息", "联系方式 2 处需修改", "附件"]
    assert open_tab(page) == "联系方式"
    page.get_by_role("tab", name="基本信息").click()
    page.locator(".error-summary a").nth(1).click()
    assert (open_tab(page), page.evaluate("document.activeElement.id")) == ("联系方式", "f-post")


def test_paper_shows_every_part_under_its_title(page: Page) -> None:
    page.emulate_media(media="print")
    for one in ("#f-name", "#f-mail"):
        assert page.is_visible(one)
    expect(page.get_by_role("heading", name="联系方式")).to_be_visible()
    assert page.is_hidden(".form-tabs")


def test_without_scripts_the_parts_stand_below_each_other_with_links_above(
    engine_of_pages: Browser, site: str
) -> None:
    context = engine_of_pages.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    assert page.is_visible("#f-name")
    assert page.is_visible("#f-mail")
    page.get_by_role("link", name="联系方式").click()
    assert page.url.endswith("#f-tab-4")
    page.get_by_role("button", name="提交").click()
    assert tabs(page) == ["基本信息 1 处需修改", "联系方式 2 处需修改", "附件"]
    context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_it_suits_everybody_to_fill_in_with_complaints_and_to_read(page: Page, size: Any) -> None:
    page.set_viewport_size(size)
    for step in ("fill", "refused", "read"):
        if step == "refused":
            page.get_by_role("button", name="提交").click()
            page.locator(".error-summary").wait_for()
        if step == "read":
            page.goto(f"{page.url.split('#')[0]}read")
        page.locator("[role=tab]").first.wait_for()
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)
    assert tabs(page) == ["基本信息", "政治面貌", "联系方式", "附件"]
    assert open_tab(page) == "基本信息"
