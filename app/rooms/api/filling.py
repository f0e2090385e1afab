"""A form's values between JSON and the texts its fields read: typed both ways, with the rights of the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.platform import documents, forms
from app.platform.forms import Complaint, Entry, Field, Given, StepForm
from app.platform.forms.complaints import cell_label
from app.platform.forms.kinds.choosing import Choice, YesNo
from app.platform.forms.kinds.numeric import Number, Period
from app.platform.forms.kinds.table import Table, asked_once, packed
from app.platform.forms.kinds.uploads import File
from app.platform.registry import Words
from app.platform.runtime import asking, submissions
from app.platform.runtime.views import TaskView
from app.rooms.api.problems import Complained
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current, said

Texts = Mapping[str, Sequence[str]]
UNKNOWN = Words("表单中没有“{name}”", "The form has no field “{name}”")
UNKNOWN_COLUMN = Words("【{label}】没有“{name}”一列", "“{label}” has no column “{name}”")
TYPES = {
    "text": Words("【{label}】应为文本", "“{label}” must be a string"),
    "number": Words("【{label}】应为数字", "“{label}” must be a number"),
    "flag": Words("【{label}】应为 true 或 false", "“{label}” must be true or false"),
    "period": Words(
        "【{label}】应为对象，有 from 和 to 两个日期", "“{label}” must be an object of two days, from and to"
    ),
    "rows": Words("【{label}】应为对象列表，每行一个", "“{label}” must be a list of objects, one a row"),
    "list": Words("【{label}】应为文本列表", "“{label}” must be a list of strings"),
}


def texts_of(step: StepForm, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The texts that `data` (field → value) means. Raises `Complained` for unknown names and wrong types."""
    complaints: list[Complaint] = []
    texts: dict[str, list[str]] = {}
    for name, value in data.items():
        one = step.form.fields.get(name)
        if one is None:
            complaints.append(Complaint(name, Words(name, name), "unknown_field", {}, _named(UNKNOWN, name)))
            continue
        if value is None:
            read: list[str] | None = []
        elif isinstance(one.kind, Table):
            read = _rows(one, value, complaints)
        else:
            read = _texts(one, value)
        if read is None:
            complaints.append(Complaint(name, one.label, "wrong_type", {}, TYPES[_wanted(one)]))
        else:
            texts[name] = read
    if complaints:
        raise Complained(complaints)
    return texts


def _wanted(one: Field) -> str:
    if isinstance(one.kind, YesNo):
        return "flag"
    if isinstance(one.kind, Number):
        return "number"
    if isinstance(one.kind, Table):
        return "rows"
    if isinstance(one.kind, Period):
        return "period"
    is_list = isinstance(one.kind, File) or (isinstance(one.kind, Choice) and one.settings.get("many"))
    return "list" if is_list else "text"


def _texts(one: Field, value: Any) -> list[str] | None:
    """The texts of one value; None where it is of another type."""
    wanted = _wanted(one)
    if isinstance(value, bool):
        return ["yes" if value else "no"] if wanted == "flag" else None
    if isinstance(value, int | float):
        return [_plain(value)] if wanted == "number" else None
    if isinstance(value, str):
        return None if wanted == "period" else [value] if value else []
    if wanted == "period":
        ends = value if isinstance(value, dict) else {}
        days = [ends.get("from"), ends.get("to")]
        return [str(day) for day in days] if all(isinstance(day, str) for day in days) else None
    if wanted == "list" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return list(value)
    return None


def _rows(one: Field, value: Any, complaints: list[Complaint]) -> list[str] | None:
    """The text of each row of a table; None where it is no list of objects. Cells that are wrong are complained of."""
    assert isinstance(one.kind, Table)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None
    columns = {each.name: each for each in one.kind.columns(one)}
    rows = []
    for number, row in enumerate(value, 1):
        cells: dict[str, list[str]] = {}
        for name, cell in row.items():
            column = columns.get(name)
            if column is None:
                words = _named(UNKNOWN_COLUMN, name)
                complaints.append(
                    Complaint(one.name, one.label, "unknown_field", {}, words, number, name[:100])
                )
                continue
            read = [] if cell is None else _texts(column, cell)
            if read is None:
                label = cell_label(one.label, number, column.label)
                words = TYPES[_wanted(column)]
                complaints.append(Complaint(one.name, label, "wrong_type", {}, words, number, name))
            else:
                cells[name] = read
        rows.append(packed(tuple(columns.values()), cells))
    return rows


def _named(words: Words, name: str) -> Words:
    return Words(*(text.replace("{name}", name[:100]) for text in words))


def _plain(value: float) -> str:
    """A number as people write it: never with an exponent."""
    return str(value) if isinstance(value, int) else f"{value:.15f}".rstrip("0").rstrip(".")


