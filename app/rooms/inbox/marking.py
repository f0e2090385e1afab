"""What is to be put right, on the page of a task: marks for whoever judges, the letter for whoever has to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import MultiDict

from app.platform.documents import correction_letters
from app.platform.forms import Complaint
from app.platform.forms.kinds.uploads import File
from app.platform.registry import Words
from app.platform.runtime.views import TaskView
from app.rooms.inbox import shelf
from app.rooms.web import flags
from app.rooms.web.acting import session
from app.rooms.web.flags import FIELD, FILE, Flag
from app.rooms.web.language import current, said

if TYPE_CHECKING:
    from app.rooms.inbox.answering import Answer


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to put right. `target`: where it stands on the page, if it can be changed there."""

    label: Words
    reason: str
    files: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything to be put right at once (一次性告知书), and the paper of it once that is printed."""

    comment: str
    by_name: str
    at: datetime
    lines: tuple[Line, ...]
    paper: correction_letters.Paper


def read(view: TaskView, posted: MultiDict[str, str]) -> dict[str, Flag]:
    """The marks that came with a post, with their words; what nobody could have marked here is left to the verb."""
    labels = _labels(view)
    return {
        item: replace(flag, label=said(labels[item]) if item in labels else item)
        for item, flag in flags.read(posted).items()
    }


def complaints(view: TaskView, outcome: str, marked: Mapping[str, Flag]) -> list[Complaint]:
    """Marks without a reason, where the outcome sends back; of others the verb says what it has against them."""
    is_negative = any(one.key == outcome and one.negative for one in view.outcomes)
    return flags.complaints(marked.values()) if is_negative else []


def of_fields(answer: Answer) -> dict[str, Flag]:
    """The marks beside the fields of the form, as they were left."""
    if not answer.editable:
        return {}
    return _as_left(answer, ((name, FIELD) for name in answer.view.nameable))


def of_files(answer: Answer) -> dict[str, Flag]:
    """The same beside the files handed in."""
    if not answer.editable:
        return {}
    return _as_left(answer, ((file, FILE) for file in _files(answer.view)))


def _as_left(answer: Answer, items: Iterable[tuple[str, str]]) -> dict[str, Flag]:
    errors = {one.field: one.message(current()) for one in answer.complaints if one.code == "reason"}
    return {
        item: replace(flag, error=errors.get(item, ""))
        for item, flag in _drawn(answer.view, answer.flags, items).items()
    }


def as_left(view: TaskView, left: Mapping[str, Flag]) -> list[Flag]:
    """The marks of a page that lists what may be marked by itself: fields in the order of the form, then files."""
    order = [name for name in view.form.form.fields if name in view.nameable] if view.form else []
    items = [*((name, FIELD) for name in order), *((file, FILE) for file in _files(view))]
    return list(_drawn(view, left, items).values())


def _drawn(view: TaskView, left: Mapping[str, Flag], items: Iterable[tuple[str, str]]) -> dict[str, Flag]:
    labels = _labels(view)
    return {
        item: replace(left.get(item) or Flag(item, ""), name=f"{start}{item}", label=said(labels[item]))
        for item, start in items
    }


def _labels(view: TaskView) -> dict[str, Words]:
    """What may be marked, and what it is called."""
    if view.form is None:
        return {}
    named = {name: view.form.form.fields[name].label for name in view.nameable}
    return named | {file: _named_file(named[name], file) for file, name in _files(view).items()}


def _named_file(label: Words, file: str) -> Words:
    facts = shelf.file_facts(file)
    return Words(f"{label.zh} {facts.name}", f"{label.en} {facts.name}") if facts else label


def _files(view: TaskView) -> dict[str, str]:
    """The files under the fields that may be marked, with their fields."""
    if view.form is None:
        return {}
    fields = [name for name in view.nameable if isinstance(view.form.form.fields[name].kind, File)]
    return {file: name for name in sorted(fields) for file in view.values.get(name) or ()}


def reasons(view: TaskView) -> Mapping[str, str]:
    """Why fields were sent back, for whoever is to put them right."""
    found = view.items
    return {} if found is None or found.element == view.element or not view.can_work else found.named.fields


def shown(answer: Answer) -> dict[str, Any]:
    """The marks beside files, how many there are in all, and the letter."""
    fields, files = of_fields(answer), of_files(answer)
    count = sum(flag.ticked for flag in (*fields.values(), *files.values()))
    codes = flags.codes() if fields or files else {}
    return {
        "flags": fields,
        "file_flags": files,
        "flag_codes": codes,
        "flag_count": count,
        "letter": _letter(answer.view),
    }


def _letter(view: TaskView) -> Letter | None:
    why, found = reasons(view), view.items
    if found is None or not why:
        return None
    told = view.returned
    open_here = view.form.writable if view.form else frozenset()
    names = [name for name in found.labels if name in why] + [
        name for name in why if name not in found.labels
    ]
    lines = [
        Line(
            found.labels.get(name, Words(name, name)),
            why[name],
            tuple(facts.name for file in _named_files(view, name) if (facts := shelf.file_facts(file))),
            f"f-{name}-at" if name in open_here else "",
        )
        for name in names
    ]
    paper = correction_letters.paper(session(), view.instance, found.seq)
    return Letter(told.comment if told else "", told.by_name if told else "", found.at, tuple(lines), paper)


def _named_files(view: TaskView, name: str) -> list[str]:
    return [file for file, of in view.items.named.of.items() if of == name] if view.items else []
