"""The channels as an administrator sets them, over what the environment says, in every process; tried on request."""

from __future__ import annotations

import http.client
import smtplib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform import settings as kept
from app.platform.data import new_id
from app.platform.identity.entities import Account, Person
from app.platform.notices import settings as current
from app.platform.notices.mail import Mail, MailRefused
from app.platform.notices.sms import BadTemplate, SmsFile, SmsGateway
from app.platform.notices.webhooks import NotAccepted
from app.platform.registry import Acting, Words

GROUP: Final = "channels"
MAIL_URL, MAIL_FROM = "mail.url", "mail.from"
SMS_KIND, SMS_URL, SMS_HEADER, SMS_BODY = "sms.kind", "sms.url", "sms.header", "sms.body"
BODY: Final = '{"phone": "{phone}", "text": "{text}", "id": "{key}"}'
ENVIRONMENT, GATEWAY = "environment", "gateway"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test: whether it went through, and what the other side said."""

    went: bool
    words: Words


def _mail_url(value: Any) -> Any:
    _mail(str(value), "noreply@example.org")
    return value


def _mail_from(value: Any) -> Any:
    _mail("smtp://localhost", str(value))
    return value


def _mail(url: str, sender: str) -> Mail:
    try:
        mail = Mail(url, sender)
        urlsplit(url).port  # noqa: B018 (raises for what is no port)
    except ValueError as error:
        raise kept.BadSetting(
            Words(
                "邮件服务器为 smtp://[用户:密码@]主机[:端口] 或 smtps://…，发件人须为邮箱地址",
                "A mail server is smtp://[user:password@]host[:port] or smtps://…; the sender an e-mail address",
            )
        ) from error
    return mail


def _sms_url(value: Any) -> Any:
    parts = urlsplit(str(value))
    try:
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username is not None:
        raise kept.BadSetting(
            Words(
                "网关地址以 https:// 或 http:// 开头，不含用户名和密码",
                "A gateway's address begins with https:// or http:// and holds no user name or password",
            )
        )
    return value


def _sms_header(value: Any) -> Any:
    name, colon, text = str(value).partition(":")
    if not colon or not name.strip() or not str(value).isascii() or not str(value).isprintable() or not text:
        raise kept.BadSetting(
            Words("请求头写作“名称: 值”，只用英文字符", "A header is written as Name: value, in ASCII")
        )
    return value


def _sms_body(value: Any) -> Any:
    try:
        SmsGateway("http://localhost/", body=str(value)).message("1", "x", "y")
    except BadTemplate as error:
        raise kept.BadSetting(
            Words(
                "请求内容须为JSON，并含有 {phone} 和 {text}",
                "The body is JSON and has {phone} and {text} in it",
            )
        ) from error
    return value


kept.define_group(GROUP, Words("短信与邮件", "SMS and mail"))
kept.define(
    kept.Definition(
        MAIL_URL,
        Words("邮件服务器", "Mail server"),
        "secret",
        group=GROUP,
        check=_mail_url,
        about=Words(
            "smtp://[用户:密码@]主机[:端口] 或 smtps://…；留空沿用部署时的配置。可含密码，保存后不再显示。",
            "smtp://[user:password@]host[:port] or smtps://…; without it the environment's. Never shown again.",
        ),
    ),
    kept.Definition(
        MAIL_FROM,
        Words("发件人", "Sender"),
        "text",
        group=GROUP,
        check=_mail_from,
        about=Words("如：呈批平台 <noreply@example.org>", "For example: Chengpi <noreply@example.org>"),
    ),
    kept.Definition(
        SMS_KIND,
        Words("短信通道", "Text messages"),
        "choice",
        ENVIRONMENT,
        group=GROUP,
        choices=(
            (ENVIRONMENT, Words("沿用部署时的配置（写入文件）", "As deployed (written to a file)")),
            (GATEWAY, Words("HTTP 短信网关", "An HTTP gateway")),
        ),
    ),
    kept.Definition(
        SMS_URL,
        Words("网关地址", "Gateway address"),
        "text",
        group=GROUP,
        check=_sms_url,
        about=Words("以 POST 发送 JSON，2xx 表示已受理。", "JSON is sent by POST; any 2xx is a yes."),
    ),
    kept.Definition(
        SMS_HEADER,
        Words("网关请求头", "Gateway header"),
        "secret",
        group=GROUP,
        check=_sms_header,
        about=Words(
            "如：Authorization: Bearer …；保存后不再显示。",
            "For example: Authorization: Bearer …; never shown again.",
        ),
    ),
    kept.Definition(
        SMS_BODY,
        Words("网关请求内容", "Gateway body"),
        "long",
        BODY,
        group=GROUP,
        check=_sms_body,
        about=Words(
            "JSON；{phone}、{text}、{key} 会被替换。", "JSON; {phone}, {text} and {key} are filled in."
        ),
    ),
)


@kept.on_change
def read(session: Session) -> None:
    """Take over what is set here; nothing set: what the environment said."""
    if not any(kept.is_changed(key) for key in (MAIL_URL, MAIL_FROM, SMS_KIND)):
        current.use_instead(None)
        return
    base = current.base()
    found = replace(base, mail=_mail_of(base), sms=_sms_of(base))
    current.use_instead(found)


def _mail_of(base: current.Settings) -> Mail | None:
    url = kept.value(MAIL_URL) or (base.mail.url if base.mail else None)
    sender = kept.value(MAIL_FROM) or (base.mail.sender if base.mail else None)
    return Mail(url, sender) if url and sender else None


def _sms_of(base: current.Settings) -> Any:
    if kept.value(SMS_KIND) != GATEWAY or not kept.value(SMS_URL):
        return base.sms
    return SmsGateway(kept.value(SMS_URL), kept.value(SMS_HEADER) or "", kept.value(SMS_BODY) or BODY)


def addresses(session: Session, person: str) -> dict[str, str | None]:
    """Where a test goes: the tester's own `mail` and `sms` address."""
    row = session.execute(
        select(Person.email, Person.phone, Account.login_phone)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person)
    ).one()
    return {"mail": row.email, "sms": row.phone or row.login_phone}


