"""What a person has been told in-app: the list with its read marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.notices.entities import Notice
from app.platform.registry import Words

COUNTED = 99  # what the bell shows; more is 99+
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
    kind: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Bell:
    """What stands at the bell: how many are unread, counted up to `COUNTED` + 1, and the last few."""

    unread: int
    last: tuple[Told, ...]


def of(
    session: Session, person: str, *, limit: int = 50, before: str | None = None, only_unread: bool = False
) -> list[Told]:
    """The person's notices, the newest first; `before` (the last id had) goes on from there. One statement."""
    wanted = select(Notice).where(Notice.person_id == person)
    if only_unread:
        wanted = wanted.where(Notice.read_at.is_(None))
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    return [_told(row) for row in session.scalars(wanted.order_by(Notice.id.desc()).limit(limit))]


def get(session: Session, person: str, notice: str) -> Told | None:
    """One of the person's notices; None for another's, or where there is none. One statement."""
    row = session.scalar(select(Notice).where(Notice.id == notice, Notice.person_id == person))
    return None if row is None else _told(row)


def bell(session: Session, person: str, last: int = 8) -> Bell:
    """The number unread and the newest notices, for every page: one statement."""
    rows = session.execute(
        select(Notice, counting(person).scalar_subquery().label("unread"))
        .where(Notice.person_id == person)
        .order_by(Notice.id.desc())
        .limit(last)
    ).all()
    return Bell(rows[0].unread if rows else 0, tuple(_told(row.Notice) for row in rows))


def counting(person: str) -> Select[int]:
    """How many are unread, counted no further than anybody reads."""
    some = (
        select(Notice.id).where(Notice.person_id == person, Notice.read_at.is_(None)).limit(COUNTED + 1)
    ).subquery()
    return select(func.count()).select_from(some)


def _told(row: Notice) -> Told:
    return Told(
        row.id,
        row.created_at,
        _said(row, "title"),
        _said(row, "text"),
        row.instance_id,
        row.read_at,
        row.kind,
        row.task_id,
    )


def _said(row: Notice, part: str) -> Words:
    zh, en = (text.replace("{secret}", MASK) for text in row.said[part])
    return Words(zh, en)


def unread(session: Session, person: str) -> int:
    """How many the person has not read, counted up to `COUNTED` + 1. One statement."""
    return session.scalar(counting(person)) or 0


def mark_read(session: Session, person: str, notices: Sequence[str] | None, now: datetime) -> int:
    """Mark these (None: all) of the person's notices as read; return how many were not yet. Others' are not touched."""
    mine = update(Notice).where(Notice.person_id == person, Notice.read_at.is_(None))
    if notices is not None:
        mine = mine.where(Notice.id.in_(list(notices)))
    with transaction(session):
        return len(session.execute(mine.values(read_at=now).returning(Notice.id)).all())
