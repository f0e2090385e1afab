"""Reading what was sent at a step: the only way from a request to values (a WTForms form underneath)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wtforms import Field as WtField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from app.platform.forms import scanning
from app.platform.forms.complaints import Complaint, Wrong, WrongCells
from app.platform.forms.definition import Field
from app.platform.forms.deriving import derive
from app.platform.forms.given import Given
from app.platform.forms.steps import StepForm, fails, settle
from app.platform.forms.typed import presentable

EMPTY: tuple[Any, ...] = (None, "", [], ())


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person entered at a step. Everything is JSON.

    `values` are all of the form's fields after this entry, `written` those this step could write and showed
    (and those derived from them), `changed` the ones among them that differ from what was stored,
    `variables` the instance variables they set, `sent` the texts as typed, `compared` what the record keeps of scans.
    """

    form: str
    step: str
    values: Mapping[str, Any]
    written: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    sent: Mapping[str, list[str]] = field(default_factory=dict)
    compared: Mapping[str, Any] = field(default_factory=dict)


class _Meta(DefaultMeta):
    csrf = False
    locales = False

    def __init__(self, given: Given) -> None:
        self.given = given


class _Answer(WtField):
    """One writable field as WTForms sees it: the kind parses, this collects what it refuses."""

    def __init__(self, one: Field, given: Given, **rest: Any) -> None:
        super().__init__(label=one.label.zh, **rest)
        self.one = one
        self.given = given
        self.is_required = False
        self.refused: Wrong | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Parse the raw texts; a refusal ends up in `process_errors`."""
        self.data = self.one.kind.empty()
        try:
            self.data = self.one.kind.parse(self.one, valuelist, self.given)
        except Wrong as refused:
            self.refused = refused
            raise

    def pre_validate(self, form: BaseForm) -> None:
        """Complain of an empty answer where one is required."""
        if self.process_errors:
            return
        if self.is_required and self.data in EMPTY:
            raise Wrong("required", how=self.one.kind.how)

    def fault(self) -> Wrong | None:
        """Return the first refusal that WTForms has collected."""
        if self.refused is not None:
            return self.refused
        collected: list[Any] = list(self.errors)
        return Wrong(collected[0][0], **collected[0][1]) if collected else None


class _Sent:
    """Raw texts by field, in the manner WTForms asks for them."""

    def __init__(self, raw: Mapping[str, list[str]]) -> None:
        self.raw = raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def __len__(self) -> int:
        return len(self.raw)

    def getlist(self, name: str) -> list[str]:
        """All texts of one field."""
        return self.raw[name]


def collect(step: StepForm, sent: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the raw texts of the writable fields, as a draft keeps them; everything else is left out."""
    return {
        one.name: [presentable(text) for text in one.kind.collect(one, sent)]
        for one in step.visible
        if one.name in step.writable
    }


def read(step: StepForm, sent: Mapping[str, Sequence[str]], given: Given) -> Entry:
    """Read `sent` (name → texts) at `step`. Complaints come in the order of the fields.

    Only fields that are writable at the step and shown by their conditions are written; names that are not
    in the form are ignored, and an attempt to change one that is not writable is complained of.
    """
    raw = collect(step, sent)
    fields = step.form.fields
    # The WTForms form is built from the writable fields alone, so nothing else can come out of it.
    asked: dict[str, Any] = {name: _Answer(fields[name], given) for name in raw}
    blank = BaseForm(asked, meta=_Meta(given))
    blank.process(_Sent(raw))
    stored = {name: given.values.get(name, one.kind.empty()) for name, one in fields.items()}
    values = {**stored, **{answer.one.name: answer.data for answer in _answers(blank)}}
    writable = [one for one in step.visible if one.name in step.writable]
    wrong, derived = derive(writable, values, given)
    shown, settled = settle(step.form, {**values, **derived}, given, computes=bool(step.writable))
    for answer in list(_answers(blank)):
        name = answer.one.name
        if name not in shown:
            del blank[name]
            continue
        if name in derived:
            answer.data = derived[name]
        answer.is_required = step.required(answer.one, settled, given)
    blank.validate()
    failures: dict[str, Wrong] = {name: fault for name, fault in wrong.items() if name in shown}
    for answer in _answers(blank):
        if fault := answer.fault():
            failures[answer.one.name] = fault
    failures.update(_trespasses(step, sent, given))
    failures.update(_taken_away(step, raw, given))
    scans = {name: settled[name] for name in fields if name in raw and name in shown and name not in failures}
    refused, compared = scanning.compare(step.form, scans, given)
    failures.update(refused)
    follows = {name for name, one in fields.items() if one.kind.derived and step.writable}
    writes = {name: settled[name] for name in fields if name in raw or name in derived or name in follows}
    values = {**stored, **writes}
    complaints = [
        one for name in fields if name in failures for one in _complaints(fields[name], failures[name])
    ]
    complaints = _checked(step, values, shown, complaints, given)
    return Entry(
        form=step.form.id,
        step=step.step,
        values=values,
        written=writes,
        changed={name: value for name, value in writes.items() if value != stored[name]},
        complaints=tuple(complaints),
        variables={name: value for name, value in writes.items() if fields[name].variable},
        sent=raw,
        compared=compared,
    )


