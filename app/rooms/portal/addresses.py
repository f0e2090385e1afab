"""One's own login phone and mailbox: each changes only after a code that was sent there."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _

from app.platform.identity import renewing
from app.platform.identity.sessions import Visit
from app.platform.personnel import coming_in
from app.rooms.portal import asking, captcha, steps
from app.rooms.portal.blueprint import blueprint
from app.rooms.portal.forms import NewEmailForm, NewPhoneForm
from app.rooms.web import acting, errors
from app.rooms.web.guards import signed_in

_PAGES = ("portal/address.html", "portal/address_code.html")


@blueprint.route("/account/phone", methods=["GET", "POST"])
@signed_in
def phone() -> Any:
    """Sign in with another phone from now on."""
    return _change("sms", _("更换登录手机"), _("短信验证码"), NewPhoneForm)


@blueprint.route("/account/email", methods=["GET", "POST"])
@signed_in
def email() -> Any:
    """Be reached at another mailbox from now on."""
    return _change("email", _("更换邮箱"), _("邮件验证码"), NewEmailForm)


def _change(channel: str, heading: str, label: str, form: Any) -> Any:
    if not coming_in.has_channel(channel):
        detail = (
            _("本平台没有开通短信，登录手机请由管理员更换。")
            if channel == "sms"
            else _("本平台没有开通邮件，邮箱请由管理员更换。")
        )
        return errors.answer(errors.Said(404, _("暂不能办理"), detail))
    return steps.walk(
        steps.Steps(
            channel,
            form,
            _PAGES,
            heading,
            _("验证码已发送，5 分钟内有效。"),
            label,
            _("确认更换"),
            lambda form: _ask(channel, form),
            lambda asked, code: _check(channel, asked, code),
            more={"by": channel},
        ),
        channel,
    )


def _ask(channel: str, form: Any) -> str:
    return coming_in.ask_for_address(
        acting.session(),
        _visit(),
        channel,
        form.to.data,
        form.password.data,
        captcha.answered(),
        asking.asked(),
        acting.now(),
    )


def _check(channel: str, asked: steps.Asked, code: str) -> Response:
    change = renewing.change_phone if channel == "sms" else renewing.change_email
    change(acting.session(), _visit(), asked.to, asked.id, code, acting.now())
    flash(_("登录手机已更换。") if channel == "sms" else _("邮箱已更换。"), "success")
    return cast(Response, redirect(url_for("portal.account"), 303))


def _visit() -> Visit:
    return cast(Visit, acting.me())
