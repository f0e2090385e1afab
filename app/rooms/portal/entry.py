"""In and out: login, registration, logout."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.platform.identity import accounts
from app.platform.identity.messages import Refusal
from app.platform.registry import System, house
from app.rooms.portal import captcha
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import LoginForm, RegistrationForm, complain, complaints
from app.rooms.web import acting, language, security
from app.rooms.web.guards import arriving, open_to_all

_DEVICE = "chengpi-device"
_QUARTER = 90 * 24 * 3600


@blueprint.route("/login", methods=["GET", "POST"])
@open_to_all
def login() -> Any:
    """Ask for account, password and captcha; then lead to where the visitor was going."""
    target = security.safe_target(request.args.get("next"))
    if acting.who() and request.method == "GET":
        return redirect(target)
    form, captcha_error = LoginForm(), ""
    if request.method == "POST" and "again" not in request.form:
        if not request.form.get("captcha_answer", "").strip():
            captcha_error = _("请填写%(label)s", label=_("验证码"))
        if form.validate() and not captcha_error:
            try:
                return _sign_in(form, target)
            except Refusal as refusal:
                captcha_error = _complain(form, refusal, "login")
    return _show("portal/login.html", form, captcha_error, _system_of_page())


@blueprint.get("/register", endpoint="registration")
@blueprint.route("/register/<system>", methods=["GET", "POST"], endpoint="registration")
@open_to_all
def registration(system: str | None = None) -> Any:
    """Let a newcomer make an account through a system that allows it (P-01, C-06)."""
    open_systems = [lease for lease in house.systems.values() if lease.registers]
    if system is None:
        if len(open_systems) == 1:
            return redirect(url_for("portal.registration", system=open_systems[0].key))
        return render_template("portal/register_where.html", systems=open_systems)
    lease = house.systems.get(system)
    if lease is None or not lease.registers:
        abort(404)
    form, captcha_error = RegistrationForm(), ""
    if request.method == "POST" and "again" not in request.form:
        if not request.form.get("captcha_answer", "").strip():
            captcha_error = _("请填写%(label)s", label=_("验证码"))
        form.validate()
        for complaint in accounts.complaints(_registration(form, lease)):
            complain(form, complaint, "username")
        if not form.errors and not captcha_error:
            try:
                return _register(form, lease)
            except Refusal as refusal:
                captcha_error = _complain(form, refusal, "username")
    return _show("portal/register.html", form, captcha_error, lease)


@blueprint.post("/logout")
@arriving
def logout() -> Response:
    """End this session, on the server too."""
    if value := acting.token():
        accounts.sign_out(acting.session(), value, acting.now())
    response = redirect(url_for("portal.home"), 303)
    acting.take_back(response)
    flash(_("您已退出登录。"), "success")
    return response


def _sign_in(form: FlaskForm, target: str) -> Response:
    device = request.cookies.get(_device_name()) or secrets.token_urlsafe(32)
    entered = accounts.sign_in(
        acting.session(),
        form.login.data,
        form.password.data,
        captcha.answered(),
        now=acting.now(),
        device=device,
        address=acting.address(),
        agent=acting.agent(),
    )
    response = redirect(target, 303)
    acting.hand_out(response, entered.token, entered.person)
    config = current_app.extensions["chengpi"]
    response.set_cookie(
        _device_name(), device, max_age=_QUARTER, secure=config.https, httponly=True, samesite="Lax", path="/"
    )
    return response


def _registration(form: FlaskForm, lease: System) -> accounts.Registration:
    return accounts.Registration(
        username=form.username.data or "",
        password=form.password.data or "",
        repeat=form.repeat.data or "",
        phone=form.phone.data or "",
        name=form.name.data or "",
        system=lease.key,
        agreed=bool(form.agreed.data),
    )


def _register(form: FlaskForm, lease: System) -> Response:
    accounts.register(
        acting.session(), _registration(form, lease), captcha.answered(), acting.now(), acting.address()
    )
    flash(_("注册成功，请登录。"), "success")
    return redirect(url_for("portal.login", system=lease.key), 303)


def _complain(form: FlaskForm, refusal: Refusal, default: str) -> str:
    """Put the 'no' beside its field; return the captcha's complaint, if it is that."""
    if refusal.field == "captcha" or refusal.code.startswith("captcha"):
        return refusal.message(language.current())
    complain(form, refusal, default)
    return ""


def _show(template: str, form: FlaskForm, captcha_error: str, system: System | None) -> Any:
    wrong = bool(captcha_error or any(item.errors for item in form))
    kind = request.form.get("again") or request.form.get("captcha_kind")
    page = render_template(
        template,
        form=form,
        captcha=captcha.ask(kind),
        captcha_error=captcha_error,
        entry_system=system,
        registers=system.registers if system else any(lease.registers for lease in house.systems.values()),
        here=request.full_path.rstrip("?"),
        form_complaints=lambda item: complaints(item, captcha_error),
    )
    return page, 422 if wrong else 200


def _system_of_page() -> System | None:
    """Return the system the visitor comes for: named in the address, or the one his target lies in."""
    target = security.safe_target(request.args.get("next"))
    return house.systems.get(request.args.get("system") or target.strip("/").split("/", 1)[0])


def _device_name() -> str:
    return str(current_app.extensions["chengpi"].cookie(_DEVICE))
