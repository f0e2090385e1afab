"""登记表管理: the form as it is filled in on paper, and all forms of a congress packed (PG-D12)."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.platform.registry import Refused
from app.platform.runtime import versions
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.delegates import candidates, registration_forms
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/forms")
@needs("d.form.manage")
def forms() -> str:
    """Show the congresses whose forms one may have."""
    return render_template("delegates/forms.html", held=registration_forms.held(session(), me()))


@blueprint.get("/forms/blank")
@needs("d.form.manage")
def blank_form() -> str:
    """Show the registration form with nothing in it, for printing."""
    form = versions.current(session(), candidates.PROCESS).forms[candidates.FORM]
    return render_template("delegates/blank_form.html", step=form.at("fill"))


@blueprint.post("/forms/<congress>/export")
@needs("d.form.manage")
def export_forms(congress: str) -> Response:
    """Have all forms of a congress printed and packed."""
    try:
        errand = registration_forms.export(session(), congress, me(), now())
    except Refused as refused:
        flash(refused.words.said(language.current()), "warning")
        return redirect(url_for("delegates.forms"), 303)
    return redirect(url_for("errands.show", errand=errand), 303)
