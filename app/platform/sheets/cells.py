"""Reading rows: what stands in a cell becomes a value or a complaint, with the checks and sentences of forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.platform.forms.complaints import Complaint, Wrong
from app.platform.forms.given import Given
from app.platform.forms.kinds import KINDS
from app.platform.forms.kinds.text import IdNumber
from app.platform.forms.typed import narrow, tidy
from app.platform.registry import Words
from app.platform.sheets.definition import Bad, Column, Row, Sheet
from app.platform.sheets.refusing import LACKS, TWICE, UNKNOWN, SheetRefused
from app.platform.sheets.writing import DIGITS, Cell

FAILED = Words("失败原因", "Reason")
DIGITS_LOST = Words(
    "【{label}】是数字格式的长号码，末尾数字已经丢失。请先把该列设为“文本”，再重新填写号码",
    "“{label}” is a long number in a number cell: its last digits are lost. Make the column text and type it again",
)
NOT_OFFERED = Words("【{label}】应为：{offered}", "“{label}” is one of: {offered}")
NO_REGION = Words(
    "【{label}】没有这个地区，请写全称，例如河北省邯郸市邯山区，或6位代码",
    "“{label}” is no region: write its full name or its 6-digit code",
)
AGAIN = Words("与第{row}行重复（{titles}相同）", "The same as row {row} ({titles})")
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d{2,3}")
_MARKS = " *＊　：:"


@dataclass
class Reader:
    """Reads the rows of one workbook in order. `layout` names the column at each place, None where it is ignored.

    `regions` knows regions by full name and by code. Rows the same as an earlier one are complained of.
    """

    sheet: Sheet
    layout: Sequence[str | None]
    now: datetime
    regions: Mapping[str, str] = field(default_factory=dict)
    _seen: dict[tuple[str, ...], int] = field(default_factory=dict)
    _places: tuple[tuple[Column, int], ...] = field(init=False)
    _given: Given = field(init=False)

    def __post_init__(self) -> None:
        self._places = tuple((column, self.layout.index(column.key)) for column in self.sheet.columns)
        self._given = Given({}, self.now)

    def read(self, number: int, cells: Sequence[Any]) -> Row | list[Bad]:
        """The row's values, or everything that is wrong with it (C-24)."""
        values: dict[str, Any] = {}
        bad = []
        for column, cell in self._each(cells):
            try:
                values[column.key] = self._value(column, cell, self._given)
            except Wrong as wrong:
                bad.append(Bad(number, column.key, _sentence(column, wrong)))
        bad += self._doubled(number, values)
        return bad or Row(number, values)

    def pass_over(self, number: int, cells: Sequence[Any]) -> None:
        """Only remember a row that was handled before, so that a later one the same is told apart."""
        values: dict[str, Any] = {}
        for column, cell in self._each(cells):
            if column.key in self.sheet.same:
                try:
                    values[column.key] = self._value(column, cell, self._given)
                except Wrong:
                    return
        self._doubled(number, values)

    def _each(self, cells: Sequence[Any]) -> list[tuple[Column, Any]]:
        return [(column, cells[place] if place < len(cells) else None) for column, place in self._places]

    def _doubled(self, number: int, values: Mapping[str, Any]) -> list[Bad]:
        if not all(values.get(key) is not None for key in self.sheet.same):
            return []
        first = self._seen.setdefault(tuple(str(values[key]) for key in self.sheet.same), number)
        if first == number:
            return []
        titles = [self.sheet.column(key).title for key in self.sheet.same]
        words = [
            said.format(row=first, titles=joint.join(title.said(language) for title in titles))
            for said, joint, language in ((AGAIN.zh, "、", "zh"), (AGAIN.en, ", ", "en"))
        ]
        return [Bad(number, self.sheet.same[0], Words(*words))]

    def _value(self, column: Column, cell: Any, given: Given) -> Any:
        text = _typed(column, cell)
        if column.kind == "choice":
            value = _chosen(column, text)
        elif column.kind == "region":
            value = _region(self.regions, text)
        else:
            kind = KINDS[column.asked.kind.key]
            value = kind.parse(column.asked, [text], given)
            if value is not None and isinstance(kind, IdNumber):
                kind.confirm(value, given)
        if value is None and column.required:
            raise Wrong("required", how=column.asked.kind.how)
        return value


