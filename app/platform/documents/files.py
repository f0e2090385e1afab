"""Stored files and their rows: the file first, its row then, deletion the other way."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.documents.entities import File
from app.platform.documents.storage import Storage
from app.platform.documents.uploads import Received
from app.platform.jobs import errands
from app.platform.registry import Acting
from app.platform.runtime import policy

ORPHANS = timedelta(days=1)
RESULT = "result"  # the purpose of a file that an errand has made for who asked for it
_file = File.__table__
_FACTS = (
    _file.c.id,
    _file.c.name,
    _file.c.type,
    _file.c.size,
    _file.c.width,
    _file.c.height,
    _file.c.pages,
    _file.c.is_grey,
    _file.c.owner_id,
    _file.c.instance_id,
    _file.c.purpose,
    _file.c.created_at,
    _file.c.content,
    _file.c.is_screened,
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The facts of a stored file; `grey` and `owner` as forms ask for them, `screened` for viruses."""

    id: str
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    pages: int | None
    grey: bool
    owner: str | None
    instance: str | None
    purpose: str
    created_at: datetime
    content: str
    screened: bool = False


def store(
    session: Session,
    storage: Storage,
    received: Received,
    by: Acting,
    now: datetime,
    *,
    instance: str | None = None,
    purpose: str,
) -> str:
    """Store an upload and return its file id. Raises `StorageFull`.

    Called outside a transaction it writes the file first and then its row in one of its own.
    """
    content = storage.put(received.content)
    return enter(session, content, received, owner=by.person, now=now, instance=instance, purpose=purpose)


def enter(
    session: Session,
    content: str,
    received: Received,
    *,
    owner: str | None,
    now: datetime,
    instance: str | None,
    purpose: str,
) -> str:
    """Write the row of a file that `Storage.put` has stored; joins the open transaction."""
    identifier = new_id()
    with transaction(session):
        session.execute(
            insert(File).values(
                id=identifier,
                content=content,
                size=len(received.content),
                type=received.type,
                name=received.name,
                width=received.width,
                height=received.height,
                pages=received.pages,
                is_grey=received.is_grey,
                is_screened=received.is_screened,
                owner_id=owner,
                instance_id=instance,
                purpose=purpose,
                created_at=now,
            )
        )
    return identifier


def facts(session: Session, file: str) -> StoredFile | None:
    """The facts of a file, or None. Asks no policy: who may see it is for the caller to know (C-23)."""
    row = session.execute(select(*_FACTS).where(_file.c.id == file)).first()
    return StoredFile(*tuple(row)) if row is not None else None


def facts_of(session: Session, files: Collection[str]) -> dict[str, StoredFile]:
    """The facts of many files by id, in one statement. Asks no policy."""
    rows = session.execute(select(*_FACTS).where(_file.c.id.in_(sorted(files)))) if files else ()
    found = (StoredFile(*tuple(row)) for row in rows)
    return {each.id: each for each in found}


def may_have(session: Session, by: Acting, file: StoredFile) -> bool:
    """Whether `by` may have a file: he stored it, or may read the instance it belongs to (C-23)."""
    if file.instance is None:
        return file.owner == by.person
    return policy.may_read(session, by, file.instance)


def open_file(session: Session, storage: Storage, file: str) -> tuple[StoredFile, bytes] | None:
    """The facts and the content of a file, or None. Asks no policy."""
    found = facts(session, file)
    return (found, storage.get(found.content)) if found is not None else None


def attach(session: Session, file: str, instance: str) -> None:
    """Bind a file uploaded before its instance began to that instance."""
    with transaction(session):
        session.execute(update(File).where(_file.c.id == file).values(instance_id=instance))


def remove(session: Session, file: str) -> None:
    """Delete a file's row; the sweep deletes what it stood for once no row needs it."""
    with transaction(session):
        session.execute(delete(File).where(_file.c.id == file))


def forget_results(session: Session, now: datetime) -> int:
    """Delete errands long over, and the files that were their results (a chore); return how many errands."""
    with transaction(session):
        results = errands.forget(session, now)
        files = [result["file"] for result in results if "file" in result]
        for start in range(0, len(files), 500):
            session.execute(
                delete(File).where(_file.c.id.in_(files[start : start + 500]), _file.c.purpose == RESULT)
            )
    return len(results)


def sweep(session: Session, storage: Storage, older_than: timedelta = ORPHANS) -> int:
    """Delete files that have had no row for a day (a chore); return how many.

    A file that is being stored again right now has just been touched and is left.
    """
    if storage.is_held():  # a backup runs: the next sweep will do
        return 0
    seconds = older_than.total_seconds()
    storage.tidy(seconds)
    count = 0
    for name in list(storage.names(seconds)):
        with transaction(session):  # against a row being written between the look and the deletion
            if session.scalar(select(_file.c.id).where(_file.c.content == name).limit(1)) is None:
                count += storage.discard(name, seconds)
    return count
