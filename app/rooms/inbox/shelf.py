"""Files of a task: uploads taken in, and materials laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, g
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.platform import documents
from app.platform.documents import Document, File, StoredFile, UploadRefused
from app.platform.forms import Complaint, Field, StepForm, Wrong
from app.platform.forms.kinds.uploads import File as FileKind
from app.platform.forms.kinds.uploads import Signature
from app.platform.registry import Call, Words
from app.platform.runtime import instances
from app.rooms.web.acting import me, now, session
from app.rooms.web.files import readable

REFUSED = {
    "empty": Words("上传的文件是空的，请重新选择", "The file is empty; choose another"),
    "too_large": Words("文件不能超过20 MB，请压缩后上传", "The file may not exceed 20 MB"),
    "infected": Words("文件未通过病毒扫描，不能上传", "The file did not pass the virus scan"),
    "unscreened": Words("病毒扫描暂时无法进行，请稍后再试", "The virus scanner is away; try again later"),
    "pixels": Words("图片尺寸过大，请缩小后上传", "The picture is too large"),
}
SCAN = Words("扫描件", "Scan")


@dataclass(frozen=True, slots=True)
class Material:
    """A file as the task page lays it out: under which question it was handed in.

    Of a scan of what was printed, `verdict` says what came of the comparison (verified, unverified; None if there was
    none) and `print` is the printed document.
    """

    label: Words
    file: StoredFile
    verdict: str | None = None
    print: str | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in the page."""
        return self.file.type.startswith("image/")


def taking(instance: str | None) -> Callable[[Field, FileStorage], str]:
    """How an upload of a form is taken in: checked by its content, stored, entered for the instance, if it began."""

    def take(one: Field, upload: FileStorage) -> str:
        kind = one.kind
        assert isinstance(kind, FileKind)
        try:
            return _store(upload, kind.accept(one), kind.limit(one), instance, f"field:{one.name}")
        except UploadRefused as refused:
            raise Wrong(refused.code) from refused

    return take


def receive_one(
    upload: FileStorage | None, accept: frozenset[str], instance: str, scan_of: str | None = None
) -> tuple[str | None, Words | None]:
    """Take in one file outside of any form; return its id, or None and what is wrong with it.

    `scan_of`: the template whose print in this instance it is the scan of (`<system>/<name>`), with which it is
    compared.
    """
    if upload is None or not upload.filename:
        return None, _wanted(accept)
    try:
        file = _store(upload, accept, documents.LIMIT, instance, "upload")
    except UploadRefused as refused:
        return None, REFUSED.get(refused.code) or _wanted(accept)
    fault = _compared(instance, scan_of, file) if scan_of else None
    return (None, fault) if fault else (file, None)


def _compared(instance: str, template: str, file: str) -> Words | None:
    """What is wrong with a scan, in words."""
    call = Call(session(), now(), me(), instance, "", "", {}, me().person)
    fault = documents.verify(call, template, [file]).fault
    if fault is None:
        return None
    complaint = Complaint(None, SCAN, fault.code, fault.parameters)
    return Words(complaint.message("zh"), complaint.message("en"))


def _store(
    upload: FileStorage, accept: frozenset[str], limit: int, instance: str | None, purpose: str
) -> str:
    place, name = documents.settings(), upload.filename or ""
    received = documents.check_upload(name, upload.stream, accept, limit, press=place.press)
    return documents.store(
        session(), place.storage, received, me(), now(), instance=instance, purpose=purpose
    )


def _wanted(accept: frozenset[str]) -> Words:
    """What may be uploaded: the words of P-15 for pictures."""
    if "application/pdf" in accept:
        return Words("请上传PDF或图片文件", "Upload a PDF or a picture")
    return Words("请上传彩色图片文件（JPG/PNG）", "Upload a colour picture (JPG/PNG)")


def file_facts(file: str) -> StoredFile | None:
    """Facts of a file, asked once per request."""
    known: dict[str, StoredFile | None] = g.setdefault("file_facts", {})
    if file not in known:
        known[file] = documents.facts(session(), file)
    return known[file]


def materials(form: StepForm | None, values: Mapping[str, Any]) -> list[Material]:
    """Files handed in at this form, in the order of its questions; a signature stands in the form itself."""
    if form is None:
        return []
    found, scans = [], set()
    for one in form.visible:
        if isinstance(one.kind, FileKind) and not isinstance(one.kind, Signature):
            stored = [facts for file in values.get(one.name) or () if (facts := file_facts(file))]
            found += [(one.label, facts) for facts in stored]
            scans |= {facts.id for facts in stored if one.kind.scan_of(one)}
    compared = documents.verdicts(session(), sorted(scans)) if scans else {}
    return [Material(label, facts, *compared.get(facts.id, (None, None))) for label, facts in found]


def beside(file: str) -> dict[str, Any]:
    """A scan and the print it was compared with, and the instance both belong to; 404 if nothing was compared."""
    scan, faced = readable(file), documents.facing(session(), file)
    if faced is None or scan.instance is None:
        abort(404)
    view = instances.view(session(), scan.instance, me(), now())
    own_task = next((task for task in view.open_tasks if task.can_work), None)
    return {"scan": scan, "faced": faced, "instance": view, "own_task": own_task}


def printed(instance: str, *, letters: bool = False) -> list[Any]:
    """Documents printed for an instance; of each template only the newest counts. One statement.

    `letters`: with those of its returns, of which each has its own.
    """
    wanted = Document.instance_id == instance
    if not letters:
        wanted &= Document.template != documents.CORRECTION_LETTER
    rows = session().execute(
        select(
            Document.template,
            Document.element,
            Document.number,
            Document.pages,
            Document.created_at,
            Document.file_id.label("file"),
            File.name,
        )
        .join(File, File.id == Document.file_id)
        .where(wanted)
        .order_by(Document.id)
    )
    letter = documents.CORRECTION_LETTER
    return list({(row.template, row.element if row.template == letter else ""): row for row in rows}.values())
