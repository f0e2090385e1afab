"""What to do with a task nobody can answer: give somebody the post, hand it on, or tell who looks after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.identity import authority, posts, roles
from app.platform.personnel import alerting, locating
from app.platform.registry import Words, house
from app.platform.runtime import assigning, errors, unattended
from app.platform.runtime.assigning import Lonely
from app.rooms.admin import ticking
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import acting, whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

LIST = "/admin/lists/unattended"
Answer = Response | str | tuple[str, int]


@blueprint.get("/unattended")
@needs(roles.PEOPLE)
def unattended_list() -> Response:
    """Lead to the list."""
    return redirect(LIST, 303)


@blueprint.get("/unattended/<task>")
@needs(roles.PEOPLE)
def unattended_task(task: str) -> Answer:
    """Show why nobody can answer a task, and ask who shall."""
    return _page(assigning.find(session(), task, me(), now()))


@blueprint.post("/unattended/<task>")
@needs(roles.PEOPLE)
def assign_task(task: str) -> Answer:
    """Look for people, lead to giving the post, show the preview, or hand the task to the person chosen."""
    found = assigning.find(session(), task, me(), now())
    do, to = request.form.get("do", ""), _chosen()
    if whom.is_search(request.form) or do not in ("preview", "confirm", "post"):
        return _page(found)
    if not to:
        return _page(found, {"to": _("请选择人员")}), 422
    if do == "post":
        given = {"role": found.role, "post_place": found.asked_at, "subject": _subject(found)}
        return redirect(url_for("admin.give_post", person=to, **given), 303)
    reason = request.form.get("reason", "").strip()
    wrong = _wrong_reason(reason)
    if wrong:
        return _page(found, {"reason": wrong}), 422
    if do == "preview":
        refused = _why_not(found)([to]).get(to)
        if refused is not None:
            return _page(found, {"to": said(refused)}), 422
        return _page(found, to=to)
    return _assign(found, to, reason)


def _assign(found: Lonely, to: str, reason: str) -> Answer:
    revision = request.form.get("revision", "")
    read = int(revision) if revision.isdecimal() and len(revision) < 10 else -1
    key = request.form.get("key") or None
    try:
        assigning.assign(session(), found.task, to, read, reason, me(), now(), key)
    except errors.BadPerson as refusal:
        return _page(found, {"to": said(refusal.words)}), 422
    except errors.InstanceChanged:
        again = _("这项任务已有变化，尚未改派。请核对后重新预览。")
        return _page(assigning.find(session(), found.task, me(), now()), {"": again}), 409
    flash(_("已改派给%(name)s，并写入流转记录。", name=whom.names([to])), "success")
    return redirect(LIST, 303)


@blueprint.post("/unattended/send/of")
@needs(roles.PEOPLE)
def alert_of() -> Response:
    """Lead on from the list: with the rows ticked, else with what the list shows."""
    return redirect(url_for("admin.alert", task=ticking.rows_of("unattended")), 303)


@blueprint.get("/unattended/send")
@needs(roles.PEOPLE)
def alert() -> str:
    """Show whom an alert goes to, and of what."""
    return _alert_page(ticking.ids(request.args.getlist("task")))


@blueprint.post("/unattended/send")
@needs(roles.PEOPLE)
def send_alert() -> Answer:
    """Tell whoever looks after these matters."""
    tasks = ticking.ids(request.form.getlist("task"))[: ticking.MOST]
    done = alerting.send(session(), tasks, me(), now())
    if not done.people:
        return _alert_page(tasks, _("没有可以通知的人员，请改为授予岗位或改派。")), 422
    flash(_("已通知%(people)d名流程管理员。", people=len(done.people)), "success")
    return redirect(LIST, 303)


def _alert_page(tasks: Sequence[str], wrong: str = "") -> str:
    drawn = alerting.draw_up(session(), tasks[: ticking.MOST], me(), now())
    return render_template(
        "admin/alert.html",
        drawn=drawn,
        wrong=wrong,
        most=ticking.MOST,
        too_many=len(tasks) > ticking.MOST,
    )


def _chosen() -> str:
    found = whom.chosen(request.form, "to")
    return found[0] if found else ""


def _wrong_reason(reason: str) -> str:
    if not reason:
        return _("请填写原因")
    if len(reason) > assigning.LONGEST_REASON:
        return _("原因最多%(most)d个字", most=assigning.LONGEST_REASON)
    return ""


def _why_not(found: Lonely) -> Any:
    def told(ids: Collection[str]) -> Mapping[str, Words]:
        return assigning.why_not(session(), found.task, list(ids), me(), now()) if ids else {}

    return told


def _subject(found: Lonely) -> str | None:
    role = house.roles.get(found.role or "")
    return (found.subject or posts.EVERY_SUBJECT) if role is not None and role.subject else None


def _page(found: Lonely, wrong: Mapping[str, str] | None = None, to: str = "") -> str:
    """`to`: whom the preview is of."""
    wrong = wrong or {}
    role, place = roles.title_of(found.role or ""), found.asked_at
    located = locating.names(session(), [place]).get(place)
    name = located.name if located else said(Words("全部地区", "Everywhere"))
    why = said(unattended.WHY[found.why]).format(role=said(role), place=name, name=found.assignee_name)
    return render_template(
        "admin/unattended.html",
        found=found,
        why=why,
        role=role if found.role else None,
        place=name,
        wrong=wrong,
        summary=[(f"verb-{key}" if key else None, text) for key, text in wrong.items()],
        whom=whom.offered("to", _why_not(found), several=False, only=authority.visible(me(), now())),
        reason=request.form.get("reason", ""),
        key=request.form.get("key") or new_id(),
        to_name=whom.names([to]) if to else "",
        may_give=bool(found.role) and acting.may(roles.POSTS),
    )
