"""The designer: process owners draw, check, rehearse, compare and publish their chains here."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from app.platform.identity import roles
from app.platform.registry import Words
from app.rooms.designer import faults, pages
from app.rooms.designer.blueprint import blueprint
from app.rooms.web import menus

__all__ = ["faults", "open_room"]


def open_room(app: Flask) -> None:
    """Attach the pages: each module of `pages/` brings its own."""
    for found in pkgutil.iter_modules(pages.__path__):
        importlib.import_module(f"{pages.__name__}.{found.name}")
    menus.offer(
        menus.Offer(
            Words("流程设计", "Process design"),
            "designer.home",
            "flow",
            order=70,
            among=lambda: frozenset({roles.DESIGN}),
        )
    )
    app.register_blueprint(blueprint)
