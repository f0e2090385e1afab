"""The pages of fairs: the one on which a chain is begun."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.platform.registry import Refused
from app.platform.runtime import instances
from app.rooms.inbox import starting
from app.rooms.web import menus
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from tests.tenants.fairs import queries, verbs

blueprint = Blueprint("fairs", __name__, url_prefix="/fairs", template_folder="templates")
menus.counter("fairs.review")(queries.waiting_for_review)


@blueprint.get("/apply")
@needs("f.application.start")
def apply() -> str:
    return _page(starting.start(verbs.PROCESS))


@blueprint.post("/apply")
@needs("f.application.start")
def start_application() -> Response | tuple[str, int]:
    answer = starting.read_start(verbs.PROCESS, request.form)
    if answer.complaints or answer.redraws:
        return _page(answer), 422 if answer.complaints else 200
    try:
        instance = verbs.apply(session(), answer.entry, me(), now(), answer.key)
    except Refused as refused:
        return _page(answer.with_refusal(refused)), 422
    view = instances.view(session(), instance, me(), now())
    if view.open_tasks:
        return redirect(url_for("inbox.show_task", task=view.open_tasks[0].id), 303)
    return redirect(url_for("inbox.show_instance", instance=instance), 303)


def _page(answer: starting.Start) -> str:
    return render_template("fairs/apply.html", answer=answer)
