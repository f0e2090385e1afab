"""What changes a second factor, and tells its owner so: whoever did it, he hears of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import factors
from app.platform.identity.factors import Whence
from app.platform.identity.sessions import Visit
from app.platform.notices import Kind, kinds
from app.platform.registry import Acting, Words

SECURITY = "account"

kinds.enter(
    Kind(
        SECURITY,
        Words("账号安全", "Account security"),
        Words(
            "两步验证、登录方式等账号安全事项有变动", "Your second factor or a way you sign in has changed"
        ),
        ways=frozenset({"email"}),
    )
)


def confirm(session: Session, by: Visit, code: str, now: datetime) -> tuple[str, ...]:
    """`factors.confirm`, and tell the person that it is on."""
    with transaction(session):
        fresh = factors.confirm(session, by, code, now)
        _tell(
            session,
            by.person,
            Words("两步验证已开启", "The second factor is on"),
            Words(
                "您的账号已开启两步验证，以后登录须在密码之后输入动态验证码。如非本人操作，请立即联系管理员。",
                "From now on a code is asked for after your password. If this was not you, tell an administrator now.",
            ),
            now,
        )
    return fresh


def recover(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> int:
    """`factors.recover`, and tell the person that a code was used and how many are left."""
    left = factors.recover(session, by, code, whence, now)
    _tell(
        session,
        by.person,
        Words("使用了一个恢复码", "A recovery code was used"),
        Words(
            f"有人用恢复码登录了您的账号，还剩{left}个恢复码。如非本人操作，请立即修改密码并联系管理员。",
            f"Somebody signed in with a recovery code of yours; {left} are left. If this was not you, change your "
            "password and tell an administrator now.",
        ),
        now,
    )
    return left


def turn_off(session: Session, by: Visit, code: str, whence: Whence, now: datetime) -> None:
    """`factors.turn_off`, and tell the person."""
    factors.turn_off(session, by, code, whence, now)
    _tell(
        session,
        by.person,
        Words("两步验证已关闭", "The second factor is off"),
        Words(
            "您的账号已关闭两步验证。如非本人操作，请立即修改密码并联系管理员。",
            "Your account asks for no code any more. If this was not you, change your password and tell an "
            "administrator now.",
        ),
        now,
    )


def reset(session: Session, person: str, by: Acting | str, now: datetime) -> None:
    """`factors.reset`, and tell the person whose it was."""
    with transaction(session):
        factors.reset(session, person, by, now)
        _tell(
            session,
            person,
            Words("两步验证已被管理员重置", "An administrator has reset your second factor"),
            Words(
                "您的两步验证和恢复码已作废，所有设备已退出登录；再次登录后请重新设置。如非您本人要求，请立即报告。",
                "Your second factor and recovery codes are void, and all devices are signed out; set it up anew after "
                "signing in. If you did not ask for this, report it now.",
            ),
            now,
        )


def _tell(session: Session, person: str, title: Words, text: Words, now: datetime) -> None:
    notices.send(session, [person], title, text, now, kind=SECURITY)
