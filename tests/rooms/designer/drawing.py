"""What the browser tests of the editor share: a designer with a draft open, and what one does in it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from app.platform.design import drafts, empty
from app.platform.identity import roles
from app.platform.registry import Words
from tests.browser.live import Person, Street

ROOT = Path(__file__).parents[3]
DESIGNERS = {"draws1": "绘图员甲", "draws2": "绘图员乙"}


def designer(street: Street, username: str = "draws1") -> Person:
    """A designer, signed in."""
    world, name = street.house.world, DESIGNERS[username]
    if name not in world.people:
        world.enter(name, roles.DESIGNER.key, "")
        street.house.account(name, username)
    return street.person(username)


def begin(street: Street, key: str, files: dict[str, bytes] | None = None, name: str = "请假审批") -> str:
    """A new draft of the process `key`, on an empty canvas or with `files`; its id."""
    world = street.house.world
    who = next(iter(world.people))
    with world.session() as session:
        words = Words(name, "Leave")
        given = files or empty.bundle(session, key, words, None)
        return drafts.begin(session, key, words, given, world.acting(who), world.now)


def saved(street: Street, draft: str) -> str:
    """The draft's diagram as the server has it."""
    with street.house.world.session() as session:
        files = drafts.files(session, draft)
    return next(content for name, content in files.items() if name.endswith(".bpmn")).decode()


def open_editor(person: Person, draft: str) -> Page:
    """The editor of a draft, ready."""
    person.go(f"/designer/drafts/{draft}")
    expect(person.page.locator(".designer[data-ready]")).to_be_visible()
    return person.page


def choose(page: Page, name: str) -> None:
    """Select an element by its line in the outline."""
    page.locator(".outline-line", has=page.get_by_text(name, exact=True)).first.click()


def tab(page: Page, name: str) -> None:
    """Turn to a tab of the panel."""
    page.locator(".panel-tabs").get_by_role("tab", name=name, exact=True).click()


def append(page: Page, action: str, name: str) -> None:
    """Append an element to the selected one by its context pad, and call it `name`."""
    page.locator(f".djs-context-pad .entry[data-action='append.{action}']").click()
    if page.locator(".djs-direct-editing-content").count():
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    else:
        page.fill("#name", name)


def is_saved(page: Page) -> None:
    """Wait until everything is saved."""
    expect(page.locator("#saved[data-state=saved]")).to_be_visible()


def checked(page: Page) -> list[str]:
    """What the server finds wrong with what was saved, as the list of problems says it."""
    is_saved(page)
    page.wait_for_load_state("networkidle")
    if not page.locator(".designer-drawer.is-open").count():
        page.locator("[data-part=problems]").click()
    return page.locator(".drawer-problems li").all_text_contents()
