"""What the pages of the front door share: their captcha, their complaints, the browser's cookie, the way in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, render_template, request
from flask import session as page_session
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.platform import settings
from app.platform.data import sealing
from app.platform.identity import oidc, proof
from app.platform.identity.accounts import SignedIn
from app.platform.identity.messages import Refusal
from app.platform.identity.one_time_codes import Asked
from app.platform.personnel import coming_in
from app.platform.registry import System, Words, house
from app.rooms.portal import captcha
from app.rooms.portal import forms as fields
from app.rooms.web import acting, language, security

_DEVICE = "chengpi-device"
_QUARTER = 90 * 24 * 3600
_PROVED = "proved_phone"
_PROVED_LASTS = timedelta(minutes=30)


def _known_systems(text: Any) -> str:
    keys = str(text).replace(",", " ").replace("，", " ").split()
    unknown = [key for key in keys if key not in house.systems]
    if unknown:
        names = "、".join(unknown)
        raise settings.BadSetting(Words(f"没有这些系统：{names}", f"There are no such systems: {names}"))
    return " ".join(keys)


settings.define_group("login", Words("登录", "Signing in"))
settings.define(
    settings.Definition(
        "login.sms", Words("提供短信登录", "Offer sign-in by text message"), "yes", True, group="login"
    ),
    settings.Definition(
        "login.sms_not_in",
        Words("不提供短信登录的系统", "Systems without sign-in by text message"),
        "text",
        "",
        group="login",
        check=_known_systems,
        about=Words("系统代码，用空格分开", "Keys of systems, separated by spaces"),
    ),
)


def offers_sms(system: System | None) -> bool:
    """Whether one may sign in by a text message here (C-02)."""
    if not settings.value("login.sms") or not coming_in.has_channel("sms"):
        return False
    return system is None or system.key not in str(settings.value("login.sms_not_in") or "").split()


def registers(system: System | None) -> bool:
    """Whether a newcomer may make an account here, or anywhere (C-06)."""
    return system.registers if system else any(lease.registers for lease in house.systems.values())


def asked() -> Asked:
    """Return where the visitor comes from, with the cookie his browser keeps for long."""
    return Asked(acting.address(), request.cookies.get(device_name()) or secrets.token_urlsafe(32))


def let_in(response: Response, entered: SignedIn, asked: Asked) -> Response:
    """Hand out the session, and the cookie by which this browser is known from now on."""
    acting.hand_out(response, entered.token, entered.person)
    config = current_app.extensions["chengpi"]
    response.set_cookie(
        device_name(),
        asked.device or "",
        max_age=_QUARTER,
        secure=config.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def captcha_missing() -> str:
    """Return the complaint about a captcha that was left empty, or nothing."""
    is_empty = not request.form.get("captcha_answer", "").strip()
    return _("请填写%(label)s", label=_("验证码")) if is_empty else ""


def complain(form: FlaskForm, refusal: Refusal, default: str) -> str:
    """Put the 'no' beside its field; return the captcha's complaint, if it is that."""
    if refusal.field == "captcha" or refusal.code.startswith("captcha"):
        return refusal.message(language.current())
    fields.complain(form, refusal, default)
    return ""


def show(template: str, form: FlaskForm, captcha_error: str, system: System | None, **more: Any) -> Any:
    """Draw a page with a form and a fresh captcha; 422 where something is wrong with what was sent."""
    wrong = bool(captcha_error or any(item.errors for item in form))
    settings.catch_up(acting.session())  # a visitor has nobody's request to do it
    asks = more.pop("asks_captcha", True)
    page = render_template(
        template,
        form=form,
        captcha=_captcha() if asks else None,
        captcha_error=captcha_error,
        entry_system=system,
        registers=registers(system),
        offers_sms=offers_sms(system),
        can_forget=coming_in.has_channel("sms") or coming_in.has_channel("email"),
        here=request.full_path.rstrip("?"),
        asks_second_factor=proof.is_on(),
        sso=offered_sso(),
        form_complaints=lambda item: fields.complaints(item, captcha_error),
        **more,
    )
    return page, 422 if wrong else 200


def _captcha() -> captcha.Asked:
    """A fresh captcha, unless the visitor has solved one that was not used up."""
    again = request.form.get("again")
    return (None if again else captcha.kept()) or captcha.ask(again or request.form.get("captcha_kind"))


def offered_sso() -> oidc.Provider | None:
    """Who else vouches for people here, where the extra `sso` is installed."""
    provider: oidc.Provider | None = current_app.extensions["chengpi"].oidc
    return provider if provider and oidc.is_installed() else None


def system_of_page() -> System | None:
    """Return the system the visitor comes for: named in the address, or the one his target lies in."""
    target = security.safe_target(request.args.get("next"))
    return house.systems.get(request.args.get("system") or target.strip("/").split("/", 1)[0])


def remember_phone(phone: str) -> None:
    """Keep a stranger's phone that was proved, sealed in his own page cookie, for the registration."""
    until = (acting.now() + _PROVED_LASTS).isoformat()
    page_session[_PROVED] = sealing.seal(f"{phone}|{until}".encode()).hex()


def phone_proved() -> str | None:
    """Return the phone this visitor has proved within the last half hour, if any."""
    kept = page_session.get(_PROVED)
    if not kept:
        return None
    try:
        phone, _bar, until = sealing.unseal(bytes.fromhex(kept)).decode().partition("|")
    except (ValueError, sealing.Unreadable):
        return None
    return phone if acting.now() < datetime.fromisoformat(until) else None


def device_name() -> str:
    """The name of the cookie by which the limiter knows a browser again."""
    return str(current_app.extensions["chengpi"].cookie(_DEVICE))
