"""What is written is read back as it was, and nothing of it is a formula (C-29)."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.platform.sheets import Title, Workbook, write, write_csv
from app.platform.sheets.writing import clean

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "{=1}", "\t=1", "'=1", "=", "=HYPERLINK(1)"]


def cells(path: Path) -> list[list[object]]:
    book = load_workbook(path)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_text_stays_text_and_nothing_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(path, ["=标题"], [[text] for text in HOSTILE])
    assert cells(path) == [["=标题"], *([text] for text in HOSTILE)]


def test_no_digit_is_altered(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    row = ["130102199003070012", 130102199003070012, 0.1, 12, date(2024, 2, 29), "007", None, True]
    write(path, [str(n) for n in range(8)], [row])
    read = cells(path)[1]
    assert read[:4] == ["130102199003070012", "130102199003070012", 0.1, 12]
    assert read[4].date() == date(2024, 2, 29)
    assert read[5:] == ["007", None, True]


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    write(path, ["列"], [[text]])
    kept = clean(text)
    assert (cells(path)[1:] or [[None]])[0][0] in (kept or None, kept)


def test_error_cells_are_marked_and_heads_stay_in_sight(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Workbook(path) as book:
        made = book.sheet("数据", [Title("姓名", note="必填"), Title("类别", offers='"甲,乙"')])
        made.append(["张三", 12], wrong=frozenset({1}))
        book.sheet("选项", [], state="hidden").append(["甲"])
    sheet = load_workbook(path)["数据"]
    assert sheet.freeze_panes == "A2"
    assert sheet["B2"].value == "12"
    assert sheet["B2"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["A2"].number_format == "@"
    assert sheet["A1"].comment.text == "必填"
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"甲,乙"']
    assert load_workbook(path)["选项"].sheet_state == "hidden"


def test_an_error_on_the_way_leaves_no_file(tmp_path: Path) -> None:
    def rows():
        yield ["a"]
        raise LookupError

    with pytest.raises(LookupError):
        write(tmp_path / "a.xlsx", ["列"], rows())
    assert not list(tmp_path.iterdir())


def test_a_csv_opens_in_excel_and_has_no_formula(tmp_path: Path) -> None:
    """Texts that would be formulas have an apostrophe before them; numbers, also below zero, stay numbers."""
    path = tmp_path / "a.csv"
    write_csv(path, ["=标题", "数"], [*([text, -1] for text in HOSTILE), ['引"号,\n逗号', 2.5], [None, 3]])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    assert rows[0] == ["'=标题", "数"]
    assert not [row for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t"))]
    assert rows[1] == ["'=1+1", "-1"]
    assert rows[-2:] == [['引"号,\n逗号', "2.5"], ["", "3"]]
