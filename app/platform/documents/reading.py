"""What stands on a scan: its codes are read in a child process, once, outside any transaction, and kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.documents.entities import Reading
from app.platform.documents.files import StoredFile
from app.platform.documents.press import PageRead, RenderFailed
from app.platform.documents.settings import Settings, settings

PATIENCE = 12.0  # seconds for one file; pages not reached by then count as unreadable
TOGETHER = 4  # pages of a PDF asked for at once, after the first
_PAGE = 1.5  # seconds one page may take
_reading = Reading.__table__


def readings(session: Session, files: Sequence[StoredFile], now: datetime) -> dict[str, list[PageRead]]:
    """The codes on each page of `files`, by file id. What was not read yet is read now and kept.

    Not to be called in a verb's transaction unless all has been read before.
    """
    known = _known(session, [file.id for file in files])
    fresh = [file for file in files if file.id not in known]
    if fresh and session.info.get("verb"):
        raise RuntimeError("scans are read before the transaction begins")
    for file in fresh:
        known[file.id] = read_pages(settings(), file)
        _keep(session, file.id, known[file.id], now)
    return known


def read_pages(place: Settings, file: StoredFile) -> list[PageRead]:
    """Read a stored file's codes, page by page; where reading fails or takes too long, a page has none."""
    content, pages = place.storage.get(file.content), file.pages or 1
    found: list[PageRead] = []
    until = time.monotonic() + PATIENCE
    while len(found) < pages and (left := until - time.monotonic()) > 0:
        first = len(found) + 1
        last = min(first + TOGETHER - 1, pages) if found else 1
        seconds = min(left, _PAGE * (last - first + 1))
        try:
            found += place.press.read(content, file.type, first, last, seconds)
        except RenderFailed:
            break  # whoever made it did not scan it
    return found + [PageRead(())] * (pages - len(found))


def _known(session: Session, files: Sequence[str]) -> dict[str, list[PageRead]]:
    rows = session.execute(
        select(_reading.c.file_id, _reading.c.pages).where(_reading.c.file_id.in_(list(files)))
    )
    return {row.file_id: [PageRead(tuple(ours), foreign) for ours, foreign in row.pages] for row in rows}


def _keep(session: Session, file: str, pages: Sequence[PageRead], now: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    kept = [[list(page.ours), page.foreign] for page in pages]
    with transaction(session):
        session.execute(
            insert(Reading)
            .values(file_id=file, pages=kept, read_at=now)
            .on_conflict_do_nothing(index_elements=["file_id"])
        )


def verdicts(session: Session, files: Sequence[str]) -> Mapping[str, tuple[str, str | None]]:
    """Of those files that were compared with a print: the verdict, and the print's document id. One statement."""
    rows = session.execute(
        select(_reading.c.file_id, _reading.c.verdict, _reading.c.document_id).where(
            _reading.c.file_id.in_(list(files)), _reading.c.verdict.is_not(None)
        )
    )
    return {row.file_id: (row.verdict, row.document_id) for row in rows}
