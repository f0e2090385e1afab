"""What a newcomer does at the designer's pages, counted: every click, key, typed text and choice is one step."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.live import Person
from tests.rooms.designer.drawing import is_saved


class Newcomer:
    """A person at the pages who counts what he does."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page: Page = person.page
        self.steps = 0

    def click(self, place: str | Locator) -> None:
        """Click once."""
        self.steps += 1
        self._at(place).click()

    def press(self, key: str) -> None:
        """Press a key."""
        self.steps += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the cursor is."""
        self.steps += 1
        self.page.keyboard.type(text)

    def fill(self, place: str | Locator, text: str) -> None:
        """Type into a field."""
        self.steps += 1
        self._at(place).fill(text)

    def check(self, place: str | Locator) -> None:
        """Tick a box."""
        self.steps += 1
        self._at(place).check()

    def choose(self, place: str | Locator, value: str) -> None:
        """Choose in a list, by value or words."""
        self.steps += 1
        self._at(place).select_option(value)

    def button(self, name: str) -> None:
        """Press a button by its words."""
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        """Follow a link by its words."""
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def append(self, action: str, name: str = "") -> None:
        """Append an element to the chosen one; three steps with a name, one without."""
        self.click(f".djs-context-pad .entry[data-action='append.{action}']")
        if name:
            self.type(name)
            self.press("Enter")

    def line(self, name: str) -> None:
        """Choose an element by its line in the outline."""
        text = self.page.get_by_text(name, exact=True)
        self.click(self.page.locator(".outline-line", has=text).first)

    def tab(self, name: str) -> None:
        """Turn to a tab of the panel."""
        self.click(self.page.locator(".panel-tabs").get_by_role("tab", name=name, exact=True))

    def opened(self) -> None:
        """Wait for the editor."""
        expect(self.page.locator(".designer[data-ready]")).to_be_visible()

    def saved(self) -> None:
        """Wait until what was drawn is saved."""
        is_saved(self.page)

    def _at(self, place: str | Locator) -> Locator:
        return self.page.locator(place) if isinstance(place, str) else place
