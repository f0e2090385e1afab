"""Records of imports: seen by whoever may import, at the same place and for the same subject (C-25, P-20)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy import Row as ResultRow
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.documents.entities import File
from app.platform.identity.entities import HeldPost, Person, Region, Unit
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.jobs import Errand
from app.platform.registry import Acting, Post, house
from app.platform.sheets.definition import Sheet
from app.platform.sheets.entities import Import

PAGE = 20


@dataclass(frozen=True, slots=True)
class Record:
    """One import as shown. `state`: waiting, running, done, stopped, failed, or undone; `why` is a failed one's."""

    id: str
    sheet: str
    person: str
    person_id: str
    role: str
    place: str
    file: str
    file_id: str
    state: str
    total: int
    handled: int
    good: int
    bad: int
    created: int
    failures: str | None
    errand: str
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether its rows are through, or will not be."""
        return self.state not in ("waiting", "running")


def posts(sheet: Sheet, by: Acting) -> tuple[Post, ...]:
    """The posts under which `by` may fill in this sheet."""
    counting = (by.post,) if by.post else by.posts
    return tuple(post for post in counting if sheet.permission in house.permissions((post,)))


def shown_to(held: Collection[Post]) -> ColumnElement[bool]:
    """Of imports: made at the place of one of the posts `held`, and for the subject of that post (P-20, C-25)."""
    subject = select(HeldPost.subject).where(HeldPost.id == Import.post_id).scalar_subquery()
    return or_(
        false(),
        *(
            Import.place == post.place
            if _covers_all(post)
            else and_(Import.place == post.place, subject == post.subject)
            for post in held
        ),
    )


def _covers_all(post: Post) -> bool:
    role = house.roles.get(post.role)
    return post.subject == EVERY_SUBJECT or (role is not None and role.subject is None)


def of(
    session: Session, name: str, held: Collection[Post], page: int = 1, size: int = PAGE
) -> tuple[list[Record], int]:
    """Records of the sheet `name` shown to `held`, newest first, and how many there are. Two statements."""
    where = (Import.sheet == name, shown_to(held))
    count = session.scalar(select(func.count()).select_from(Import).where(*where)) or 0
    rows = session.execute(
        _RECORDS.where(*where).order_by(Import.id.desc()).limit(size).offset((max(1, page) - 1) * size)
    )
    return [_record(row) for row in rows], count


def get(session: Session, name: str, record: str, held: Collection[Post]) -> Record | None:
    """One record shown to `held`, or None. One statement."""
    row = session.execute(_RECORDS.where(Import.id == record, Import.sheet == name, shown_to(held))).first()
    return _record(row) if row is not None else None


def failures(session: Session, record: Record) -> tuple[documents.StoredFile, bytes] | None:
    """The workbook of the rows that were refused, or None. Asks no policy: `get` has."""
    if record.failures is None:
        return None
    return documents.open_file(session, documents.settings().storage, record.failures)


def place_names(session: Session, places: Collection[str]) -> dict[str, str]:
    """What people call these places: the region's full name or the unit's. Two statements."""
    regions = select(Region.path, Region.full_name).where(Region.path.in_(places))
    units = select(Unit.path, Unit.name).where(Unit.path.in_(places))
    # `all`: a result has `keys`, and `dict` would take it for a mapping.
    return dict(session.execute(regions).tuples().all()) | dict(session.execute(units).tuples().all())


_RECORDS = (
    select(
        *Import.__table__.c,
        Person.name.label("person"),
        File.name.label("file"),
        Errand.state.label("errand_state"),
    )
    .outerjoin(Person, Person.id == Import.person_id)
    .outerjoin(File, File.id == Import.file_id)
    .outerjoin(Errand, Errand.id == Import.errand_id)
)


def _record(row: ResultRow[*tuple[object, ...]]) -> Record:
    found = row._mapping
    state = found["state"]
    if found["undone_at"] is not None:
        state = "undone"
    elif state == "running" and found["errand_state"] in ("waiting", "failed", None):
        state = found["errand_state"] or "failed"  # whose errand is forgotten was given up long ago
    same = (
        "id",
        "sheet",
        "person_id",
        "role",
        "place",
        "file_id",
        "total",
        "handled",
        "good",
        "bad",
        "created",
    )
    return Record(
        **{key: found[key] for key in (*same, "created_at", "finished_at", "undone_at")},
        person=found["person"] or "",
        file=found["file"] or "",
        state=state,
        failures=found["failures_id"],
        errand=found["errand_id"],
    )