def with_complaints(entry: Entry, extra: Iterable[Complaint], order: Sequence[str] = ()) -> Entry:
    """Return `entry` with more complaints (of uploads, of a hook's refusal).

    One complaint per field stays: an extra one replaces what was said before. `order` (names) sorts them.
    """
    extra = list(extra)
    named = {complaint.field for complaint in extra if complaint.field}
    merged = [complaint for complaint in entry.complaints if complaint.field not in named] + extra
    place = {name: number for number, name in enumerate(order or entry.values)}
    merged.sort(key=lambda complaint: place.get(complaint.field or "", len(place)))
    return replace(entry, complaints=tuple(merged))


def _answers(blank: BaseForm) -> Iterator[_Answer]:
    for answer in blank:
        if isinstance(answer, _Answer):
            yield answer


def _complaints(one: Field, fault: Wrong) -> Iterator[Complaint]:
    """What is said of a field: one thing, or one for each cell of a table."""
    if not isinstance(fault, WrongCells):
        yield Complaint(one.name, one.label, fault.code, fault.parameters, one.messages.get(fault.code))
        return
    for cell in fault.cells:
        why, column = cell.fault, cell.column
        words = column.messages.get(why.code) or one.messages.get(why.code)
        label = cell.label(one.label)
        yield Complaint(one.name, label, why.code, why.parameters, words, cell.row, column.name)


def _trespasses(step: StepForm, sent: Mapping[str, Sequence[str]], given: Given) -> dict[str, Wrong]:
    """Fields that were sent although this step does not let them be written, and not as they are.

    A hidden or masked value is never compared: whether a guess is right must not be learnt here.
    """
    found: dict[str, Wrong] = {}
    for name, one in step.form.fields.items():
        if name in step.writable:
            continue
        raw = one.kind.collect(one, sent)
        if not any(raw):
            continue
        stored = given.values.get(name, one.kind.empty())
        if step.rights[name] == "read":
            if one.kind.hides(one):
                same = raw == one.kind.raw(one, one.kind.veiled(one, stored), given)
            else:
                same = raw == one.kind.raw(one, stored, given) or _means(one, raw, given) == stored
            if same:
                continue
        found[name] = Wrong("not_yours", how="accepted" if name in step.closed else "")
    return found


def _taken_away(step: StepForm, raw: Mapping[str, list[str]], given: Given) -> dict[str, Wrong]:
    """Fields of which a file was left out that nobody had found wanting."""
    return {
        name: Wrong("kept")
        for name, files in step.keeps.items()
        if name in raw and not files & set(given.values.get(name) or ()) <= set(raw[name])
    }


def _means(one: Field, raw: Sequence[str], given: Given) -> Any:
    try:
        return one.kind.parse(one, raw, given)
    except Wrong as fault:
        return fault


def _checked(
    step: StepForm,
    values: Mapping[str, Any],
    shown: frozenset[str],
    complaints: list[Complaint],
    given: Given,
) -> list[Complaint]:
    """Ask the checks: a field's own once the field is right, the form's once everything is."""
    form = step.form
    faulty = {complaint.field for complaint in complaints}
    found = list(complaints)
    for name, one in form.fields.items():
        if one.check and name in step.writable and name in shown and name not in faulty:
            said = given.check(one.check, values)
            if said is not None:
                found.append(Complaint(name, one.label, "check", {}, one.messages.get("check") or said))
    place = {name: number for number, name in enumerate(form.fields)}
    found.sort(key=lambda complaint: place.get(complaint.field or "", len(place)))
    if found or not step.writable:
        return found
    for check in form.checks:
        words = given.check(check.hook, values) if check.hook else None
        if check.that is not None and fails(check.that, values, given):
            words = check.words
        if words is not None:
            label = form.fields[check.field].label if check.field else form.title
            found.append(Complaint(check.field, label, "check", {}, words))
    return sorted(found, key=lambda complaint: place.get(complaint.field or "", len(place)))
