"""Two versions beside each other in Chromium: the canvases move together, marks and list agree, axe-core is content."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.platform.design import drafts
from app.platform.identity import roles
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.pages import House
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
DRAWER = "制图员"


@pytest.fixture
def drawer(street: Street) -> Person:
    """A designer, and a draft of the house's process in which a lane is called otherwise and a step is new."""
    house: House = street.house
    if DRAWER not in house.world.people:
        house.world.enter(DRAWER, roles.DESIGNER.key, "")
        house.account(DRAWER, "drawer")
    by = house.world.acting(DRAWER)
    with house.world.session() as session:
        if drafts.of_process(session, house.world.process) is None:
            draft = drafts.reopen(session, house.world.process, by, house.world.now)
            name, text = next(
                pair for pair in drafts.files(session, draft).items() if pair[0].endswith(".bpmn")
            )
            changed = text.replace("市级".encode(), "市局".encode())
            changed = re.sub(
                rb'(bpmnElement="city_review"[^>]*>\s*<\w+:Bounds x=")\d+', rb"\g<1>900", changed
            )
            drafts.save(session, draft, {name: changed}, read=1, window="w", by=by, now=house.world.now)
    return street.person("drawer")


def test_a_draft_is_compared_with_what_it_began_as(street: Street, drawer: Person) -> None:
    page = drawer.page
    drawer.go(f"/designer/compare?process={street.house.world.process}")
    expect(page.locator("#canvases[data-ready]")).to_be_visible()
    drawer.sees("草稿", "v1")
    expect(page.locator("#after-canvas .djs-element.is-changed").first).to_be_visible()
    first = page.locator(".compare-change[data-element]").first
    element = first.get_attribute("data-element")
    first.locator(".compare-lead").click()
    expect(page.locator(f'#after-canvas .djs-element.is-shown[data-element-id="{element}"]')).to_be_visible()
    boxes = page.evaluate(
        "['before', 'after'].map(s => document.querySelector(`#${s}-canvas .viewport`).transform.baseVal[0].matrix)"
        ".map(m => [m.a, m.e, m.f].map(Math.round))"
    )
    assert boxes[0] == boxes[1]
    expect(page.locator(".bjs-powered-by").first).to_be_visible()
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert complaints_of_axe(page) == []
        assert not scrolls_sideways(page)
    page.set_viewport_size(DESKTOP)
    assert drawer.faults == []


def test_a_version_beside_itself_says_so(street: Street, drawer: Person) -> None:
    drawer.go(f"/designer/compare?process={street.house.world.process}&before=1&after=1")
    drawer.sees("两个版本完全相同")
    assert complaints_of_axe(drawer.page) == []
