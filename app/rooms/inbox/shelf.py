"""Files of a task: uploads taken in, materials laid out, and handed out under the policy of their instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Response, abort, g
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform import documents
from app.platform.documents import Document, File, StoredFile, UploadRefused
from app.platform.forms import Complaint, Field
from app.platform.registry import Words
from app.platform.runtime import policy
from app.platform.runtime.views import TaskView
from app.rooms.web.acting import me, now, session

MEGABYTE = 1024 * 1024
INLINE = ("image/jpeg", "image/png", "application/pdf")
SEALED_OFF = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Material:
    """A file as the task page lays it out: under which question it was handed in."""

    label: Words
    file: StoredFile

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in the page."""
        return self.file.type.startswith("image/")


def receive(
    view: TaskView, sent: MultiDict[str, str], uploads: MultiDict[str, FileStorage]
) -> tuple[MultiDict[str, str], tuple[Complaint, ...]]:
    """Store what was uploaded and add its ids to what was sent; refused files become complaints."""
    fields, complaints = MultiDict(sent), []
    assert view.form is not None
    for one in view.form.visible:
        if one.name not in view.form.writable or one.kind.how != "upload":
            continue
        for upload in uploads.getlist(one.name)[: one.kind.most(one) + 1]:  # one more than allowed: then it is said
            if not upload.filename:
                continue
            try:
                fields.add(one.name, _stored(view, one, upload))
            except UploadRefused as refused:
                complaints.append(_complaint(one, refused))
    return fields, tuple(complaints)


def _stored(view: TaskView, one: Field, upload: FileStorage) -> str:
    place = documents.settings()
    received = documents.check_upload(
        upload.filename or "", upload.stream, one.kind.accept(one), one.kind.limit(one), press=place.press
    )
    return documents.store(
        session(), place.storage, received, me(), now(), instance=view.instance, purpose=f"field:{one.name}"
    )


def _complaint(one: Field, refused: UploadRefused) -> Complaint:
    """A refused upload in the words of its field."""
    code = {"extension": "type", "too_large": "size", "locked": "broken", "active": "broken", "pages": "size"}.get(
        refused.code, refused.code
    )
    parameters = {"accept": one.kind.accepted(one), "max": one.kind.megabytes(one)}
    return Complaint(one.name, one.label, code, parameters, one.messages.get(code))


def file_facts(file: str) -> StoredFile | None:
    """Facts of a file, asked once per request."""
    known: dict[str, StoredFile | None] = g.setdefault("file_facts", {})
    if file not in known:
        known[file] = documents.facts(session(), file)
    return known[file]


def materials(view: TaskView, values: Mapping[str, Any]) -> list[Material]:
    """Files handed in at this form, in the order of its questions."""
    if view.form is None:
        return []
    found = []
    for one in view.form.visible:
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


def hand_out(file: str, *, inline: bool) -> Response:
    """Answer with a file: to whoever stored it, or may read the instance it belongs to; 404 to all others."""
    known = documents.facts(session(), file)
    if known is None or not _may_have(known):
        abort(404)
    found = documents.open_file(session(), documents.settings().storage, file)
    if found is None:
        abort(404)
    response = Response(found[1], mimetype=known.type)
    how = "inline" if inline and known.type in INLINE else "attachment"
    response.headers["Content-Disposition"] = _disposition(how, known.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _policy(known.type)
    return response


def _may_have(file: StoredFile) -> bool:
    if file.instance is None:
        return file.owner == me().person
    return policy.may_read(session(), me(), file.instance)


def _policy(kind: str) -> str:
    """Nothing may run in what we hand out. (Chromium's own PDF viewer does not start under `sandbox`.)"""
    return SEALED_OFF if kind == "application/pdf" else f"sandbox; {SEALED_OFF}"


def _disposition(how: str, name: str) -> str:
    """Content-Disposition after RFC 6266: a plain name for old readers, the real one beside it."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() or letter in "-_." else "_" for letter in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
