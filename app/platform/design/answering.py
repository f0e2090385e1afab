"""What is typed into a real form during a rehearsal: sample files, first choices, and what stands there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.platform import documents
from app.platform.forms import Compared, Field, FileFacts, Given, StepForm
from app.platform.forms.kinds.choosing import Choice
from app.platform.forms.kinds.uploads import File
from app.platform.registry import Acting
from app.platform.runtime import asking
from app.platform.runtime.versions import Program
from app.platform.runtime.views import TaskView

if TYPE_CHECKING:
    from app.platform.design.rehearsing import Run

SAMPLE: Final = "sample"
CHOOSE: Final = "choose"
DAY: Final = "day"
PICTURE: Final = (1240, 1754)  # a page at 150 dpi
ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}


def at_start(run: Run, by: Acting, program: Program | None = None) -> tuple[StepForm, Given]:
    """The start form of what is rehearsed, or of another `program`, and what it is handed."""
    program = program or run.program
    step = program.forms[program.definition.form or ""].at("start")
    return step, _closed(
        asking.given(run.session, {}, _file(run), by=by, now=run.clock, process=program.process)
    )


def at_task(run: Run, view: TaskView, by: Acting, outcome: str = "") -> Given:
    """What the form of an open task is handed."""
    return _closed(asking.at_task(run.session, view, _file(run), by, run.clock, outcome))


def _file(run: Run) -> Any:
    def facts(file: str) -> FileFacts | None:
        return documents.facts(run.session, file)

    return facts


def _closed(given: Given) -> Given:
    """A sample was never printed, so there is nothing to compare a scan with."""
    return replace(given, scan=lambda _template, _files: Compared(None))


def texts(run: Run, data: Mapping[str, Any], step: StepForm, given: Given) -> dict[str, list[str]]:
    """What the browser would post: what stands in the fields that may be written, and `data` over it.

    `data` says texts, `{"choose": n}` for the nth of what is offered, `{"day": n}` for n days from now, or
    `{"sample": name}` for a file.
    """
    sent: dict[str, list[str]] = {}
    for one in step.visible:
        if one.name in step.writable:
            stored = given.values.get(one.name, one.kind.empty())
            sent[one.name] = list(one.kind.raw(one, stored, given))
    for name, said in data.items():
        field = step.form.fields.get(name)
        sent[name] = _meant(run, said, field, given)
    return sent


def _meant(run: Run, said: Any, field: Field | None, given: Given) -> list[str]:
    if isinstance(said, Mapping) and field is not None:
        if DAY in said:
            return [(given.today + timedelta(days=int(said[DAY]))).isoformat()]
        if CHOOSE in said:
            offered = _offered(field, given)
            number = int(said[CHOOSE])
            return [offered[number - 1]] if 0 < number <= len(offered) else []
        return [sample(run, field, str(said.get(SAMPLE) or ""), given.person)]
    many = said if isinstance(said, list | tuple) else [said]
    return [
        sample(run, field, str(each[SAMPLE] or ""), given.person)
        if isinstance(each, Mapping) and SAMPLE in each and field is not None
        else str(each)
        for each in many
    ]


def sample(run: Run, field: Field, name: str, owner: str) -> str:
    """The id of a file that stands for one a person would upload: a row, and nothing behind it."""
    kind = field.kind
    assert isinstance(kind, File)
    accepted = kind.accept(field)
    type_ = next(each for each in ENDINGS if each in accepted)
    width, height = PICTURE if type_.startswith("image/") else (None, None)
    shown = name or f"示例文件.{ENDINGS[type_]}"
    received = documents.Received(shown, type_, b" ", width, height, None if width else 1)
    content = documents.settings().storage.put(f"sample of {field.name}".encode())
    return documents.enter(
        run.session,
        content,
        received,
        owner=owner,
        now=run.clock,
        instance=run.instance,
        purpose=f"field:{field.name}"[:40],
    )


def portable(step: StepForm, sent: Mapping[str, Sequence[str]], given: Given) -> dict[str, Any]:
    """What was typed, so that it can be typed anywhere: a file is a sample, what a hook offers goes by its place."""
    said: dict[str, Any] = {}
    for name, many in sent.items():
        field = step.form.fields.get(name)
        if field is not None and isinstance(field.kind, File):
            named = [{SAMPLE: facts.name} for each in many if (facts := given.file(each))]
            if named:
                said[name] = named
            continue
        offered = _offered(field, given) if field is not None else []
        day = _day(field, many, given)
        if day is not None:
            said[name] = {DAY: day}
        elif len(many) == 1 and many[0] in offered:
            said[name] = {CHOOSE: offered.index(many[0]) + 1}
        elif any(many):
            said[name] = list(many)
    return said


def _day(field: Field | None, many: Sequence[str], given: Given) -> int | None:
    """How many days from now a date lies."""
    if field is None or field.kind.key != "date" or len(many) != 1:
        return None
    try:
        return (date.fromisoformat(many[0]) - given.today).days
    except ValueError:
        return None


def _offered(field: Field, given: Given) -> list[str]:
    """The codes a hook offers for a field: they differ from one installation to the next."""
    hook = field.settings.get("hook")
    return [code for code, _ in given.choices(hook)] if isinstance(field.kind, Choice) and hook else []
