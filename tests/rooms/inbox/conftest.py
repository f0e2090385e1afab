"""The world of tests/world.py behind real pages: an application on its database, and a browser per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser as Chromium

from app import create_app
from app.config import Config
from app.extensions import db
from app.platform.design import dead_end
from app.platform.identity import accounts
from tests.rooms.conftest import PASSWORD, Browser
from tests.world import KEYS, World

if TYPE_CHECKING:
    from tests.browser.live import Street

TABLES = (dead_end.DeadEnd,)
"""What a page writes beside the runtime's: known before the first world is made, whichever file is run alone."""
NAMES = {
    "组织者甲": "organiser1",
    "组织者乙": "organiser2",
    "市级": "city1",
    "市级二": "city2",
    "邻市": "next1",
    "教师": "teacher1",
}


@pytest.fixture
def app(world: World, tmp_path):
    """The whole house on the world's database and clock."""
    app = create_app(
        Config(
            database=world.engine.url.render_as_string(hide_password=False),
            keys=KEYS,
            secret="for tests only",
            instance=tmp_path,
            testing=True,
            https=False,
            captcha_answer="1234",
            clock=lambda: world.now,
        )
    )
    with world.session() as session:
        for name, username in NAMES.items():
            accounts.create(
                session, username, name, None, world.now, PASSWORD, person=world.people[name], demo=True
            )
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def visit(app) -> Callable[[str], Browser]:
    """Sign somebody in: `visit("市级")`."""

    def enter(name: str) -> Browser:
        browser = Browser(app.test_client())
        answer = browser.sign_in(NAMES[name])
        assert answer.status_code in (302, 303), browser.page
        return browser

    return enter


@pytest.fixture
def street(app, world: World, engine_of_pages: Chromium) -> Iterator[Street]:
    """The house answering on a port, for whoever comes with a real browser; no page may fail him."""
    from tests.browser.live import Street, served  # not above: they read this file
    from tests.pages import House

    house = House(world, app)
    with served(house) as url:
        street = Street(house, url, engine_of_pages)
        yield street
        faults = street.close()
        assert [
            one for one in faults if not one.endswith("/diagram")
        ] == []  # tests' drawings have no picture


class _Fields(HTMLParser):
    """What a browser would send of the page's answer form: its filled fields, without its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = dict(given)
        if tag == "form":
            self.inside = attributes.get("id") == "answer"
        name = attributes.get("name") or ""
        if not self.inside:
            return
        if tag == "input" and name and attributes.get("type") not in ("file", "submit"):
            if attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes:
                self.found[name] = attributes.get("value") or ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in attributes:
            self.found[self.select] = attributes.get("value") or ""
        elif tag == "textarea":
            self.area = name

    def handle_data(self, data: str) -> None:
        if self.inside and self.area:
            self.found[self.area] = self.found.get(self.area, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = ""


def fields_of(page: str) -> dict[str, str]:
    """Everything the answer form of a task page would send."""
    reader = _Fields()
    reader.feed(page)
    return reader.found
