"""The doctor's look at stored files: each row has its file, unharmed, and no file is there for nobody (I6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import sealing
from app.platform.documents.entities import Document, File
from app.platform.documents.storage import Storage
from app.platform.runtime.doctor import Examination, Finding

CHUNK = 500
UNSWEPT = timedelta(days=2)  # the sweep takes what has had no row for a day


def files(storage: Storage, *, contents: bool = True) -> Examination:
    """Examine what is in `storage`; without `contents` files are looked for and not read."""

    def examine(session: Session, _now: datetime) -> Iterator[Finding]:
        yield from _rows(session, storage, contents)
        yield from _strays(session, storage)

    return examine


def _rows(session: Session, storage: Storage, contents: bool) -> Iterator[Finding]:
    table, last = File.__table__, ""
    while True:
        rows = session.execute(
            select(table.c.id, table.c.content, table.c.instance_id)
            .where(table.c.id > last)
            .order_by(table.c.id)
            .limit(CHUNK)
        ).all()
        for row in rows:
            wrong = _wrong(storage, row.content, contents)
            if wrong:
                yield Finding("I6", row.instance_id, "file", f"file {row.id}: {wrong}")
        if not rows:
            break
        last = rows[-1].id
    lost = select(Document.id, Document.instance_id, Document.file_id).where(
        ~select(table.c.id).where(table.c.id == Document.file_id).exists()
    )
    for row in session.execute(lost):
        yield Finding("I6", row.instance_id, "document", f"document {row.id} has lost its file {row.file_id}")


def _wrong(storage: Storage, name: str, contents: bool) -> str:
    try:
        if not contents:
            return "" if storage.has(name) else "is not in the storage"
        content = storage.get(name)
    except FileNotFoundError:
        return "is not in the storage"
    except sealing.Unreadable as error:
        return f"cannot be read: {error}"
    there = sealing.digest("documents.content", hashlib.sha256(content).hexdigest())
    return "" if there == name else "is not what was stored"


def _strays(session: Session, storage: Storage) -> Iterator[Finding]:
    for name in storage.names(UNSWEPT.total_seconds()):
        if session.scalar(select(File.id).where(File.content == name).limit(1)) is None:
            yield Finding("I6", None, "stray_file", f"{name[:12]}… belongs to no row and was not swept")
