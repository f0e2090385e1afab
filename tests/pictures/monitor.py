"""The way of whoever watches: what runs, one process, one instance, what stands still, a repair, many at once."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.pictures.camera import Camera

PROCESS = "permits_permission_application"
WHY = "申请人来电，等待补充资质证明"


def walk(camera: Camera) -> None:
    """As the demo's administrator of the platform, from the first page to a verb over many."""
    page = camera.person("pingtai")
    url = f"{camera.house.url}/monitor"
    _suspend(page, url)
    page.goto(f"{url}/")
    camera.take(page, "overview")
    page.goto(f"{url}/processes/{PROCESS}")
    camera.take(page, "process")
    page.goto(f"{url}/stalls")
    expect(page.get_by_text(WHY)).to_be_visible()
    camera.take(page, "stalls")
    page.goto(f"{url}/processes/{PROCESS}?trouble=overdue")
    page.get_by_role("link", name="查看").first.click()
    expect(page.get_by_role("link", name="修复")).to_be_visible()
    camera.take(page, "instance")
    _repair(camera, page)
    page.goto(f"{url}/lists/overdue?process={PROCESS}")
    page.get_by_role("button", name="批量处理").click()
    page.get_by_role("link", name="催办", exact=True).click()
    camera.take(page, "bulk", whole=True)


def _suspend(page: Page, url: str) -> None:
    """One instance stands still, so that there is something to mend."""
    page.goto(f"{url}/lists/instances?process={PROCESS}")
    page.get_by_role("link", name="查看").nth(3).click()
    page.locator(".case-verb > summary", has_text="挂起").click()
    page.fill("#reason-suspend", WHY)
    page.get_by_role("button", name="确认挂起").click()
    expect(page.get_by_text("已挂起").first).to_be_visible()


def _repair(camera: Camera, page: Page) -> None:
    """The matter is sent back to the scan of the signed print; what would come of it."""
    page.get_by_role("link", name="修复").click()
    page.locator("select[name^='to:']").select_option(index=1)
    page.get_by_role("button", name="添加：移动").first.click()
    page.fill("#reason", "单位盖章不清晰，请重新上传扫描件")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("执行后会怎样")).to_be_visible()
    camera.take(page, "repair", whole=True)
