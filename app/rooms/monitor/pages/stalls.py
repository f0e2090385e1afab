"""What stands still within reach: a sentence for each, and the button that mends it."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from app.platform.identity import roles
from app.platform.identity.entities import Region
from app.platform.identity.places import inside
from app.platform.monitoring import mending, repair_requests, repairing, stall_words, stalls
from app.platform.monitoring.repairing import BadReason
from app.platform.registry import Words
from app.platform.runtime.entities import Process
from app.platform.runtime.places import names_of
from app.rooms.monitor import lists
from app.rooms.monitor import refusals as refusals  # for what they say
from app.rooms.monitor.blueprint import blueprint
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

MOST = 200
NARROWED = ("kind", "process", "region")


@blueprint.get("/stalls")
@needs(roles.MANAGE)
def stalled() -> str:
    """The list; `?kind=`, `?process=`, `?region=` (a place's path) narrow it."""
    return _page()


@blueprint.get("/lists/stuck")
@needs(roles.MANAGE)
def stuck() -> Response:
    """Where the tasks nobody can answer had a list of their own."""
    return redirect(url_for("monitor.stalled", kind="nobody"), 301)


@blueprint.post("/stalls/<verb>/<key>")
@needs(roles.MANAGE)
def mend(verb: str, key: str) -> Response | tuple[str, int]:
    """Mend one of them for a reason, or ask a second one to, and show the list again."""
    try:
        repair = mending.mend(session(), verb, key, request.form.get("reason", ""), me(), now())
    except BadReason as error:
        return _page(wrong_at=(key, said(error.words))), 422
    except mending.NotMended as error:
        return _page(said(error.words)), 409
    if repair is not None:
        flash(_("已提交，由另一名管理员同意后执行。"), "success")
        return redirect(url_for("monitor.asked_repair", repair=repair), 303)
    flash(_("已处理：%(what)s。", what=said(stall_words.MENDS[verb])), "success")
    asked = {name: request.form[name] for name in NARROWED if request.form.get(name)}
    return redirect(url_for("monitor.stalled", **asked), 303)


def _page(wrong: str = "", wrong_at: tuple[str, str] = ("", "")) -> str:
    """`wrong`: said above the list. `wrong_at`: said at the form of a stall, by its key."""
    reach = roles.reach_of(me(), roles.MANAGE)
    kind, process, region = (request.values.get(name, "") for name in NARROWED)
    kinds = (kind,) if kind in stalls.KINDS else stalls.KINDS
    places = (region,) if region and inside(region, reach) else reach
    found = stalls.stalls(session(), places, now(), MOST, kinds, process)
    return render_template(
        "monitor/stalls.html",
        tabs=lists.tabs(me()),
        found=found,
        most=MOST,
        wrong=wrong,
        wrong_at=wrong_at,
        reason=request.form.get("reason", ""),
        longest=repairing.LONGEST,
        by_two=mending.by_two,
        kind=kind,
        process=process,
        region=region,
        kinds=[(one, stall_words.KINDS[one]) for one in stalls.KINDS],
        names=stall_words.KINDS,
        mends=stall_words.MENDS,
        posts=mending.POSTS,
        processes=_processes(),
        regions=_regions(reach, region),
        where=names_of(session(), {one.place for one in found}),
        waiting=repair_requests.waiting(session(), me(), now()),
        own=me().person,
        asked=urlencode({"kind": kind, "process": process, "region": region}),
    )


def _processes() -> list[tuple[str, Words]]:
    rows = session().execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )
    return [(row.key, Words(row.name_zh, row.name_en)) for row in rows]


def _regions(reach: tuple[str, ...], chosen: str) -> list[tuple[str, str]]:
    """The provinces and cities within the reader's own places, and what is `chosen`, with their full names."""
    rows = session().execute(
        select(Region.path, Region.full_name)
        .where(or_(Region.level.in_(("province", "city")), Region.path == chosen))
        .order_by(Region.path)
    )
    return [(row.path, row.full_name) for row in rows if inside(row.path, reach)]
