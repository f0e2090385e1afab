"""Writing rows as CSV that Excel opens in Chinese, and in which no cell is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.platform.sheets.writing import Cell, clean, said

CSV = "text/csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write titles and rows to `path`: UTF-8 with its mark, lines ended as RFC 4180 has it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_text(title) for title in titles])
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Cell) -> str:
    return _text(value) if isinstance(value, str) else said(value)


def _text(text: str) -> str:
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA) else text
