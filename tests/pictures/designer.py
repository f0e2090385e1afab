"""The designer's way: a chain is drawn, its form laid out, rehearsed and published; versions beside each other."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.pictures.camera import Camera

ROLE = "permits.city_admin"


def walk(camera: Camera) -> None:
    """As the demo's designer: from the first page to a published chain, and how an older one has changed."""
    page = camera.person("sheji")
    page.goto(f"{camera.house.url}/designer/")
    camera.take(page, "home")
    draft = _draw(camera, page)
    _form(camera, page, draft)
    _rehearse(camera, page, draft)
    _publish(camera, page, draft)


def _draw(camera: Camera, page: Page) -> str:
    """A seal is asked for, and the head of the city's office decides; the address of the draft."""
    page.get_by_text("新建流程", exact=True).first.click()
    page.fill("#name", "用印申请")
    page.fill("#name_en", "Use of the seal")
    page.get_by_role("button", name="开始设计").click()
    _ready(page)
    page.locator(".outline-line", has=page.get_by_text("提交", exact=True)).first.click()
    page.locator(".djs-context-pad .entry[data-action='append.user-task']").click()
    page.locator(".djs-direct-editing-content").wait_for()
    page.keyboard.type("主任审批")
    page.keyboard.press("Enter")
    _tab(page, "办理人")
    page.select_option("#assignee-kind", "lane")
    page.select_option("#role", ROLE)
    _tab(page, "按钮")
    page.locator("#preset-1").click()
    page.locator("#branch").click()
    page.locator(".outline-line", has_text="排他网关").click()
    page.locator(".djs-context-pad .entry[data-action='append.end-event']").click()
    page.locator(".djs-direct-editing-content").wait_for()
    page.keyboard.type("同意")
    page.keyboard.press("Enter")
    page.locator(".outline-line", has=page.get_by_text("主任审批", exact=True)).first.click()
    _tab(page, "办理人")
    _saved(page)
    camera.take(page, "editor")
    return page.url


def _form(camera: Camera, page: Page, draft: str) -> None:
    page.goto(f"{draft}/forms")
    page.get_by_label("表单名称").fill("用印申请单")
    page.get_by_label("英文名称").fill("Application for the seal")
    page.get_by_role("button", name="新建表单").click()
    for kind in ("单行文字", "日期", "附件"):
        page.get_by_role("button", name=re.compile(f"{kind}$")).first.click()
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    camera.take(page, "form")
    page.goto(draft)
    _ready(page)


def _rehearse(camera: Camera, page: Page, draft: str) -> None:
    page.goto(f"{draft}/rehearse")
    expect(page.get_by_role("heading", name="演练：用印申请")).to_be_visible()
    page.locator(".djs-shape").first.wait_for()
    camera.take(page, "rehearse")


def _publish(camera: Camera, page: Page, draft: str) -> None:
    page.goto(f"{draft}/publish")
    page.get_by_label("修改说明").fill("新设用印申请，由主任审批。")
    page.locator("#publish-seen").check()
    page.get_by_role("button", name="下一步：核对").click()
    camera.take(page, "publish", whole=True)
    page.locator("button[value=confirm]").click()
    page.get_by_text("已发布 v1").wait_for()
    page.get_by_role("button", name="修改", exact=True).click()
    _ready(page)
    page.locator(".outline-line", has=page.get_by_text("主任审批", exact=True)).first.click()
    page.fill("#name", "主任审签")
    _saved(page)
    page.get_by_role("link", name="对比", exact=True).click()
    page.locator("#after-canvas .djs-shape").first.wait_for()
    camera.take(page, "compare")


def _ready(page: Page) -> None:
    expect(page.locator(".designer[data-ready]")).to_be_visible(timeout=15_000)
    page.wait_for_load_state("networkidle")


def _saved(page: Page) -> None:
    expect(page.locator("#saved[data-state=saved]")).to_be_visible()
    page.wait_for_load_state("networkidle")


def _tab(page: Page, name: str) -> None:
    page.locator(".panel-tabs").get_by_role("tab", name=name, exact=True).click()
