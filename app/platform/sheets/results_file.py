"""The workbook of what came of a long errand: written to the storage first, given its row with the errand's end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.sheets.writing import EXCEL, Cell, Title
from app.platform.sheets.writing import write as write_workbook


@dataclass(frozen=True, slots=True)
class Made:
    """A workbook in the storage, on its way to become a file."""

    content: str
    received: documents.Received


def write(
    session: Session, name: str, titles: Sequence[Title], lines: Iterable[Sequence[Cell]], sheet: str
) -> Made:
    """Write the lines to the storage under `name` (without its ending); outside a transaction."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "results.xlsx"
        write_workbook(path, titles, lines, sheet)
        session.rollback()  # ends the reads
        received = documents.Received(documents.document_name(f"{name}.xlsx"), EXCEL, path.read_bytes())
    return Made(documents.settings().storage.put(received.content), received)


def enter(session: Session, made: Made, owner: str, now: datetime) -> str:
    """Give the workbook its row; joins the open transaction."""
    return documents.enter(
        session, made.content, made.received, owner=owner, now=now, instance=None, purpose=documents.RESULT
    )
