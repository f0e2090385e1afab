"""Importing a workbook: refused as a whole, or an errand that enters it chunk by chunk and can be killed anywhere.

A chunk's rows, its refused rows, the counts and the errand's progress are one transaction, which also moves the
record's `handled` from where this run found it: of two workers that hold the same job only one moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit, documents, jobs
from app.platform.data import new_id, statistics, transaction
from app.platform.documents.names import clean_name
from app.platform.identity import behalf
from app.platform.identity.entities import Region
from app.platform.jobs import errands
from app.platform.registry import Acting, Post, Words
from app.platform.sheets import catalogue, cells, opening, records, returning
from app.platform.sheets.definition import CHUNK, Bad, Intake, Row, Sheet
from app.platform.sheets.entities import Failure, Import
from app.platform.sheets.inspecting import inspect
from app.platform.sheets.refusing import SheetRefused
from app.platform.sheets.writing import EXCEL

KIND = "sheets/import"
IMPORTED, FAILURES = "import", "failures"  # the purposes of the files kept
NO_LONGER = Words(
    "您现在的身份已不能导入，未处理的行没有导入。",
    "Your present posts do not allow this import any more; the rows left were not entered.",
)
UNDONE = Words("该次导入已经撤销，请重新上传。", "This import was undone: upload the workbook again.")
COUNTED_AT = (1_000, 10_000)  # rows entered: by then the tables are no longer what the planner took them for
_import = Import.__table__


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook that was sent, looked at outside any transaction: its bytes, heads and how many rows.

    `is_screened`: a virus scanner has looked into it, where there is one.
    """

    name: str
    content: bytes
    heads: list[str]
    layout: list[str | None]
    total: int
    is_screened: bool = False


def look(sheet: Sheet, name: str, content: bytes) -> Upload:
    """Judge a workbook before anything is written. Raises `SheetRefused` (C-26)."""
    inspect(content)
    is_screened = _screened(content)
    heads, total = opening.head(content, sheet.most)
    layout = cells.layout(sheet, heads)
    if not total:
        raise SheetRefused("blank")
    titles = ["" if head is None else str(cells.plain(head)) for head in heads]
    return Upload(clean_name(name), content, titles, layout, total, is_screened)


def _screened(content: bytes) -> bool:
    """Whether a virus scanner has looked; what it found, or could not look into, is refused as any upload is."""
    try:
        return documents.screen(content)
    except documents.UploadRefused as refused:
        raise SheetRefused(refused.code) from refused


