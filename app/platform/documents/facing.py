"""Print and scan facing each other, page by page, as a reviewer looks at them (C-20, P-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.documents.comparing import Code, read_codes
from app.platform.documents.entities import Document, File, Reading
from app.platform.documents.printing import code_of


@dataclass(frozen=True, slots=True)
class Pair:
    """A page of the print and one of the scan, from 1; None where it has none. `is_sure`: its code says so."""

    printed: int | None
    scanned: int | None
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Facing:
    """A scan and the print it was compared with. `print` and `scan` are file ids; the hashes stand in the record."""

    verdict: str
    template: str
    number: str
    print: str
    scan: str
    print_hash: str
    scan_hash: str
    printed_at: datetime
    compared_at: datetime | None
    pairs: tuple[Pair, ...]


def facing(session: Session, scan: str) -> Facing | None:
    """The print that the file `scan` was compared with, page by page; None if there was none. One statement."""
    row = session.execute(
        select(
            Reading.pages.label("read"),
            Reading.verdict,
            Reading.compared_at,
            Reading.print_hash,
            File.content,
            Document.number,
            Document.template,
            Document.pages,
            Document.file_id,
            Document.data_hash,
            Document.created_at,
        )
        .join(File, File.id == Reading.file_id)
        .join(Document, Document.id == Reading.document_id)
        .where(Reading.file_id == scan, Reading.verdict.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    sheets = [[code for code in read_codes(ours) if _holds(code, row)] for ours, _foreign in row.read]
    return Facing(
        verdict=row.verdict,
        template=row.template,
        number=row.number,
        print=row.file_id,
        scan=scan,
        print_hash=row.print_hash or "",
        scan_hash=row.content,
        printed_at=row.created_at,
        compared_at=row.compared_at,
        pairs=tuple(pairs([[code.page for code in codes] for codes in sheets], row.pages)),
    )


def recorded(session: Session, scan: str) -> dict[str, Any]:
    """What the record keeps of a scan that was compared, as `verify` has said it; empty if it was not."""
    faced = facing(session, scan)
    if faced is None:
        return {}
    return {
        "template": faced.template,
        "verdict": faced.verdict,
        "scans": [{"file": scan, "content": faced.scan_hash}],
        "print": {"number": faced.number, "data": faced.print_hash},
    }


def _holds(code: Code, row: Any) -> bool:
    """Whether a code is one of the print's, or of another print of the same data."""
    return code.text == code_of(code.number, code.page, row.pages, row.data_hash)


def pairs(sheets: Sequence[Sequence[int]], total: int) -> list[Pair]:
    """Which printed page each sheet shows: as its codes say; a sheet without any takes the next page left over."""
    named = {page for sheet in sheets for page in sheet}
    left = [page for page in range(1, total + 1) if page not in named]
    found: list[Pair] = []
    for number, sheet in enumerate(sheets, 1):
        if sheet:
            found += [Pair(page, number, True) for page in sheet]
        else:
            found.append(Pair(left.pop(0) if left else None, number))
    found += [Pair(page, None) for page in left]
    return sorted(found, key=lambda pair: (pair.printed is None, pair.printed or 0, pair.scanned or 0))
