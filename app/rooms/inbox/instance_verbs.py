"""The verbs of an instance on its pages: urge whoever it waits for (催办), take back one's own decision (撤回)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.runtime import errors, instances, moving, urging
from app.platform.runtime.views import InstanceView
from app.rooms.inbox import boxes, following
from app.rooms.inbox.lists import DONE, first_workable
from app.rooms.inbox.pages import blueprint
from app.rooms.web import times
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said


@blueprint.post("/instances/<instance>/urge")
@signed_in
def urge(instance: str) -> Response:
    """Remind those an instance waits for, once a working day."""
    try:
        urging.urge(session(), instance, me(), now(), request.form.get("key") or None)
        flash(_("已催办，已通知办理人。"), "success")
    except errors.UrgedAlready as refusal:
        at = said(times.moment(refusal.at, now()))
        flash(_("%(at)s已经催办过，每个工作日只能催办一次。", at=at), "warning")
    except errors.InstanceChanged:
        flash(_("这件事项现在不在等人办理，没有催办。"), "warning")
    return redirect(url_for("inbox.show_instance", instance=instance, **following.trail(request.args)), 303)


@blueprint.get("/instances/<instance>/withdraw")
@signed_in
def withdraw(instance: str) -> str:
    """Ask once before one's decision is taken back, and why."""
    view = instances.view(session(), instance, me(), now())
    possible = moving.may_withdraw(session(), instance, me())
    return _page(view, "" if possible else _("之后已有人办理或签收，或这一步不能撤回。"), possible=possible)


@blueprint.post("/instances/<instance>/withdraw")
@signed_in
def take_back(instance: str) -> Response | tuple[str, int]:
    """Take back one's last decision; what was decided opens again."""
    view = instances.view(session(), instance, me(), now())
    comment, key = request.form.get("comment", "").strip(), request.form.get("key") or None
    try:
        done = moving.withdraw(session(), instance, me(), now(), comment, key)
    except errors.CannotMove as refusal:
        return _page(view, said(refusal.words), possible=False), 409
    except errors.InstanceChanged:
        return _page(view, _("这件事项已经办结或停办，不能撤回。"), possible=False), 409
    except errors.HookRefused as refusal:
        return _page(view, said(refusal.words), possible=True), 422
    except errors.BadOpinion:
        return _page(view, _("原因太长，或含有不能使用的字符。"), possible=True), 422
    flash(_("已撤回：%(title)s", title=view.title), "success")
    own = first_workable(session(), me(), now(), done.next_tasks)
    if own:
        return redirect(url_for("inbox.show_task", task=own), 303)
    return redirect(url_for("inbox.show_instance", instance=instance), 303)


def _page(view: InstanceView, refusal: str, *, possible: bool) -> str:
    return render_template(
        "inbox/withdraw.html",
        **boxes.read(request.args, DONE),
        instance=view,
        possible=possible,
        refusal=refusal,
        comment=request.form.get("comment", ""),
        key=new_id(),
    )
