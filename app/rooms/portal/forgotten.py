"""找回密码 (C-49): who, a code by text message or e-mail, a new password; every other login ends."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask import session as page_session
from flask_babel import gettext as _

from app.platform.identity import renewing
from app.platform.identity.messages import Refusal
from app.platform.personnel import coming_in
from app.rooms.portal import asking, captcha, steps
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import ForgottenForm, RenewalForm
from app.rooms.web import acting
from app.rooms.web.guards import open_to_all

_TICKET = "ticket"


@blueprint.route("/forgot", methods=["GET", "POST"])
@open_to_all
def forgotten() -> Any:
    """Ask whose password it is, send a code, and ask for the code; the same to names that nobody has."""
    ways = [way for way in ("sms", "email") if coming_in.has_channel(way)]
    if not ways:
        abort(404)
    return steps.walk(
        steps.Steps(
            "reset",
            ForgottenForm,
            ("portal/forgot.html", "portal/code.html"),
            _("找回密码"),
            _("如果该账号存在并留有所选的联系方式，验证码已发出，5 分钟内有效。"),
            _("收到的验证码"),
            _("下一步"),
            lambda form: _ask(form, ways),
            lambda asked, code: lead_on(renewing.prove_reset(acting.session(), asked.id, code, acting.now())),
            asking.system_of_page(),
            {"ways": ways},
        ),
        ways[0],
    )


@blueprint.route("/forgot/password", methods=["GET", "POST"])
@open_to_all
def renewed() -> Any:
    """Set the new password; who comes without a code, or too late, begins anew."""
    form, ticket = RenewalForm(), page_session.get(_TICKET, "")
    try:
        username = renewing.username_of(acting.session(), ticket, acting.now())
        if form.validate_on_submit():
            asked = asking.asked()
            entered = renewing.renew_password(
                acting.session(),
                ticket,
                form.password.data,
                form.repeat.data,
                asked,
                acting.now(),
                acting.agent(),
            )
            response = asking.let_in(redirect(url_for("portal.home"), 303), entered, asked)
            flash(_("新密码已生效，其他设备上的登录已全部退出。"), "success")
            return response
    except Refusal as refusal:
        if refusal.code in ("ticket_void", "code_void", "account_disabled"):
            page_session.pop(_TICKET, None)
            flash(_("操作已超时，请重新获取验证码。"), "warning")
            return redirect(url_for("portal.forgotten"), 303)
        asking.complain(form, refusal, "password")
    return asking.show(
        "portal/renew.html", form, "", asking.system_of_page(), asks_captcha=False, username=username
    )


def lead_on(ticket: str) -> Response:
    """Lead whoever proved himself to the page of the new password; the ticket stays in his own page cookie."""
    page_session[_TICKET] = ticket
    return redirect(url_for("portal.renewed"), 303)


def _ask(form: ForgottenForm, ways: list[str]) -> str:
    return coming_in.ask_to_reset(
        acting.session(),
        form.to.data,
        form.channel.data if form.channel.data in ways else ways[0],
        captcha.answered(),
        asking.asked(),
        acting.now(),
    )
