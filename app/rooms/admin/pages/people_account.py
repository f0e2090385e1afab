"""An account in its administrator's hands: each verb a button on the person's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.platform.identity import accounts, people, roles
from app.platform.identity.messages import Refusal
from app.platform.personnel import access
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.pages.people import page_of
from app.rooms.admin.people_forms import Typed, typed
from app.rooms.web import acting
from app.rooms.web.guards import needs

_VERBS: dict[str, Callable[..., Any]] = {
    "disable": access.disable,
    "enable": access.enable,
    "deregister": access.deregister,
    "unlock": access.unlock,
}


@blueprint.post("/people/<person>/account/<verb>")
@needs(roles.PEOPLE)
def account_verb(person: str, verb: str) -> Any:
    """Open, shut, close or unlock an account, or send a new password; what is refused is said on the page."""
    if verb not in (*_VERBS, "open", "reset"):
        abort(404)
    form = typed()
    session, me, now = acting.session(), acting.me(), acting.now()
    secret = None
    try:
        if verb == "open":
            secret = access.open_account(session, person, form["username"], form["login_phone"], me, now)
        elif verb == "reset":
            secret = access.reset_password(session, person, me, now)
        else:
            _VERBS[verb](session, person, me, now)
    except Refusal as refusal:
        return _refused(person, form, refusal)
    if secret is not None:
        return _once(person, secret)
    said = {
        "open": _("账号已开通，初始密码已发送到本人。"),
        "reset": _("新密码已发送到本人的手机或邮箱，原有登录已全部结束。"),
        "disable": _("账号已禁用，该人员的登录已全部结束。"),
        "enable": _("账号已启用。"),
        "deregister": _("账号已注销，岗位、登录和令牌均已结束。"),
        "unlock": _("登录限制已解除。"),
    }
    flash(said[verb], "success")
    return redirect(url_for("admin.person", person=person), 303)


@blueprint.post("/people/<person>/sessions/<which>/end")
@needs(roles.PEOPLE)
def end_persons_session(person: str, which: str) -> Any:
    """Sign somebody out of one browser, or (`all`) everywhere."""
    session, me, now = acting.session(), acting.me(), acting.now()
    try:
        if which == "all":
            access.end_sessions(session, person, me, now)
        else:
            access.end_session(session, person, which, me, now)
    except Refusal as refusal:
        return _refused(person, typed(), refusal)
    flash(_("已结束登录。"), "success")
    return redirect(url_for("admin.person", person=person), 303)


def _refused(person: str, form: Typed, refusal: Refusal) -> Any:
    if refusal.code.startswith("unknown_") or refusal.code == "no_account":
        raise refusal
    form.complain(refusal, {"username", "login_phone"} if form["username"] or form["login_phone"] else ())
    return page_of(person, form), 422


def _once(person: str, secret: str) -> str:
    """The page that shows a password, this once."""
    account, found = accounts.get(acting.session(), person), people.get(acting.session(), person)
    return render_template(
        "admin/password_once.html",
        person=person,
        name=found.name if found else "",
        username=account.username if account else "",
        secret=secret,
    )
