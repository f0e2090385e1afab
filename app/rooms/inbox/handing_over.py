"""The pages that give a task to other people: transfer, delegate, copy; and its signers, who come and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.runtime import handable, tasks
from app.rooms.inbox import following, verb_forms, verbs
from app.rooms.inbox.pages import blueprint
from app.rooms.inbox.verb_forms import VerbForm
from app.rooms.web import whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in

Answer = Response | str | tuple[str, int]
Position = Literal["before", "after", "parallel"]
POSITIONS: Mapping[str, Position] = {"before": "before", "after": "after", "parallel": "parallel"}


@blueprint.get("/tasks/<task>/transfer")
@blueprint.post("/tasks/<task>/transfer")
@signed_in
def transfer(task: str) -> Answer:
    """Give a task away for good (转办)."""
    return _hand(task, "transfer")


@blueprint.get("/tasks/<task>/delegate")
@blueprint.post("/tasks/<task>/delegate")
@signed_in
def delegate(task: str) -> Answer:
    """Ask another one's advice first (委托); the task comes back."""
    return _hand(task, "delegate")


@blueprint.get("/tasks/<task>/copy")
@blueprint.post("/tasks/<task>/copy")
@signed_in
def copy(task: str) -> Answer:
    """Let others read it (抄送)."""
    return _hand(task, "copy")


@blueprint.get("/tasks/<task>/signers")
@blueprint.post("/tasks/<task>/signers")
@signed_in
def signers(task: str) -> Answer:
    """Add and remove those who sign with one (加签, 减签)."""
    if request.method == "GET":
        return _open(verb_forms.fresh(task, "signers"))
    form = verb_forms.read(task, "signers", request.form)
    add, remove = whom.chosen(request.form, "to"), whom.chosen(request.form, "remove")
    asked = request.form.get("position", "after")
    if form.is_offered:
        if whom.is_search(request.form):
            return _page(form)
        if not add and not remove:
            return _page(verb_forms.complain(form, "to", _("请选择要加签或减签的人员"))), 422
        if asked not in POSITIONS:
            return _page(verb_forms.complain(form, "position", _("请选择签署顺序"))), 422
    position = POSITIONS.get(asked, "after")
    told = _told_of_signers(form, add, remove)

    def run() -> None:
        tasks.signers(
            session(),
            task,
            add,
            remove,
            position,
            form.revision,
            me(),
            now(),
            form.comment,
            form.key,
        )

    return _run(form, run, told, stays=True)


def _hand(task: str, verb: str) -> Answer:
    if request.method == "GET":
        return _open(verb_forms.fresh(task, verb))
    form = verb_forms.read(task, verb, request.form)
    ids = whom.chosen(request.form, "to")
    if form.is_offered and whom.is_search(request.form):
        return _page(form)
    if form.is_offered and not ids:
        return _page(verb_forms.complain(form, "to", _("请选择人员"))), 422
    given = ids if verb == "copy" else "".join(ids[:1])
    run = partial(
        getattr(tasks, verb), session(), task, given, form.revision, me(), now(), form.comment, form.key
    )
    return _run(form, run, _told(verb, form, whom.names(ids)), stays=verb == "copy")


def _open(form: VerbForm) -> Answer:
    """Show the empty page; a task that is decided meanwhile tells that itself."""
    if form.view.state != "open":
        return redirect(following.same_task(form.view.id, request.args))
    return _page(form)


def _run(form: VerbForm, run: Callable[[], object], told: str, *, stays: bool) -> Answer:
    try:
        run()
    except verb_forms.REFUSALS as refusal:
        again, status = verb_forms.refused(form, refusal)
        return _page(again), status
    still_here = stays and tasks.get(session(), form.view.id, me(), now()).state == "open"
    return redirect(verb_forms.done(form, told, stays=still_here), 303)


def _page(form: VerbForm) -> str:
    several = form.verb in ("copy", "signers")
    people = whom.offered("to", partial(_why_not, form), several=several) if form.is_open else None
    return verb_forms.page(
        form,
        "inbox/signers.html" if form.verb == "signers" else "inbox/hand.html",
        whom=people,
        sentence=_sentence(form),
        removed=whom.chosen(request.form, "remove"),
        position=request.form.get("position", "after"),
        ordered=form.view.rule in ("one", "sequence"),
        removes_any=verbs.needs_reason(form.view, "signers"),
    )


def _why_not(form: VerbForm, ids: list[str]) -> object:
    return handable.why_not(session(), form.view.id, form.verb, ids, me(), now())


def _sentence(form: VerbForm) -> str:
    """What will happen, in one sentence."""
    return {
        "transfer": _("转办后，这项任务由对方办理，您不再办理；流转记录会写明。"),
        "delegate": _("委托后，先由对方提出意见，再回到您这里，由您作出决定。"),
        "copy": _("抄送后，对方可以查看这件事项及其后的进展，不参与办理。"),
        "signers": _("加签的人与您一起签署这一步；减签的人不再签署。"),
    }[form.verb]


def _told(verb: str, form: VerbForm, names: str) -> str:
    title = form.view.title
    return {
        "transfer": _("已转办给%(names)s：%(title)s", names=names, title=title),
        "delegate": _("已委托%(names)s提出意见：%(title)s", names=names, title=title),
        "copy": _("已抄送%(names)s：%(title)s", names=names, title=title),
    }[verb]


def _told_of_signers(form: VerbForm, add: tuple[str, ...], remove: tuple[str, ...]) -> str:
    said = [_("已加签%(names)s", names=whom.names(add))] if add else []
    said += [_("已减签%(names)s", names=whom.names(remove))] if remove else []
    return "；".join(said)
