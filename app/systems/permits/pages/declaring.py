"""What a team sees: a code typed and one's own declarations (PG-P12), and what a pupil takes part in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.registry import Refused
from app.rooms.inbox import starting
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.permits import declarations as verbs
from app.systems.permits import queries
from app.systems.permits.declaration_lists import MINE, PARTICIPATIONS
from app.systems.permits.pages.blueprint import blueprint


@blueprint.get("/declarations")
@needs("p.declaration.fill")
def declarations() -> str:
    """Show the teacher's own declarations (PG-P12)."""
    return lists.answer(MINE, "permits/declarations.html")


@blueprint.get("/declarations/new")
@needs("p.declaration.fill")
def new_declaration() -> str:
    """Ask for the authorisation code (P-39)."""
    return _page(starting.start(verbs.PROCESS))


@blueprint.post("/declarations/new")
@needs("p.declaration.fill")
def begin_declaration() -> Response | tuple[str, int]:
    """Use the code and open the declaration for filling in (P-39)."""
    answer = starting.read_start(verbs.PROCESS, request.form)
    if answer.entry is None or answer.complaints or answer.redraws:
        return _page(answer), 422 if answer.complaints else 200
    try:
        instance = verbs.begin(
            session(), answer.entry, me(), now(), address=request.remote_addr or "", key=answer.key
        )
    except Refused as refused:
        return _page(answer.with_refusal(refused)), 422
    flash(_("授权码有效，请填写申报信息。"), "success")
    task = queries.own_task(session(), instance, me().person)
    return redirect(url_for("inbox.show_task", task=task) if task else url_for("permits.declarations"), 303)


@blueprint.get("/participations")
@needs("p.participation.view")
def participations() -> str:
    """Show what the pupil takes part in: read only, found by the own identity number (PG-P12)."""
    return lists.answer(
        PARTICIPATIONS, "permits/participations.html", is_known=queries.has_id_number(session(), me().person)
    )


def _page(answer: starting.Start) -> str:
    return render_template("permits/declare.html", answer=answer)
