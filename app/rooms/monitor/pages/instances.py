"""The page of one instance: where it is, how it came there, what stands around it; and what may be done to it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.monitoring import archive
from app.platform.registry import Refused
from app.platform.runtime import control, errors, urging, work
from app.rooms.monitor import casefile, casetabs
from app.rooms.monitor.blueprint import blueprint
from app.rooms.web import times
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

archive.plug()


@blueprint.get("/instances/<instance>")
@needs(roles.MANAGE)
def instance(instance: str) -> str:
    """Show an instance within one's reach, now or as it was (`?at=`), with one tab at its side (`?tab=`)."""
    return _page(casefile.read(instance))


@blueprint.post("/instances/<instance>/reveal")
@needs(roles.MANAGE)
def reveal_entry(instance: str) -> str:
    """Show one entry without masks, once; that it was shown is written down."""
    return _page(_managed(instance), in_full=True)


@blueprint.post("/instances/<instance>/archive")
@needs(roles.MANAGE)
def pack_instance(instance: str) -> Response:
    """Begin to pack it for the archive, and lead to how far that is."""
    casefile.reach.within(session(), instance, me())
    try:
        with transaction(session()):
            errand = archive.archive_later(session(), instance, me(), now())
    except Refused as refused:
        flash(said(refused.words), "warning")
        return redirect(url_for("monitor.instance", instance=instance), 303)
    return redirect(url_for("errands.show", errand=errand), 303)


@blueprint.post("/instances/<instance>/verbs/<verb>")
@needs(roles.MANAGE)
def act_on_instance(instance: str, verb: str) -> Response | tuple[str, int]:
    """Urge, suspend, let go on, cancel, or try again what failed. Never on what one has started oneself."""
    case = _managed(instance)
    if verb not in VERBS:
        raise errors.Unknown(verb)
    try:
        told = VERBS[verb](case)
    except errors.MissingReason:
        return _page(case, verb=verb, wrong=_("请填写原因")), 422
    except errors.BadOpinion:
        return _page(case, verb=verb, wrong=_("原因太长，或含有不能使用的字符。")), 422
    except errors.InstanceChanged:
        session().rollback()
        told = _("这件事项的状态已经变化，没有执行。请核对后再试。")
        flash(told, "warning")
    except errors.UrgedAlready as refusal:
        at = said(times.moment(refusal.at, now()))
        flash(_("%(at)s已经催办过，每个工作日只能催办一次。", at=at), "warning")
    else:
        flash(told, "success")
    return redirect(url_for("monitor.instance", instance=instance), 303)


def _managed(instance: str) -> casefile.Casefile:
    """An instance one looks after. Raises `Unknown`; `Forbidden` for one's own application."""
    case = casefile.read(instance)
    if not case.is_managed:
        raise errors.Forbidden("instance.manage")
    return case


def _page(case: casefile.Casefile, *, in_full: bool = False, verb: str = "", wrong: str = "") -> str:
    return render_template(
        "monitor/instance.html",
        **casefile.shown(case),
        **casetabs.shown(case, in_full=in_full),
        verb=verb,
        wrong=wrong,
        reason=request.form.get("reason", ""),
    )


def _reason() -> str:
    return request.form.get("reason", "")


def _key() -> str | None:
    return request.form.get("key") or None


def _urge(case: casefile.Casefile) -> str:
    urging.urge(session(), case.view.id, me(), now(), _key())
    return _("已催办，已通知办理人。")


def _suspend(case: casefile.Casefile) -> str:
    control.suspend(session(), case.view.id, _reason(), me(), now(), _key())
    return _("已挂起：恢复之前不能办理，定时和系统处理也停下。")


def _resume(case: casefile.Casefile) -> str:
    control.resume(session(), case.view.id, _reason(), me(), now(), _key())
    return _("已恢复办理。")


def _cancel(case: casefile.Casefile) -> str:
    control.cancel(session(), case.view.id, _reason(), me(), now(), _key())
    return _("已终止。")


def _retry(case: casefile.Casefile) -> str:
    wanted = request.form.get("incident", "")
    if wanted not in {one.id for one in casefile.open_incidents(case)}:
        raise errors.InstanceChanged
    work.retry(session(), wanted, me(), now())
    return _("已重新执行。")


VERBS: dict[str, Any] = {
    "urge": _urge,
    "suspend": _suspend,
    "resume": _resume,
    "cancel": _cancel,
    "retry": _retry,
}
