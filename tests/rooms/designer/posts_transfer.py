"""What is brought into the designer from files, as `test_forgery` tries it."""

from __future__ import annotations

import io
from typing import Any

from app.platform.design import empty
from app.platform.identity import roles
from tests.pages import House
from tests.rooms.designer.posts_editor import CHANGED, DRAFT, EDITING, SAVED, drawing
from tests.rooms.forgery import AUDIT, Post


def diagram(key: str) -> io.BytesIO:
    """A diagram as one uploads it."""
    text = empty.START.format(key=f'"{key}"', name='"请假"', english="")
    return io.BytesIO(text.encode())


def importing(house: House) -> Any:
    """A fresh designer with a diagram in his hand."""
    browser = house.visit(house.settle(roles.DESIGNER.key))
    browser.get("/designer/")
    key = f"office_brought{house.count}"
    return browser, "/designer/import", {"file": (diagram(key), f"{key}.bpmn")}


def importing_into(house: House) -> Any:
    """A fresh designer with a draft and a diagram to take its place."""
    browser, url, _fields = drawing("import")(house)
    return browser, url, {"file": (diagram("office_other"), "other.bpmn"), "window": "w1"}


POSTS = {
    "import a process": Post("/designer/import", importing, AUDIT | SAVED | {"design_draft"}),
    "import into a draft": Post(f"{DRAFT}/import", importing_into, SAVED | EDITING | CHANGED),
}
