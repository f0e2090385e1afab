"""Second factors in tests: set up, and what the authenticator shows at a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import factors, sessions
from app.platform.identity.entities import Factor


def set_up(session: Session, person: str, now: datetime) -> tuple[str, ...]:
    """Give somebody a second factor, an hour ago; return the recovery codes."""
    then = now - timedelta(hours=1)
    token = sessions.begin(session, person, "", "", then)
    by = sessions.acting(session, token, then)
    assert by is not None
    factors.begin(session, by, then)
    codes = factors.confirm(session, by, shown(session, person, then), then)
    sessions.end(session, token, then)
    return codes


def shown(session: Session, person: str, now: datetime) -> str:
    """What the authenticator shows at a moment."""
    secret = session.scalar(select(Factor.secret).where(Factor.person_id == person))
    assert secret is not None
    return pyotp.TOTP(secret).at(now)
