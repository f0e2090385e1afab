"""我的登记表: what a recommended person has to fill in, and what the reviews said of it (PG-D14)."""

from __future__ import annotations

from flask import render_template

from app.rooms.web.acting import me, session
from app.rooms.web.guards import needs
from app.systems.delegates import mine
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/mine")
@needs("d.form.fill")
def my_forms() -> str:
    """Show the person's own registration forms with their opinions."""
    return render_template("delegates/mine.html", forms=mine.forms(session(), me()))
