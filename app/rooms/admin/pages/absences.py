"""Absences (休假代理): the page where an administrator enters one for somebody, and what ends one early."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import authority, roles
from app.platform.identity.messages import Refusal
from app.platform.personnel import absences
from app.platform.personnel.absences import Absence, Doubts
from app.platform.registry import Words
from app.platform.runtime import errors, naming, receipts
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import standing_in, whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current, said
from app.rooms.web.security import safe_target
from app.rooms.web.standing_in import Wanted

LIST = "/admin/lists/absences"
STAYS_AWAY = Words("休假人员不能代理本人。", "Whoever is away does not stand in for himself.")
AWAY = "away"
"""What the person who is away is searched by; the stand-in by the usual name."""


@blueprint.get("/absences")
@needs(roles.PEOPLE)
def absences_list() -> Response:
    """Lead to the list."""
    return redirect(LIST, 303)


@blueprint.get("/absences/new")
@needs(roles.PEOPLE)
def new_absence() -> str:
    """Ask who is away, who stands in, when and for what."""
    return _page(standing_in.read(request.args), _away(request.args))


@blueprint.post("/absences/new")
@needs(roles.PEOPLE)
def enter_absence() -> Response | str | tuple[str, int]:
    """Enter it, or say what is wrong with it; what is only doubtful is asked about once."""
    wanted, person = standing_in.read(request.form), _away(request.form)
    if whom.is_search(request.form):
        return _page(wanted, person)
    wrong, begins, ends = standing_in.complaints(wanted), wanted.begins, wanted.ends
    if not person:
        wrong = {"person": _("请选择休假人员"), **wrong}
    if wrong or begins is None or ends is None:
        return _page(wanted, person, wrong), 422
    absence = Absence(person, wanted.to, begins, ends, wanted.chosen)
    body = receipts.body_of("absence", person, wanted.to, wanted.from_on, wanted.until_on, wanted.chosen)
    try:
        doubts = Doubts() if "despite" in request.form else absences.doubts(session(), absence, me(), now())
        if doubts:
            return _page(wanted, person, doubts=doubts), 422
        receipts.once(
            session(),
            me().person,
            wanted.key,
            body,
            now(),
            lambda: {"id": absences.enter(session(), absence, me(), now())},
        )
    except errors.BadStanding as refusal:
        return _page(wanted, person, {standing_in.FIELDS.get(refusal.code, ""): said(refusal.words)}), 422
    except Refusal as refusal:
        field = refusal.field or "person"
        return _page(wanted, person, {field: refusal.message(current())}), 422
    except errors.KeyReused:
        return _page(wanted, person, {"": _("这一页已经提交过一次，请核对后再提交。")}), 422
    flash(_("已登记休假，并通知本人和代理人。"), "success")
    return redirect(url_for("admin.person", person=person), 303)


@blueprint.post("/absences/<appointment>/end")
@needs(roles.PEOPLE)
def end_persons_absence(appointment: str) -> Response:
    """End one before its time; 404 for one of somebody the reader does not see."""
    absences.end(session(), appointment, me(), now())
    flash(_("代理已结束，并通知本人和代理人。"), "success")
    return redirect(safe_target(request.form.get("back"), LIST), 303)


def _away(values: Any) -> str:
    found = whom.chosen(values, "person")
    return found[0] if found else ""


def _page(
    wanted: Wanted,
    person: str,
    wrong: Mapping[str, str] | None = None,
    doubts: Doubts | None = None,
) -> str:
    seen, wrong = authority.visible(me(), now()), wrong or {}

    def no_stand_in(ids: Collection[str]) -> Mapping[str, Words]:
        told = {me().person: naming.TELL["oneself"], person: STAYS_AWAY}
        return {one: told[one] for one in ids if one in told}

    return render_template(
        "admin/absence_new.html",
        wanted=wanted,
        wrong=wrong,
        summary=standing_in.summary(wrong),
        away=whom.offered("person", lambda ids: {}, several=False, search=AWAY, only=seen),
        whom=whom.offered("to", no_stand_in, several=False, only=seen),
        processes=standing_in.processes(),
        today=standing_in.today(),
        doubts=doubts,
    )
