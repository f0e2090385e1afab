"""Every state of the editor, in both languages and at both widths: axe-core is content, nothing runs off the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, ROOT, complaints_of_axe, scrolls_sideways
from tests.browser.live import Street
from tests.rooms.designer import specimen
from tests.rooms.designer.drawing import begin, designer, open_editor
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
FOREIGN = ROOT / "tests/platform/engine/foreign/files"


def judge(page: Page, state: str) -> None:
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(150)  # the canvas is fitted anew
        assert complaints_of_axe(page) == [], state
        assert not scrolls_sideways(page), state


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_of_the_editor_pleases_at_both_widths(street: Street, language: str) -> None:
    key = f"{specimen.KEY}_{language}"
    given = {
        name: text.replace(specimen.KEY.encode(), key.encode()) for name, text in specimen.files().items()
    }
    draft = begin(street, key, given)
    one, two = designer(street, "draws1"), designer(street, "draws2")
    for each in (one, two):
        each.go(f"/designer/?lang={language}")
    page = open_editor(one, draft)
    for part in ("history", "problems", "xml"):
        page.locator(f"[data-part={part}]").click()
        expect(page.locator(".drawer-body > *").first).to_be_visible()
        judge(page, part)
    for verb in ("keep", "import", "help"):
        page.locator(".bar-verbs [data-drop] summary").click()
        page.locator(f"[data-do={verb}]").click()
        judge(page, verb)
        page.keyboard.press("Escape")
    theirs = open_editor(two, draft)
    expect(theirs.locator(".draft-banner")).to_be_visible()
    judge(theirs, "another edits")
    for path, mark in ((f"forms/{specimen.FORM}", ".sheet"), ("tables/tables.dmn", "#tables[data-ready]")):
        two.go(f"/designer/drafts/{draft}/{path}")
        expect(theirs.locator(mark)).to_be_visible()
        expect(theirs.locator(".draft-banner")).to_be_visible()
        judge(theirs, path)
        if language == "en":
            assert not re.search("[一-鿿]", theirs.locator(".draft-banner button").inner_text())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_became_of_a_file_of_another_product_is_read_at_both_widths(
    street: Street, language: str
) -> None:
    one = designer(street)
    one.go(f"/designer/?lang={language}")
    page = one.page
    form = page.locator("form", has=page.locator("#import-file"))
    file = sorted(FOREIGN.glob("*.bpmn"))[0 if language == "en" else 1]
    page.set_input_files("#import-file", file)
    form.evaluate("form => form.submit()")
    expect(page.locator(".import-lines").first).to_be_visible()
    judge(page, file.name)
