"""Publishing a draft: its impact first, then whom the new version is for, a note, the moment, and one confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.platform import settings
from app.platform.calendar import ZONE
from app.platform.design import (
    carrying,
    checking,
    drafts,
    forecasting,
    impact,
    publications,
    publishing,
    studying,
)
from app.platform.design.checking import Finding
from app.platform.design.errors import CountChanged, MovedOn, NotReady, Rejected
from app.platform.design.forecasting import Target
from app.platform.identity import roles
from app.platform.jobs.errands import Standing
from app.platform.registry import Words
from app.platform.runtime.entities import Version
from app.platform.runtime.errors import Unknown, Unpublishable
from app.rooms.designer import impact_view
from app.rooms.designer import refusals as refusals  # for what they say
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.impact_view import View
from app.rooms.designer.published import draft_of_page
from app.rooms.web import errands as errand_pages
from app.rooms.web.acting import may, me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, moment, said

Answer = Response | str | tuple[str, int]
LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as filled in so far; `at` as typed."""

    note: str = ""
    at: str = ""
    carries: bool = False
    count: str = ""
    has_seen: bool = False


@dataclass
class Standings:
    """A draft on its way: what it is, whether it can be published, and what that would do."""

    draft: drafts.DraftFacts
    revision: int
    target: Target | None = None
    findings: list[Finding] = field(default_factory=list)
    view: View | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    next_number: int = 1
    mine: int = 0

    @property
    def errors(self) -> list[Finding]:
        """What stands against it."""
        return [one for one in self.findings if one.level == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """What whoever publishes must have seen."""
        return [one for one in self.findings if one.level != "error"]


@blueprint.get("/drafts/<draft>/publish")
@needs(roles.DESIGN)
def publish(draft: str) -> Answer:
    """What publishing would do, and the form; `?map-<old>=<new>`: with these steps standing for others."""
    return _page(_standings(draft), Asked(carries="carry" in request.args))


@blueprint.post("/drafts/<draft>/publish")
@needs(roles.PUBLISH)
def do_publish(draft: str) -> Answer:
    """Show what will happen, or let it."""
    form = request.form
    asked = Asked(
        form.get("note", "").strip(),
        form.get("at", "").strip() if form.get("when") == "later" else "",
        form.get("scope") == "all",
        form.get("count", "").strip(),
        "seen" in form,
    )
    at, wrong = _moment(asked.at, form.get("when") == "later")
    if not publishing.SHORTEST_NOTE <= len(asked.note) <= publishing.LONGEST_NOTE:
        wrong["note"] = _("请填写修改说明，%(least)d 至 %(most)d 个字", least=2, most=publishing.LONGEST_NOTE)
    standing = _standings(draft, form)
    if standing.warnings and not asked.has_seen:
        wrong["seen"] = _("请先查看检查提示并勾选确认")
    if standing.errors or standing.view is None:
        wrong[""] = _("检查没有通过，不能发布。")
    revision = form.get("revision", type=int) or standing.revision
    if revision != standing.revision:
        return _page(standing, asked, {"": _moved(standing.revision)}), 409
    confirms = form.get("do") == "confirm"
    if confirms and not wrong and asked.carries and asked.count != str(standing.mine):
        wrong["count"] = _("请输入要迁移的件数：%(count)d", count=standing.mine)
    if wrong:
        return _page(
            standing, asked, wrong, at if confirms else None, confirms=confirms and set(wrong) == {"count"}
        ), 422
    if not confirms:
        return _page(standing, asked, at=at, confirms=True)
    count = standing.mine if asked.carries else None
    wish = publishing.Wish(asked.note, at, asked.carries, standing.mapping, count)
    try:
        publication = publishing.ask(session(), draft, revision, wish, me(), now())
    except MovedOn as error:
        return _page(_standings(draft, form), asked, {"": _moved(error.revision)}), 409
    except CountChanged as error:
        told = ngettext(
            "需要迁移的在办事项现为 %(num)s 件，请重新确认。",
            "需要迁移的在办事项现为 %(num)s 件，请重新确认。",
            error.count,
        )
        return _page(_standings(draft, form), asked, {"": told}), 409
    except Rejected as error:
        return _page(_standings(draft, form), asked, {error.field or "": said(error.words)}), 422
    except (Unpublishable, NotReady) as error:
        return _page(_standings(draft, form), asked, {"": _said(error)}), 422
    return _done(publication)


@blueprint.post("/drafts/<draft>/study")
@needs(roles.DESIGN)
def study(draft: str) -> Response:
    """Forecast over many instances, as an errand."""
    standing = _standings(draft, request.form, looks=False)
    if standing.target is None:
        return redirect(url_for("designer.publish", draft=draft), 303)
    source = {"draft": draft, "revision": standing.revision}
    errand = studying.begin(session(), standing.target, standing.mapping, source, me(), now())
    return redirect(url_for("errands.show", errand=errand), 303)


@blueprint.get("/drafts/<draft>/impact/<becomes>")
@needs(roles.DESIGN)
def draft_impact(draft: str, becomes: str) -> Answer:
    """The instances of one class that the reader looks after, a page at a time."""
    facts = drafts.get(session(), draft)
    target = forecasting.of_draft(session(), draft, facts.revision)
    back = url_for("designer.publish", draft=draft, **request.args)
    return listing(target, becomes, facts.name, back)


def listing(target: Target, becomes: str, name: Words, back: str) -> str:
    """The page of one class; what is not known yet is led back to where it is asked for."""
    wanted = impact_view.asked_mapping(target)
    seen = impact.seen(session(), target, wanted, me(), now())
    page = max(request.args.get("page", 1, type=int), 1)
    reach = impact.reach_of(me())
    rows: list[impact.Row] = []
    total = everybody = 0
    if seen.summary is not None and becomes in impact_view.WORDS:
        rows, total = impact.listed(session(), seen.summary, becomes, reach, page)
        everybody = seen.summary.classes.get(becomes, 0)
    names = impact_view.element_names(target, impact_view.programs(target)) if rows else {}
    return render_template(
        "designer/impact_list.html",
        name=name,
        back=back,
        words=impact_view.WORDS.get(becomes, impact_view.WORDS["cannot"]),
        rows=rows,
        total=total,
        everybody=everybody,
        names=names,
        page=page,
        pages=-(-total // impact.PAGE),
    )


def _standings(draft: str, sent: Mapping[str, str] | None = None, *, looks: bool = True) -> Standings:
    facts = draft_of_page(draft)
    found = Standings(facts, facts.revision)
    files = drafts.files(session(), draft, facts.revision)
    last = session().scalar(select(func.max(Version.number)).where(Version.process == facts.process))
    found.next_number = (last or 0) + 1
    found.findings = checking.findings(session(), facts.process, files, now=now())
    try:
        found.target = forecasting.of_draft(session(), draft, facts.revision)
    except (Unpublishable, Unknown):
        return found
    found.mapping = impact_view.asked_mapping(found.target, sent)
    if looks:
        more = impact_view.parameters(found.mapping)
        found.view = impact_view.view(
            found.target,
            found.mapping,
            lambda key: url_for("designer.draft_impact", draft=draft, becomes=key, **more),
        )
        found.mine = carrying.count(session(), facts.process, None, me())
    return found


def _page(
    standing: Standings,
    asked: Asked,
    wrong: Mapping[str, str] | None = None,
    at: datetime | None = None,
    *,
    confirms: bool = False,
) -> str:
    wrong = dict(wrong or {})
    return render_template(
        "designer/publish.html",
        draft=standing.draft,
        standing=standing,
        view=standing.view,
        asked=asked,
        wrong=wrong,
        summary=[(f"publish-{key}" if key else None, text) for key, text in wrong.items()],
        confirms=confirms,
        what=_what(standing, asked, at) if confirms else "",
        pairs=_pairs(standing),
        takes_two=bool(settings.value(publishing.TWO_PAIRS)),
        open_one=publications.of_draft(session(), standing.draft.id, now()),
        may_publish=may(roles.PUBLISH),
        earliest=now().astimezone(ZONE).strftime(LOCAL),
        longest=publishing.LONGEST_NOTE,
    )


def _what(standing: Standings, asked: Asked, at: datetime | None) -> str:
    """What the button will do, as it says itself."""
    version = f"v{standing.next_number}"
    if asked.carries:
        told = _("发布 %(version)s，并迁移 %(count)d 件在办事项", version=version, count=standing.mine)
    else:
        told = _("发布 %(version)s，仅用于新发起的事项", version=version)
    if settings.value(publishing.TWO_PAIRS):
        return _("提交复核：%(what)s", what=told)
    return _("%(when)s %(what)s", when=moment(at), what=told) if at else _("立即%(what)s", what=told)


def _pairs(standing: Standings) -> list[tuple[Words, Words]]:
    """The mapping by the names of its elements."""
    if standing.view is None or standing.target is None:
        return []
    old = {choice.offer.element: choice.offer.name for choice in standing.view.choices}
    new = standing.target.program.definition.elements
    return [(old.get(one, Words(one, one)), new[to].name) for one, to in standing.mapping.items()]


def _moment(typed: str, later: bool) -> tuple[datetime | None, dict[str, str]]:
    if not later:
        return None, {}
    try:
        at = datetime.strptime(typed, LOCAL).replace(tzinfo=ZONE)
    except ValueError:
        return None, {"at": _("请填写计划发布的时间")}
    return (at, {}) if at > now() else (at, {"at": _("计划时间须晚于现在")})


def _moved(revision: int) -> str:
    return _("草稿又有了新的修改（现为第 %(revision)s 次保存），请查看后再发布。", revision=revision)


def _said(error: Unpublishable | NotReady) -> str:
    if isinstance(error, NotReady):
        return "；".join(said(one) for one in error.failures)
    problems: tuple[Any, ...] = error.problems
    return "；".join(str(one.message(current())) for one in problems[:5])


def _done(publication: str) -> Response:
    made = publications.get(session(), publication, now())
    told = {
        "waiting": _("已提交复核。他人同意后发布。"),
        "planned": _("已安排在 %(when)s 发布。", when=moment(made.planned_at)),
    }.get(made.state, _("已发布 v%(number)s。", number=made.number))
    flash(told, "success")
    return redirect(url_for("designer.process", process=made.process), 303)


@errand_pages.leads(studying.JOB)
def _leads(errand: Standing) -> list[tuple[Words, str]]:
    arguments = errand.arguments
    more = impact_view.parameters(arguments.get("mapping", {}))
    if arguments.get("draft"):
        url = url_for("designer.publish", draft=arguments["draft"], **more)
    else:
        url = url_for("designer.carry", process=arguments["process"], number=arguments["number"], **more)
    return [(Words("查看影响", "See the impact"), url)]
