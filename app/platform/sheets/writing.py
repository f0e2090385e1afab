"""Writing workbooks row by row: text stays text, long numbers keep their digits, and nothing is ever a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters that fit a cell
DIGITS = 10**15  # a workbook keeps fifteen: a longer number is written as text (C-29)
ROWS = 1_048_576
Cell = str | int | float | date | datetime | bool | None
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_HEAD_FONT, _HEAD_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0B5C66")
_WRONG_FONT, _WRONG_FILL = Font(color="9C0006"), PatternFill("solid", fgColor="FFC7CE")


@dataclass(frozen=True, slots=True)
class Title:
    """The head of a column. `width` in characters; `note` hangs at the head as a comment; `offers` drop down."""

    words: str
    width: float = 16
    note: str = ""
    offers: str = ""
    wrong: bool = False


class Workbook:
    """A workbook being written to `path`; leaving the `with` saves it, an error leaves nothing.

    Sheets are written one after the other, rows as they come, so that memory does not grow with them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book = Book(write_only=True)
        self._sheets: list[Any] = []

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._book.save(self._path)
            return
        for sheet in self._sheets:  # what is half written lies in files of their own: close them
            sheet.close()

    def sheet(
        self,
        name: str,
        titles: Sequence[Title | str],
        *,
        state: Literal["visible", "hidden"] = "visible",
    ) -> Sheet:
        """Begin the next sheet: its head, widths, drop-downs, and the head row staying in sight."""
        made = Sheet(self._book.create_sheet(name), titles, state)
        self._sheets.append(made)
        return made


class Sheet:
    """One sheet, row after row."""

    def __init__(self, made: Any, titles: Sequence[Title | str], state: str) -> None:
        self._made = made
        self._made.sheet_state = state
        heads = [title if isinstance(title, Title) else Title(title) for title in titles]
        self._text = self._style(number_format="@")
        self._wrong = self._style(number_format="@", font=_WRONG_FONT, fill=_WRONG_FILL)
        self._day = self._style(number_format="yyyy-mm-dd")
        self._moment = self._style(number_format="yyyy-mm-dd hh:mm")
        self._head = self._style(font=_HEAD_FONT, fill=_HEAD_FILL, alignment=Alignment(vertical="center"))
        if heads:
            self._begin(heads)

    def append(self, row: Sequence[Cell], wrong: frozenset[int] = frozenset()) -> None:
        """Write a row; cells whose place is in `wrong` are marked, and then are text."""
        self._made.append(
            [self._marked(value) if place in wrong else self._cell(value) for place, value in enumerate(row)]
        )

    def append_all(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows one after the other."""
        for row in rows:
            self.append(row)

    def close(self) -> None:
        """Give up what is half written."""
        if not self._made.closed:
            self._made.close()

    def _begin(self, heads: Sequence[Title]) -> None:
        self._made.freeze_panes = "A2"
        for place, head in enumerate(heads, 1):
            letter = get_column_letter(place)
            self._made.column_dimensions[letter].width = head.width
            if head.offers:
                rule = DataValidation("list", formula1=head.offers, allow_blank=True, showErrorMessage=False)
                rule.add(f"{letter}2:{letter}{ROWS}")
                self._made.data_validations.append(rule)
        self._made.append([self._title(head) for head in heads])

    def _title(self, head: Title) -> Any:
        made = self._of(head.words, self._wrong if head.wrong else self._head)
        if head.note:
            made.comment = Comment(clean(head.note), "Chengpi", height=90, width=260)
        return made

    def _style(self, **looks: Any) -> Any:
        pattern: Any = WriteOnlyCell(self._made)
        for name, value in looks.items():
            setattr(pattern, name, value)
        return pattern._style

    def _cell(self, value: Cell) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._of(value, self._text)
        if isinstance(value, datetime):
            return self._at(value.replace(tzinfo=None), self._moment)
        if isinstance(value, date):
            return self._at(value, self._day)
        if isinstance(value, bool):
            return value
        return value if abs(value) < DIGITS else self._of(_digits(value), self._text)

    def _marked(self, value: Cell) -> Any:
        return self._of(said(value), self._wrong)

    def _of(self, text: str, style: Any) -> Any:
        made: Any = WriteOnlyCell(self._made)
        made.data_type = "s"  # openpyxl would take a leading = for a formula
        made._value = clean(text)
        made._style = style
        return made

    def _at(self, value: date, style: Any) -> Any:
        made: Any = WriteOnlyCell(self._made)
        made.value = value
        made._style = style
        return made


def write(
    path: Path, titles: Sequence[Title | str], rows: Iterable[Sequence[Cell]], name: str = "Sheet1"
) -> None:
    """Write one sheet of `titles` and `rows` to a new workbook at `path`; nothing is left there on an error."""
    with Workbook(path) as book:
        book.sheet(name, titles).append_all(rows)


def clean(text: str) -> str:
    """The text as a cell can hold it: without characters XML forbids, and not longer than fits."""
    return _UNWRITABLE.sub("", ILLEGAL_CHARACTERS_RE.sub("", text))[:LONGEST]


def said(value: Cell) -> str:
    """A value as text that reads back as the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00")
    return _digits(value) if isinstance(value, int | float) else str(value)


def _digits(value: float) -> str:
    whole = isinstance(value, int) or value.is_integer()
    return str(int(value)) if whole else repr(value)