def begin(session: Session, sheet_name: str, upload: Upload, by: Acting, post: Post, now: datetime) -> str:
    """Keep the workbook, write the record and begin the errand; return the record's id."""
    storage = documents.settings().storage
    received = documents.Received(upload.name, EXCEL, upload.content, is_screened=upload.is_screened)
    content = storage.put(upload.content)
    sheet, record = catalogue.get(sheet_name), new_id()
    if sheet is None:
        raise LookupError(f"there is no sheet {sheet_name}")
    with transaction(session):
        file = documents.enter(
            session, content, received, owner=by.person, now=now, instance=None, purpose=IMPORTED
        )
        title = Words(f"导入：{sheet.title.zh}", f"Import: {sheet.title.en}")
        errand = errands.begin(
            session, KIND, title, {"import": record, "sheet": sheet_name}, by, now, upload.total
        )
        session.execute(
            insert(Import).values(
                id=record,
                sheet=sheet_name,
                person_id=by.person,
                post_id=post.id,
                role=post.role,
                place=post.place,
                file_id=file,
                heads=upload.heads,
                layout=upload.layout,
                state="running",
                total=upload.total,
                errand_id=errand,
                created_at=now,
            )
        )
        audit.log(
            session,
            "sheets",
            "sheet.import_begun",
            by,
            now,
            {"sheet": sheet_name, "rows": upload.total},
            record,
        )
    return record


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Enter what is left of a workbook, chunk by chunk; then its failure workbook and its end come together."""
    errand, record = arguments["errand"], arguments["import"]
    row = session.execute(select(_import).where(_import.c.id == record)).one()
    sheet = catalogue.get(row.sheet)
    if sheet is None:
        raise LookupError(f"there is no sheet {row.sheet}")
    if row.state != "running":  # undone after it was given up
        return lambda at: errands.refuse(session, errand, UNDONE, at)
    state, refused = "done", None
    by = _acting(session, sheet, row, now)
    if by is None:
        state, refused = "failed", NO_LONGER
    else:
        try:
            _enter_all(session, sheet, row, by, now)
        except errands.Stopped:
            state = "stopped"
    return _ending(session, errand, record, state, refused)


def _acting(session: Session, sheet: Sheet, row: Any, now: datetime) -> Acting | None:
    """Who asked for it, under the post chosen, if he holds it still."""
    by = behalf.acting(session, row.person_id, now)
    if by is None:
        return None
    post = next((held for held in records.posts(sheet, by) if held.id == row.post_id), None)
    return Acting(by.person, by.name, by.username, by.posts, post) if post is not None else None


def _enter_all(session: Session, sheet: Sheet, row: Any, by: Acting, now: datetime) -> None:
    found = documents.open_file(session, documents.settings().storage, row.file_id)
    if found is None:
        raise LookupError(f"the workbook of import {row.id} is gone")
    prepared = sheet.prepare(session, by, now) if sheet.prepare else None
    reader = cells.Reader(sheet, row.layout, row.created_at, _regions(session, sheet))
    intake = Intake(session, now, by, row.id, row.role, row.place, prepared)
    handled = row.handled
    session.rollback()  # ends the reads
    with opening.rows(found[1], sheet.most) as lines:
        for number, line in islice(lines, handled):
            reader.pass_over(number, line)
        while chunk := list(islice(lines, CHUNK)):
            _enter(intake, sheet, reader, chunk, handled, (row.errand_id, row.total))
            if any(handled < many <= handled + len(chunk) for many in COUNTED_AT):
                statistics.refresh(session, sheet.fills)
            handled += len(chunk)


def _enter(
    intake: Intake,
    sheet: Sheet,
    reader: cells.Reader,
    chunk: list[opening.Line],
    handled: int,
    errand: tuple[str, int],
) -> None:
    """One chunk, one transaction. Raises `LeaseLost` if another worker has entered it, and `Stopped`."""
    good: list[Row] = []
    bad: list[Bad] = []
    for number, line in chunk:
        read = reader.read(number, line)
        if isinstance(read, Row):
            good.append(read)
        else:
            bad += read
    session = intake.session
    with transaction(session):
        moved = session.execute(
            update(Import)
            .where(_import.c.id == intake.record, _import.c.handled == handled, _import.c.state == "running")
            .values(handled=handled + len(chunk))
            .returning(_import.c.id)
        ).first()
        if moved is None:
            raise jobs.LeaseLost(intake.record)
        stored = sheet.store(intake, good)
        bad += stored.bad
        wrong = {one.row for one in bad}
        _keep(session, intake.record, reader, chunk, bad)
        session.execute(
            update(Import)
            .where(_import.c.id == intake.record)
            .values(
                good=_import.c.good + len(chunk) - len(wrong),
                bad=_import.c.bad + len(wrong),
                created=_import.c.created + stored.created,
            )
        )
        errands.step(session, errand[0], handled + len(chunk), errand[1])


def _keep(
    session: Session, record: str, reader: cells.Reader, chunk: list[opening.Line], bad: list[Bad]
) -> None:
    """Write down the refused rows as they came, with what is wrong with which cell."""
    places = {key: place for place, key in enumerate(reader.layout) if key}
    said: dict[int, list[Any]] = {}
    for one in bad:
        place = places[one.column] if one.column is not None else None
        said.setdefault(one.row, []).append([place, one.words.zh, one.words.en])
    rows = [
        {"import_id": record, "row": number, "said": {"cells": line, "wrong": said[number]}}
        for number, line in chunk
        if number in said
    ]
    if rows:
        session.execute(insert(Failure), rows)


def _ending(
    session: Session, errand: str, record: str, state: str, refused: Words | None
) -> Callable[[datetime], None]:
    """Make the failure workbook outside the transaction; return what writes the end."""
    kept = _failures(session, record)

    def write(at: datetime) -> None:
        row = session.execute(select(_import).where(_import.c.id == record).with_for_update()).one()
        file = None
        if kept is not None:
            content, received = kept
            file = documents.enter(
                session, content, received, owner=row.person_id, now=at, instance=None, purpose=FAILURES
            )
        counts = {"good": row.good, "bad": row.bad, "created": row.created}
        result = {"import": record, "sheet": row.sheet, **counts}
        if refused is not None:
            result["why"] = refused._asdict()
        ended = state
        if state != "stopped":
            ended = "stopped"
            with suppress(errands.Stopped), session.begin_nested():  # called off at the last moment
                errands.finish(session, errand, result, at, state)
                ended = state
        session.execute(
            update(Import).where(_import.c.id == record).values(state=ended, finished_at=at, failures_id=file)
        )
        body = {"sheet": row.sheet, "state": ended, **counts}
        audit.log(session, "sheets", "sheet.imported", row.person_id, at, body, record)

    return write


def _failures(session: Session, record: str) -> tuple[str, documents.Received] | None:
    row = session.execute(
        select(_import.c.heads, _import.c.bad, _import.c.file_id).where(_import.c.id == record)
    ).one()
    if not row.bad:
        return None
    facts = documents.facts(session, row.file_id)
    stem = facts.name.rpartition(".")[0] if facts else ""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "failures.xlsx"
        returning.write(session, path, record, row.heads)
        received = documents.Received(clean_name(f"{stem}_失败数据.xlsx"), EXCEL, path.read_bytes())
    return documents.settings().storage.put(received.content), received


def _regions(session: Session, sheet: Sheet) -> dict[str, str]:
    """Every region's code by its code and its full name, where the sheet asks for one."""
    if not any(column.kind == "region" for column in sheet.columns):
        return {}
    found: Iterator[Any] = iter(session.execute(select(Region.code, Region.full_name)))
    known: dict[str, str] = {}
    for code, name in found:
        known[code] = known[name] = code
    return known
