"""A task on paper: its head, its form as it stands and what happened, without the desk around it."""

from __future__ import annotations

import logging

from flask import abort, render_template, url_for
from werkzeug.wrappers import Response

from app.platform import documents
from app.platform.records import papers
from app.platform.runtime import instances, submissions, tasks
from app.rooms.inbox import answering, boxes, handing, shelf
from app.rooms.inbox.pages import blueprint
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import disposition
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current

log = logging.getLogger(__name__)


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


@blueprint.get("/instances/<instance>/paper")
@signed_in
def print_instance(instance: str) -> Response:
    """Hand out an instance on paper, as a PDF: by its process's own template, else the generic one."""
    view = instances.view(session(), instance, me(), now())
    try:
        paper = papers.of(session(), view, me(), now())
    except documents.RenderFailed:
        log.exception("instance %s could not be printed", instance)
        abort(503)
    response = Response(paper.content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = disposition("inline", documents.document_name(paper.name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
