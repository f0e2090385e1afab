"""The shell every page stands in: layout, guards, errors, headers, menus, language."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.extensions import babel, csrf
from app.platform.registry import house
from app.rooms.web import (
    acting,
    desk,
    errands,
    errors,
    flags,
    guards,
    kept,
    language,
    lists,
    logs,
    measuring,
    menus,
    notices,
    packing,
    refusals,
    regions,
    security,
    sheets,
    shell,
    times,
)

__all__ = ["blueprint", "open_room", "open_tenants", "refusals"]

blueprint = Blueprint("web", __name__, template_folder="templates")


def open_room(app: Flask) -> None:
    """Attach the shell. What runs before a view runs in the order written here."""
    config = app.extensions["chengpi"]
    if config.proxies:
        hops = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    babel.init_app(app, locale_selector=language.chosen)
    logs.attach(app)
    measuring.attach(app)
    packing.attach(app)
    language.attach(app)
    security.attach(app)
    acting.attach(app)
    kept.attach(app)
    guards.attach(app)
    csrf.init_app(app)
    errors.attach(app)
    menus.attach(app)
    shell.attach(app)
    desk.attach(app)
    times.attach(app)
    flags.attach(app)
    lists.attach(app)
    errands.attach(app)
    notices.attach(app)
    sheets.attach(app)
    app.register_blueprint(blueprint)
    app.register_blueprint(regions.blueprint)


def open_tenants(app: Flask) -> None:
    """Attach the pages of the systems that have any: `app/systems/<key>/pages.py: blueprint`."""
    for key, home in house.homes.items():
        if importlib.util.find_spec(f"{home}.{key}.pages") is not None:
            app.register_blueprint(importlib.import_module(f"{home}.{key}.pages").blueprint)
