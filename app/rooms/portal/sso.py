"""Signing in at another house (OpenID Connect): there and back, linking one's account with it, and unlinking."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any, cast

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask import session as page_session
from flask_babel import gettext as _

from app.platform.data import sealing
from app.platform.identity import accounts, external, oidc
from app.platform.identity.messages import Refusal
from app.platform.identity.oidc import Flow, Provider
from app.platform.identity.sessions import Visit
from app.platform.personnel import linking
from app.rooms.portal import asking
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import ConfirmForm, complain, complaints
from app.rooms.web import acting, language, security
from app.rooms.web.guards import open_to_all, signed_in

_FLOW, _MAY = "sso-flow", "sso-may"


@blueprint.get("/login/sso")
@open_to_all
def sso() -> Any:
    """Send a visitor to the provider."""
    return _leave({"next": security.safe_target(request.args.get("next"))}, "portal.login")


@blueprint.get("/login/sso/return")
@open_to_all
def sso_return() -> Any:
    """Take a visitor back from there: signed in, or linked, or told why not."""
    provider, kept = _provider(), _taken(_FLOW)
    fallback = "portal.account" if kept.get("link") else "portal.login"
    if not kept or not hmac.compare_digest(request.args.get("state", "").encode(), kept["state"].encode()):
        return _say(_("登录请求已失效，请重新开始。"), fallback, provider, "state")
    if request.args.get("iss", provider.issuer) != provider.issuer:
        return _say(_("统一身份认证的应答无法核实，请重新登录。"), fallback, provider, "iss")
    if "error" in request.args or not request.args.get("code"):
        return _say(_("统一身份认证没有完成，您可以重试或使用密码登录。"), fallback, provider, "cancelled")
    flow = Flow(kept["state"], kept["nonce"], kept["verifier"])
    try:
        subject = oidc.redeem(provider, flow, request.args["code"], _back(), acting.now())
    except oidc.Away:
        return _away(fallback)
    except oidc.Untrusted as error:
        return _say(_("统一身份认证的应答无法核实，请重新登录。"), fallback, provider, error.code)
    return _link(kept["link"], provider, subject) if kept.get("link") else _enter(kept, provider, subject)


@blueprint.route("/account/sso", methods=["GET", "POST"])
@signed_in
def sso_link() -> Any:
    """Ask for the password, then offer the way to the provider: two steps, since forms lead nowhere but here."""
    provider, form = _provider(), ConfirmForm()
    if form.validate_on_submit():
        try:
            accounts.check_password(acting.session(), _visit(), form.password.data, acting.now())
        except Refusal as refusal:
            complain(form, refusal, "password")
        else:
            _keep(_MAY, {"of": _visit().session})
            return redirect(url_for("portal.sso_link"), 303)
    link = external.of(acting.session(), _visit().person, provider.issuer)
    page = render_template(
        "portal/sso.html",
        form=form,
        form_complaints=complaints,
        provider=provider,
        link=link,
        may=_held(_MAY).get("of") == _visit().session,
    )
    return page, 422 if complaints(form) else 200


@blueprint.get("/account/sso/go")
@signed_in
def sso_go() -> Any:
    """Send a person who has just shown the password to the provider."""
    _provider()
    if _taken(_MAY).get("of") != _visit().session:
        return redirect(url_for("portal.sso_link"))
    return _leave({"link": _visit().session}, "portal.account")


@blueprint.post("/account/sso/unlink")
@signed_in
def sso_unlink() -> Any:
    """Sign in with the password alone from now on."""
    linking.unlink(acting.session(), _visit(), _provider().issuer, acting.now())
    flash(_("已解除关联，以后请用密码登录。"), "success")
    return redirect(url_for("portal.account"), 303)


def _provider() -> Provider:
    provider = asking.offered_sso()
    if provider is None:
        abort(404)
    return provider


def _leave(more: dict[str, str], fallback: str) -> Any:
    flow = oidc.new_flow()
    try:
        there = oidc.address(_provider(), flow, _back())
    except oidc.Away:
        return _away(fallback)
    _keep(_FLOW, {"state": flow.state, "nonce": flow.nonce, "verifier": flow.verifier, **more})
    return redirect(there, 303)


def _enter(kept: dict[str, Any], provider: Provider, subject: str) -> Response:
    try:
        entered = external.sign_in(
            acting.session(), provider.issuer, subject, acting.address(), acting.agent(), acting.now()
        )
    except Refusal as refusal:
        flash(refusal.message(language.current()), "danger")
        return redirect(url_for("portal.login"), 303)
    return asking.let_in(redirect(security.safe_target(kept.get("next")), 303), entered, asking.asked())


def _link(session: str, provider: Provider, subject: str) -> Response:
    """Only for the very session that has shown the password, and is past its second factor."""
    me = acting.who()
    if not isinstance(me, Visit) or me.session != session or me.must_prove is not None:
        return _say(_("登录请求已失效，请重新开始。"), "portal.login", provider, "session")
    try:
        linking.link(acting.session(), me, provider.issuer, subject, acting.now())
    except Refusal as refusal:
        flash(refusal.message(language.current()), "danger")
    else:
        flash(_("已关联，以后可以用统一身份认证登录。"), "success")
    return redirect(url_for("portal.account"), 303)


def _away(fallback: str) -> Response:
    flash(_("统一身份认证暂时无法连接，请稍后再试，或使用密码登录。"), "danger")
    return redirect(url_for(fallback), 303)


def _say(words: str, fallback: str, provider: Provider, why: str) -> Response:
    external.failed(acting.session(), provider.issuer, why, acting.address(), acting.now())
    flash(words, "danger")
    return redirect(url_for(fallback), 303)


def _back() -> str:
    return url_for("portal.sso_return", _external=True)


def _keep(name: str, held: dict[str, Any]) -> None:
    """Seal something into the page cookie of this browser, for ten minutes."""
    held = {**held, "at": acting.now().timestamp()}
    page_session[name] = base64.b64encode(sealing.seal(json.dumps(held).encode())).decode()


def _taken(name: str) -> dict[str, Any]:
    """Take it out again: it serves once."""
    held = _held(name)
    page_session.pop(name, None)
    return held


def _held(name: str) -> dict[str, Any]:
    """What was kept; empty where nothing was, or too long ago."""
    try:
        held: dict[str, Any] = json.loads(sealing.unseal(base64.b64decode(page_session.get(name, ""))))
    except (ValueError, sealing.Unreadable):
        return {}
    age = acting.now().timestamp() - held["at"]
    return held if 0 <= age < oidc.LASTS.total_seconds() else {}


def _visit() -> Visit:
    return cast(Visit, acting.me())
