"""申报授权: the city and the districts issue authorisation codes and take them back (P-39)."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.platform.registry import Refused, Words
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.security import safe_target
from app.systems.permits import codes, queries
from app.systems.permits.city_lists import CODES
from app.systems.permits.entities import Project
from app.systems.permits.pages.blueprint import blueprint


@blueprint.get("/codes")
@needs("p.code.issue")
def code_list() -> str:
    """Show the codes issued in one's places."""
    return lists.answer(CODES, "permits/code_list.html")


@blueprint.get("/codes/new")
@needs("p.code.issue")
def new_codes() -> str:
    """Show the form that issues codes: first the project, then what depends on it."""
    return _page(_chosen(request.args.get("project", "")))


@blueprint.post("/codes/new")
@needs("p.code.issue")
def issue_codes() -> Response | tuple[str, int]:
    """Issue codes, all of them or none."""
    project = _chosen(request.form.get("project", ""))
    if project is None:
        return _page(None, Refused("请选择项目", "Choose a project", "project")), 422
    typed = {name: request.form.get(name, "").strip() for name in ("district", "category", "group", "count")}
    number = typed["count"]
    count = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    order = codes.Order(project.id, typed["district"], typed["category"], typed["group"], count)
    if typed["district"] not in {row.code for row in _districts(project)}:
        return _page(project, Refused("请选择区县", "Choose a district", "district")), 422
    try:
        made = codes.issue(session(), order, me(), now())
    except Refused as refused:
        return _page(_chosen(order.project), refused), 422
    flash(ngettext("已生成 %(num)d 个授权码。", "已生成 %(num)d 个授权码。", len(made)), "success")
    return redirect(url_for("permits.code_list", project=order.project), 303)


@blueprint.post("/codes/<authorisation>/revoke")
@needs("p.code.issue")
def revoke_code(authorisation: str) -> Response:
    """Make an unused code worthless."""
    codes.revoke(session(), authorisation, me(), now())
    flash(_("授权码已作废。"), "success")
    return redirect(safe_target(request.form.get("back"), url_for("permits.code_list")), 303)


def _chosen(project: str) -> Project | None:
    """The project asked for, if the person issues codes of it anywhere."""
    found = {row.id: row for row in queries.issuable_projects(session(), me())}
    if project and project not in found:
        abort(404)
    return found.get(project)


def _districts(project: Project) -> list[queries.Place]:
    return queries.issuable_districts(session(), me(), project.id)


def _page(project: Project | None, refused: Refused | None = None) -> str:
    words: Words | None = refused.words if refused else None
    return render_template(
        "permits/codes.html",
        projects=queries.issuable_projects(session(), me()),
        project=project,
        districts=_districts(project) if project else (),
        typed=request.form,
        wrong=(refused.field or "project", words) if refused and words else None,
        most=codes.MOST,
    )
