"""The page of one's absences (休假代理): who stands in, from when to when, for what; and for whom one stands in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.runtime import errors, receipts, substitutes
from app.rooms.inbox.pages import blueprint
from app.rooms.web import standing_in, whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said
from app.rooms.web.standing_in import Wanted


@blueprint.get("/absence")
@signed_in
def absence() -> str:
    """Show one's appointments, and ask for another."""
    return _page(standing_in.read(request.args))


@blueprint.post("/absence")
@signed_in
def appoint() -> Response | str | tuple[str, int]:
    """Let somebody stand in for one."""
    wanted = standing_in.read(request.form)
    if whom.is_search(request.form):
        return _page(wanted)
    wrong, begins, ends = standing_in.complaints(wanted), wanted.begins, wanted.ends
    if wrong or begins is None or ends is None:
        return _page(wanted, wrong), 422
    body = receipts.body_of("appoint", wanted.to, wanted.from_on, wanted.until_on, wanted.chosen)

    def run() -> Mapping[str, str]:
        return {"id": substitutes.appoint(
            session(), me().person, wanted.to, begins, ends, wanted.chosen, me(), now()
        )}  # fmt: skip

    try:
        receipts.once(session(), me().person, wanted.key, body, now(), run)
    except errors.BadStanding as refusal:
        return _page(wanted, {standing_in.FIELDS.get(refusal.code, ""): said(refusal.words)}), 422
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


def _page(wanted: Wanted, wrong: Mapping[str, str] | None = None) -> str:
    all_of_them = substitutes.of(session(), me().person)
    wrong = wrong or {}
    return render_template(
        "inbox/absence.html",
        wanted=wanted,
        wrong=wrong,
        summary=standing_in.summary(wrong),
        whom=whom.offered("to", whom.not_oneself, several=False),
        processes=standing_in.processes(),
        ending=lambda one: url_for("inbox.end_absence", appointment=one),
        given=standing_in.groups([one for one in all_of_them if one.person == me().person]),
        taken_on=standing_in.groups([one for one in all_of_them if one.substitute == me().person]),
        today=standing_in.today(),
    )
