"""A page of the monitor as it stands, at both widths: pictures of it, and what is wrong with it."""

from __future__ import annotations

import os

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person

PICTURES = os.environ.get("TEST_PICTURES")
"""A folder for pictures of what these tests look at, where it is set."""


def look(one: Person, name: str) -> list[str]:
    """What axe-core and the widths say of the page."""
    found = []
    for size in (DESKTOP, PHONE):
        one.page.set_viewport_size(size)
        if PICTURES:
            one.page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
        found += [f"{name} {size['width']}: {complaint}" for complaint in complaints_of_axe(one.page)]
        if scrolls_sideways(one.page):
            found.append(f"{name} is wider than {size['width']} px")
    one.page.set_viewport_size(DESKTOP)
    return found
