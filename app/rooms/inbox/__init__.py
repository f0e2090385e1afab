"""The inbox: what waits for a person, what he has started and done, and the page of one task."""

from __future__ import annotations

from flask import Flask

from app.platform.registry import Words
from app.rooms.inbox import boxes, desk, speaking, together
from app.rooms.inbox.pages import blueprint, files
from app.rooms.web import menus


def open_room(app: Flask) -> None:
    """Attach the inbox, and its line in the menu with what waits for the reader (C-37)."""
    app.register_blueprint(blueprint)
    app.register_blueprint(files)
    app.register_blueprint(together.blueprint)
    menus.offer(menus.Offer(Words("收件箱", "Inbox"), "inbox.box", "tray", badge="todo", order=10))
    menus.counter("todo")(boxes.waiting)
    desk.lay()
    speaking.attach(app)
