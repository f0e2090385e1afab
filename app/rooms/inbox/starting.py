"""The start form of a process on a page: shown, read again, and handed to whatever verb starts the instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.platform import forms
from app.platform.data import new_id
from app.platform.forms import Complaint, Entry, Given, StepForm
from app.platform.runtime import asking, versions
from app.rooms.inbox import shelf
from app.rooms.web import forms as drawn
from app.rooms.web import kept
from app.rooms.web.acting import me, now, session


@dataclass(frozen=True)
class Start:
    """A start form as answered so far. `entry` is None until something was sent."""

    step: StepForm
    given: Given
    key: str
    sent: Mapping[str, list[str]]
    entry: Entry | None = None
    complaints: tuple[Complaint, ...] = ()
    redraws: bool = False

    def drawn(self, language: str) -> Markup:
        """The fields, for the page's own `<form>`."""
        return drawn.render_form(self.step, {}, self.complaints, self.given, language, sent=self.sent)


def start(process: str) -> Start:
    """The empty start form of `process`, or what a lost session kept of it. Raises `Unknown`."""
    step, given = _asked(process)
    typed = kept.take()
    return Start(step, given, new_id(), forms.collect(step, drawn.texts(typed)) if typed else {})


def read_start(process: str, posted: MultiDict[str, str]) -> Start:
    """Read a posted start form. Raises `Unknown`."""
    step, given = _asked(process)
    entry = forms.read(step, drawn.texts(posted), given)
    asked = Start(step, given, posted.get("key") or new_id(), entry.sent, entry, entry.complaints)
    return replace(asked, complaints=(), redraws=True) if drawn.is_update(posted) else asked


def _asked(process: str) -> tuple[StepForm, Given]:
    program = versions.current(session(), process)
    form = program.forms[program.definition.form or ""]
    return form.at("start"), asking.given(
        session(), {}, shelf.file_facts, by=me(), now=now(), process=process
    )