def layout(sheet: Sheet, heads: Sequence[Any]) -> list[str | None]:
    """Which column stands at each place of the head row, in any order. Raises `SheetRefused` (C-26, C-27)."""
    known = {_head(title): column.key for column in sheet.columns for title in column.title}
    ignored = {_head(title) for title in FAILED}
    found: list[str | None] = []
    unknown, twice = [], []
    for head in heads:
        text = _head(head)
        key = None if text in ignored else known.get(text)
        if key is None and text and text not in ignored:
            unknown.append(str(head)[:30])
        if key is not None and key in found:
            twice.append(str(head)[:30])
        found.append(key)
    lacking = [column.title for column in sheet.columns if column.key not in found]
    if lacking or unknown or twice:
        raise SheetRefused("heads", what=_differences(lacking, unknown, twice))
    return found


def plain(cell: Any) -> Cell:
    """A cell as it came, as it can be written again."""
    if isinstance(cell, list):
        return date.fromisoformat(cell[1]) if cell[0] == "d" else datetime.fromisoformat(cell[1])
    return cell  # type: ignore[no-any-return]


def _differences(lacking: Sequence[Words], unknown: Sequence[str], twice: Sequence[str]) -> Words:
    said = []
    for language, joint, between in (("zh", "、", "；"), ("en", ", ", "; ")):
        parts = [
            (LACKS, [title.said(language) for title in lacking]),
            (UNKNOWN, unknown),
            (TWICE, twice),
        ]
        said.append(
            between.join(
                words.said(language).format(titles=joint.join(titles[:10]))
                for words, titles in parts
                if titles
            )
        )
    return Words(*said)


def _head(value: Any) -> str:
    text = "" if value is None or isinstance(value, list) else str(value)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).strip(_MARKS).casefold()


def _typed(column: Column, cell: Any) -> str:
    """What a person would have typed to get this cell."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, list):
        return (
            str(cell[1])[:10] if column.kind == "date" or cell[0] == "d" else str(cell[1]).replace("T", " ")
        )
    if isinstance(cell, int | float):
        if abs(cell) >= DIGITS:
            raise Wrong("digits_lost")
        return str(cell) if isinstance(cell, int) else f"{cell:.15g}"
    if _SCIENTIFIC.fullmatch(str(cell).strip()):
        raise Wrong("digits_lost")
    return str(cell)


def _chosen(column: Column, text: str) -> str | None:
    wanted = narrow(text).casefold()
    if not wanted:
        return None
    for code, words in column.choices:
        if wanted in (code.casefold(), *(unicodedata.normalize("NFKC", said).casefold() for said in words)):
            return code
    raise Wrong("not_offered")


def _region(known: Mapping[str, str], text: str) -> str | None:
    wanted = re.sub(r"[\s/\\,，、>-]", "", tidy(text))
    if not wanted:
        return None
    if wanted not in known:
        raise Wrong("no_region")
    return known[wanted]


def _sentence(column: Column, wrong: Wrong) -> Words:
    words = {"digits_lost": DIGITS_LOST, "not_offered": NOT_OFFERED, "no_region": NO_REGION}.get(wrong.code)
    offered = Words(
        "、".join(words.zh for _, words in column.choices[:12]),
        ", ".join(words.en for _, words in column.choices[:12]),
    )
    complaint = Complaint(
        column.key, column.title, wrong.code, {**wrong.parameters, "offered": offered}, words=words
    )
    return Words(complaint.message("zh"), complaint.message("en"))
