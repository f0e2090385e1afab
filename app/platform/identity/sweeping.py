"""The job that clears away what nobody can use any more: sessions, challenges, tries, codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform.identity import attempts, captcha, one_time_codes, sessions
from app.platform.registry import house


@house.job("identity/sweep")
def sweep(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Clear away. Runs as often as one likes."""
    captcha.sweep(session, now)
    sessions.sweep(session, now)
    attempts.sweep(session, now)
    one_time_codes.sweep(session, now)
