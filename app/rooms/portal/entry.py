"""In and out: login, registration, logout."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.platform.identity import accounts
from app.platform.identity.messages import Refusal
from app.platform.registry import System, house
from app.rooms.portal import asking, captcha
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import LoginForm, RegistrationForm, complain
from app.rooms.web import acting, security
from app.rooms.web.guards import open_to_all, proving


@blueprint.route("/login", methods=["GET", "POST"])
@open_to_all
def login() -> Any:
    """Ask for account, password and captcha; then lead to where the visitor was going."""
    target = security.safe_target(request.args.get("next"))
    if acting.who() and request.method == "GET":
        return redirect(target)
    form, captcha_error = LoginForm(), ""
    if request.method == "POST" and "again" not in request.form:
        captcha_error = asking.captcha_missing()
        if form.validate() and not captcha_error:
            try:
                return _sign_in(form, target)
            except Refusal as refusal:
                captcha_error = asking.complain(form, refusal, "login")
    return asking.show("portal/login.html", form, captcha_error, asking.system_of_page())


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
    form, captcha_error = RegistrationForm(phone=asking.phone_proved()), ""
    if request.method == "POST" and "again" not in request.form:
        captcha_error = asking.captcha_missing()
        form.validate()
        for complaint in accounts.complaints(_registration(form, lease)):
            complain(form, complaint, "username")
        if not form.errors and not captcha_error:
            try:
                return _register(form, lease)
            except Refusal as refusal:
                captcha_error = asking.complain(form, refusal, "username")
    return asking.show("portal/register.html", form, captcha_error, lease)


@blueprint.post("/logout")
@proving("enrol", "code")
def logout() -> Response:
    """End this session, on the server too."""
    if value := acting.token():
        accounts.sign_out(acting.session(), value, acting.now())
    response = redirect(url_for("portal.home"), 303)
    acting.take_back(response)
    flash(_("您已退出登录。"), "success")
    return response


def _sign_in(form: FlaskForm, target: str) -> Response:
    asked = asking.asked()
    entered = accounts.sign_in(
        acting.session(),
        form.login.data,
        form.password.data,
        captcha.answered(),
        now=acting.now(),
        device=asked.device,
        address=asked.address,
        agent=acting.agent(),
    )
    return asking.let_in(redirect(target, 303), entered, asked)


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