def try_out(session: Session, channel: str, by: Acting, now: datetime) -> Tried:
    """Send a test by `mail` or `sms` to whoever asks for it, at once, and say what truly came of it.

    Nothing is held meanwhile; that it was tried is written down after. Takes 10 s at most for each answer.
    """
    to = addresses(session, by.person)[channel]
    session.rollback()  # ends the read: the outside may take its time
    tried = _try(channel, to)
    body = {"channel": channel, "went": tried.went}
    audit.log(session, "settings", "channel.tried", by, now, body, f"channel:{channel}")
    return tried


def _try(channel: str, to: str | None) -> Tried:
    if not to:
        words = {
            "mail": Words("您的账号没有邮箱地址，无法测试", "You have no e-mail address to send a test to"),
            "sms": Words("您的账号没有手机号码，无法测试", "You have no phone to send a test to"),
        }
        return Tried(False, words[channel])
    found = current.settings()
    outlet = found.mail if channel == "mail" else found.sms
    if outlet is None:
        return Tried(False, Words("没有配置这个通道", "This channel is not set up"))
    title, text = "测试 · Test", "这是呈批平台的测试消息。This is a test message."
    try:
        if isinstance(outlet, Mail):
            outlet.send(to, title, text + "\n", new_id())
        else:
            outlet.send(to, text, new_id())
    except Exception as error:  # whatever a gateway raises is the answer asked for
        return Tried(False, _said(error))
    if isinstance(outlet, SmsFile):
        return Tried(
            True,
            Words(
                f"已写入文件 {outlet.target}；没有接入短信网关，不会真正发出",
                f"Written to the file {outlet.target}; without a gateway nothing is sent",
            ),
        )
    return Tried(True, Words(f"{outlet.target} 已受理", f"{outlet.target} has accepted it"))


def _said(error: Exception) -> Words:
    """What went wrong, in the other side's words where it has said any."""
    if isinstance(error, TimeoutError):
        return Words("对方在10秒内没有应答", "No answer within 10 s")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _refused(code, said)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, error.smtp_error)
    if isinstance(error, (NotAccepted, MailRefused)):
        return Words(f"被拒绝：{error}", f"Refused: {error}")
    if isinstance(error, (OSError, smtplib.SMTPException, http.client.HTTPException)):
        return Words(f"无法连接或通信中断：{error}", f"Not reached, or cut off: {error}")
    return Words(f"发送失败：{type(error).__name__}", f"Failed: {type(error).__name__}")


def _refused(code: int, said: bytes | str) -> Words:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    line = " ".join(text.split())[:300]
    return Words(f"服务器拒绝：{code} {line}", f"Refused by the server: {code} {line}")
