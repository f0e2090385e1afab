"""Chengpi 呈批: approval chains that run as they are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: Config | None = None) -> Flask:
    """Open the house: settings and keys, the leases, the extensions, then room by room."""
    # imported here, so that whoever imports only the platform (a PDF child, a worker) never loads Flask
    from flask import Flask

    from app import cli, extensions
    from app.config import ROOT, Config
    from app.platform import documents, jobs, lists, notices, records, settings, sheets
    from app.platform.data import sealing
    from app.platform.identity import proof, roles
    from app.platform.registry import house, open_house
    from app.platform.runtime import hooks as runtime_hooks
    from app.rooms import admin, api, designer, inbox, monitor, portal, web

    config = config or Config.from_environment()
    config.instance.mkdir(parents=True, exist_ok=True)
    sealing.use(config.keys)
    documents.use(config.documents())
    documents.plug()
    lists.plug()
    sheets.plug()
    records.plug()
    notices.use(config.notices())
    jobs.hints.use(jobs.brokers.hints_to(config.broker))
    settings.forget()  # what was set here stands over what the environment has just said
    jobs.before_each(settings.catch_up)
    roles.plug()
    proof.use(config.asks_second_factor)
    house.plug(runtime_hooks.hooks)
    open_house()

    app = Flask(
        __name__,
        instance_path=str(config.instance),
        static_folder=str(ROOT / "app/rooms/web/static"),
        static_url_path="/static",
    )
    app.config.from_mapping(config.for_flask())
    app.extensions["chengpi"] = config

    extensions.attach(app)
    web.open_room(app)
    portal.open_room(app)
    inbox.open_room(app)
    monitor.open_room(app)
    designer.open_room(app)
    admin.open_room(app)
    api.open_room(app)
    web.open_tenants(app)
    cli.attach(app)
    return app
