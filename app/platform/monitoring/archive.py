"""An instance as one ZIP that can be checked without us: prints, what was handed in, the record, and their digests.

The same state gives the same bytes: nothing in it says who packed it or when (the audit does), and members have the
moment of the instance's last row. What it holds is what whoever packs it may look after, in full: packing is written
down like any showing in full.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.documents import RESULT, Received, document_name, enter, settings
from app.platform.documents.entities import File
from app.platform.documents.zipping import MOST_BYTES
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.monitoring import archive_members as members
from app.platform.monitoring import entries, reach
from app.platform.monitoring.archive_check import canonical, seal_of
from app.platform.registry import Acting, Refused, Words, house
from app.platform.runtime import history, policy, submissions, versions, views
from app.platform.runtime.entities import Entry, Instance, Version
from app.platform.runtime.errors import Forbidden, Unknown

KIND: Final = "monitoring/archive"
FORMAT: Final = "chengpi-archive/1"
EVERY: Final = 10  # files between two tellings of how far it is
GONE: Final = Words("该事项已不存在，或已不在您的管理范围内。", "It is gone, or no longer within your reach.")
TOO_LARGE: Final = Words(
    f"材料超过{MOST_BYTES >> 20} MB，不能打成一个归档包。",
    f"Its files exceed {MOST_BYTES >> 20} MB: too much for one pack.",
)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: `seal` names the pack (the digest of its manifest), `lost` are files the storage has not."""

    seal: str
    files: int
    lost: tuple[str, ...]
    name: str


@dataclass(slots=True)
class _Pen:
    """Writes members one after the other and remembers their digests."""

    archive: zipfile.ZipFile
    moment: tuple[int, int, int, int, int, int]
    listed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, pieces: Iterable[bytes], how: int = zipfile.ZIP_DEFLATED) -> None:
        """Write one member, piece by piece."""
        about = zipfile.ZipInfo(name, self.moment)
        about.compress_type, about.external_attr = how, 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self.archive.open(about, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.listed.append({"name": name, "size": size, "sha256": digest.hexdigest()})


def archive_later(session: Session, instance: str, by: Acting, now: datetime) -> str:
    """Begin to pack an instance, and return the errand's id; joins the open transaction.

    Raises `Unknown` outside the reach of `by`, `Forbidden` for his own application, `Refused` where it is too large.
    """
    row = reach.within(session, instance, by)
    if not policy.may_manage(by, row.place, row.starter_id):
        raise Forbidden("instance.archive")
    size = session.scalar(select(func.sum(File.size)).where(File.instance_id == instance)) or 0
    if size > MOST_BYTES:
        raise Refused(TOO_LARGE.zh, TOO_LARGE.en)
    number = session.scalar(select(Instance.number).where(Instance.id == instance)) or instance
    title = Words(f"归档包 {number}", f"Archive pack {number}")
    return errands.begin(session, KIND, title, {"instance": instance, "person": by.person}, by, now)


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Pack outside any transaction; the ZIP's row, the audit's and the errand's end come together. Raises `Stopped`."""
    errand, instance = str(arguments["errand"]), str(arguments["instance"])
    by = behalf.acting(session, str(arguments["person"]), now)
    if by is None:
        return lambda at: errands.refuse(session, errand, GONE, at)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pack.zip"
        try:
            packed = write_pack(
                session, instance, by, now, path, lambda done, of: errands.step(session, errand, done, of)
            )
        except (Unknown, Forbidden):
            session.rollback()
            return lambda at: errands.refuse(session, errand, GONE, at)
        received = Received(document_name(f"{packed.name}.zip"), "application/zip", path.read_bytes())
    content = settings().storage.put(received.content)

    def write(at: datetime) -> None:
        errands.step(session, errand, packed.files, packed.files)
        file = enter(session, content, received, owner=by.person, now=at, instance=None, purpose=RESULT)
        note(session, instance, packed, by, at)
        result = {"file": file, "files": packed.files, "lost": len(packed.lost), "instance": instance}
        errands.finish(session, errand, result, at)

    return write


def note(session: Session, instance: str, packed: Packed, by: Acting, now: datetime) -> None:
    """Write down that an instance was packed, and in full what of it; for whoever has called `write_pack`."""
    body = {"instance": instance, "seal": packed.seal, "files": packed.files}
    audit.log(session, "monitoring", "instance.archived", by, now, body, f"instance:{instance}")
    view = views.instance(session, instance, by, now)
    program = versions.of_instance(session, instance)
    by_form: dict[str, dict[str, Any]] = {}
    for form, values in session.execute(
        select(Entry.form, Entry.values).where(Entry.instance_id == instance)
    ):
        by_form.setdefault(form, {}).update({name: value for name, value in values.items() if value})
    for form, values in sorted(by_form.items()):
        if form in program.forms:
            step = entries.step_form(program, form)
            submissions.reveal(session, instance, view.starter, step, values, by, now)


def write_pack(
    session: Session,
    instance: str,
    by: Acting,
    now: datetime,
    path: Path,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Packed:
    """Write the pack of an instance to `path`; the caller writes it down with `note`.

    Reads within the reach of `by`: raises `Unknown`, and `Forbidden` for his own application. `tell(done, total)` is
    called between files, with no transaction open.
    """
    row = reach.within(session, instance, by)
    if not policy.may_manage(by, row.place, row.starter_id):
        raise Forbidden("instance.archive")
    view = views.instance(session, instance, by, now)
    program = versions.program(session, row.version_id)
    rows = history.of(session, instance)
    owner = session.execute(
        select(
            Instance.id, Instance.head, Instance.history_length, Instance.record_key, Instance.place
        ).where(Instance.id == instance)
    ).one()
    version = session.scalar(select(Version.number).where(Version.id == row.version_id))
    files = members.stored(session, instance)
    last = rows[-1].at if rows else view.started_at
    with zipfile.ZipFile(path, "w") as archive:
        pen = _Pen(archive, last.astimezone(UTC).timetuple()[:6])
        pen.add("decisions.html", [members.decisions(session, view, program, rows, files)])
        pen.add("history.json", members.record(session, owner))
        pen.add("entries.json", [members.filled_in(session, instance)])
        picture = members.drawing(program, view, rows)
        if picture is not None:
            pen.add("diagram.svg", [picture])
        session.rollback()
        lost = _add_files(pen, files, tell)
        for name, content in members.checkers().items():
            pen.add(name, [content])
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "instance": instance,
            "process": view.process,
            "version": version,
            "number": view.number,
            "title": view.title,
            "state": view.state,
            "history": {"rows": owner.history_length, "head": owner.head.hex()},
            "files": pen.listed,
            "lost": lost,
        }
        manifest["seal"] = seal_of(manifest)
        pen.add("manifest.json", [canonical(manifest)])
    return Packed(manifest["seal"], len(pen.listed), tuple(lost), f"归档包-{view.number or view.title}")


def _add_files(pen: _Pen, files: list[members.Stored], tell: Callable[[int, int], None]) -> list[str]:
    """Write what people handed in and what was printed, one file in memory at a time; return what was not there."""
    storage, lost = settings().storage, []
    for done, file in enumerate(files):
        if done % EVERY == 0:
            tell(done, len(files))
        try:
            content = storage.get(file.content)
        except FileNotFoundError:
            lost.append(file.name)
            continue
        pen.add(file.name, [content], zipfile.ZIP_STORED)  # PDFs and pictures are packed already
    return lost


def plug() -> None:
    """Register the errand."""
    house.job(KIND)(run)
