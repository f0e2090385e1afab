"""代表委员推选 and 新增推荐代表: whom a unit recommends, within what it is allotted (PG-D3, PG-D4)."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.security import safe_target
from app.systems.delegates import dialog, recommending, rules, seats
from app.systems.delegates.pages.blueprint import blueprint
from app.systems.delegates.recommended_lists import RECOMMENDED

LINES = 3
"""How many empty lines the dialog begins with; 新增 adds as many."""


@blueprint.get("/election")
@needs("d.person.recommend")
def election() -> str | Response:
    """Show whom one's units have recommended, with their quotas (2.8 answer 0, D-06, D-07)."""
    return _list("delegates.election", _("代表委员推选"))


@blueprint.get("/recommended")
@needs("d.person.recommend")
def recommended() -> str | Response:
    """Show the same list under the page of its own name, with 新增 (PG-D3)."""
    return _list("delegates.recommended", _("代表委员推荐"))


def _list(page: str, title: str) -> str | Response:
    """The list of the congress asked for; without one, that of the latest congress (D-07)."""
    invitations = seats.invited(session(), me())
    wanted = request.args.get("congress")
    if wanted is None and invitations:
        latest = invitations[0].congress
        return redirect(url_for(page, **{**request.args.to_dict(flat=False), "congress": latest}))
    shown = [_with_tables(each) for each in invitations if each.congress == wanted]
    return lists.answer(RECOMMENDED, "delegates/recommended.html", invitations=shown, heading=title)


@blueprint.get("/invitations/<invitation>/recommend")
@needs("d.person.recommend")
def recommend(invitation: str) -> str:
    """Show the dialog 新增推荐代表 with empty lines (D-08)."""
    return _dialog(_invited(invitation), [dialog.Row()] * LINES)


@blueprint.post("/invitations/<invitation>/recommend")
@needs("d.person.recommend")
def allot(invitation: str) -> Response | tuple[str, int] | str:
    """分配: recommend everybody in the lines or nobody; or only add lines (D-09, D-10, D-16)."""
    invited, rows = _invited(invitation), _typed()
    if "more" in request.form:
        longer = [*rows, *[dialog.Row()] * LINES][: dialog.MOST_ROWS]
        return _dialog(invited, longer, first_new=len(rows))
    meant = {place: row for place, row in enumerate(rows) if not row.is_empty}
    try:
        made = recommending.allot(
            session(), invited.congress, invited.unit, list(meant.values()), me(), now()
        )
    except dialog.NotAllotted as refused:
        places = list(meant)
        by_place = {places[number]: found for number, found in refused.rows.items()}
        session().rollback()
        return _dialog(_invited(invitation), rows, dialog.NotAllotted(by_place, refused.whole)), 422
    flash(
        ngettext("已推荐 %(num)d 人，并已短信通知。", "已推荐 %(num)d 人，并已短信通知。", len(made)),
        "success",
    )
    return redirect(url_for("delegates.recommended", congress=invited.congress), 303)


@blueprint.post("/candidates/<candidate>/remove")
@needs("d.person.recommend")
def remove(candidate: str) -> Response:
    """注销: the seat is free, the account closed (D-14)."""
    recommending.remove(session(), candidate, me(), now())
    return _back(_("已注销，名额已释放。"))


@blueprint.post("/candidates/<candidate>/disable")
@needs("d.person.recommend")
def disable(candidate: str) -> Response:
    """禁用: the account lets nobody in (D-15)."""
    recommending.disable(session(), candidate, me(), now())
    return _back(_("账号已禁用。"))


@blueprint.post("/candidates/<candidate>/enable")
@needs("d.person.recommend")
def enable(candidate: str) -> Response:
    """启用: it opens again (D-15)."""
    recommending.enable(session(), candidate, me(), now())
    return _back(_("账号已启用。"))


def _back(said: str) -> Response:
    flash(said, "success")
    return redirect(safe_target(request.form.get("back"), url_for("delegates.recommended")), 303)


def _with_tables(each: seats.Invited) -> seats.Invited:
    return replace(each, rows=seats.tables(session(), each.congress, each.unit))


def _invited(invitation: str) -> seats.Invited:
    """The invitation, if it is one of one's own units', with its quota tables; else 404."""
    for each in seats.invited(session(), me()):
        if each.id == invitation:
            return _with_tables(each)
    abort(404)


def _typed() -> list[dialog.Row]:
    """The lines as sent: name, phone and ticked identities of each, by its number."""
    count = min(len(request.form.getlist("name")), dialog.MOST_ROWS)
    names, phones = request.form.getlist("name"), request.form.getlist("phone")
    return [
        dialog.Row(
            names[place],
            phones[place] if place < len(phones) else "",
            tuple(dict.fromkeys(request.form.getlist(f"identity-{place}"))),
        )
        for place in range(count)
    ]


def _dialog(
    invited: seats.Invited,
    rows: list[dialog.Row],
    refused: dialog.NotAllotted | None = None,
    first_new: int | None = None,
) -> str:
    """The dialog; of lines that were just added the first has the focus."""
    return render_template(
        "delegates/recommend.html",
        invited=invited,
        rows=rows,
        refused=refused,
        first_new=first_new,
        identities=rules.IDENTITIES,
        most=dialog.MOST_ROWS,
        why_not=None if invited.may_add else recommending.NOT_OPEN if invited.rows else dialog.NOT_ALLOTTED,
    )
