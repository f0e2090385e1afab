"""What the portal's pages ask: login, registration, a new password."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired

from app.platform.identity.messages import Refusal
from app.rooms.web import language


def _asks(label: Any, **more: Any) -> StringField:
    return StringField(label, [DataRequired(_l("请填写%(label)s", label=label))], **more)


def _asks_secret(label: Any, *more: Any) -> PasswordField:
    return PasswordField(label, [InputRequired(_l("请填写%(label)s", label=label)), *more])


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Account and password; the captcha stands beside it."""

    login = _asks(_l("用户名或手机号"))
    password = _asks_secret(_l("密码"))


class RegistrationForm(FlaskForm):  # type: ignore[misc]
    """What a newcomer gives of himself."""

    username = _asks(_l("用户名"))
    name = _asks(_l("姓名"))
    phone = _asks(_l("手机号"))
    password = _asks_secret(_l("密码"))
    repeat = _asks_secret(_l("确认密码"), EqualTo("password", _l("两次输入的密码不一致")))
    agreed = BooleanField(_l("用户协议和隐私协议"), [InputRequired(_l("请先阅读并同意用户协议和隐私协议"))])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The old password and the new one, twice."""

    old = _asks_secret(_l("原密码"))
    password = _asks_secret(_l("新密码"))
    repeat = _asks_secret(_l("确认新密码"), EqualTo("password", _l("两次输入的密码不一致")))


def complain(form: Form, refusal: Refusal, default: str) -> None:
    """Put identity's 'no' beside the field it speaks of, else beside `default`; one complaint a field."""
    item = form[refusal.field if refusal.field in form else default]
    item.errors = item.errors or [refusal.message(language.current())]


def complaints(form: Form, captcha_error: str = "") -> list[tuple[str, str]]:
    """Return every complaint with the id of its field, for the summary."""
    found = [(item.id, str(error)) for item in form for error in item.errors]
    return [*found, *([("captcha_answer", captcha_error)] if captcha_error else [])]
