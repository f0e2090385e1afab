"""Reads and draws a process's start form for the page of a system, with everything typed kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform import documents, forms
from app.platform.data import new_id
from app.platform.documents import UploadRefused
from app.platform.forms import Complaint, Entry, StepForm
from app.platform.registry import Words
from app.platform.runtime import asking, versions
from app.rooms.inbox import shelf
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session

STEP = "start"
LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Start:
    """A start form on a page: blank, or as it was sent."""

    process: str
    form: StepForm
    given: forms.Given
    key: str
    entry: Entry | None = None
    redraws: bool = False

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What is wrong with it; nothing while only the next level of a region is asked for."""
        return self.entry.complaints if self.entry and not self.redraws else ()

    def drawn(self, language: str) -> Markup:
        """The fields of the form."""
        sent = self.entry.sent if self.entry else None
        return drawn.render_form(self.form, {}, self.complaints, self.given, language, sent=sent)


def blank(process: str) -> Start:
    """The start form of a process, empty. Raises `Unknown`."""
    program = versions.current(session(), process)
    form = program.forms[program.definition.form or ""].at(STEP)
    given = asking.given(session(), {}, shelf.file_facts, by=me(), now=now(), process=process, element=STEP)
    return Start(process, form, given, new_id())


def read(process: str, posted: MultiDict[str, str]) -> Start:
    """The start form as posted."""
    start = blank(process)
    entry = forms.read(start.form, drawn.texts(posted), start.given)
    return Start(
        process, start.form, start.given, posted.get("key") or new_id(), entry, drawn.is_update(posted)
    )


def receive_one(
    upload: FileStorage | None, accept: frozenset[str], instance: str, wrong: Words
) -> tuple[str | None, Words | None]:
    """Store one upload that stands outside any form: (file id, None), or (None, why not)."""
    if upload is None or not upload.filename:
        return None, wrong
    place = documents.settings()
    try:
        received = documents.check_upload(upload.filename, upload.stream, accept, LIMIT, press=place.press)
    except UploadRefused as refused:
        large = Words(_("文件不能超过 20 MB"), "The file is larger than 20 MB")
        return None, large if refused.code == "too_large" else wrong
    return documents.store(
        session(), place.storage, received, me(), now(), instance=instance, purpose="scan"
    ), None
