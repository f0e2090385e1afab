"""The page of one's absences (休假代理): who stands in, from when to when, for what; and for whom one stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.registry import Words
from app.platform.runtime import errors, receipts, substitutes
from app.platform.runtime.entities import Process
from app.platform.runtime.substitutes import Standing
from app.rooms.inbox.pages import blueprint
from app.rooms.web import whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said
from app.rooms.web.times import SHANGHAI

FIELDS = {"dates": "until", "no_account": "to", "oneself": "to", "unknown_process": "processes"}


@dataclass(frozen=True)
class Wanted:
    """An appointment as asked so far."""

    to: str = ""
    from_on: str = ""
    until_on: str = ""
    scope: str = "all"
    processes: tuple[str, ...] = ()
    key: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/absence")
@signed_in
def absence() -> str:
    """Show one's appointments, and ask for another."""
    return _page(_read(request.args))


@blueprint.post("/absence")
@signed_in
def appoint() -> Response | str | tuple[str, int]:
    """Let somebody stand in for one."""
    wanted = _read(request.form)
    if whom.is_search(request.form):
        return _page(wanted)
    begins, ends = _day(wanted.from_on), _day(wanted.until_on)
    wrong = _wrong(wanted, begins, ends)
    if wrong or begins is None or ends is None:
        return _page(wanted, wrong), 422
    processes = wanted.processes if wanted.scope == "some" else None
    body = receipts.body_of("appoint", wanted.to, wanted.from_on, wanted.until_on, processes)

    def run() -> Mapping[str, str]:
        last = _midnight(ends + timedelta(days=1))
        return {"id": substitutes.appoint(
            session(), me().person, wanted.to, _midnight(begins), last, processes, me(), now()
        )}  # fmt: skip

    try:
        receipts.once(session(), me().person, wanted.key, body, now(), run)
    except errors.BadStanding as refusal:
        return _page(wanted, {FIELDS.get(refusal.code, ""): said(refusal.words)}), 422
    except errors.KeyReused:
        return _page(wanted, {"": _("这一页已经提交过一次，请核对后再提交。")}), 422
    flash(_("已委托%(name)s代理。", name=whom.names([wanted.to])), "success")
    return redirect(url_for("inbox.absence"), 303)


@blueprint.post("/absence/<appointment>/end")
@signed_in
def end_absence(appointment: str) -> Response:
    """End an appointment before its time, as the absent one or as the substitute."""
    if appointment not in {one.id for one in substitutes.of(session(), me().person)}:
        raise errors.Unknown(appointment)  # another's, or none: the same answer
    substitutes.end(session(), appointment, me(), now())
    flash(_("代理已结束。"), "success")
    return redirect(url_for("inbox.absence"), 303)


def _read(values: MultiDict[str, str]) -> Wanted:
    to = whom.chosen(values, "to")
    today = now().astimezone(SHANGHAI).date()
    return Wanted(
        to[0] if to else "",
        values.get("from", today.isoformat()),
        values.get("until", ""),
        values.get("scope", "all"),
        tuple(values.getlist("processes")[:200]),
        values.get("key") or new_id(),
    )


def _wrong(wanted: Wanted, begins: date | None, ends: date | None) -> dict[str, str]:
    found = {}
    if not wanted.to:
        found["to"] = _("请选择代理人")
    if begins is None:
        found["from"] = _("请填写开始日期")
    if ends is None:
        found["until"] = _("请填写结束日期")
    if wanted.scope == "some" and not wanted.processes:
        found["processes"] = _("请选择至少一个流程")
    return found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _page(wanted: Wanted, wrong: Mapping[str, str] | None = None) -> str:
    all_of_them = substitutes.of(session(), me().person)
    processes = {row.key: Words(row.name_zh, row.name_en) for row in session().execute(
        select(Process.key, Process.name_zh, Process.name_en).order_by(Process.system, Process.key).limit(200)
    )}  # fmt: skip
    wrong = wrong or {}
    return render_template(
        "inbox/absence.html",
        wanted=wanted,
        wrong=wrong,
        summary=[(f"verb-{name}" if name else None, sentence) for name, sentence in wrong.items()],
        whom=whom.offered("to", whom.not_oneself, several=False),
        processes=processes,
        given=_groups([one for one in all_of_them if one.person == me().person]),
        taken_on=_groups([one for one in all_of_them if one.substitute == me().person]),
        second=timedelta(seconds=1),
        today=now().astimezone(SHANGHAI).date().isoformat(),
    )


def _groups(standings: Sequence[Standing]) -> list[tuple[str, Standing]]:
    """Running ones first, then those to come, then the last ten that are past; each with its state."""
    order = ("running", "coming", "past")
    told = [(_state(one), one) for one in standings]
    past = [pair for pair in told if pair[0] == "past"][:10]
    return [pair for name in order[:2] for pair in told if pair[0] == name] + past


def _state(one: Standing) -> str:
    if one.ended_at is not None or one.until_at <= now():
        return "past"
    return "coming" if one.from_at > now() else "running"
