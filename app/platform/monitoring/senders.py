"""Which messages and signals somebody may still send, so that whoever waits for one is only waiting.

A wait stands still where nobody could ever end it. Three may: a chain that throws the message, where one runs or may
yet begin; a system whose verbs or hooks send it, which says so (`System.sends`); and, where the diagram lets somebody
outside send it (`from`), whoever holds that role there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, select, text
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.identity.eligibility import TaskColumns, covering
from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.posts import live
from app.platform.registry import house
from app.platform.runtime import versions
from app.platform.runtime.entities import Subscription
from app.platform.runtime.errors import Unpublishable

NAMES = text(
    """
WITH RECURSIVE kinds(kind) AS (SELECT 'message' UNION ALL SELECT 'signal'), wanted(kind, name) AS (
  SELECT kinds.kind, (SELECT min(name) FROM runtime_subscription WHERE kind = kinds.kind) FROM kinds
  UNION ALL
  SELECT wanted.kind, (
    SELECT min(name) FROM runtime_subscription WHERE kind = wanted.kind AND name > wanted.name
  ) FROM wanted WHERE wanted.name IS NOT NULL
) SELECT kind, name FROM wanted WHERE name IS NOT NULL"""
)
# Reading the smallest beyond the last: a step of an index for each name, however many wait for it.
_COLUMNS: Final = TaskColumns(Subscription.sender_role, Subscription.sender_place, None)


def never_sent(session: Session, used: Iterable[str], now: datetime) -> ColumnElement[bool]:
    """The SQL of waiting for what nobody can send, over `Subscription`. `used`: the versions that run or may begin.

    One statement, and one for each version that is not in the cache.
    """
    wanted = {(row.kind, row.name) for row in session.execute(NAMES)}
    if not wanted:
        return false()
    sent = {("message", name) for system in house.systems.values() for name in system.sends}
    hopeless = sorted(wanted - sent - _thrown(session, used))
    by_name = or_(
        false(),
        *(and_(Subscription.kind == kind, Subscription.name == name) for kind, name in hopeless),
    )
    return and_(by_name, or_(Subscription.sender_role.is_(None), ~_somebody(now)))


def _thrown(session: Session, used: Iterable[str]) -> set[tuple[str, str]]:
    found = set[tuple[str, str]]()
    for version in used:
        try:
            found |= engine.thrown(versions.program(session, version).definition)
        except Unpublishable:
            continue
    return found


def _somebody(now: datetime) -> ColumnElement[bool]:
    """Whether somebody who can sign in may send it from outside: the rule of `messages`."""
    shut = select(Account.person_id).where(
        Account.person_id == HeldPost.person_id, Account.is_disabled.is_(True)
    )
    anywhere = and_(Subscription.sender_place == "", HeldPost.role == Subscription.sender_role)
    held = select(HeldPost.id).where(live(now), or_(anywhere, and_(*covering(_COLUMNS))), ~shut.exists())
    return held.correlate(Subscription).exists()
