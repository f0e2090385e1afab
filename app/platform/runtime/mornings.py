"""Once each working day, in the morning: how many tasks wait for the posts of whoever has asked to be told that."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import calendar, notices
from app.platform.calendar import ZONE
from app.platform.identity import posts
from app.platform.identity.entities import Account
from app.platform.registry import Acting, Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.notice_kinds import WAITING

_log = logging.getLogger(__name__)
FROM, UNTIL = 8, 12  # o'clock in Shanghai: a house that was off in the night still tells in the morning
MOST = 1_000
"""So many tasks are counted; beyond it is said that there are more."""


def remind(session: Session, now: datetime) -> int:
    """Tell everybody who has chosen so how many tasks wait for him; return how many were told (a chore).

    Once a day whatever runs how often, each person in a transaction of his own.
    """
    local = now.astimezone(ZONE)
    if not FROM <= local.hour < UNTIL or not calendar.load(session).is_working(local.date()):
        return 0
    key = f"waiting:{local.date()}"
    wanted = notices.choosing.who_want(session, WAITING)
    left = notices.not_told(session, key, _able(session, wanted))
    return sum(_told(session, person, key, now) for person in left)


def _able(session: Session, people: list[str]) -> list[str]:
    """Those of `people` who can sign in."""
    return list(
        session.scalars(
            select(Account.person_id)
            .where(Account.person_id.in_(people), Account.is_disabled.is_(False))
            .order_by(Account.person_id)
        )
    )


def _told(session: Session, person: str, key: str, now: datetime) -> bool:
    """Tell one person; what fails with him is written down, and the others are told all the same."""
    try:
        return _tell(session, person, key, now)
    except Exception:  # whatever it is: it concerns him alone, and he is tried again
        session.rollback()
        _log.exception("the morning's summary failed for %s", person)
        return False


def _tell(session: Session, person: str, key: str, now: datetime) -> bool:
    by = Acting(person, "", "", posts.of(session, person, now))
    bounded = (
        select(Task.id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(policy.workable(by), Instance.state == "running")
        .limit(MOST + 1)
        .subquery()
    )
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    if not count:
        return False
    waiting = str(count) if count <= MOST else f"{MOST}+"
    written = notices.send(
        session,
        [person],
        Words(f"今天有 {waiting} 件待办", f"{waiting} tasks wait for you"),
        Words(
            f"截至今天早上，您有 {waiting} 件待办事项等待办理。",
            f"This morning {waiting} tasks wait for you.",
        ),
        now,
        kind=WAITING,
        key=key,
    )
    return bool(written)
