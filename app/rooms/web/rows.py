"""Repeating tables on a page: the cells of each row, asked or told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.platform.forms import Complaint, Field, Given
from app.platform.forms.complaints import cell_label
from app.platform.forms.kinds.table import ADD, Table, asked_once
from app.platform.forms.kinds.uploads import REMOVE
from app.platform.registry import Words
from app.rooms.web.shown import Shown

PLACE = "\0"
TITLE = Words(f"第{PLACE}行", f"Row {PLACE}")
BLANK = "__row__"
"""Stands for the row's key and number in the row that the script copies."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row to fill in. `key` names its inputs; `title` (第2行) counts it for its reader."""

    key: str
    title: tuple[str, str, str]
    cells: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Asked:
    """A table to fill in. `blank` is the row that the script copies; `refocus`: its button takes the cursor."""

    columns: Sequence[Field]
    rows: Sequence[Row]
    blank: Row
    most: int
    refocus: bool

    @property
    def full(self) -> bool:
        """Whether no more rows may be added."""
        return len(self.rows) >= self.most


@dataclass(frozen=True, slots=True)
class Told:
    """A table to read: its columns, and the words of each row."""

    columns: Sequence[Field]
    rows: Sequence[Sequence[tuple[Field, str]]]


def asked(
    one: Field,
    raw: Sequence[str],
    complaints: Sequence[Complaint],
    given: Given,
    language: str,
    id: str,
    pressed: Mapping[str, str],
) -> Asked:
    """Return the table as it is filled in, with at least one row; `pressed` are the buttons that led here."""
    assert isinstance(one.kind, Table)
    columns, given = one.kind.columns(one), asked_once(given)
    wrong: dict[tuple[int, str], str] = {}
    for complaint in complaints:
        column = next((each for each in columns if each.name == complaint.column), None)
        if column and complaint.row is not None:
            said = replace(complaint, label=column.label).message(language)
            wrong.setdefault((complaint.row, column.name), said)
    texts = one.kind.rows(one, raw)
    texts += [{}] * (one.kind.least(one) - len(texts))
    added = pressed.get(ADD) == one.name

    def row(key: str, filled: Mapping[str, Sequence[str]], first: bool) -> Row:
        place = int(key) if key.isdigit() else 0
        cells = [
            _cell(
                one,
                each,
                key,
                filled.get(each.name, []),
                wrong.get((place, each.name), ""),
                given,
                language,
                id,
            )
            for each in columns
        ]
        if first:
            cells[0] = replace(cells[0], focus=True)
        return Row(key, _counted(TITLE, language, key), cells)

    drawn = [row(str(n), each, added and n == len(texts)) for n, each in enumerate(texts, 1)]
    removed = pressed.get(REMOVE, "").startswith(f"{one.name}:")
    return Asked(columns, drawn, row(BLANK, {}, False), one.kind.most(one), removed)


def told(
    one: Field, value: Sequence[Mapping[str, Any]], given: Given, language: str, *, in_full: bool
) -> Told:
    """Return the table as it is read, masked unless `in_full`."""
    assert isinstance(one.kind, Table)
    columns, given = one.kind.columns(one), asked_once(given)
    rows = [
        [
            (each, each.kind.shown(each, row.get(each.name), given, language, in_full=in_full))
            for each in columns
        ]
        for row in value
    ]
    return Told(columns, rows)


def id_of(id: str, row: int | str, column: str) -> str:
    """The id of a cell's control."""
    return f"{id}-{row}-{column}"


def _counted(words: Words, language: str, row: str) -> tuple[str, str, str]:
    """Words in three parts, the row's number between them: the script counts it anew when a row goes."""
    before, _, after = words.said(language).partition(PLACE)
    return before, row, after


def _cell(
    one: Field, column: Field, row: str, raw: Sequence[str], error: str, given: Given, language: str, id: str
) -> Shown:
    return Shown(
        field=column,
        id=id_of(id, row, column.name),
        label=column.label.said(language),
        help="",
        placeholder=column.placeholder.said(language) if column.placeholder else "",
        editable=True,
        required=column.required,
        hidden=False,
        raw=raw,
        value=None,
        words="",
        offers=column.kind.offers(column, raw, given, language),
        error=error,
        language=language,
        sent_as=f"{one.name}.{row}.{column.name}",
        cell=_counted(cell_label(one.label, PLACE, column.label), language, row),
    )
