"""The pages of the inbox: each says who may, what came in, and which operation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.runtime import instances, tasks
from app.rooms.inbox import answering, boxes, following, shelf
from app.rooms.inbox.lists import MINE, TODO
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import hand_out, hand_out_page
from app.rooms.web.guards import signed_in

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", template_folder="templates")
files = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/")
@signed_in
def box() -> str:
    """Show one box, and beside it room for a task."""
    return render_template("inbox/box.html", **boxes.read(request.args))


@blueprint.get("/tasks/<task>")
@signed_in
def show_task(task: str) -> str:
    """Show one task with what its reader has typed so far."""
    view = tasks.get(session(), task, me(), now())
    return _page(answering.again(view))


@blueprint.post("/tasks/<task>")
@signed_in
def decide(task: str) -> Response | tuple[str, int]:
    """Decide a task, then show the next one."""
    view = tasks.get(session(), task, me(), now())
    answer = answering.read(view, request.form, request.files)
    if answer.complaints or answer.redraws:
        answering.keep_refused(answer)
        return _page(answer), 422 if answer.complaints else 200
    try:
        done = tasks.complete(session(), task, answer.entry, answer.decision, me(), now())
    except answering.REFUSALS as refusal:
        return _refused(answer, refusal)
    flash(following.what_was_done(view, answer.decision), "success")
    return redirect(following.next_page(view, done, request.args))


@blueprint.post("/tasks/<task>/draft")
@signed_in
def save_draft(task: str) -> tuple[str, int]:
    """Keep what has been typed (the page's script asks every few seconds)."""
    view = tasks.get(session(), task, me(), now())
    answering.keep(answering.read(view, request.form))
    return "", 204


@blueprint.post("/tasks/<task>/claim")
@signed_in
def claim(task: str) -> Response:
    """Take a task so that no one else does."""
    tasks.claim(session(), task, request.form.get("revision", 0, int), me(), now())
    flash(_("已签收。"), "success")
    return redirect(following.same_task(task, request.args))


@blueprint.post("/tasks/<task>/unclaim")
@signed_in
def unclaim(task: str) -> Response:
    """Put a claimed task back for the others."""
    tasks.unclaim(session(), task, request.form.get("revision", 0, int), me(), now())
    flash(_("已放回。"), "success")
    return redirect(following.same_task(task, request.args))


@blueprint.get("/instances/<instance>")
@signed_in
def show_instance(instance: str) -> str:
    """Tell where a chain is, and how it got there."""
    view = instances.view(session(), instance, me(), now())
    box = MINE if view.starter == me().person else TODO
    return render_template("inbox/instance.html", **boxes.read(request.args, box), **boxes.story(view))


@files.get("/<file>")
@signed_in
def download(file: str) -> Response:
    """Hand out a stored file to whoever may read the instance it belongs to."""
    return hand_out(file, inline="download" not in request.args)


@files.get("/<file>/pages/<int:number>")
@signed_in
def page(file: str, number: int) -> Response:
    """Hand out one page of a stored file as a picture, under the same policy."""
    return hand_out_page(file, number)


@files.get("/<file>/compare")
@signed_in
def compare(file: str) -> str:
    """Show a scan beside the print it was compared with (C-20)."""
    return render_template("inbox/compare.html", **shelf.beside(file))


def _page(answer: answering.Answer) -> str:
    return render_template("inbox/task.html", **boxes.read(request.args), **answer.shown())


def _refused(answer: answering.Answer, refusal: Exception) -> Response | tuple[str, int]:
    """Show the task once more with everything typed; a double click ends where its first click did."""
    if answering.is_repeat(answer, refusal):
        return redirect(url_for("inbox.show_instance", instance=answer.view.instance))
    again, status = answering.refused(answer, refusal)
    return _page(again), status
