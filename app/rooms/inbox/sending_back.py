"""The page that sends a task back to a step it has passed (退回), and says what happens after the correction."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.runtime import moving
from app.rooms.inbox import following, marking, verb_forms
from app.rooms.inbox.pages import blueprint
from app.rooms.inbox.verb_forms import VerbForm
from app.rooms.web import flags
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current, said

WAYS = ("step_by_step", "straight_back")


@blueprint.get("/tasks/<task>/return")
@blueprint.post("/tasks/<task>/return")
@signed_in
def send_back(task: str) -> Response | str | tuple[str, int]:
    """Send a task back to a chosen step, with an opinion."""
    if request.method == "GET":
        form = verb_forms.fresh(task, "return")
        is_open = form.view.state == "open"
        return _page(form) if is_open else redirect(following.same_task(task, request.args))
    form = verb_forms.read(task, "return", request.form)
    to, then = request.form.get("to", ""), request.form.get("then", WAYS[0])
    if form.is_offered and not to:
        return _page(verb_forms.complain(form, "to", _("请选择退回到哪个环节"))), 422
    if form.is_offered and then not in WAYS:
        return _page(verb_forms.complain(form, "then", _("请选择改完后怎样办理"))), 422
    marked = marking.read(form.view, request.form)
    if wrong := flags.complaints(marked.values()):
        return _page(verb_forms.complain(form, "items", wrong[0].message(current()))), 422
    names = {place.element: said(place.name) for place in moving.places_of(session(), task)}
    try:
        done = moving.send_back(
            session(),
            task,
            to,
            form.revision,
            me(),
            now(),
            form.comment,
            items=flags.items(marked.values()),
            then=then,
            key=form.key,
        )
    except verb_forms.REFUSALS as refusal:
        again, status = verb_forms.refused(form, refusal)
        return _page(again), status
    told = _("已退回到“%(step)s”：%(title)s", step=names.get(to, to), title=form.view.title)
    return redirect(verb_forms.done(form, told, done), 303)


def _page(form: VerbForm) -> str:
    posted = request.method == "POST"
    view = form.view
    left = marking.read(view, request.form) if posted else flags.of_draft(view.draft or {})
    ways = moving.places_of(session(), form.view.id) if form.is_open else ()
    possible = [place.element for place in ways if place.because is None]
    return verb_forms.page(
        form,
        "inbox/return.html",
        places=ways,
        to=request.form.get("to") or (possible[0] if len(possible) == 1 else ""),
        then=request.form.get("then", WAYS[0]),
        item_flags=marking.as_left(view, left),
        flag_codes=flags.codes(),
    )
