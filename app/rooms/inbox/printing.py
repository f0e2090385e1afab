"""A task on paper: its head, its form as it stands and what happened, without the desk around it."""

from __future__ import annotations

from flask import render_template, url_for
from werkzeug.wrappers import Response

from app.platform.runtime import submissions, tasks
from app.rooms.inbox import answering, boxes, handing, shelf
from app.rooms.inbox.pages import blueprint
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current


@blueprint.get("/tasks/<task>/print")
@signed_in
def print_task(task: str) -> Response | str:
    """Lay a task out for printing, as its reader may see it: masks are lifted for whom the page lifts them."""
    view = tasks.get(session(), task, me(), now())
    in_full, fields = answering.lifts_masks(view), None
    if view.form is not None:
        if in_full:
            submissions.reveal(session(), view.instance, view.starter, view.form, view.values, me(), now())
        given = handing.given(
            view.values,
            instance=view.instance,
            process=view.process,
            element=view.element,
            starter=view.starter,
            variables=view.variables,
        )
        fields = drawn.render_form(
            view.form,
            view.values,
            (),
            given,
            current(),
            editable=False,
            in_full=in_full,
            tabs=False,
            file_url=lambda file: url_for("files.download", file=file),
        )
    return render_template(
        "inbox/print.html",
        task=view,
        fields=fields,
        materials=shelf.materials(view.form, view.values),
        documents=shelf.printed(view.instance),
        happened=boxes.happened(view.instance, view.starter),
        elements=boxes.elements_of(view.instance),
    )
