"""大会信息及受邀单位配置: the congresses of the own convening unit, one by one (PG-D13, PR-D1)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.forms import masking
from app.platform.registry import Refused
from app.platform.runtime.errors import HookRefused
from app.rooms.inbox import starting
from app.rooms.web import language, lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.systems.delegates import changes, congresses, invitations, quotas, rules
from app.systems.delegates.congress_lists import CONGRESSES
from app.systems.delegates.pages.blueprint import blueprint


@blueprint.get("/congresses")
@needs("d.congress.edit")
def congress_list() -> str:
    """Show the congresses of the own unit."""
    return lists.answer(CONGRESSES, "delegates/congresses.html")


@blueprint.get("/congresses/new")
@needs("d.congress.edit")
def new_congress() -> str:
    """Show the empty form of a congress."""
    return _form(_asked(congresses.DEFAULTS))


@blueprint.post("/congresses/new")
@needs("d.congress.edit")
def create_congress() -> Response | tuple[str, int]:
    """Make a congress and go on to its units."""
    answer = _sent(congresses.DEFAULTS)
    if answer.entry is None or answer.complaints or answer.redraws:
        return _form(answer), 422 if answer.complaints else 200
    try:
        congress = congresses.create(session(), answer.entry, me(), now())
    except Refused as refused:
        return _form(answer.with_refusal(refused)), 422
    flash(_("大会已建立。请邀请单位，并登记各单位的联络员。"), "success")
    return redirect(url_for("delegates.congress_units", congress=congress), 303)


@blueprint.get("/congresses/<congress>")
@needs("d.congress.edit")
def show_congress(congress: str) -> str:
    """Show a congress with its units, quotas and changes."""
    row = congresses.get(session(), congress, me())
    return render_template(
        "delegates/congress.html",
        congress=row,
        stage=congresses.stage_of(session(), row),
        step=congresses.step_of(session(), row),
        units=(units := invitations.of(session(), congress)),
        phones={unit.id: masking.masked(unit.phone, "phone") for unit in units},
        quotas=quotas.of(session(), congress),
        used={unit: rules.seats_used(held) for unit, held in quotas.used(session(), congress).items()},
        identities=rules.IDENTITIES,
        log=changes.of(session(), congress),
        last_day=changes.COLUMNS["ends_on"],
    )


@blueprint.get("/congresses/<congress>/edit")
@needs("d.congress.edit")
def edit_congress(congress: str) -> str:
    """Show a congress for changing."""
    row = congresses.get(session(), congress, me())
    return _form(_asked(congresses.values_of(row)), row)


@blueprint.post("/congresses/<congress>/edit")
@needs("d.congress.edit")
def change_congress(congress: str) -> Response | tuple[str, int]:
    """Write what was changed."""
    row = congresses.get(session(), congress, me())
    answer = _sent(congresses.values_of(row))
    if answer.entry is None or answer.complaints or answer.redraws:
        return _form(answer, row), 422 if answer.complaints else 200
    try:
        congresses.change(session(), congress, answer.entry, me(), now())
    except (Refused, HookRefused) as refused:
        said = refused if isinstance(refused, Refused) else Refused(*refused.words)
        return _form(answer.with_refusal(said), congresses.get(session(), congress, me())), 422
    flash(_("大会信息已保存。"), "success")
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


@blueprint.post("/congresses/<congress>/publish")
@needs("d.congress.edit")
def publish_congress(congress: str) -> Response:
    """Publish a congress; the liaisons are told."""
    try:
        congresses.publish(session(), congress, me(), now())
        flash(_("大会已发布，已为联络员开通账号并发送短信。"), "success")
    except (HookRefused, Refused) as refused:
        flash(refused.words.said(language.current()), "danger")
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


@blueprint.post("/congresses/<congress>/end")
@needs("d.congress.edit")
def end_congress(congress: str) -> Response:
    """End a congress before its last day."""
    congresses.end(session(), congress, me(), now())
    flash(_("大会已结束。"), "success")
    return redirect(url_for("delegates.show_congress", congress=congress), 303)


@blueprint.post("/congresses/<congress>/clone")
@needs("d.congress.edit")
def clone_congress(congress: str) -> Response:
    """Begin the next term with the units and quotas of this one."""
    copy = congresses.clone(session(), congress, me(), now())
    flash(_("已复制规则、受邀单位和名额。请填写名称、届次和日期，并登记各单位的联络员。"), "success")
    return redirect(url_for("delegates.edit_congress", congress=copy), 303)


def _asked(values: object) -> starting.Start:
    return starting.own(congresses.PROCESS, congresses.FORM, "configure", values)


def _sent(values: object) -> starting.Start:
    return starting.read_own(congresses.PROCESS, congresses.FORM, "configure", values, request.form)


def _form(answer: starting.Start, congress: object = None) -> str:
    return render_template("delegates/congress_form.html", answer=answer, congress=congress)
