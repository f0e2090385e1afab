"""The city's pages 项目与区县: making, changing, closing and opening projects (EN-P1)."""

from __future__ import annotations

from datetime import MINYEAR, UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from app.rooms.web import language, lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.permits import projects, queries, rules
from app.systems.permits.city_lists import PROJECTS
from app.systems.permits.entities import Project
from app.systems.permits.pages.blueprint import blueprint

STAR = [InputRequired()]  # marks the field; whether the terms stand, the verb says
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]  # browsers leave out seconds of nought
GROUPS = "小学组\n初中组\n高中组"


class TermsForm(FlaskForm):  # type: ignore[misc]
    """What a city lays down for a project; whether it stands, `rules.terms_complaints` says."""

    name = StringField(_l("项目名称"), STAR)
    prefix = StringField(_l("编号前缀"), STAR)
    year = IntegerField(_l("年度"), STAR)
    categories = TextAreaField(_l("项目类型"), STAR)
    groups = TextAreaField(_l("参赛组别"), STAR)
    declare_from = DateTimeLocalField(_l("申报开始时间"), STAR, format=FORMATS)
    declare_to = DateTimeLocalField(_l("申报截止时间"), STAR, format=FORMATS)
    review_to = DateTimeLocalField(_l("审查截止时间"), format=FORMATS)

    @property
    def terms(self) -> rules.Terms:
        """What was typed, moments read in China's time."""
        moments = {name: _moment(self[name].data) for name in ("declare_from", "declare_to", "review_to")}
        return rules.Terms(
            name=(self.name.data or "").strip(),
            prefix=(self.prefix.data or "").strip().upper(),
            year=self.year.data,
            categories=_lines(self.categories.data),
            groups=_lines(self.groups.data),
            **moments,
        )

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """Every complaint with the id of its field, for the summary."""
        return [(item.id, str(item.errors[0])) for item in self if item.errors]

    def complain(self, wrong: projects.Wrong) -> None:
        """Put what is wrong beside its field, unless the field itself has said already that it cannot be read."""
        for name, words in wrong.complaints.items():
            self[name].errors = [words.said(language.current())]


@blueprint.get("/projects")
@needs("p.project.edit")
def project_list() -> str:
    """Show the city's projects."""
    return lists.answer(PROJECTS, "permits/projects.html")


@blueprint.get("/projects/new")
@needs("p.project.edit")
def new_project() -> str:
    """Show the empty form of a project."""
    return _page(TermsForm(formdata=None, groups=GROUPS, year=now().year))


@blueprint.post("/projects/new")
@needs("p.project.edit")
def create_project() -> Response | tuple[str, int]:
    """Make a project of the own city."""
    form = TermsForm()
    try:
        projects.create(session(), form.terms, me(), now())
    except projects.Wrong as wrong:
        form.complain(wrong)
        return _page(form), 422
    flash(_("项目已建立，组织者现在可以申请管理权限。"), "success")
    return redirect(url_for("permits.project_list"), 303)


@blueprint.get("/projects/<project>/terms")
@needs("p.project.edit")
def project_terms(project: str) -> str:
    """Show a project's terms for changing."""
    row = _kept(project)
    return _page(TermsForm(formdata=None, data=_typed(row)), row)


@blueprint.post("/projects/<project>/terms")
@needs("p.project.edit")
def change_project(project: str) -> Response | tuple[str, int]:
    """Lay down a project's new terms."""
    row, form = _kept(project), TermsForm()
    try:
        projects.change(session(), project, form.terms, me(), now())
    except projects.Wrong as wrong:
        form.complain(wrong)
        return _page(form, _kept(row.id)), 422
    flash(_("项目已保存。"), "success")
    return redirect(url_for("permits.project_list"), 303)


@blueprint.post("/projects/<project>/open")
@needs("p.project.edit")
def open_project(project: str) -> Response:
    """Open a closed project, or close an open one."""
    is_open = request.args.get("to") == "open"
    projects.close(session(), project, is_open, me(), now())
    flash(_("项目已启用。") if is_open else _("项目已停用。"), "success")
    return redirect(url_for("permits.project_list"), 303)


def _kept(project: str) -> Project:
    row = projects.get(session(), project, me())
    if row is None:
        abort(404)
    return row


def _page(form: TermsForm, project: Project | None = None) -> str:
    return render_template(
        "permits/terms.html", form=form, project=project, districts=queries.districts(session(), now())
    )


def _typed(row: Project) -> dict[str, Any]:
    """A project as the form shows it."""
    values: dict[str, Any] = {name: getattr(row, name) for name in projects.FIELDS}
    for name in ("categories", "groups"):
        values[name] = "\n".join(values[name])
    for name in ("declare_from", "declare_to", "review_to"):
        values[name] = values[name].astimezone(rules.CHINA) if values[name] else None
    return values


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _moment(typed: datetime | None) -> datetime | None:
    """In UTC; the first year of all, whose first hours UTC does not have, is none."""
    if typed is None or typed.year == MINYEAR:
        return None
    return typed.replace(tzinfo=rules.CHINA).astimezone(UTC)
