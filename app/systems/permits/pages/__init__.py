"""The pages of permits that inbox and lists cannot show: management centre, applying, one project, identities."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform import documents
from app.platform.registry import Refused, Words, house
from app.platform.runtime import instances
from app.rooms.inbox import shelf, starting
from app.rooms.web import forms as drawn
from app.rooms.web import menus
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs, signed_in
from app.systems.permits import profiles, queries, verbs
from app.systems.permits.pages import activities, codes, declaring, projects, summaries
from app.systems.permits.pages.blueprint import blueprint
from app.systems.permits.roles import IDENTITIES, ORGANISER, TEACHER
from app.systems.permits.summaries import waiting_for_the_city

__all__ = ["activities", "blueprint", "codes", "declaring", "projects", "summaries"]

menus.counter("permits.review")(queries.waiting_for_review)
menus.counter("permits.district_review")(queries.waiting_in_district)
menus.counter("permits.city_review")(queries.waiting_in_city)
menus.counter("permits.confirm")(waiting_for_the_city)


@blueprint.get("/")
@needs("p.centre.view")
def centre() -> str:
    """Show the management centre: an icon per managed project (PG-P3, P-18)."""
    return render_template(
        "permits/centre.html",
        managed=queries.managed(session(), me().posts),
        applications=queries.applications_of(session(), me().person),
        may_apply=bool(me().holds(ORGANISER)),
        is_teacher=bool(me().holds(TEACHER)),
    )


@blueprint.get("/apply")
@signed_in
def apply() -> str:
    """Show the apply page with the person's applications (PG-P4, P-06)."""
    verbs.may_apply(me())
    return _apply_page(starting.start(verbs.PROCESS))


@blueprint.post("/apply")
@signed_in
def start_application() -> Response | tuple[str, int]:
    """Start an application, or open the running one for the same pair (P-07, P-19)."""
    verbs.may_apply(me())
    answer = starting.read_start(verbs.PROCESS, request.form)
    if answer.complaints or answer.redraws:
        return _apply_page(answer), 422 if answer.complaints else 200
    try:
        instance = verbs.apply(session(), answer.entry, me(), now(), answer.key)
    except Refused as refused:
        return _apply_page(answer.with_refusal(refused)), 422
    return redirect(_open_task(instance), 303)


@blueprint.post("/applications/<instance>/discard")
@needs("p.permission.apply")
def discard(instance: str) -> Response:
    """Throw away one's own application while it is a draft."""
    verbs.discard(session(), instance, me(), now())
    flash(_("申请已撤销。"), "success")
    return redirect(url_for("permits.apply"), 303)


@blueprint.get("/profile")
@needs("p.permission.apply")
def profile() -> str:
    """Show the person's own profile for filling in or changing (PG-P5, P-11, P-21)."""
    stored = profiles.load(session(), me().person)
    return _profile_page(starting.own(verbs.PROCESS, verbs.PROFILE, "file_profile", stored))


@blueprint.post("/profile")
@needs("p.permission.apply")
def save_profile() -> Response | tuple[str, int]:
    """Save the profile: only here is it stored (P-11)."""
    answer = _profile_sent()
    if answer.entry is None or answer.complaints or answer.redraws:
        if drawn.keeps_drafts(request.form):
            answer = starting.keep_own(verbs.PROFILE, answer, anew=True)
        return _profile_page(answer), 422 if answer.complaints else 200
    verbs.save_profile(session(), answer.entry, me(), now())
    flash(_("档案已保存。"), "success")
    return redirect(url_for("permits.profile"), 303)


@blueprint.post("/profile/draft")
@needs("p.permission.apply")
def keep_profile() -> tuple[str, int, dict[str, str]]:
    """Keep what is typed and not saved (P-11); its version is the answer's ETag."""
    kept = starting.keep_own(verbs.PROFILE, _profile_sent(), anew="anew" in request.args)
    return "", 204, {"ETag": f'"{kept.draft}"'}


@blueprint.get("/applications/<instance>/scan")
@needs("p.permission.apply")
def scan(instance: str) -> str:
    """Show the form that replaces the scan under review (P-15)."""
    return _scan_page(_under_review(instance))


@blueprint.post("/applications/<instance>/scan")
@needs("p.permission.apply")
def replace_scan(instance: str) -> Response | tuple[str, int]:
    """Replace the scan until it is reviewed (P-15)."""
    view = _under_review(instance)
    file, complaint = shelf.receive_one(request.files.get("scan"), verbs.SCAN, instance, verbs.PRINT)
    if file is None:
        return _scan_page(view, complaint), 422
    verbs.replace_scan(session(), instance, file, me(), now())
    flash(_("扫描件已更新，等待市级管理员审核。"), "success")
    return redirect(url_for("inbox.show_instance", instance=instance), 303)


@blueprint.get("/projects/<post>")
@needs("p.project.manage")
def project(post: str) -> str:
    """Show the participation management of one project and district (P-18, P-20)."""
    found = [item for item in queries.managed(session(), me().posts) if item[0].id == post]
    if not found:
        abort(404)
    return render_template("permits/project.html", managed=found[0])


@blueprint.get("/people/<person>")
@needs("p.identity.change")
def person(person: str) -> str:
    """Show a person's identity and the others there are (P-05)."""
    found = queries.person_in_city(session(), person, me())
    if found is None:
        abort(404)
    return render_template(
        "permits/person.html", found=found, identities=[house.roles[key] for key in IDENTITIES]
    )


@blueprint.post("/people/<person>")
@needs("p.identity.change")
def change_identity(person: str) -> Response:
    """Give the person another identity (P-05)."""
    verbs.change_identity(session(), person, request.form.get("identity", ""), me(), now())
    flash(_("身份已变更，该用户下次打开页面时生效。"), "success")
    return redirect(url_for("web.list", system="permits", key="people"), 303)


def _apply_page(answer: starting.Start) -> str:
    return render_template(
        "permits/apply.html",
        answer=answer,
        applications=queries.applications_of(session(), me().person),
    )


def _profile_sent() -> starting.Start:
    stored = profiles.load(session(), me().person)
    return starting.read_own(verbs.PROCESS, verbs.PROFILE, "file_profile", stored, request.form)


def _profile_page(answer: starting.Start) -> str:
    return render_template("permits/profile.html", answer=answer)


def _scan_page(view: instances.views.InstanceView, complaint: Words | None = None) -> str:
    return render_template("permits/scan.html", view=view, complaint=complaint, limit=documents.LIMIT)


def _under_review(instance: str) -> instances.views.InstanceView:
    """The person's own application while the city has it, else 404."""
    view = instances.view(session(), instance, me(), now())
    if view.starter != me().person or not any(task.element == "city_review" for task in view.open_tasks):
        abort(404)
    return view


def _open_task(instance: str) -> str:
    """Where to go on: the person's own open task, or the instance."""
    view = instances.view(session(), instance, me(), now())
    for task in view.open_tasks:
        if task.can_work:
            return url_for("inbox.show_task", task=task.id)
    return url_for("inbox.show_instance", instance=instance)
