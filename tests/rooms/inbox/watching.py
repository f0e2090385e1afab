"""What the browser tests of the inbox share: a live house, two reviewers at it, and a page that is made to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from app.platform import documents
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street, served
from tests.pages import House


@pytest.fixture(scope="module")
def address(whole_house: House) -> Iterator[str]:
    """The house of this file, answering on a port."""
    with served(whole_house) as url:
        yield url


@pytest.fixture
def street(whole_house: House, address: str, engine_of_pages: Browser) -> Iterator[Street]:
    """The live house; what goes wrong on any page fails the test, but for the answers a test asks for."""
    documents.use(whole_house.settings)
    street = Street(whole_house, address, engine_of_pages)
    yield street
    faults = [fault for fault in street.close() if not fault.startswith(("401 ", "409 ", "404 "))]
    assert faults == []


def case(street: Street) -> tuple[str, str]:
    """A new case at the city's desk: the instance, and the address of its task."""
    world = street.house.world
    instance = world.to_review(street.house.settle())
    return instance, f"/inbox/tasks/{world.open_task(instance, 'city_review')}"


def both(street: Street, url: str) -> tuple[Person, Person]:
    """Two reviewers with the same task open."""
    one, two = street.person("city1"), street.person("city2")
    one.go(url)
    two.go(url)
    return one, two


def ask(person: Person) -> None:
    """Let the open page ask now, as it does every fifteen seconds and when it comes into sight."""
    with person.page.expect_response(lambda answer: "/inbox/pulse" in answer.url):
        person.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def judge(person: Person) -> None:
    """At both widths: axe-core finds nothing, nothing scrolls sideways, what is pressed is large enough."""
    for size in (DESKTOP, PHONE):
        person.page.set_viewport_size(size)
        assert complaints_of_axe(person.page) == []
        assert not scrolls_sideways(person.page)
        assert small(person) == []
    person.page.set_viewport_size(DESKTOP)


PRESSED = ".verdict button, .verdict-ask button, .live-bar a, .draft-conflict button, #keys button, #keys-dialog button"
SMALL = """pressed => [...document.querySelectorAll(pressed)]
  .filter((one) => one.offsetParent && (one.offsetHeight < 24 || one.offsetWidth < 24))
  .map((one) => one.textContent.trim())"""


def small(person: Person) -> list[str]:
    """What is to be pressed and is smaller than 24 by 24 (WCAG 2.5.8)."""
    return person.page.evaluate(SMALL, PRESSED)


__all__ = ["address", "ask", "both", "case", "expect", "judge", "small", "street"]
