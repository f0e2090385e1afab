"""Verbs in bulk under way and over: progress, what became of each, pause, going on, stop and taking back."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import people, roles
from app.platform.jobs.errands import Standing as Errand
from app.platform.jobs.walking import Settled
from app.platform.monitoring import bulk, bulk_results, bulk_running, bulk_verbs
from app.platform.registry import Words
from app.platform.runtime import versions
from app.rooms.monitor import bulk_sources, lists
from app.rooms.monitor.blueprint import blueprint
from app.rooms.web import acting
from app.rooms.web import errands as errand_pages
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, needs, watching

STATES = {
    "running": (Words("处理中", "Under way"), "run"),
    "paused": (Words("已暂停", "Paused"), "wait"),
    "stopped": (Words("已停止", "Stopped"), "plain"),
    "ended": (Words("已完成", "Done"), "ok"),
    "failed": (Words("未能完成", "Failed"), "bad"),
}
TONES = {"done": "ok", "failed": "late", "skipped": "plain", "": "plain"}


@blueprint.get("/bulk/runs")
@needs(roles.MANAGE)
def bulk_runs() -> str:
    """What was done in bulk: one's own runs; all, for whoever looks after everything."""
    page = max(request.args.get("page", 1, type=int), 1)
    found, total = bulk_results.of(session(), me(), now(), page)
    return render_template(
        "monitor/bulk_runs.html",
        tabs=lists.tabs(me()),
        found=found,
        page=page,
        pages=-(-total // bulk_results.PAGE),
        total=total,
        **_words(),
    )


@blueprint.get("/bulk/runs/<run>")
@needs(roles.MANAGE)
def bulk_run(run: str) -> str:
    """One run: how far it is, and its instances (`?result=`: of one result)."""
    about = bulk_results.get(session(), run, me(), now())
    result = request.args.get("result", "")
    page = max(request.args.get("page", 1, type=int), 1)
    found, total = bulk_results.rows(session(), run, me(), result, page)
    to = about.wish.to
    return render_template(
        "monitor/bulk_run.html",
        about=about,
        rows=found,
        result=result if result in bulk_results.RESULTS else "",
        page=page,
        pages=-(-total // bulk_results.PAGE),
        total=total,
        to=people.names(session(), {to}).get(to, "") if to else "",
        step=lambda element: versions.name_of(session(), about.wish.version, element),
        **_words(),
    )


@blueprint.get("/bulk/runs/<run>/progress")
@watching
def bulk_progress(run: str) -> Response:
    """The piece of the page that moves; once nothing moves any more, the page is asked for anew."""
    if not acting.may(roles.MANAGE):
        raise Missing(roles.MANAGE)
    about = bulk_results.get(session(), run, me(), now())
    answer = make_response(render_template("monitor/_bulk_card.html", about=about, **_words()))
    if about.is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/bulk/runs/<run>/<verb>")
@needs(roles.MANAGE)
def steer_bulk(run: str, verb: str) -> Response:
    """`pause`, `go_on`, `stop` or `undo` a run."""
    try:
        match verb:
            case "pause":
                bulk.pause(session(), run, me(), now())
                told = _("已暂停，可随时继续。")
            case "go_on":
                bulk.go_on(session(), run, me(), now())
                told = _("已继续处理。")
            case "stop":
                bulk.stop(session(), run, me(), now())
                told = _("已停止。已处理的保留，其余的不再处理。")
            case "undo":
                run = bulk.undo(session(), run, me(), now())
                told = _("已开始撤销：其后没有变化的事项恢复原状。")
            case _:
                abort(404)
    except Settled:
        session().rollback()
        flash(_("它的状态已经变化，没有执行。请核对后再试。"), "warning")
    else:
        flash(told, "success")
    return redirect(url_for("monitor.bulk_run", run=run), 303)


def _words() -> dict[str, object]:
    return {
        "states": STATES,
        "names": bulk_verbs.NAMES,
        "results": bulk_results.RESULTS,
        "waiting": bulk_results.WAITING,
        "tones": TONES,
        "undoable": bulk_verbs.BACK,
        "sources": bulk_sources.titles(),
        "own": me().person,
    }


@errand_pages.leads(bulk.JOB, first=True)
def _leads(errand: Errand) -> list[tuple[Words, str]]:
    return [(Words("查看批量处理", "See the run"), url_for("monitor.bulk_run", run=errand.arguments["bulk"]))]


@errand_pages.says(bulk.JOB)
def _says(errand: Errand) -> Words:
    told = [(bulk_results.RESULTS[one], count) for one, count in errand.result.get("results", {}).items()]
    return Words(
        "，".join(f"{words.zh} {count} 件" for words, count in told) + "。",
        ", ".join(f"{words.en}: {count}" for words, count in told) + ".",
    )


JOBS = (bulk_running.run,)
"""What the pages begin: with them loaded, the worker knows it."""
