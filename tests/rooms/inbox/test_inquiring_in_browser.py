"""Asking and answering in a real browser by two people; at both widths, without axe findings, and without scripts."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.platform.runtime import versions
from tests import tenants
from tests.browser import CAPTCHA, DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.rooms.conftest import PASSWORD
from tests.rooms.inbox.conftest import NAMES
from tests.world import World

pytestmark = pytest.mark.browser
CHAIN = "processes/fairs/application.bpmn"
DUE = b'<spiffworkflow:property name="due" value="P3WD" />'
ASKS = b'<spiffworkflow:property name="allow" value="ask" /><spiffworkflow:property name="pause" value="asking" />'
PICTURES = os.environ.get("TEST_PICTURES", "")
"""Where pictures of the pages are put for whoever wants to look at them."""


@pytest.fixture
def url(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def review(world: World) -> tuple[str, str]:
    """The real chain with its form, whose city review may ask now: instance and task."""
    files = tenants.programs()
    assert DUE in files[CHAIN].partition(b'id="city_review"')[2]
    head, mark, rest = files[CHAIN].partition(b'id="city_review"')
    with world.session() as session:
        given = {**files, CHAIN: head + mark + rest.replace(DUE, DUE + ASKS, 1)}
        versions.publish(session, given, None, world.now)
    instance = world.to_review()
    return instance, world.open_task(instance, "city_review")


Walk = Callable[..., Page]


@pytest.fixture
def walk(engine_of_pages: Browser, url: str) -> Iterator[Walk]:
    """Somebody signed in at a browser of his own, whose console must stay quiet: `walk("市级", PHONE)`."""
    contexts, faults = [], []

    def enter(name: str, size: dict[str, int], scripts: bool = True) -> Page:
        context = engine_of_pages.new_context(viewport=size, locale="zh-CN", java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: line.type == "error" and faults.append(line.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{url}/login")
        page.fill("#login", NAMES[name])
        page.fill("#password", PASSWORD)
        page.fill("#captcha_answer", CAPTCHA)
        page.click(".entry-submit")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "Failed to load resource" not in fault] == []


def judge(page: Page, name: str) -> None:
    page.evaluate("window.scrollTo(0, 0)")  # nothing lies below the masthead
    assert complaints_of_axe(page) == []
    assert not scrolls_sideways(page)
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_two_people_ask_and_answer(
    walk: Walk, url: str, size: dict[str, int], review: tuple[str, str]
) -> None:
    instance, task = review
    city, applicant, colleague = (walk(name, size) for name in ("市级", "组织者甲", "市级二"))
    city.goto(f"{url}/inbox/tasks/{task}")
    city.get_by_role("link", name="询问", exact=True).click()
    city.get_by_label("申请人 组织者甲").check()
    city.get_by_label("问题").fill("盖章处的公章不清晰，单位名称是否与登记的一致？\n请说明。")
    judge(city, "ask")
    city.get_by_role("button", name="发出询问").click()
    expect(city.get_by_text("已发出询问，答复后会通知您。")).to_be_visible()
    expect(city.get_by_text("有 1 个询问还没有答复")).to_be_visible()
    expect(city.locator("#questions")).to_be_visible()
    city.get_by_label("按姓名或单位查找").fill("级二")  # found while one types
    city.locator("#people-found").get_by_label("市级二").check()
    city.get_by_label("问题").fill("请协助核对一下。")
    city.get_by_role("button", name="发出询问").click()
    expect(city.get_by_text("有 2 个询问还没有答复")).to_be_visible()
    judge(city, "asked")

    applicant.goto(url)
    judge(applicant, "desk")
    applicant.goto(f"{url}/inbox/questions")
    judge(applicant, "questions")
    applicant.get_by_role("link", name="去答复").click()
    box = applicant.get_by_label("您的答复")
    judge(applicant, "answer")
    applicant.get_by_role("button", name="提交答复").click()
    assert box.evaluate("one => one === document.activeElement")  # the browser asks for something
    box.fill("已向单位核实，名称一致；重新盖章的扫描件稍后补上。")
    applicant.get_by_role("button", name="提交答复").click()
    expect(applicant.get_by_text("已答复。")).to_be_visible()
    expect(applicant.get_by_role("heading", name="请您答复")).to_have_count(0)
    judge(applicant, "answered")

    colleague.goto(f"{url}/inbox/instances/{instance}")
    colleague.get_by_label("您的答复").fill("核对无误。")
    colleague.get_by_role("button", name="提交答复").click()
    expect(colleague.get_by_text("已答复。")).to_be_visible()

    city.goto(f"{url}/inbox/tasks/{task}#questions")
    expect(city.get_by_text("重新盖章的扫描件稍后补上").first).to_be_visible()
    expect(city.get_by_text("还没有答复")).to_have_count(0)
    judge(city, "both-answered")


def test_everything_goes_without_scripts(walk: Walk, url: str, review: tuple[str, str]) -> None:
    _, task = review
    city = walk("市级", PHONE, scripts=False)
    city.goto(f"{url}/inbox/tasks/{task}")
    city.get_by_label("问题").fill("先写下问题")
    city.get_by_label("按姓名或单位查找").fill("级二")
    city.get_by_role("button", name="查找").click()
    city.get_by_label("市级二").check()
    assert city.get_by_label("问题").input_value() == "先写下问题"
    city.get_by_role("button", name="发出询问").click()
    assert city.get_by_text("有 1 个询问还没有答复").is_visible()
    city.get_by_role("button", name="收回").click()
    assert city.get_by_text("已收回询问。").is_visible()
    assert city.get_by_text("还没有答复").count() == 0


def test_the_form_is_filled_by_keyboard_alone(walk: Walk, url: str, review: tuple[str, str]) -> None:
    _, task = review
    city = walk("市级", DESKTOP)
    city.goto(f"{url}/inbox/tasks/{task}#questions")
    city.get_by_label("申请人 组织者甲").focus()
    city.keyboard.press("Space")
    for _ in range(3):
        city.keyboard.press("Tab")  # the search, its button, the question
    city.keyboard.type("只用键盘")
    city.keyboard.press("Tab")
    city.keyboard.press("Enter")
    expect(city.get_by_text("已发出询问，答复后会通知您。")).to_be_visible()
    expect(city.locator("#questions .asked-text").get_by_text("只用键盘")).to_be_visible()
