"""The convener's pages at both widths: axe-core finds nothing, nothing scrolls sideways, nothing fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street, served
from tests.pages import House
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


@pytest.fixture(scope="module")
def live(whole_house: House) -> Iterator[tuple[House, str]]:
    town.know(whole_house)
    with served(whole_house) as url:
        yield whole_house, url


@pytest.fixture
def walkers(live: tuple[House, str], engine_of_pages: Browser) -> Iterator[Street]:
    documents.use(live[0].settings)
    street = Street(*live, engine_of_pages)
    yield street
    assert street.close() == []


def faults(person: Person, path: str) -> list[str]:
    found = []
    person.page.set_viewport_size(DESKTOP)
    person.go(path)
    for size in (DESKTOP, PHONE):
        person.page.set_viewport_size(size)
        found += [f"{path} {size['width']} px: {complaint}" for complaint in complaints_of_axe(person.page)]
        if scrolls_sideways(person.page):
            found.append(f"{path} wider than {size['width']} px")
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
