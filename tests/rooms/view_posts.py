"""What saved views and the boxes' looks let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.lists import views
from tests.pages import House
from tests.rooms.forgery import at


def saved(house: House, name: str, title: str = "超期", reach: str = views.ME) -> str:
    """A view of somebody's."""
    with house.world.session() as session:
        by = house.world.acting(name)
        return views.save(session, "inbox/todo", title, {"due": "overdue"}, reach, by, house.world.now)


def of_a_view(verb: str, **fields: str) -> Callable[[House], Any]:
    """Somebody with two views of his own, on the page where they are put in order."""

    def ready(house: House) -> Any:
        name = house.settle()
        view = saved(house, name)
        saved(house, name, "退回件")
        browser = house.visit(name)
        browser.get("/inbox/views")
        return browser, f"/inbox/views/{view}{verb}", fields

    return ready


NEW = {"title": "本周", "box": "todo", "asked": "due=soon", "reach": "me"}
POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "mode": ("/inbox/mode", at("/inbox/mode", {"mode": "table", "asked": ""}), frozenset({"lists_choice"})),
    "save a view": ("/inbox/views", at("/inbox/views", NEW), frozenset({"lists_view"})),
    "change a view": (
        "/inbox/views/<view>",
        of_a_view("", title="我的超期", asked="due=none"),
        frozenset({"lists_view.title", "lists_view.asked"}),
    ),
    "move a view": (
        "/inbox/views/<view>/move",
        of_a_view("/move", way="down"),
        frozenset({"lists_view.position"}),
    ),
    "delete a view": ("/inbox/views/<view>/delete", of_a_view("/delete"), frozenset({"lists_view"})),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
