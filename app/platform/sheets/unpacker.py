"""The child process that opens foreign workbooks: no keys, no database, bounded in memory and time.

Run as a file (`python -I unpacker.py <megabytes> <CPU seconds>`), never imported by the house. The workbook comes in
on standard input; rows of its first visible sheet that holds anything go out as JSON, a line each:
`[row number, [cell, …]]`, then `{"end": rows}`, or `{"error": code}`. A cell is null, text, a number, true or false,
`["d", "2024-05-06"]` or `["m", "2024-05-06T10:00:00"]`.
"""

import io
import json
import os
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

STRINGS = 600_000
WIDEST = 500
FILLED = 200_000  # cells that merged ranges may spread to
PIECE = 1 << 20
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY")  # XML knows them in capitals only


class Refused(Exception):
    """The workbook is not one we open; the text is a code."""


def look(content: bytes) -> None:
    """Expand every entry once, a piece at a time: sizes must be as told, no entities, not too many texts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            size = strings = 0
            tail = b""
            with archive.open(entry) as stream:
                while piece := stream.read(PIECE):
                    if not size and piece[:2] in (b"\xff\xfe", b"\xfe\xff"):
                        raise Refused("broken")
                    size += len(piece)
                    told = tail + piece
                    if any(mark in told for mark in _DECLARED):
                        raise Refused("broken")
                    strings += piece.count(b"<si>") + piece.count(b"<si ") + piece.count(b"<si/")
                    if strings > STRINGS:
                        raise Refused("strings")
                    tail = piece[-9:]
            if size != entry.file_size:
                raise Refused("broken")


def by_calamine(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows of the first visible sheet that holds anything."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for facts in book.sheets_metadata:
        if facts.visible != SheetVisibleEnum.Visible or facts.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(facts.name)
        if sheet.start is None:
            continue
        if sheet.width > WIDEST:
            raise Refused("bomb")
        spread = spreading(sheet.merged_cell_ranges or (), sheet.start[1])
        for number, row in enumerate(sheet.iter_rows()):
            yield number + 1, spread(number, row)
        return


def by_openpyxl(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The same where calamine is not installed or does not understand the file; merged cells stay as they are."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        anything = False
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            anything = anything or any(value not in (None, "") for value in row)
            yield number, list(row[:WIDEST])
        if anything:
            return


def spreading(ranges: Any, first: int) -> Any:
    """A function that puts the value of merged cells into each of them, as the eye sees it."""
    starts: dict[tuple[int, int], tuple[int, int]] = {}
    kept: dict[tuple[int, int], Any] = {}
    for (top, left), (bottom, right) in ranges:
        if len(starts) + (bottom - top + 1) * (right - left + 1) > FILLED:
            raise Refused("bomb")
        for down in range(top, bottom + 1):
            starts.update({(down, across): (top, left) for across in range(left, right + 1)})
    lines: dict[int, list[int]] = {}
    for down, across in starts:
        lines.setdefault(down, []).append(across)

    def spread(down: int, row: list[Any]) -> list[Any]:
        for across in lines.get(down, ()):
            start, place = starts[down, across], across - first
            if 0 <= place < len(row):
                if start == (down, across):
                    kept[start] = row[place]
                else:
                    row[place] = kept.get(start, "")
        return row

    return spread


def packed(value: Any) -> Any:
    """A cell as JSON."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, datetime):
        if value.time() == time():
            return ["d", value.date().isoformat()]
        return ["m", value.isoformat(timespec="seconds")]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, timedelta):
        return str(value)
    text = str(value)
    return text if text.strip() else None


def rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Rows that hold anything, by whichever reader understands the file."""
    given = 0
    try:
        for number, row in by_calamine(content):
            given += 1
            yield number, row
        return
    except Refused:
        raise
    except Exception:
        if given:
            raise
    yield from by_openpyxl(content)


def answer(content: bytes, out: Any, most: int, only_head: bool) -> None:
    """Write the rows; with `only_head` the first one and the count."""
    count = 0
    for number, row in rows(content):
        if not any(value is not None and packed(value) is not None for value in row):
            continue
        count += 1
        if count > most + 1:
            raise Refused("rows")
        if count > 1 and only_head:
            continue
        cells = [packed(value) for value in row]
        while cells[-1] is None:
            cells.pop()
        out.write(json.dumps([number, cells], ensure_ascii=False) + "\n")
    out.write(json.dumps({"end": count}) + "\n")


def main(megabytes: str, seconds: str, most: str, what: str) -> None:
    """Read the workbook, write its rows."""
    limit = int(megabytes) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    content = sys.stdin.buffer.read()
    try:
        look(content)
        answer(content, out, int(most), what == "head")
    except Refused as refused:
        out.write(json.dumps({"error": str(refused)}) + "\n")
    except MemoryError:
        out.write(json.dumps({"error": "bomb"}) + "\n")
    except Exception:
        out.write(json.dumps({"error": "broken"}) + "\n")
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
