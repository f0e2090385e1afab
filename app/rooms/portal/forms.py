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
    agreed = BooleanField(
        _l("用户协议和隐私协议"), [InputRequired(_l("请先阅读并同意《用户协议》《隐私协议》"))]
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The old password and the new one, twice."""

    old = _asks_secret(_l("原密码"))
    password = _asks_secret(_l("新密码"))
    repeat = _asks_secret(_l("确认新密码"), EqualTo("password", _l("两次输入的密码不一致")))


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """One's password once more, before something that opens the account in another way."""

    password = _asks_secret(_l("密码"))


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits of the authenticator. The field's name tells `kept` to keep no code."""

    secret_code = _asks(_l("动态验证码"))


class RecoveryForm(FlaskForm):  # type: ignore[misc]
    """A recovery code in the place of the six digits."""

    secret_code = _asks(_l("恢复码"))


class PhoneForm(FlaskForm):  # type: ignore[misc]
    """The phone a code to sign in is sent to; what a user agrees to (C-05)."""

    to = _asks(_l("手机号"))
    agreed = BooleanField(
        _l("用户协议和隐私协议"), [InputRequired(_l("请先阅读并同意《用户协议》《隐私协议》"))]
    )


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Whose password is forgotten, and how a code reaches him."""

    to = _asks(_l("用户名、手机号或邮箱"))
    channel = StringField(_l("接收方式"))


class SentCodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits that were sent."""

    code = _asks(_l("短信验证码"))


class RenewalForm(FlaskForm):  # type: ignore[misc]
    """A new password, twice, with a ticket instead of the old one."""

    password = _asks_secret(_l("新密码"))
    repeat = _asks_secret(_l("确认新密码"), EqualTo("password", _l("两次输入的密码不一致")))


class NewPhoneForm(FlaskForm):  # type: ignore[misc]
    """Another phone to sign in with; the password says that it is the owner who asks."""

    to = _asks(_l("新手机号"))
    password = _asks_secret(_l("登录密码"))


class NewEmailForm(FlaskForm):  # type: ignore[misc]
    """Another mailbox; the password says that it is the owner who asks."""

    to = _asks(_l("新邮箱"))
    password = _asks_secret(_l("登录密码"))


def complain(form: Form, refusal: Refusal, default: str) -> None:
    """Put identity's 'no' beside the field it speaks of, else beside `default`; one complaint a field."""
    item = form[refusal.field if refusal.field in form else default]
    item.errors = item.errors or [refusal.message(language.current())]


def complaints(form: Form, captcha_error: str = "") -> list[tuple[str, str]]:
    """Return every complaint with the id of its field, for the summary."""
    found = [(item.id, str(error)) for item in form for error in item.errors]
    return [*found, *([("captcha_answer", captcha_error)] if captcha_error else [])]
