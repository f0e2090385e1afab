"""In by a text message (C-02): the captcha, the code, the door; a stranger is led to registration (C-06)."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from app.platform.identity import renewing
from app.platform.personnel import coming_in
from app.rooms.portal import asking, captcha, forgotten, steps
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import PhoneForm
from app.rooms.web import acting, security
from app.rooms.web.guards import open_to_all


@blueprint.route("/login/sms", methods=["GET", "POST"])
@open_to_all
def login_by_code() -> Any:
    """Ask for the phone and the captcha, then for the code; then lead to where the visitor was going."""
    system = asking.system_of_page()
    if not asking.offers_sms(system):
        abort(404)
    if acting.who() and request.method == "GET":
        return redirect(security.safe_target(request.args.get("next")))
    return steps.walk(
        steps.Steps(
            "login",
            PhoneForm,
            ("portal/login_sms.html", "portal/code.html"),
            _("短信登录"),
            _("验证码已发送，5 分钟内有效。没有收到时，请核对手机号后重新获取。"),
            _("短信验证码"),
            _("注册/登录") if asking.registers(system) else _("登录"),
            _ask,
            _enter,
            system,
        ),
        "sms",
    )


def _ask(form: PhoneForm) -> str:
    return coming_in.ask_to_sign_in(
        acting.session(),
        form.to.data,
        captcha.answered(),
        bool(form.agreed.data),
        asking.asked(),
        acting.now(),
        registers=asking.registers(asking.system_of_page()),
    )


def _enter(asked: steps.Asked, code: str) -> Response:
    whence = asking.asked()
    entered = renewing.sign_in_by_code(
        acting.session(), asked.to, asked.id, code, whence, acting.now(), acting.agent()
    )
    if isinstance(entered, renewing.Renewal):
        flash(_("您使用的是初始密码，请先设置新密码。"), "warning")
        return forgotten.lead_on(entered.ticket)
    if isinstance(entered, renewing.Stranger):
        return _to_registration(entered.phone)
    target = security.safe_target(request.args.get("next"))
    return asking.let_in(redirect(target, 303), entered, whence)


def _to_registration(phone: str) -> Response:
    """A phone that nobody signs in with: with it proved, its owner makes an account where one may."""
    system = asking.system_of_page()
    if not asking.registers(system):
        abort(404)
    asking.remember_phone(phone)
    flash(_("该手机号尚未注册，请填写以下信息完成注册。"), "info")
    return redirect(url_for("portal.registration", system=system.key if system else None), 303)
