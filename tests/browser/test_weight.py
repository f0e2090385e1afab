"""How much the inbox weighs over the wire, first and again, and that nothing in it moves once it is drawn (speed)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE
from tests.browser.live import Street

pytestmark = pytest.mark.browser

FIRST, AGAIN = 150_000, 20_000
"""Bytes over the wire, headers included."""
SHIFT = 0.01
WATCH = """
window.shifted = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


def transferred(page: Page, address: str) -> tuple[int, dict[str, int]]:
    """Bytes that came over the wire while the page was opened, in all and by address."""
    by: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def named(told: dict[str, Any]) -> None:
        by[told["requestId"]] = told["request"]["url"]

    def ended(told: dict[str, Any]) -> None:
        sizes[by.get(told["requestId"], "?")] = int(told["encodedDataLength"])

    wire.on("Network.requestWillBeSent", named)
    wire.on("Network.loadingFinished", ended)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    wire.detach()
    return sum(sizes.values()), sizes


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_inbox_is_light_and_stands_still(street: Street, size: dict[str, int]) -> None:
    house, name = street.house, street.house.settle(f"{street.house.world.system}.city_admin", "130400")
    house.world.to_review(house.settle())
    known = street.person(house.usernames[name])
    context = street.browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale="zh-CN",
        storage_state=known.page.context.storage_state(),
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    address = f"{street.url}/inbox/"
    first, by = transferred(page, address)
    assert page.locator(".case").count()
    again, later = transferred(page, address)
    print(f"\n{first:,} bytes at first, {again:,} again; shift {page.evaluate('window.shifted'):.4f}")
    for url, weight in sorted(by.items(), key=lambda each: -each[1]):
        print(f"  {weight:7,} {url.removeprefix(street.url)}")
    assert first <= FIRST, by
    assert again <= AGAIN, later
    assert page.evaluate("window.shifted") <= SHIFT
    page.locator(".case").first.click()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shifted") <= SHIFT
    context.close()
