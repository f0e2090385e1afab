"""What the place chooser's script asks for while somebody looks."""

from __future__ import annotations

from flask import Flask, render_template, request

from app.platform.identity import roles
from app.rooms.admin import choosing
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import acting
from app.rooms.web.guards import Missing, signed_in


def attach(app: Flask) -> None:
    """Let templates ask what a chooser shows."""
    app.add_template_global(choosing.of_page, "place_offers")


@blueprint.get("/places")
@signed_in
def place_offers() -> str:
    """The places found for `q`, or under `at`, within the reach of the permission `within`."""
    if not any(acting.may(code) for code in choosing.BOUNDS):
        raise Missing(roles.UNITS)
    name = request.args.get("name", "place")[:60]
    return render_template("admin/_place_offers.html", shown=choosing.of_fragment(request.args), name=name)
