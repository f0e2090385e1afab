"""Many files as one ZIP, as an errand: each asked about anew when it is packed (C-23, C-30)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.documents.entities import File
from app.platform.documents.files import RESULT, enter
from app.platform.documents.names import document_name, numbered
from app.platform.documents.settings import settings
from app.platform.documents.uploads import Received
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import policy, substitutes
from app.platform.runtime.entities import Instance

KIND = "documents/zip"
MOST_FILES = 2_000
MOST_BYTES = 400 * 1024 * 1024  # a ZIP is sealed as a whole
CHUNK = 500
EVERY = 10  # files between two tellings of how far it is
NOTHING = Words("这些文件已不存在，或您已无权查看。", "These files are gone, or no longer yours to see.")


def zip_later(
    session: Session,
    files: Sequence[str],
    title: Words,
    by: Acting,
    now: datetime,
    names: Mapping[str, str] | None = None,
) -> str:
    """Begin to pack `files` (ids), in this order, and return the errand's id; `title` also names the ZIP.

    `names` says by id what a file is called in it, else its own name counts; they are kept as they are, so nothing
    personal may stand in them.

    What the person may not read when it is packed is left out. The result is `{"file": id, "files": n,
    "left_out": n}`. Joins the open transaction. Raises `Refused` for none, too many or too much.
    """
    wanted = list(dict.fromkeys(files))
    if not wanted:
        raise Refused("没有可以打包的文件", "There are no files to pack")
    size = session.scalar(select(func.sum(File.size)).where(File.id.in_(wanted[: MOST_FILES + 1]))) or 0
    if len(wanted) > MOST_FILES or size > MOST_BYTES:
        raise Refused(
            f"一次最多打包{MOST_FILES}个文件、{MOST_BYTES >> 20} MB，请缩小范围后分批下载",
            f"A ZIP may hold {MOST_FILES} files and {MOST_BYTES >> 20} MB; choose fewer",
        )
    arguments = {
        "files": wanted,
        "names": {file: name for file, name in (names or {}).items() if file in set(wanted)},
        "person": by.person,
        "name": title.zh[:60],
    }
    return errands.begin(session, KIND, title, arguments, by, now, total=len(wanted))


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Pack outside any transaction; the ZIP's row, the audit's and the errand's end come together."""
    errand, wanted = arguments["errand"], arguments["files"]
    by = behalf.acting(session, arguments["person"], now)
    found = readable(session, substitutes.with_principals(session, by, now), wanted) if by else []
    session.rollback()
    if by is None or not found:
        return lambda at: errands.refuse(session, errand, NOTHING, at)
    names, name = arguments.get("names") or {}, arguments["name"]
    return packed(session, errand, found, names, name, by, len(wanted))


def packed(
    session: Session,
    errand: str,
    files: Sequence[Any],
    names: Mapping[str, str],
    name: str,
    by: Acting,
    wanted: int,
    *,
    begins_at: int = 0,
    more: Mapping[str, Any] | None = None,
) -> Callable[[datetime], None]:
    """Pack `files` (rows of `readable`) as `<name>.zip`; what is returned writes it down and ends the errand.

    `wanted` is how many there should have been, `begins_at` how far the errand had come by then, `more` stands in its
    result, too. Raises `Stopped`.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "all.zip"

        def tell(done: int) -> None:
            errands.step(session, errand, max(begins_at, done), wanted)

        lost = _pack(path, _named(files, names), tell)
        received = Received(document_name(f"{name}.zip"), "application/zip", path.read_bytes())
    content = settings().storage.put(received.content)
    count = len(files) - lost

    def write(at: datetime) -> None:
        errands.step(session, errand, wanted)
        file = enter(session, content, received, owner=by.person, now=at, instance=None, purpose=RESULT)
        body = {"files": [each.id for each in files], "file": file, "errand": errand}
        audit.log(session, "documents", "documents.zipped", by, at, body)
        result = {"file": file, "files": count, "left_out": wanted - count}
        errands.finish(session, errand, {**result, **(more or {})}, at)

    return write


def readable(session: Session, by: Acting, wanted: Sequence[str]) -> list[Any]:
    """Rows of the wanted files the person may have, in the order asked: a statement for five hundred."""
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(
            select(File.id, File.name, File.size, File.content, File.created_at)
            .outerjoin(Instance, Instance.id == File.instance_id)
            .where(
                File.id.in_(wanted[start : start + CHUNK]),
                or_(
                    (File.instance_id.is_(None)) & (File.owner_id == by.person),
                    (Instance.id.is_not(None)) & policy.readable(by),
                ),
            )
        )
        found.update((row.id, row) for row in rows)
    return [found[file] for file in wanted if file in found]


def _pack(path: Path, files: Iterator[tuple[str, Any]], tell: Callable[[int], None]) -> int:
    """Write the ZIP at `path`; return how many files the storage has lost meanwhile. Raises `Stopped` when told to."""
    storage, lost = settings().storage, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PDFs and pictures are packed already
        for done, (name, file) in enumerate(files):
            if done % EVERY == 0:
                tell(done)
            try:
                content = storage.get(file.content)
            except FileNotFoundError:
                lost += 1
                continue
            moment = file.created_at.timetuple()[:6]
            archive.writestr(zipfile.ZipInfo(name, moment), content)
    return lost


def _named(files: Sequence[Any], names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    called = numbered(document_name(names.get(file.id) or file.name) for file in files)
    return zip(called, files, strict=True)
