"""Linking an account with another house, and telling its owner so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import external
from app.platform.identity.sessions import Visit
from app.platform.personnel.second_factors import SECURITY
from app.platform.registry import Words


def link(session: Session, by: Visit, issuer: str, subject: str, now: datetime) -> None:
    """`external.link`, and tell the person."""
    with transaction(session):
        external.link(session, by, issuer, subject, now)
        title = Words("账号已关联统一身份认证", "Your account is linked with single sign-on")
        _tell(session, by, title, now)


def unlink(session: Session, by: Visit, issuer: str, now: datetime) -> bool:
    """`external.unlink`, and tell the person if there was a link."""
    with transaction(session):
        was = external.unlink(session, by, issuer, now)
        if was:
            title = Words(
                "账号已解除统一身份认证关联", "Your account is no longer linked with single sign-on"
            )
            _tell(session, by, title, now)
    return was


def _tell(session: Session, by: Visit, title: Words, now: datetime) -> None:
    text = Words(
        "如非本人操作，请立即修改密码并联系管理员。",
        "If this was not you, change your password and tell an administrator now.",
    )
    notices.send(session, [by.person], title, text, now, kind=SECURITY)
