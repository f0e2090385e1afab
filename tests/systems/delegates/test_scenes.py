"""The convener's pages at both widths: axe-core finds nothing, nothing scrolls sideways, nothing fails."""

from __future__ import annotations

import pytest

from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.processes.test_delegates_congress_setup import NEW_LIAISON, allot, create, invite
from tests.systems.delegates import town
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, USERNAMES

pytestmark = pytest.mark.browser
AT_CONVENERS = (
    "/delegates/congresses",
    "/delegates/congresses/new",
    "/delegates/congresses/{draft}",
    "/delegates/congresses/{congress}",
    "/delegates/congresses/{congress}/edit",
    "/delegates/congresses/{draft}/units?q=科学技术",
    "/delegates/congresses/{draft}/units/{invitation}",
    "/delegates/congresses/{draft}/quotas",
    "/delegates/imports/units",
    "/delegates/forms",
    "/delegates/forms/blank",
    "/delegates/affairs",
    "/delegates/applications",
)


HIDDEN = """[...document.querySelectorAll(".list-frame, .grid-frame, .form-tabs ul")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.parentElement.className)"""
"""What is wider than its frame: a list, a matrix, a line of tabs."""


def faults(person: Person, path: str) -> list[str]:
    """What is wrong with a page, in both languages and at both widths; it is left in Chinese."""
    found = []
    for language in ("en", "zh"):
        person.page.set_viewport_size(DESKTOP)
        person.go(f"/?lang={language}")
        person.go(path)
        where = f"{path} in {language}"
        found += [f"{where}: {frame} hides something" for frame in person.page.evaluate(HIDDEN)]
        for size in (DESKTOP, PHONE):
            person.page.set_viewport_size(size)
            at = f"{where}, {size['width']} px"
            found += [f"{at}: {complaint}" for complaint in complaints_of_axe(person.page)]
            if scrolls_sideways(person.page):
                found.append(f"{at}: wider")
    return found


def test_every_page_of_the_convener_suits_everybody_at_every_width(walkers: Street) -> None:
    world = town.know(walkers.house)
    draft = create(world, name="截图大会")
    [invitation] = invite(world, draft, NEW_LIAISON)
    allot(world, draft, invitation)
    objects = {"draft": draft, "congress": world.congress, "invitation": invitation}
    person = walkers.person(USERNAMES[CONVENING])
    assert not [fault for path in AT_CONVENERS for fault in faults(person, path.format(**objects))]


def test_a_liaison_sees_the_shells(walkers: Street) -> None:
    """2.4."""
    person = walkers.person(USERNAMES[LIAISON_ONE])
    assert faults(person, "/delegates/forms") == []


def test_the_matrix_is_walked_with_arrow_keys_and_filled_from_a_worksheet(walkers: Street) -> None:
    """PG-D13: keyboard friendly."""
    world = town.know(walkers.house)
    draft = create(world, name="键盘大会")
    [invitation] = invite(world, draft, NEW_LIAISON)
    page = walkers.person(USERNAMES[CONVENING]).page
    page.goto(f"{walkers.url}/delegates/congresses/{draft}/quotas")
    cell = page.locator(f"[id='{invitation}.member']")
    cell.focus()
    page.keyboard.type("2")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.name") == f"{invitation}.member.grassroots"
    page.evaluate(
        """name => {
            const data = new DataTransfer();
            data.setData("text/plain", "1\\t0\\t1");
            document.getElementById(name).dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        f"{invitation}.member.grassroots",
    )
    assert page.locator(f"[id='{invitation}.member.minority']").input_value() == "1"
    assert cell.input_value() == "2"
