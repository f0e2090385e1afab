"""Files of a task: uploads taken in, and materials laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.platform import documents
from app.platform.documents import Document, File, StoredFile, UploadRefused
from app.platform.forms import Field, StepForm, Wrong
from app.platform.forms.kinds.uploads import File as FileKind
from app.platform.registry import Words
from app.rooms.web.acting import me, now, session

REFUSED = {
    "empty": Words("上传的文件是空的，请重新选择", "The file is empty; choose another"),
    "too_large": Words("文件不能超过20 MB，请压缩后上传", "The file may not exceed 20 MB"),
    "pixels": Words("图片尺寸过大，请缩小后上传", "The picture is too large"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """A file as the task page lays it out: under which question it was handed in."""

    label: Words
    file: StoredFile

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in the page."""
        return self.file.type.startswith("image/")


def taking(instance: str) -> Callable[[Field, FileStorage], str]:
    """How an upload of a form is taken in: checked by its content, stored, entered for the instance."""

    def take(one: Field, upload: FileStorage) -> str:
        kind = one.kind
        assert isinstance(kind, FileKind)
        try:
            return _store(upload, kind.accept(one), kind.limit(one), instance, f"field:{one.name}")
        except UploadRefused as refused:
            raise Wrong(refused.code) from refused

    return take


def receive_one(
    upload: FileStorage | None, accept: frozenset[str], instance: str
) -> tuple[str | None, Words | None]:
    """Take in one file outside of any form; return its id, or None and what is wrong with it."""
    if upload is None or not upload.filename:
        return None, _wanted(accept)
    try:
        return _store(upload, accept, documents.LIMIT, instance, "upload"), None
    except UploadRefused as refused:
        return None, REFUSED.get(refused.code) or _wanted(accept)


def _store(upload: FileStorage, accept: frozenset[str], limit: int, instance: str, purpose: str) -> str:
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
    """Files handed in at this form, in the order of its questions."""
    if form is None:
        return []
    found = []
    for one in form.visible:
        if one.kind.how == "upload":
            stored = (file_facts(file) for file in values.get(one.name) or ())
            found += [Material(one.label, file) for file in stored if file]
    return found


def printed(instance: str) -> list[Any]:
    """Documents printed for an instance; of each template only the newest counts. One statement."""
    rows = session().execute(
        select(
            Document.template,
            Document.number,
            Document.pages,
            Document.created_at,
            Document.file_id.label("file"),
            File.name,
        )
        .join(File, File.id == Document.file_id)
        .where(Document.instance_id == instance)
        .order_by(Document.id)
    )
    return list({row.template: row for row in rows}.values())
