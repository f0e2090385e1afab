"""分配名额: the matrix of units and identities, saved as a whole (EN-D2, PG-D13)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.delegates import changes, congresses, invitations, quota_matrix, quotas, rules
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/congresses/<congress>/quotas")
@needs("d.congress.edit")
def congress_quotas(congress: str) -> str:
    """Show what each unit is allotted."""
    return _page(congress)


@blueprint.post("/congresses/<congress>/quotas")
@needs("d.congress.edit")
def save_quotas(congress: str) -> Response | tuple[str, int]:
    """Save the whole matrix, or say cell by cell what is wrong with it."""
    typed = request.form.to_dict()
    try:
        over = quotas.save(session(), congress, typed, me(), now())
    except quotas.Wrong as wrong:
        said = {name: words.said(language.current()) for name, words in wrong.complaints.items()}
        return _page(congress, typed, said), 422
    flash(_("名额已保存。"), "success")
    for each in over:
        flash(
            _(
                "%(unit)s：%(identity)s已占 %(used)s 位，多于现有名额 %(seats)s 位。"
                "已推荐的人员保留，指标标红，不能上报。",
                unit=each.unit,
                identity=_identity(each.identity),
                used=each.used,
                seats=each.seats,
            ),
            "warning",
        )
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


def _identity(key: str) -> str:
    zh, en = rules.IDENTITIES[key]
    return en if language.current().startswith("en") else zh


def _page(
    congress: str, typed: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None
) -> str:
    row = congresses.get(session(), congress, me())
    units = invitations.of(session(), congress)
    stored = quotas.of(session(), congress)
    shown: dict[str, str] = {}
    for unit in units:
        shown |= quota_matrix.typed(stored[unit.id], unit.id)
    cells = {
        quota_matrix.cell(unit.id, *column): unit.name for unit in units for column in quota_matrix.COLUMNS
    }
    return render_template(
        "delegates/quotas.html",
        congress=row,
        step=congresses.step_of(session(), row),
        units=units,
        columns=quota_matrix.COLUMNS,
        identities=rules.IDENTITIES,
        minimums=rules.MINIMUMS,
        with_minimums=rules.WITH_MINIMUMS,
        cell=quota_matrix.cell,
        shown={**shown, **{name: typed[name] for name in cells if name in typed}} if typed else shown,
        wrong=[
            (name, unit, changes.column_words(name.partition(".")[2]), wrong[name])
            for name, unit in cells.items()
            if name in wrong
        ]
        if wrong
        else (),
        column_words=lambda column: changes.column_words(quota_matrix.cell("", *column).removeprefix(".")),
    )
