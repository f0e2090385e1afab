"""The front door: start page, registration, login, identity selection, the person's own account."""

from __future__ import annotations

from flask import Flask

from app.platform.registry import Words
from app.rooms.portal import (
    account,
    addresses,
    arrival,
    by_code,
    commands,
    entry,
    factor,
    forgotten,
    home,
    names,
    redeeming,
    sso,
)
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import guards, menus

__all__ = [
    "account",
    "addresses",
    "arrival",
    "blueprint",
    "by_code",
    "entry",
    "factor",
    "forgotten",
    "home",
    "open_room",
    "redeeming",
    "sso",
]


def open_room(app: Flask) -> None:
    """Attach the pages, the way back to the desk, and the steps of arriving."""
    menus.offer(menus.Offer(Words("工作台", "My desk"), "portal.home", "home", order=0))
    guards.gate(arrival.proof_step)
    guards.detour(arrival.next_step)
    names.attach(app)
    commands.attach(app)
    app.register_blueprint(blueprint)
