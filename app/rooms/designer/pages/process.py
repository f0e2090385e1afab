"""A process in the designer: its versions with their notes, what waits to be published, and migrations."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform import settings
from app.platform.design import (
    approving,
    carried,
    carrying,
    drafts,
    forecasting,
    publications,
    publishing,
    studying,
    undoing,
)
from app.platform.design.errors import NotReady, Rejected
from app.platform.identity import roles
from app.platform.jobs.errands import Standing
from app.platform.registry import Words
from app.platform.runtime.entities import Process, Version
from app.platform.runtime.errors import MissingReason, Unknown
from app.rooms.designer import impact_view
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.pages.publishing import listing
from app.rooms.web import errands as errand_pages
from app.rooms.web.acting import may, me, now, session
from app.rooms.web.guards import Missing, needs, signed_in
from app.rooms.web.language import said

Answer = Response | str | tuple[str, int]
STATES = {
    "waiting": (Words("等待复核", "Waits for approval"), "wait"),
    "planned": (Words("等待发布", "Planned"), "run"),
    "published": (Words("已发布", "Published"), "ok"),
    "declined": (Words("未同意", "Declined"), "bad"),
    "failed": (Words("未能发布", "Failed"), "bad"),
    "taken_back": (Words("已撤回", "Taken back"), "plain"),
}
MIGRATIONS = {
    "running": (Words("迁移中", "Under way"), "run"),
    "paused": (Words("已暂停", "Paused"), "wait"),
    "stopped": (Words("已停止", "Stopped"), "plain"),
    "ended": (Words("已完成", "Done"), "ok"),
    "failed": (Words("未能完成", "Failed"), "bad"),
}


@blueprint.get("/processes/<process>")
@signed_in
def process(process: str) -> Answer:
    """Its history, for whoever draws or publishes."""
    _either()
    return _page(process)


@blueprint.post("/processes/<process>/back")
@needs(roles.PUBLISH)
def roll_back(process: str) -> Answer:
    """Publish an earlier version again."""
    number = request.form.get("number", 0, type=int)
    try:
        publication = publishing.roll_back(
            session(), process, number, request.form.get("note", ""), me(), now()
        )
    except Rejected as error:
        return _page(process, {f"note-{number}": said(error.words)}), 422
    except NotReady as error:
        return _page(process, {"": "；".join(said(one) for one in error.failures)}), 422
    made = publications.get(session(), publication, now())
    flash(
        _("已提交复核。他人同意后发布。")
        if made.state == "waiting"
        else _("已把 v%(of)s 的内容发布为 v%(number)s。", of=number, number=made.number),
        "success",
    )
    return redirect(url_for("designer.process", process=process), 303)


@blueprint.post("/publications/<publication>/<verb>")
@needs(roles.PUBLISH)
def decide(publication: str, verb: str) -> Answer:
    """`approve`, `decline` (with a reason) or `take_back` what waits."""
    about = publications.get(session(), publication, now())
    try:
        match verb:
            case "approve":
                approving.approve(session(), publication, me(), now())
                told = _("已同意发布。")
            case "decline":
                approving.decline(session(), publication, request.form.get("reason", ""), me(), now())
                told = _("已告知提交人：不同意发布。")
            case "take_back":
                approving.take_back(session(), publication, me(), now())
                told = _("已撤回，草稿可以继续修改。")
            case _:
                abort(404)
    except MissingReason:
        return _page(about.process, {f"reason-{publication}": _("请填写不同意的原因")}), 422
    except Rejected as error:
        return _page(about.process, {"": said(error.words)}), 422
    except NotReady as error:
        return _page(about.process, {"": "；".join(said(one) for one in error.failures)}), 422
    flash(told, "success")
    return redirect(url_for("designer.process", process=about.process), 303)


@blueprint.get("/processes/<process>/versions/<int:number>/carry")
@needs(roles.PUBLISH)
def carry(process: str, number: int) -> Answer:
    """Carry over to a version that is published already: its impact, and the form."""
    return _carry_page(process, number)


@blueprint.post("/processes/<process>/versions/<int:number>/carry")
@needs(roles.PUBLISH)
def do_carry(process: str, number: int) -> Answer:
    """Begin a migration, once the count is typed."""
    target = forecasting.of_version(session(), process, number)
    wanted = impact_view.asked_mapping(target, request.form)
    count = carrying.count(session(), process, target.version, me())
    if request.form.get("count", "").strip() != str(count) or not count:
        return _carry_page(process, number, _("请输入要迁移的件数：%(count)d", count=count)), 422
    assert target.version is not None
    carrying.begin(session(), process, target.version, wanted, me(), now())
    flash(_("已开始迁移，可以离开此页面。"), "success")
    return redirect(url_for("designer.process", process=process), 303)


@blueprint.post("/processes/<process>/versions/<int:number>/study")
@needs(roles.PUBLISH)
def study_version(process: str, number: int) -> Response:
    """Forecast over many instances, as an errand."""
    target = forecasting.of_version(session(), process, number)
    wanted = impact_view.asked_mapping(target, request.form)
    source = {"process": process, "number": number}
    errand = studying.begin(session(), target, wanted, source, me(), now())
    return redirect(url_for("errands.show", errand=errand), 303)


@blueprint.get("/processes/<process>/versions/<int:number>/impact/<becomes>")
@needs(roles.PUBLISH)
def version_impact(process: str, number: int, becomes: str) -> Answer:
    """The instances of one class that the reader looks after."""
    target = forecasting.of_version(session(), process, number)
    back = url_for("designer.carry", process=process, number=number, **request.args)
    return listing(target, becomes, target.program.definition.name, back)


@blueprint.post("/migrations/<migration>/<verb>")
@needs(roles.PUBLISH)
def steer(migration: str, verb: str) -> Response:
    """`pause`, `go_on`, `stop` or `undo` a migration."""
    about = carried.get(session(), migration, now())
    match verb:
        case "pause":
            carrying.pause(session(), migration, me(), now())
            told = _("已暂停，可随时继续。")
        case "go_on":
            carrying.go_on(session(), migration, me(), now())
            told = _("已继续迁移。")
        case "stop":
            carrying.stop(session(), migration, me(), now())
            told = _("已停止。已迁移的保留在新版本，其余留在原版本。")
        case "undo":
            undoing.begin(session(), migration, me(), now())
            told = _("已开始撤销迁移：迁移后无人办理过的事项将回到原版本。")
        case _:
            abort(404)
    flash(told, "success")
    return redirect(url_for("designer.process", process=about.process), 303)


def _either() -> None:
    if not (may(roles.DESIGN) or may(roles.PUBLISH)):
        raise Missing(roles.DESIGN)


def _page(process: str, wrong: dict[str, str] | None = None) -> str:
    name = _name(process)
    at = now()
    asked = publications.of_process(session(), process, at)
    try:
        editions = publications.editions(session(), process)
    except Unknown:
        editions = []
    draft = drafts.of_process(session(), process)
    if name is None and draft is None:
        raise Unknown(process)
    return render_template(
        "designer/process.html",
        process=process,
        name=name or (draft.name if draft else Words(process, process)),
        draft=draft,
        editions=editions,
        waiting=[one for one in asked if one.state in publications.OPEN],
        past=[one for one in asked if one.state in ("declined", "failed", "taken_back")][:10],
        migrations=carried.of_process(session(), process, at),
        states=STATES,
        migration_states=MIGRATIONS,
        results=carried.RESULTS,
        may_publish=may(roles.PUBLISH),
        may_draw=may(roles.DESIGN),
        takes_two=bool(settings.value(publishing.TWO_PAIRS)),
        mine=me().person,
        wrong=wrong or {},
        summary=[(key or None, text) for key, text in (wrong or {}).items()],
        longest=publishing.LONGEST_NOTE,
    )


def _carry_page(process: str, number: int, complaint: str = "") -> str:
    target = forecasting.of_version(session(), process, number)
    wanted = impact_view.asked_mapping(target, request.form if request.method == "POST" else None)
    more = impact_view.parameters(wanted)
    view = impact_view.view(
        target,
        wanted,
        lambda key: url_for("designer.version_impact", process=process, number=number, becomes=key, **more),
    )
    return render_template(
        "designer/carry.html",
        process=process,
        number=number,
        name=target.program.definition.name,
        view=view,
        mine=carrying.count(session(), process, target.version, me()),
        complaint=complaint,
        is_current=_is_current(process, number),
    )


def _name(process: str) -> Words | None:
    row = (
        session()
        .execute(
            select(Process.name_zh, Process.name_en).where(
                Process.key == process, Process.current_id.is_not(None)
            )
        )
        .one_or_none()
    )
    return Words(row.name_zh, row.name_en) if row else None


def _is_current(process: str, number: int) -> bool:
    asked = select(Version.number).join(Process, Process.current_id == Version.id)
    return session().scalar(asked.where(Process.key == process)) == number


@errand_pages.leads(carrying.JOB)
def _leads(errand: Standing) -> list[tuple[Words, str]]:
    url = url_for("designer.process", process=errand.result["process"])
    return [(Words("查看流程", "See the process"), url)]


@errand_pages.says(carrying.JOB)
def _says(errand: Standing) -> Words:
    told = [(carried.RESULTS[result], count) for result, count in errand.result.get("results", {}).items()]
    return Words(
        "，".join(f"{words.zh} {count} 件" for words, count in told) + "。",
        ", ".join(f"{words.en}: {count}" for words, count in told) + ".",
    )


@errand_pages.says(studying.JOB)
def _says_study(errand: Standing) -> Words:
    count = errand.result.get("rows", 0)
    return Words(f"已测算 {count} 件在办事项。", f"{count} instances were looked at.")
