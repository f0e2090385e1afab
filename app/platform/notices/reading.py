"""What a person has been told in-app: the list with its read marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.notices.entities import Notice
from app.platform.registry import Words

MASK = "******"  # a secret is never shown in-app: it went where it belongs


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its reader sees it."""

    id: str
    at: datetime
    title: Words
    text: Words
    instance: str | None
    read_at: datetime | None


def of(session: Session, person: str, *, limit: int = 50, before: str | None = None) -> list[Told]:
    """The person's notices, the newest first; `before` (the last id had) goes on from there. One statement."""
    wanted = select(Notice).where(Notice.person_id == person)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    return [
        Told(row.id, row.created_at, _said(row, "title"), _said(row, "text"), row.instance_id, row.read_at)
        for row in session.scalars(wanted.order_by(Notice.id.desc()).limit(limit))
    ]


def _said(row: Notice, part: str) -> Words:
    zh, en = (text.replace("{secret}", MASK) for text in row.said[part])
    return Words(zh, en)


def unread(session: Session, person: str) -> int:
    """How many the person has not read."""
    counted = select(func.count()).where(Notice.person_id == person, Notice.read_at.is_(None))
    return session.scalar(counted) or 0


def mark_read(session: Session, person: str, notices: Sequence[str] | None, now: datetime) -> int:
    """Mark these (None: all) of the person's notices as read; return how many were not yet. Others' are not touched."""
    mine = update(Notice).where(Notice.person_id == person, Notice.read_at.is_(None))
    if notices is not None:
        mine = mine.where(Notice.id.in_(list(notices)))
    with transaction(session):
        return len(session.execute(mine.values(read_at=now).returning(Notice.id)).all())
