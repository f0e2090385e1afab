"""What lies in an archive pack besides the files people handed in: record, entries, drawing, and a page to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.documents import Document, File, document_name, numbered
from app.platform.identity.entities import Person
from app.platform.monitoring import entries, trails, wording
from app.platform.registry import Words
from app.platform.runtime import diagram, history, versions
from app.platform.runtime.entities import Entry, History
from app.platform.runtime.views import InstanceView

HERE: Final = Path(__file__).parent
LOCAL: Final = ZoneInfo("Asia/Shanghai")
CHUNK: Final = 500
INDENT: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the storage that goes into the pack under `name`."""

    id: str
    name: str
    content: str
    size: int


def stored(session: Session, instance: str) -> list[Stored]:
    """The prints and what was handed in, named for their folders, in an order of their own. One statement."""
    rows = session.execute(
        select(File.id, File.name, File.content, File.size, Document.number)
        .outerjoin(Document, Document.file_id == File.id)
        .where(File.instance_id == instance)
        .order_by(File.created_at, File.id)
    ).all()
    found = []
    for folder, wanted in (("prints", True), ("files", False)):
        members = [row for row in rows if (row.number is not None) == wanted]
        names = numbered(document_name(f"{row.number} {row.name}" if wanted else row.name) for row in members)
        found += [
            Stored(row.id, f"{folder}/{name}", row.content, row.size)
            for row, name in zip(members, names, strict=True)
        ]
    return found


def record(session: Session, owner: Any) -> Iterator[bytes]:
    """history.json in pieces: every row of the chain with its digest and link, and what it says where it can be read.

    `owner`: the instance's row (id, head, history_length, record_key).
    """
    verifier = history.Verifier(owner)
    yield orjson.dumps({"instance": owner.id, "head": owner.head.hex()})[:-1] + b',"rows":['
    people = _names(session, owner.id)
    rows = session.execute(
        select(History.__table__).where(History.instance_id == owner.id).order_by(History.seq)
    ).yield_per(CHUNK)
    for number, row in enumerate(rows):
        said = {
            "seq": row.seq,
            "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": row.kind,
            "element": row.element,
            "task": row.task_id,
            "by": row.by_id,
            "by_name": people.get(row.by_id or "", ""),
            "outcome": row.outcome,
            "entry": row.entry_id,
            "body": verifier.body(row),
            "digest": row.digest.hex(),
            "link": row.link.hex(),
        }
        yield (b",\n" if number else b"\n") + orjson.dumps(said)
    yield b"\n]}\n"


def _names(session: Session, instance: str) -> dict[str, str]:
    rows = session.execute(
        select(Person.id, Person.name).where(
            Person.id.in_(select(History.by_id).where(History.instance_id == instance))
        )
    )
    return {row.id: row.name for row in rows}


def filled_in(session: Session, instance: str) -> bytes:
    """entries.json: every entry as it was submitted, in full."""
    rows = session.execute(
        select(Entry, Person.name)
        .outerjoin(Person, Person.id == Entry.by_id)
        .where(Entry.instance_id == instance)
        .order_by(Entry.at, Entry.id)
    )
    said = [
        {
            "id": row.Entry.id,
            "task": row.Entry.task_id,
            "element": row.Entry.element,
            "form": row.Entry.form,
            "by": row.Entry.by_id,
            "by_name": row.name or "",
            "at": row.Entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "values": row.Entry.values,
        }
        for row in rows
    ]
    return orjson.dumps(said, option=INDENT)


def drawing(
    program: versions.Program, view: InstanceView, rows: Sequence[history.HistoryRow]
) -> bytes | None:
    """diagram.svg: the drawing with the way the matter took and the steps it stands at; None where nothing is drawn."""
    plan = diagram.plan_of(program)
    flows, between = trails.walked(plan, rows, program.definition.parents)
    here = {task.element for task in view.open_tasks}
    passed = {row.element for row in rows if row.element} | between
    picture = diagram.svg(plan, here, passed - here, set(), view.process_name.zh, walked=flows)
    return picture.encode() if picture else None


def decisions(
    session: Session,
    view: InstanceView,
    program: versions.Program,
    rows: Sequence[history.HistoryRow],
    files: Sequence[Stored],
) -> bytes:
    """decisions.html: who decided what, when and with which opinion, what was filled in, and where the files lie."""
    elements = program.names
    template = _pages().get_template("archive.html")
    text = template.render(
        view=view,
        state=wording.STATES.get(view.state, (None, ""))[0],
        happened=[
            {
                "seq": row.seq,
                "at": clock(row.at),
                "step": _step(row, elements),
                "what": wording.of(row),
                "who": row.by_name or str(row.body.get("name") or "系统 / System"),
                "comment": str(row.body.get("comment") or row.body.get("reason") or ""),
            }
            for row in rows
        ],
        filled=entries.of(session, view.id),
        files=files,
        clock=clock,
    )
    return text.encode()


def _step(row: history.HistoryRow, elements: Mapping[str, Words]) -> Words:
    if row.name_zh:
        return Words(row.name_zh, row.name_en)
    return elements.get(row.element or "", Words("", ""))


def clock(at: datetime | None) -> str:
    """A moment as the papers say it, in Shanghai's time."""
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" if at else ""


def _pages() -> Environment:
    """The environment of the pack's own page: everything from data is escaped."""
    return Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)


def checkers() -> Mapping[str, bytes]:
    """The two checkers that travel in a pack."""
    return {
        "check.py": (HERE / "archive_check.py").read_bytes(),
        "check.html": (HERE / "archive_check.html").read_bytes(),
    }
