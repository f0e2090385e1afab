"""Files that a unit keeps beside a candidate who waits to be reported (EN-D6, D-29)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import new_id, transaction
from app.platform.documents import StoredFile
from app.platform.identity import people
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Unknown
from app.systems.delegates import candidates, recommending
from app.systems.delegates.entities import Attachment, Candidate

MOST: Final = 10
TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})
TOO_MANY = Words(f"每人最多上传{MOST}个文件", f"{MOST} files at most")
NOT_WAITING = Words(
    "只有待上报的人员可以上传或删除文件", "Files change only while the person waits to be reported"
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside a candidate: who has put it there, and when."""

    id: str
    file: StoredFile
    by: str
    at: datetime


def add(session: Session, candidate: str, file: str, by: Acting, now: datetime) -> str:
    """Put a stored file beside a candidate of one's own unit; return the attachment's id.

    Raises `Unknown`, and `Refused` unless he waits to be reported and has fewer than ten.
    """
    with transaction(session):
        row = _waiting(session, candidate, by)
        there = select(func.count()).where(Attachment.candidate_id == row.id, Attachment.removed_at.is_(None))
        if (session.scalar(there) or 0) >= MOST:
            raise Refused(*TOO_MANY)
        identifier = new_id()
        session.add(
            Attachment(
                id=identifier, candidate_id=row.id, file_id=file, uploaded_by=by.person, uploaded_at=now
            )
        )
    return identifier


def remove(session: Session, candidate: str, attachment: str, by: Acting, now: datetime) -> None:
    """Take a file away from a candidate of one's own unit. Raises `Unknown`, `Refused`."""
    with transaction(session):
        row = _waiting(session, candidate, by)
        gone = session.execute(
            update(Attachment)
            .where(
                Attachment.id == attachment,
                Attachment.candidate_id == row.id,
                Attachment.removed_at.is_(None),
            )
            .values(removed_at=now)
        )
        if gone.rowcount != 1:  # type: ignore[attr-defined]
            raise Unknown(attachment)


def mind_waiting(session: Session, row: Candidate) -> None:
    """Raise `Refused` unless the candidate waits to be reported."""
    if candidates.stage_of(session, row) != candidates.FIRST_PASSED:
        raise Refused(*NOT_WAITING)


def _waiting(session: Session, candidate: str, by: Acting) -> Candidate:
    """A candidate of one's own, held until the commit: no report passes meanwhile."""
    row = recommending.own(session, candidate, by)
    session.execute(select(Instance.id).where(Instance.id == row.instance_id).with_for_update())
    mind_waiting(session, row)
    return row


def of(session: Session, candidate: str) -> list[Attached]:
    """The files beside a candidate, the first first."""
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.candidate_id == candidate, Attachment.removed_at.is_(None))
        .order_by(Attachment.id)
    ).all()
    names = people.names(session, {row.uploaded_by for row in rows})
    files = documents.facts_of(session, {row.file_id for row in rows})
    return [
        Attached(row.id, files[row.file_id], names.get(row.uploaded_by, ""), row.uploaded_at)
        for row in rows
        if row.file_id in files
    ]


def counts(session: Session, wanted: Collection[str]) -> dict[str, int]:
    """How many files are beside each of these candidates. One statement."""
    return dict(
        session.execute(
            select(Attachment.candidate_id, func.count())
            .where(Attachment.candidate_id.in_(sorted(wanted)), Attachment.removed_at.is_(None))
            .group_by(Attachment.candidate_id)
        ).all()
    )
