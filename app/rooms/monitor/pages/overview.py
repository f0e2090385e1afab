"""The room's first page: what runs, what is late, what is stuck; its numbers are told anew while somebody looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.calendar import ZONE
from app.platform.identity import roles
from app.platform.monitoring import durations, health, overview, stall_words, stalls
from app.rooms.monitor import lists
from app.rooms.monitor.blueprint import blueprint
from app.rooms.monitor.drawing import sparkline
from app.rooms.web import acting
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, needs, watching

NEEDS = 6
EVERY = 10  # seconds
LATE, LAGS = 60.0, 120.0  # seconds after which the strip warns of a job, of a timer
SLOW = 200.0  # milliseconds
FULL = 0.1
OLD = 2 * 86_400.0  # seconds since the last backup


@blueprint.get("/", endpoint="overview")
@needs(roles.MANAGE)
def overview_page() -> str:
    """Everything within the reader's reach, or one place of it, at a glance."""
    reach, place = _asked()
    at = now()
    late = overview.overdue(session(), reach, at)
    standing, first = stalls.look(session(), reach, at, NEEDS, overview.MOST_STALLS)
    across, rows = overview.matrix(session(), reach, place, at, late)
    return render_template(
        "monitor/overview.html",
        **_told(overview.tiles(session(), reach, at, late, standing), place, at),
        lines=[(line, sparkline(line.trend)) for line in overview.lines(session(), reach, at, late)],
        across=across,
        rows=rows,
        needs=first,
        kinds=stall_words.KINDS,
        strip=_strip(at),
        trail=overview.trail(session(), lists.reach_of(me()), place),
        days=overview.ended_days(at.astimezone(ZONE).date()),
        error=durations.ERROR,
        tabs=lists.tabs(me()),
        process_of=lambda process, **more: _process_of(process, place, **more),
    )


@blueprint.get("/tiles")
@watching
def tiles() -> str:
    """The numbers at the top alone: an open page asks for them by itself."""
    if not acting.may(roles.MANAGE):
        raise Missing(roles.MANAGE)
    reach, place = _asked()
    return render_template(
        "monitor/_tiles.html", **_told(overview.tiles(session(), reach, now()), place, now())
    )


def _asked() -> tuple[tuple[str, ...], str | None]:
    """The reach that counts, narrowed to the place of the address; 404 outside it."""
    place = request.args.get("place")
    try:
        return overview.narrowed(lists.reach_of(me()), place), place
    except LookupError:
        abort(404)


def _told(tiles: overview.Tiles, place: str | None, at: datetime) -> dict[str, Any]:
    today = at.astimezone(ZONE).date().isoformat()
    return {
        "tiles": tiles,
        "most": overview.MOST_STALLS,
        "today": today,
        "region": _region(place),
        "place": place,
        "at": at,
        "every": EVERY,
    }


def _process_of(process: str, place: str | None, **more: str) -> str:
    """Where a process is looked at, within the region looked at."""
    return url_for("monitor.process", process=process, **_region(place), **more)


def _region(place: str | None) -> dict[str, str]:
    """The filter of the lists for a place: the code of its region."""
    return {"region": place.rstrip("/").rpartition("/")[2]} if place else {}


@blueprint.app_template_filter("clock")
def _clock(at: datetime) -> str:
    """The time of day in Shanghai, to the second."""
    return f"{at.astimezone(ZONE):%H:%M:%S}"


def _strip(at: datetime) -> list[tuple[str, str, bool]]:
    """The installation's health as (what, how much, whether it is all right)."""
    found = health.look(session(), current_app.extensions["chengpi"].instance, at)
    free = found.disk_free / found.disk_size if found.disk_size else 1.0
    return [
        (_("后台任务等待"), str(found.waiting), found.oldest < LATE),
        (_("最久等待"), _seconds(found.oldest), found.oldest < LATE),
        (_("定时器延迟"), _seconds(found.timer_lag), found.timer_lag < LAGS),
        (_("近15分钟出错"), str(found.errors), not found.errors),
        (_("通知未送达（24小时）"), str(found.undelivered), not found.undelivered),
        (_("数据库响应"), _("%(count)s 毫秒", count=f"{found.latency:.1f}"), found.latency < SLOW),
        (_("磁盘剩余"), f"{found.disk_free / 1e9:.0f} GB · {free:.0%}", free > FULL),
        (_("上次备份"), *_when(found.backup_at, at)),
        (_("上次恢复检验"), *_when(found.checked_at, at, 90 * 86_400.0)),
    ]


def _seconds(value: float) -> str:
    if value < 120:
        return _("%(count)s 秒", count=f"{value:.0f}")
    if value < 7200:
        return _("%(count)s 分钟", count=f"{value / 60:.0f}")
    return _("%(count)s 小时", count=f"{value / 3600:.0f}")


def _when(moment: datetime | None, at: datetime, old: float = OLD) -> tuple[str, bool]:
    if moment is None:
        return _("从未"), False
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}", (at - moment).total_seconds() < old
