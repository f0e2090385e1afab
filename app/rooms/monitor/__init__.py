"""The monitor: administrators see what runs and what is stuck, understand why, and put it right."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from app.platform.identity import roles
from app.platform.registry import Words
from app.rooms.monitor import pages, process_lists
from app.rooms.monitor.blueprint import blueprint, outside
from app.rooms.web import menus

__all__ = ["open_room"]


def open_room(app: Flask) -> None:
    """Attach the pages: each module of `pages/` brings its own."""
    for found in pkgutil.iter_modules(pages.__path__):
        importlib.import_module(f"{pages.__name__}.{found.name}")
    process_lists.attach()
    menus.offer(
        menus.Offer(
            Words("流程监控", "Process monitor"),
            "monitor.overview",
            "search",
            order=60,
            among=lambda: frozenset({roles.MANAGE}),
        )
    )
    app.register_blueprint(blueprint)
    app.register_blueprint(outside)
