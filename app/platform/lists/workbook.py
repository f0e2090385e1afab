"""Writing rows to a workbook one after the other: text stays text, and nothing in it is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

LONGEST = 32_767  # characters that fit a cell


def write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> None:
    """Write `titles` and `rows` to the only sheet of a new workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def text(value: str) -> Any:
        made: Any = WriteOnlyCell(sheet)
        made.data_type = "s"
        made._value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
        return made

    try:
        sheet.append([text(title) for title in titles])
        for row in rows:
            sheet.append([text(value) if isinstance(value, str) else value for value in row])
    except BaseException:
        sheet.close()  # what is half written lies in a file of its own: close it before it is left behind
        raise
    book.save(path)
