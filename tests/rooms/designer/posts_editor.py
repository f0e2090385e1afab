"""What the editor and the room's first page let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.platform.design import drafts
from app.platform.identity import roles
from app.platform.registry import Words
from tests.pages import House
from tests.rooms.forgery import AUDIT, Post

SAVED = frozenset({"design_state", "design_content", "design_content.used_at"})
EDITING = frozenset(f"design_draft.editor_{part}" for part in ("id", "window", "seen_at"))
CHANGED = frozenset(f"design_draft.{name}" for name in ("revision", "changed_at", "changed_by_id"))


def drawing(verb: str, fields: Mapping[str, Any] | None = None) -> Callable[[House], Any]:
    """A fresh designer with a draft of his own open."""

    def ready(house: House) -> Any:
        name = house.settle(roles.DESIGNER.key)
        by = house.world.acting(name)
        with house.world.session() as session:
            key = f"office_trial{house.count}"
            draft = drafts.begin(
                session, key, Words("请假", ""), {f"{key}.bpmn": b"<a/>"}, by, house.world.now
            )
            state = drafts.states(session, draft)[0].id
        browser = house.visit(name)
        browser.get("/designer/")
        return browser, f"/designer/drafts/{draft}/{verb}".replace("STATE", state), dict(fields or {})

    return ready


def on_the_first_page(url: str, fields: Mapping[str, Any]) -> Callable[[House], Any]:
    """A fresh designer on the room's first page."""

    def ready(house: House) -> Any:
        browser = house.visit(house.settle(roles.DESIGNER.key))
        browser.get("/designer/")
        return (
            browser,
            url.format(n=house.count),
            {key: one.format(n=house.count) for key, one in fields.items()},
        )

    return ready


WINDOW = {"window": "w1"}
DRAFT = "/designer/drafts/<draft>"
POSTS = {
    "new draft": Post(
        "/designer/new",
        on_the_first_page(
            "/designer/new", {"name": "请假审批", "process": "office_new{n}", "name_en": "", "template": ""}
        ),
        AUDIT | SAVED | {"design_draft"},
    ),
    "close a draft": Post(f"{DRAFT}/close", drawing("close"), AUDIT | {"design_draft.closed_at"}),
    "save a draft": Post(
        f"{DRAFT}/save",
        drawing("save", {**WINDOW, "read": 1, "files": {"more.bpmn": "<b/>"}, "note": ""}),
        SAVED | EDITING | CHANGED,
        data=True,
    ),
    "beat": Post(f"{DRAFT}/beat", drawing("beat", WINDOW), EDITING, data=True),
    "check a draft": Post(f"{DRAFT}/check", drawing("check", {"files": {}}), frozenset(), data=True),
    "ask to take over": Post(
        f"{DRAFT}/editing/<verb>", drawing("editing/ask", {**WINDOW, "read": 1}), EDITING, data=True
    ),
    "an earlier state": Post(
        f"{DRAFT}/states/<state>/restore", drawing("states/STATE/restore", WINDOW), SAVED | CHANGED, data=True
    ),
}


def of_a_published_process(house: House) -> Any:
    """A designer about to change the house's own process, whose draft somebody has thrown away before."""
    name = house.settle(roles.DESIGNER.key)
    with house.world.session() as session:
        if (open_one := drafts.of_process(session, house.world.process)) is not None:
            drafts.close(session, open_one.id, house.world.acting(name), house.world.now)
    browser = house.visit(name)
    browser.get("/designer/")
    return browser, f"/designer/processes/{house.world.process}/draft", {}


POSTS["change a process"] = Post(
    "/designer/processes/<process>/draft", of_a_published_process, AUDIT | SAVED | {"design_draft"}
)