def read_task(view: TaskView, data: Mapping[str, Any], outcome: str) -> Entry | None:
    """Read what was sent for a task; fields left out stay as they are. Raises `Complained`."""
    if view.form is None:
        if data:
            raise Complained(_no_form(data))
        return None
    entry = _read(view.form, data, given_of(view, outcome))
    if entry.complaints:
        raise Complained(entry.complaints)
    return entry


def draft_of(view: TaskView, data: Mapping[str, Any]) -> Entry | None:
    """The same without complaints about the values: a draft may be unfinished. Raises `Complained`."""
    if view.form is None:
        if data:
            raise Complained(_no_form(data))
        return None
    return _read(view.form, data, given_of(view))


def read_start(form: StepForm | None, data: Mapping[str, Any], process: str) -> Entry | None:
    """Read what was sent for a start form. Raises `Complained`."""
    if form is None:
        if data:
            raise Complained(_no_form(data))
        return None
    given = asking.given(session(), {}, file_facts, by=me(), now=now(), process=process)
    entry = forms.read(form, texts_of(form, data), given)
    if entry.complaints:
        raise Complained(entry.complaints)
    return entry


def _read(form: StepForm, data: Mapping[str, Any], given: Given) -> Entry:
    present = {
        name: one.kind.raw(one, given.values[name], given)
        for name, one in form.form.fields.items()
        if name in form.writable and given.values.get(name) not in (None, "", [])
    }
    return forms.read(form, {**present, **texts_of(form, data)}, given)


def _no_form(data: Mapping[str, Any]) -> list[Complaint]:
    words = Words("这一步没有表单", "This step has no form")
    return [Complaint(name[:100], Words(name, name), "no_form", {}, words) for name in list(data)[:20]]


def given_of(view: TaskView, outcome: str = "") -> Given:
    """What the task's form may ask for, in the name of the caller."""
    return asking.at_task(session(), view, file_facts, me(), now(), outcome)


def file_facts(file: str) -> documents.StoredFile | None:
    """Facts of a stored file."""
    return documents.facts(session(), file)


def loose_files(form: StepForm | None, entry: Entry | None) -> Iterator[str]:
    """Files of an entry that belong to no instance yet."""
    for one in form.visible if form and entry else ():
        if entry and one.kind.how == "upload":
            for file in entry.written.get(one.name) or ():
                facts = file_facts(file)
                if facts is not None and facts.instance is None:
                    yield file


def shown_form(form: StepForm, given: Given) -> dict[str, Any]:
    """A form as a program needs it: its visible fields, their kinds, rights and choices."""
    return {
        "id": form.form.id,
        "title": said(form.form.title),
        "fields": [_shown_field(form, one, given) for one in form.visible],
    }


def _shown_field(form: StepForm, one: Field, given: Given) -> dict[str, Any]:
    right = form.rights[one.name]
    shown = {
        **_described(one, one.name in form.writable, given),
        "right": right,
        "masked": _is_masked(form, one),
    }
    if isinstance(one.kind, Table):
        given = asked_once(given)
        shown["columns"] = [
            {**_described(each, one.name in form.writable, given), "required": each.required}
            for each in one.kind.columns(one)
        ]
        shown["rows"] = {"min": one.kind.least(one), "max": one.kind.most(one)}
    return shown


def _described(one: Field, writable: bool, given: Given) -> dict[str, Any]:
    """What a program must know to answer a field, or a column of a table."""
    shown: dict[str, Any] = {
        "name": one.name,
        "label": said(one.label),
        "kind": one.kind.key,
        "many": _wanted(one) == "list",
    }
    if isinstance(one.kind, Choice) and writable:
        listed = one.kind.listed(one, given)
        shown["choices"] = [{"code": code, "label": words.said(current())} for code, words in listed]
    return shown


def shown_values(view: TaskView) -> dict[str, Any]:
    """The values of the visible fields; what the reader may not change stays behind its mask.

    What he may change he sees in full, and where it is another's number that is written down (C-38, C-39).
    """
    form = view.form
    if form is None:
        return {}
    if view.can_work:
        own = replace(form, rights={n: r if n in form.writable else "hidden" for n, r in form.rights.items()})
        submissions.reveal(session(), view.instance, view.starter, own, view.values, me(), now())
    shown = {}
    for one in form.visible:
        value = view.values.get(one.name, one.kind.empty())
        in_full = view.can_work and one.name in form.writable
        shown[one.name] = value if in_full else one.kind.veiled(one, value)
    return shown


def _is_masked(form: StepForm, one: Field) -> bool:
    return one.kind.hides(one) and one.name not in form.writable
