"""The admin room: people, posts, organisations, accounts, settings and the record of who did what."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.platform.lists import catalogue as list_catalogue
from app.platform.registry import Words
from app.platform.sheets import catalogue as sheet_catalogue
from app.rooms.admin import gathering, home, sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import menus

__all__ = ["home", "open_room"]


def open_room(app: Flask) -> None:
    """Attach the pages, and the line in the menu of whoever may enter at least one of them."""
    for page in gathering.modules("app.rooms.admin.pages"):
        if hasattr(page, "attach"):
            page.attach(app)
    list_catalogue.enter(sections.ROOM, _named("lists", "LISTS"))
    sheet_catalogue.enter(sections.ROOM, _named("sheets", "SHEETS"))
    menus.offer(
        menus.Offer(
            Words("系统管理", "Administration"), "admin.home", "gear", order=80, among=sections.permissions
        )
    )
    app.add_template_global(sections.tabs, "admin_tabs")
    app.add_template_global(sections.title, "admin_title")
    app.register_blueprint(blueprint)


def _named(folder: str, name: str) -> list[Any]:
    return [one for module in gathering.modules(f"app.rooms.admin.{folder}") for one in getattr(module, name)]
