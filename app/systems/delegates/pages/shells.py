"""大会管理 and 我的应用: groups of the menu that hold nothing yet (2.4)."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from app.rooms.web.guards import needs
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/affairs")
@needs("d.person.view")
def affairs() -> str:
    """Say that nothing is managed here yet."""
    return render_template("delegates/shell.html", heading=_("大会管理"))


@blueprint.get("/applications")
@needs("d.person.view")
def applications() -> str:
    """Say that there are no applications here yet."""
    return render_template("delegates/shell.html", heading=_("我的应用"))
