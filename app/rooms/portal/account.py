"""The person's own account: facts, posts, password, open sessions, the post worked under."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.platform.identity import accounts, external, factors, sessions, tokens
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.personnel import coming_in
from app.rooms.portal import asking, devices
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import PasswordForm, complain, complaints
from app.rooms.portal.names import masked_email, masked_phone
from app.rooms.web import acting, security
from app.rooms.web.guards import arriving, signed_in


@blueprint.get("/account")
@signed_in
def account() -> str:
    """Show who one is here, and where one is signed in."""
    facts = accounts.get(acting.session(), acting.me().person)
    sso = asking.offered_sso()
    return render_template(
        "portal/account.html",
        phone=masked_phone(facts.login_phone if facts else None),
        factor=factors.standing(acting.session(), acting.me().person),
        sso=sso,
        sso_link=external.of(acting.session(), acting.me().person, sso.issuer) if sso else None,
        email=masked_email(coming_in.email_of(acting.session(), acting.me().person)),
        can_sms=coming_in.has_channel("sms"),
        can_email=coming_in.has_channel("email"),
        devices=devices.of(acting.session(), _visit(), acting.now()),
        tokens=[one for one in tokens.of(acting.session(), acting.me().person) if one.holds(acting.now())],
    )


@blueprint.route("/account/password", methods=["GET", "POST"])
@arriving
def password() -> Any:
    """Change the password; every session ends with the old one, and this browser gets a new one (T15)."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            token = accounts.change_password(
                acting.session(), _visit(), form.old.data, form.password.data, acting.now(), form.repeat.data
            )
        except Refusal as refusal:
            complain(form, refusal, "password")
        else:
            response = redirect(url_for("portal.account"), 303)
            acting.hand_out(response, token, acting.me().person)
            flash(_("密码已修改。"), "success")
            return response
    page = render_template(
        "portal/password.html", form=form, must=_visit().must_change, form_complaints=complaints
    )
    return page, 422 if complaints(form) else 200


@blueprint.post("/account/sessions/<device>/end")
@signed_in
def end_session(device: str) -> Response:
    """Sign out another browser of one's own."""
    if not devices.end(acting.session(), _visit(), device, acting.now()):
        abort(404)
    flash(_("该设备已退出登录。"), "success")
    return redirect(url_for("portal.account"), 303)


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_others() -> Response:
    """Sign out everywhere but here."""
    devices.end_others(acting.session(), _visit(), acting.now())
    flash(_("其他设备已全部退出登录。"), "success")
    return redirect(url_for("portal.account"), 303)


@blueprint.post("/account/tokens/<token>/revoke")
@signed_in
def revoke_token(token: str) -> Response:
    """Shut out a program that comes in with one of one's own tokens."""
    me = acting.me()
    tokens.revoke(acting.session(), token, me, acting.now(), person=me.person)
    flash(_("该令牌已停用。"), "success")
    return redirect(url_for("portal.account"), 303)


@blueprint.post("/account/post")
@signed_in
def work_as() -> Response:
    """Choose the post worked under, or all of them together (C-01)."""
    try:
        sessions.work_as(acting.session(), _visit(), request.form.get("post") or None)
    except Refusal:
        abort(404)
    return redirect(security.safe_target(request.form.get("next")), 303)


def _visit() -> Visit:
    return cast(Visit, acting.me())
