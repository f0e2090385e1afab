"""The pages of the inbox: each says who may, what came in, and which operation."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.documents import correction_letters
from app.platform.lists import choosing
from app.platform.registry import Words
from app.platform.runtime import instances, tasks
from app.platform.runtime.errors import Forbidden, InstanceChanged, TaskTaken
from app.rooms.inbox import answering, boxes, following, inquiring, keys, live, shelf, verbs
from app.rooms.inbox.lists import MINE, TODO
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import hand_out, hand_out_page
from app.rooms.web.guards import signed_in, watching
from app.rooms.web.security import safe_target

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", template_folder="templates")
_ENDED = Words(
    "这一步不再由您办理：您的岗位或权限可能刚刚结束或变更。",
    "This step is not yours any more: a post or right of yours may have ended or changed just now.",
)
files = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/")
@signed_in
def box() -> str:
    """Show one box, and beside it room for a task."""
    return render_template("inbox/box.html", **boxes.read(request.args, alone=True))


@blueprint.post("/mode")
@signed_in
def choose_mode() -> Response:
    """Keep whether the reader likes his boxes as a list or as a table, and show the box that way."""
    mode = boxes.TABLE if request.form.get("mode") == boxes.TABLE else "list"
    choosing.keep(boxes.MODE, [mode] if mode == boxes.TABLE else [], session(), me(), now())
    asked = {**dict(parse_qsl(request.form.get("asked", ""))), "mode": mode}
    return redirect(url_for("inbox.box", **boxes.kept(asked)), 303)


@blueprint.get("/tasks/<task>")
@signed_in
def show_task(task: str) -> str:
    """Show one task with what its reader has typed so far."""
    view = tasks.get(session(), task, me(), now())
    tasks.read_of(session(), view.instance, me(), now())
    return _page(answering.again(view))


@blueprint.post("/tasks/<task>")
@signed_in
def decide(task: str) -> Response | tuple[str, int]:
    """Decide a task, then show the next one."""
    view = tasks.get(session(), task, me(), now())
    if view.state == "open" and not (view.can_work or view.may_keep):
        raise Forbidden(
            "task.work", _ENDED
        )  # he sees the case by another right than the one he had to decide
    answer = answering.read(view, request.form, request.files)
    if answer.complaints or answer.redraws:
        if drawn.keeps_drafts(request.form):
            answer = answering.keep_refused(answer)
        return _page(answer), 422 if answer.complaints else 200
    try:
        done = tasks.complete(session(), task, answer.entry, answer.decision, me(), now())
    except answering.REFUSALS as refusal:
        return _refused(answer, refusal)
    verbs.tell(following.what_was_done(view, answer.decision), view)
    return redirect(following.next_page(view, done, request.args))


@blueprint.post("/tasks/<task>/draft")
@signed_in
def save_draft(task: str) -> tuple[str, int, dict[str, str]]:
    """Keep what has been typed (the page's script asks every few seconds); its version is the answer's ETag."""
    view = tasks.get(session(), task, me(), now())
    version = answering.keep(answering.read(view, request.form), anew="anew" in request.args)
    return "", 204, {"ETag": f'"{version}"'}


@blueprint.get("/tasks/<task>/draft")
@signed_in
def show_draft(task: str) -> str:
    """Show what is kept of what was typed and not sent: this window's, or the other's."""
    view = tasks.get(session(), task, me(), now())
    aside = request.args.get("which") == "aside"
    return render_template("inbox/draft.html", **answering.kept_draft(view, aside=aside))


@blueprint.get("/tasks/<task>/state")
@watching
def show_state(task: str) -> str:
    """Tell an open page who else is there, and what became of the task (asked for when the pulse has changed)."""
    return render_template("inbox/_state.html", **live.state_of(tasks.get(session(), task, me(), now())))


@blueprint.get("/pulse")
@watching
def pulse() -> Response:
    """Tell an open page how much waits, and whether what it shows still holds; 304 where nothing is new."""
    return live.beat()


@blueprint.get("/keys")
@signed_in
def show_keys() -> str:
    """List the keys of the inbox, with the switch that turns single keys off (WCAG 2.1.4)."""
    return render_template("inbox/keys.html", **keys.shown())


@blueprint.post("/keys")
@signed_in
def choose_keys() -> Response:
    """Turn single keys off or on, for this person on every computer."""
    keys.choose(on=request.form.get("single") == "on")
    return redirect(safe_target(request.form.get("back"), url_for("inbox.box")), 303)


@blueprint.post("/tasks/<task>/claim")
@signed_in
def claim(task: str) -> Response | tuple[str, int]:
    """Take a task so that no one else does."""
    return _hold(task, tasks.claim, _("已签收。"))


@blueprint.post("/tasks/<task>/unclaim")
@signed_in
def unclaim(task: str) -> Response | tuple[str, int]:
    """Put a claimed task back for the others."""
    return _hold(task, tasks.unclaim, _("已放回。"))


@blueprint.post("/tasks/<task>/letter")
@signed_in
def print_letter(task: str) -> Response:
    """Have the letter of a return printed, where that has failed before."""
    view = tasks.get(session(), task, me(), now())
    if view.items is None:
        abort(404)
    correction_letters.ask(session(), view.instance, view.items.seq, now())
    flash(_("正在生成告知书，请稍后刷新。"), "success")
    return redirect(following.same_task(task, request.args))


@blueprint.get("/instances/<instance>")
@signed_in
def show_instance(instance: str) -> str:
    """Tell where a chain is, and how it got there."""
    view = instances.view(session(), instance, me(), now())
    tasks.read_of(session(), instance, me(), now())
    box = MINE if view.starter == me().person else TODO
    more = {**verbs.of_instance(view), **inquiring.told(view)}
    return render_template(
        "inbox/instance.html", **boxes.read(request.args, box), **boxes.story(view), **more
    )


@blueprint.get("/instances/<instance>/diagram")
@signed_in
def show_diagram(instance: str) -> Response:
    """Draw a chain with the steps it has passed and where it stands, as a picture."""
    return boxes.drawing(instances.view(session(), instance, me(), now()))


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


def _hold(task: str, verb: Callable[..., None], told: str) -> Response | tuple[str, int]:
    """Claim or put back; whoever was quicker is named on the task's own page."""
    try:
        verb(session(), task, request.form.get("revision", 0, int), me(), now())
    except (TaskTaken, InstanceChanged) as refusal:
        view = tasks.get(session(), task, me(), now())
        again, status = answering.refused(answering.again(view), refusal)
        return _page(again), status
    flash(told, "success")
    return redirect(following.same_task(task, request.args))
