"""What has been asked to be published and what came of it; the editions of a process with their notes. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.platform.design.publication_entities import Publication
from app.platform.identity import people
from app.platform.registry import Words
from app.platform.runtime.entities import Instance, Process, Version
from app.platform.runtime.errors import Unknown

OPEN: Final = ("waiting", "planned")
LIVE: Final = ("running", "suspended")
LATE: Final = timedelta(minutes=10)
"""A planned publication that is so long overdue is not waiting for its moment any more: something is wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A publication as pages show it. `of`: the number of the earlier version it brings back.

    `number`: of the version that came of it. `is_late`: its moment has passed and nothing has happened.
    """

    id: str
    process: str
    name: Words
    draft: str | None
    revision: int | None
    of: int | None
    note: str
    state: str
    asked_by: str
    asked_by_id: str
    asked_at: datetime
    planned_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
    reason: Words | None
    number: int | None
    carries: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """A version in the history of its process; `live` instances run on it. `of`: the version it brought back."""

    id: str
    number: int
    at: datetime
    by: str | None
    note: str | None
    approved_by: str | None
    of: int | None
    is_current: bool
    live: int


_earlier, _made = aliased(Version), aliased(Version)


def of_process(session: Session, process: str, now: datetime, most: int = 50) -> list[Asked]:
    """What was asked for a process, the newest first."""
    return _found(session, now, most, Publication.process == process)


def open_ones(session: Session, now: datetime) -> list[Asked]:
    """Everything that waits for approval or its moment."""
    return _found(session, now, 200, Publication.state.in_(OPEN))


def of_draft(session: Session, draft: str, now: datetime) -> Asked | None:
    """What is open for a draft, if anything."""
    found = _found(session, now, 1, Publication.draft_id == draft, Publication.state.in_(OPEN))
    return found[0] if found else None


def became(session: Session, draft: str) -> str | None:
    """The process that a published draft was of; None for a draft that never was published."""
    asked = select(Publication.process).where(Publication.draft_id == draft, Publication.state == "published")
    return session.scalar(asked.order_by(Publication.asked_at.desc()).limit(1))


def get(session: Session, publication: str, now: datetime) -> Asked:
    """One of them. Raises `Unknown`."""
    found = _found(session, now, 1, Publication.id == publication)
    if not found:
        raise Unknown(publication)
    return found[0]


def editions(session: Session, process: str, most: int = 100) -> list[Edition]:
    """The versions of a process, the newest first. Raises `Unknown`. Three statements."""
    current = session.scalar(select(Process.current_id).where(Process.key == process))
    if current is None:
        raise Unknown(process)
    live = (
        select(func.count())
        .select_from(Instance)
        .where(Instance.process == process, Instance.state.in_(LIVE), Instance.version_id == Version.id)
        .correlate(Version)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Version, Publication.note, Publication.decided_by_id, _earlier.number.label("of"), live)
        .outerjoin(Publication, Publication.version_id == Version.id)
        .outerjoin(_earlier, _earlier.id == Publication.of_id)
        .where(Version.process == process)
        .order_by(Version.number.desc())
        .limit(most)
    ).all()
    ids = {one for row in rows for one in (row.Version.published_by_id, row.decided_by_id) if one}
    names = people.names(session, ids)
    return [
        Edition(
            row.Version.id,
            row.Version.number,
            row.Version.published_at,
            names.get(row.Version.published_by_id or ""),
            row.note,
            names.get(row.decided_by_id or ""),
            row.of,
            row.Version.id == current,
            row[4],
        )
        for row in rows
    ]


def _found(session: Session, now: datetime, most: int, *where: Any) -> list[Asked]:
    rows = session.execute(
        select(
            Publication,
            Process.name_zh,
            Process.name_en,
            _earlier.number.label("of"),
            _made.number.label("made"),
        )
        .outerjoin(Process, Process.key == Publication.process)
        .outerjoin(_earlier, _earlier.id == Publication.of_id)
        .outerjoin(_made, _made.id == Publication.version_id)
        .where(*where)
        .order_by(Publication.asked_at.desc(), Publication.id.desc())
        .limit(most)
    ).all()
    ids = {one for row in rows for one in (row.Publication.asked_by_id, row.Publication.decided_by_id) if one}
    names = people.names(session, ids)
    return [_asked(row, names, now) for row in rows]


def _asked(row: Any, names: dict[str, str], now: datetime) -> Asked:
    one = row.Publication
    name = Words(row.name_zh or one.process, row.name_en or one.process)
    return Asked(
        one.id,
        one.process,
        name,
        one.draft_id,
        one.revision,
        row.of,
        one.note,
        one.state,
        names.get(one.asked_by_id, ""),
        one.asked_by_id,
        one.asked_at,
        one.planned_at,
        names.get(one.decided_by_id or ""),
        one.decided_at,
        one.ended_at,
        Words(**one.reason) if one.reason else None,
        row.made,
        one.carries,
        one.state == "planned" and one.planned_at is not None and one.planned_at < now - LATE,
    )
