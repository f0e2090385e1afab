"""Sends a password drawn for somebody to his own phone or mail: the page never shows what can be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.notices import choosing
from app.platform.registry import Words

FIRST = (
    Words("账号已开通", "Your account is open"),
    Words(
        "您的账号已开通，初始密码为{secret}，72小时内有效，首次登录后须修改。",
        "Your account is open. The first password is {secret}; it is good for 72 hours and must be changed.",
    ),
)
RESET = (
    Words("密码已重置", "Your password was reset"),
    Words(
        "管理员已重置您的密码，新密码为{secret}，72小时内有效，登录后须修改。如非本人要求，请联系管理员。",
        "An administrator reset your password. The new one is {secret}; it is good for 72 hours and must be changed. "
        "If you did not ask for it, please tell an administrator.",
    ),
)


def is_reachable(session: Session, person: str) -> bool:
    """Whether anything can be sent to a person outside: he has an address, and the installation a way there."""
    return bool(choosing.ways_of(session, [person], [""]).get((person, "")))


def tell_password(
    session: Session, person: str, secret: str, now: datetime, *, is_first: bool = False
) -> bool:
    """Send a password by every way that reaches him; False where none does. Joins the open transaction."""
    if not is_reachable(session, person):
        return False
    title, text = FIRST if is_first else RESET
    notices.send(session, [person], title, text, now, channels=("sms", "email"), secret=secret)
    return True
