"""The units of a congress: found and invited, their liaisons changed, taken out again (PG-D13, D-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.platform.identity import choosable, units
from app.platform.registry import Refused
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.delegates import congresses, invitations
from app.systems.delegates.invitations import Reported
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/congresses/<congress>/units")
@needs("d.congress.edit")
def congress_units(congress: str) -> str:
    """Show who is invited, and what a search finds."""
    return _page(congress)


@blueprint.post("/congresses/<congress>/units")
@needs("d.congress.edit")
def invite_units(congress: str) -> Response | tuple[str, int]:
    """Invite the ticked units or those of a pasted list, all of them or none."""
    congresses.get(session(), congress, me())
    pasted = "list" in request.form
    lines = invitations.read_lines(request.form["list"]) if pasted else {}
    reported = list(lines.values()) if pasted else _ticked()
    try:
        made = invitations.invite(session(), congress, reported, me(), now())
    except invitations.Wrong as wrong:
        said = {key: words.said(language.current()) for key, words in wrong.complaints.items()}
        return _page(congress, reported, said, pasted=pasted, places=[*lines]), 422
    except Refused as refused:
        field = "list" if pasted else "q"
        return _page(
            congress,
            reported,
            {(0, field): refused.words.said(language.current())},
            pasted=pasted,
            places=[*lines],
        ), 422
    flash(ngettext("已邀请 %(num)d 个单位。", "已邀请 %(num)d 个单位。", len(made)), "success")
    return redirect(url_for("delegates.congress_units", congress=congress), 303)


@blueprint.post("/congresses/<congress>/units/done")
@needs("d.congress.edit")
def units_done(congress: str) -> Response:
    """Go on from inviting to allotting."""
    congresses.to_quotas(session(), congress, me(), now())
    return redirect(url_for("delegates.congress_quotas", congress=congress), 303)


@blueprint.get("/congresses/<congress>/units/<invitation>")
@needs("d.congress.edit")
def unit_liaison(congress: str, invitation: str) -> str:
    """Show a unit's liaison for changing."""
    _, row = invitations.get(session(), congress, invitation, me())
    return _liaison(congress, invitation, row.liaison, row.phone)


@blueprint.post("/congresses/<congress>/units/<invitation>")
@needs("d.congress.edit")
def change_liaison(congress: str, invitation: str) -> Response | tuple[str, int]:
    """Enter another liaison."""
    name, phone = request.form.get("liaison", ""), request.form.get("phone", "")
    try:
        invitations.change_liaison(session(), congress, invitation, name, phone, me(), now())
    except invitations.Wrong as wrong:
        said = {field: words.said(language.current()) for (_row, field), words in wrong.complaints.items()}
        return _liaison(congress, invitation, name, phone, said), 422
    except Refused as refused:
        said = {refused.field or "phone": refused.words.said(language.current())}
        return _liaison(congress, invitation, name, phone, said), 422
    flash(_("联络员已保存。"), "success")
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


@blueprint.post("/congresses/<congress>/units/<invitation>/remove")
@needs("d.congress.edit")
def remove_unit(congress: str, invitation: str) -> Response:
    """Take a unit out that has recommended nobody."""
    try:
        invitations.remove(session(), congress, invitation, me(), now())
        flash(_("单位已移出。"), "success")
    except Refused as refused:
        flash(refused.words.said(language.current()), "danger")
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


def _ticked() -> list[Reported]:
    return [
        Reported(unit, request.form.get(f"liaison.{unit}", ""), request.form.get(f"phone.{unit}", ""))
        for unit in request.form.getlist("unit")
    ]


def _page(
    congress: str,
    reported: list[Reported] | None = None,
    wrong: dict[tuple[int, str], str] | None = None,
    *,
    pasted: bool = False,
    places: Sequence[int] = (),
) -> str:
    row = congresses.get(session(), congress, me())
    invited = invitations.of(session(), congress)
    text = (request.form if request.method == "POST" else request.args).get("q", "").strip()
    return render_template(
        "delegates/units.html",
        congress=row,
        step=congresses.step_of(session(), row),
        invited=invited,
        there={each.unit for each in invited},
        q=text,
        found=choosable.units(session(), text) if text else (),
        most=choosable.MOST,
        typed={one.unit: one for one in reported or () if one.unit},
        numbers={one.unit: number for number, one in enumerate(reported or ())},
        text=request.form.get("list", ""),
        wrong=wrong or {},
        pasted=pasted,
        lines=reported or (),
        places=places,
    )


def _liaison(
    congress: str, invitation: str, name: str, phone: str, wrong: dict[str, str] | None = None
) -> str:
    held, row = invitations.get(session(), congress, invitation, me())
    facts: Any = units.get(session(), row.unit_id)
    return render_template(
        "delegates/liaison.html",
        congress=held,
        unit=facts,
        invitation=row,
        name=name,
        phone=phone,
        wrong=wrong or {},
    )
