"""Forms that stand on a system's own page: a start form, or one about the person, outside any task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform import forms
from app.platform.data import new_id
from app.platform.forms import Complaint, Entry, Given, StepForm
from app.platform.registry import Refused, Words
from app.platform.runtime import asking, drafts, versions
from app.rooms.inbox import shelf
from app.rooms.web import forms as drawn
from app.rooms.web import kept
from app.rooms.web.acting import me, now, session


@dataclass(frozen=True)
class Start:
    """A form outside any task as answered so far. `entry` is None until something was sent.

    `draft`: the version of the draft its page has read; the page carries it as `_draft`. `aside`: another window's
    draft is kept beside it, which `?draft=aside` shows.
    """

    step: StepForm
    given: Given
    key: str
    sent: Mapping[str, list[str]]
    entry: Entry | None = None
    complaints: tuple[Complaint, ...] = ()
    redraws: bool = False
    draft: int | None = 0
    aside: bool = False

    def drawn(self, language: str) -> Markup:
        """The fields, for the page's own `<form>`."""
        return drawn.render_form(
            self.step,
            self.given.values,
            self.complaints,
            self.given,
            language,
            sent=self.sent,
            in_full=True,
            file_url=lambda file: url_for("files.download", file=file),
        )

    def with_refusal(self, refused: Refused) -> Start:
        """The same form with what the system itself said against it."""
        complaint = Complaint(refused.field, Words("", ""), "refused", {}, refused.words)
        return replace(self, complaints=(*self.complaints, complaint))


def start(process: str) -> Start:
    """The empty start form of `process`, or what a lost session kept of it. Raises `Unknown`."""
    step, given = _asked(process)
    typed = kept.take()
    return Start(step, given, new_id(), forms.collect(step, drawn.texts(typed)) if typed else {})


def read_start(process: str, posted: MultiDict[str, str]) -> Start:
    """Read a posted start form. Raises `Unknown`."""
    return _read(*_asked(process), posted)


def own(process: str, form: str, step: str, values: Mapping[str, Any]) -> Start:
    """A form of `process` about the person who acts, as its `step` may edit it, with what was typed and not sent."""
    return _with_draft(*_own(process, form, step, values), f"form:{form}")


def begin(process: str) -> Start:
    """The start form of `process` with what was typed into it and not sent. Raises `Unknown`."""
    return _with_draft(*_asked(process), f"start:{process}")


def read_begun(
    process: str, posted: MultiDict[str, str], uploads: MultiDict[str, FileStorage] | None = None
) -> Start:
    """Read such a start form as posted; files that came along are stored first. Raises `Unknown`."""
    return _read(*_asked(process), posted, uploads)


def keep_begun(process: str, answer: Start, *, anew: bool = False) -> Start:
    """Keep what was typed into it and not sent, until it is sent. Raises `DraftOutdated` as `keep_own` does."""
    return _keep(f"start:{process}", answer, anew)


def _with_draft(asked: StepForm, given: Given, about: str) -> Start:
    draft = drafts.of(session(), about, me())
    typed = kept.take()
    if typed is None and draft is not None and draft.aside and request.args.get("draft") == "aside":
        return Start(
            asked, given, new_id(), dict(draft.aside[0])
        )  # has read none: to save it must be said so
    sent = forms.collect(asked, drawn.texts(typed)) if typed else dict(draft.values) if draft else {}
    version, aside = (draft.version, draft.aside is not None) if draft else (0, False)
    return Start(asked, given, new_id(), sent, draft=version, aside=aside)


def read_own(
    process: str, form: str, step: str, values: Mapping[str, Any], posted: MultiDict[str, str]
) -> Start:
    """Read such a form as posted."""
    return _read(*_own(process, form, step, values), posted)


def keep_own(form: str, answer: Start, *, anew: bool = False) -> Start:
    """Keep what was typed into such a form and not sent, until `drafts.drop` (`form:<system>/<name>`).

    Raises `DraftOutdated` where another window has kept a newer one, unless `anew` sets that aside.
    """
    return _keep(f"form:{form}", answer, anew)


def _keep(about: str, answer: Start, anew: bool) -> Start:
    by, read, window = me(), answer.draft, drawn.window()
    version = drafts.keep(session(), about, answer.sent, by, now(), read=read, anew=anew, window=window)
    return replace(answer, draft=version)


def _read(
    step: StepForm,
    given: Given,
    posted: MultiDict[str, str],
    uploads: MultiDict[str, FileStorage] | None = None,
) -> Start:
    sent, refused = drawn.texts(posted), []
    if uploads:
        sent, refused = drawn.take_uploads(step, sent, uploads, shelf.taking(None))
    entry = forms.with_complaints(forms.read(step, sent, given), refused)
    key, draft = posted.get("key") or new_id(), posted.get("_draft", type=int)
    asked = Start(step, given, key, entry.sent, entry, entry.complaints, draft=draft)
    return replace(asked, complaints=tuple(refused), redraws=True) if drawn.is_update(posted) else asked


def _asked(process: str) -> tuple[StepForm, Given]:
    program = versions.current(session(), process)
    form = program.forms[program.definition.form or ""]
    return form.at("start"), _given(process, {})


def _own(process: str, form: str, step: str, values: Mapping[str, Any]) -> tuple[StepForm, Given]:
    return versions.current(session(), process).forms[form].at(step), _given(process, values)


def _given(process: str, values: Mapping[str, Any]) -> Given:
    return asking.given(session(), values, shelf.file_facts, by=me(), now=now(), process=process)
