"""The workbook of refused rows: their cells as they came and why, to be corrected and sent again as it is (C-27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.sheets.cells import FAILED, plain
from app.platform.sheets.entities import Failure
from app.platform.sheets.writing import Title, Workbook

CHUNK = 1_000
PLACE = "第{row}行：{said}"


def write(session: Session, path: Path, record: str, heads: Sequence[str]) -> None:
    """Write the refused rows of an import to a workbook at `path`, cells that are wrong marked."""
    ours = [place for place, head in enumerate(heads) if head.strip() not in FAILED]
    titles = [*(Title(heads[place], 18) for place in ours), Title(FAILED.zh, 60)]
    with Workbook(path) as book:
        sheet = book.sheet("失败数据", titles)
        for row, said in _rows(session, record):
            cells = said["cells"]
            line = [plain(cells[place]) if place < len(cells) else None for place in ours]
            wrong = frozenset(ours.index(place) for place, *_ in said["wrong"] if place is not None)
            sentences = "；".join(dict.fromkeys(zh for _, zh, _en in said["wrong"]))
            sheet.append([*line, PLACE.format(row=row, said=sentences)], wrong)


def _rows(session: Session, record: str) -> Iterator[tuple[int, Any]]:
    last = 0
    while True:
        found = session.execute(
            select(Failure.row, Failure.said)
            .where(Failure.import_id == record, Failure.row > last)
            .order_by(Failure.row)
            .limit(CHUNK)
        ).all()
        for row in found:
            yield row.row, row.said
        if not found:
            return
        last = found[-1].row
