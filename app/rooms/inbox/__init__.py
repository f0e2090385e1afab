"""The inbox: what waits for a person, what he has started and done, and the page of one task."""

from __future__ import annotations

from flask import Flask

from app.platform.lists import catalogue
from app.platform.registry import Words
from app.rooms.inbox import (
    absence,
    boxes,
    desk,
    handing_over,
    inquiring,
    instance_verbs,
    keys,
    live,
    phrases,
    printing,
    rail,
    saving,
    seats,
    sending_back,
    speaking,
    together,
)
from app.rooms.inbox.office import registers, starts, statistics
from app.rooms.inbox.pages import blueprint, files
from app.rooms.web import menus


def open_room(app: Flask) -> None:
    """Attach the inbox, and its line in the menu with what waits for the reader (C-37)."""
    app.register_blueprint(blueprint)
    app.register_blueprint(files)
    app.register_blueprint(together.blueprint)
    app.register_blueprint(phrases.blueprint)
    app.register_blueprint(saving.blueprint)
    catalogue.enter(rail.ROOM, rail.LISTS)
    app.register_blueprint(inquiring.blueprint)
    menus.offer(menus.Offer(Words("收件箱", "Inbox"), "inbox.box", "tray", badge="todo", order=10))
    menus.counter("todo")(boxes.waiting)
    app.register_blueprint(starts.blueprint)
    menus.offer(
        menus.Offer(Words("发起", "Start"), "office.starts", "draft", order=15, shows=starts.any_for_me)
    )
    menus.gather("office", registers.TITLE, registers.lines)
    desk.lay()
    inquiring.lay()
    speaking.attach(app)
    live.attach(app)
    app.add_template_global(keys.on, "single_keys")
    seats.attach(app)


OFFICE = (registers, starts, statistics)
VERBS = (absence, handing_over, instance_verbs, printing, sending_back)
"""The pages of the verbs, which enter their routes when they are imported."""
