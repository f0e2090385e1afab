"""Taking a list out as a workbook: what the reader saw, row by row, as an errand in his name (C-28, C-29, C-39)."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.orm import Session

from app.platform import audit, documents, jobs, sheets
from app.platform.data import one_moment, sealing
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.lists import catalogue, saying
from app.platform.lists.asked import Asked, read
from app.platform.lists.definition import Column, Data, List, Rows
from app.platform.lists.fetch import cell, narrow, order, tally
from app.platform.registry import Acting, Words, house
from app.platform.runtime import substitutes

KIND = "lists/export"
MOST = 1_000_000  # rows that fit one sheet, and a person
TICKS = 1_000
CHUNK = 1_000  # rows fetched at a time
EVERY = 0.5  # seconds between two tellings of how far it is
NUMBER = Words("序号", "No.")
NO_LONGER = Words(
    "您现在的身份已不能查看该列表，未导出。", "Your present posts do not show this list any more."
)
TOO_MANY = Words(
    "超过 1000000 条，请先用筛选缩小范围。", "More than 1,000,000 rows: narrow the list by its filters first."
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written, and what type it is of."""

    write: Callable[[Path, Sequence[str], Iterable[Sequence[Any]]], None]
    type: str


FORMS: Mapping[str, Form] = {
    "xlsx": Form(sheets.write, sheets.EXCEL),
    "csv": Form(sheets.write_csv, sheets.CSV),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken out: the question as address parameters, columns by key, the ticked rows (none: all asked for).

    `form`: `xlsx` or `csv`.
    """

    asked: Mapping[str, str]
    columns: Sequence[str]
    rows: Sequence[str] = ()
    language: str = "zh"
    form: str = "xlsx"


def begin(
    session: Session, listing: List, wanted: Wanted, by: Acting, now: datetime, *, alone: bool = False
) -> str:
    """Begin the errand and return its id. `alone`: only the post `by` works under counts, as the page had it.

    The question may hold a name that was typed: it is kept sealed.
    """
    name = catalogue.name_of(listing)
    if name is None or listing.row is None:
        raise ValueError(f"list {listing.key} cannot be taken out")
    kept = [dict(wanted.asked), list(wanted.columns), list(wanted.rows)[:TICKS]]
    arguments = {
        "list": name,
        "person": by.person,
        "post": by.post.id if by.post else None,
        "alone": alone,
        "language": wanted.language,
        "form": wanted.form if wanted.form in FORMS else "xlsx",
        "sealed": base64.b64encode(sealing.seal(orjson.dumps(kept))).decode(),
    }
    title = Words(f"导出：{listing.title.zh}", f"Export: {listing.title.en}")
    return errands.begin(session, KIND, title, arguments, by, now)


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Write the workbook outside any transaction; its row, the audit's and the errand's end come together."""
    errand, name = arguments["errand"], arguments["list"]
    listing = catalogue.get(name)
    if listing is None:
        raise LookupError(f"there is no list {name}")
    by = _acting(session, listing, arguments, now)
    if by is None:
        return lambda at: errands.refuse(session, errand, NO_LONGER, at)
    asked, keys, ticked = orjson.loads(sealing.unseal(base64.b64decode(arguments["sealed"])))
    columns = [column for column in listing.columns if column.key in keys]
    language, form = arguments["language"], arguments.get("form", "xlsx")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        with Session(session.get_bind()) as reading, one_moment(reading):
            question = read(listing, reading, by, asked)
            query = _query(listing, reading, by, question, ticked, now)
            total = tally(reading, query, MOST + 1)
            if total > MOST:
                return lambda at: errands.refuse(session, errand, TOO_MANY, at)
            with _stream(reading, query.order_by(*order(listing, question))) as rows:
                told = _telling(session, errand, total, _more(listing, session, rows))
                titles, lines = _told(listing, columns, told, language)
                FORMS[form].write(path, titles, lines)
        called = _file_name(listing, by, question, language, now).removesuffix(".xlsx") + f".{form}"
        received = documents.Received(called, FORMS[form].type, path.read_bytes())
    content = documents.settings().storage.put(received.content)
    body = {
        "list": name,
        "rows": total,
        "columns": [column.key for column in columns],
        "filters": sorted(question.values),
        "ticked": len(ticked),
        "post": arguments["post"],
        "errand": errand,
    }

    def write(at: datetime) -> None:
        file = documents.enter(
            session, content, received, owner=by.person, now=at, instance=None, purpose=documents.RESULT
        )
        audit.log(session, "lists", "list.exported", by, at, {**body, "file": file})
        errands.finish(session, errand, {"file": file, "rows": total}, at)

    return write


@contextmanager
def _stream(session: Session, query: Rows) -> Iterator[Iterator[Data]]:
    with session.execute(query, execution_options={"yield_per": CHUNK}) as found:
        yield cast(Iterator[Data], iter(found.mappings()))


def _acting(session: Session, listing: List, arguments: Mapping[str, Any], now: datetime) -> Acting | None:
    """Who asked for it, with the posts of now; None where these do not show him the list any more."""
    by = behalf.acting(session, arguments["person"], now)
    if by is None:
        return None
    if arguments["post"]:
        post = next((held for held in by.posts if held.id == arguments["post"]), None)
        if post is None:
            return None
        by = replace(by, post=post, posts=(post,) if arguments["alone"] else by.posts)
    if not arguments["alone"]:
        by = substitutes.with_principals(session, by, now)
    counting = (by.post,) if by.post else by.posts
    may = listing.permission is None or listing.permission in house.permissions(counting)
    may = may and (listing.admits is None or listing.admits(by))
    return by if may else None


def _query(
    listing: List, session: Session, by: Acting, asked: Asked, ticked: Sequence[str], now: datetime
) -> Rows:
    """The rows ticked, within the scope of now; with none ticked, those of the filter."""
    scoped = listing.query(session, by, now)
    if not ticked:
        return narrow(session, scoped, listing, asked, now)
    return scoped.where(scoped.selected_columns[str(listing.row)].in_(ticked))


def _more(listing: List, session: Session, rows: Iterator[Data]) -> Iterator[Data]:
    """Give the rows with what the list tells besides its query, a thousand at a time."""
    if listing.more is None:
        yield from rows
        return
    while chunk := list(islice(rows, CHUNK)):
        yield from listing.more(session, chunk)


def _telling(session: Session, errand: str, total: int, rows: Iterator[Data]) -> Iterator[Data]:
    """Pass rows on, and tell now and then how far it is. Raises `Stopped` soon after the errand was called off."""
    errands.step(session, errand, 0, total)
    told = time.monotonic()
    for done, row in enumerate(rows, 1):
        yield row
        if done % CHUNK == 0 and time.monotonic() - told >= EVERY:
            errands.step(session, errand, done, total)
            told = time.monotonic()


def _told(
    listing: List, columns: Sequence[Column], rows: Iterator[Data], language: str
) -> tuple[list[str], Iterator[list[Any]]]:
    """Titles, then a row each; the serial number goes on as on the pages."""
    titles = [column.title.said(language) for column in columns]
    lines: Iterator[list[Any]] = (
        [saying.plain(column, cell(column, row), language) for column in columns] for row in rows
    )
    if listing.numbered:
        titles = [NUMBER.said(language), *titles]
        lines = ([number, *line] for number, line in enumerate(lines, 1))
    return titles, lines


def _file_name(listing: List, by: Acting, asked: Asked, language: str, now: datetime) -> str:
    if listing.file_name is not None:
        named = listing.file_name(by, saying.question(listing, asked))
        said = named.said(language) if isinstance(named, Words) else named
        return documents.document_name(f"{said}.xlsx")
    day = now.astimezone(SHANGHAI)
    return documents.document_name(f"{listing.title.said(language)}_{day:%Y%m%d_%H%M}.xlsx")
