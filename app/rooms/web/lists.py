"""Serves every list of the house at `/<system>/lists/<key>`: a list's definition is its whole page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, current_app, render_template, request, url_for

from app.platform import lists
from app.platform.lists.definition import PAGE_SIZES
from app.platform.registry import Words, house
from app.platform.runtime import openings
from app.rooms.web import menus
from app.rooms.web.acting import may, me, now, session
from app.rooms.web.guards import Missing, signed_in

blueprint = Blueprint("lists", __name__)
Verb = tuple[Words, str, bool]
DO, SEE = Words("办理", "Work on it"), Words("查看", "View")


def attach(app: Flask, package: str = "app.systems") -> None:
    """Find the systems' lists and serve them."""
    found = {key: lists.find(package, key) for key in house.systems}
    app.extensions["chengpi-lists"] = found
    app.register_blueprint(blueprint)
    app.add_template_test(lambda value: isinstance(value, lists.Chip), "chip")
    app.add_template_global(reset_address)


@blueprint.get("/<system>/lists/<key>")
@signed_in
def show(system: str, key: str) -> str:
    """Show one page of a list, to whoever holds its permission."""
    listing = of(system, key)
    page = lists.fetch(listing, session(), me(), lists.read(listing, session(), me(), request.args), now())
    return render_template("web/list.html", page=page, page_sizes=PAGE_SIZES, verbs_of=_verbs(page))


def of(system: str, key: str) -> lists.List:
    """The list of this name. Aborts with 404 where there is none, raises `Missing` where it is not this reader's."""
    listing = current_app.extensions["chengpi-lists"].get(system, {}).get(key)
    if listing is None:
        abort(404)
    if listing.permission and not may(listing.permission):
        raise Missing(listing.permission)
    return listing  # type: ignore[no-any-return]
