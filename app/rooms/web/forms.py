"""Forms on a page: what the templates in `fields/` draw, and what a page does with what comes back.

One template per field type draws both the input and the reader's view. Everything works without JavaScript;
`fields.js` and `draft.js` only make it quicker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform.forms import Complaint, Field, Given, Note, StepForm, Wrong, settle
from app.platform.forms.kinds.choosing import Region
from app.platform.forms.kinds.table import ADD, Table
from app.platform.forms.kinds.uploads import REMOVE, File
from app.platform.runtime.drafts import Window
from app.rooms.web import rows
from app.rooms.web.conditions import follows, table
from app.rooms.web.flags import Flag, codes
from app.rooms.web.shown import Shown, ShownNote, ShownSection
from app.rooms.web.shown import size as size

UPDATE = "_update"
"""Name of the buttons that only ask for the form again: the next level of a region, conditions anew."""
ASKED_BY_SCRIPT = "script"
"""Its value where fields.js asks what shows now: the page stays, and its drafts keep what is typed."""


def render_form(
    step: StepForm,
    values: Mapping[str, Any],
    complaints: Iterable[Complaint] = (),
    given: Given | None = None,
    language: str = "zh",
    *,
    editable: bool = True,
    sent: Mapping[str, Sequence[str]] | None = None,
    in_full: bool = False,
    file_url: Callable[[str], str] | None = None,
    prefix: str = "f",
    after_notes: str = "",
    flags: Mapping[str, Flag] | None = None,
    reasons: Mapping[str, str] | None = None,
    tabs: bool = True,
) -> Markup:
    """Draw the fields of a form at a step; the page adds `<form>`, CSRF token and buttons around them.

    `values` are what is stored; `sent` (an entry's, or a draft) are texts to show instead of them. With
    `editable` false everything is the reader's view. Masks are kept unless `in_full`. `file_url(id)` is where
    a file is served; `prefix` keeps ids apart when a page draws two forms; `after_notes` is markup that belongs
    between the notes the form begins with and its fields. Sections below the last one that asks are folded. `flags`
    are the marks a judge may set, by field; `reasons` why fields were sent back: nothing is folded then. A form in
    tabs folds nothing either; on paper (`tabs` false) it has none.
    """
    if given is None:
        raise TypeError("a form is drawn with what is given: at least values and now")
    drawing = _Drawing(
        step,
        values,
        tuple(complaints),
        given,
        language,
        editable,
        sent or {},
        in_full,
        flags or {},
        reasons or {},
    )
    sections = drawing.sections(file_url, prefix)
    shown = {item.name: item for section in sections for item in section.items if isinstance(item, Shown)}
    summary: dict[str, str | None] = {}
    for complaint in drawing.complaints:
        one = shown.get(complaint.field or "")
        summary.setdefault(complaint.message(language), _target(one, complaint) if one else None)
    lead = next((place for place, each in enumerate(sections) if not each.only_notes), len(sections))
    asking = [place for place, each in enumerate(sections) if each.asks]
    tabbed = tabs and step.form.tabs and sum(bool(each.title) for each in sections[lead:]) > 1
    last = asking[-1] + 1 if asking and not reasons and not tabbed else len(sections)
    return Markup(
        render_template(
            "fields/form.html",
            lead=sections[:lead],
            sections=sections[lead:last],
            told=sections[last:],
            tabbed=tabbed,
            after_notes=after_notes,
            summary=[(target, sentence) for sentence, target in summary.items()] if editable else [],
            editable=editable and bool(step.writable),
            conditional=any(item.conditions or item.follows for item in shown.values()),
            prefix=prefix,
            flag_codes=codes() if flags else {},
        )
    )


def is_update(posted: Mapping[str, Any]) -> bool:
    """Tell whether this post only asks for the form again (地区 next level, 删除 of a file or row, conditions)."""
    return UPDATE in posted or REMOVE in posted or ADD in posted


def keeps_drafts(posted: Mapping[str, Any]) -> bool:
    """Tell whether what is posted and shown again is to be kept: not where the page's own drafts do it."""
    return posted.get(UPDATE) != ASKED_BY_SCRIPT


def texts(posted: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return what was posted, as `forms.read` takes it."""
    return posted.to_dict(flat=False)


def window() -> Window | None:
    """Which page saves a draft, and which of its saves this is, as `draft.js` says it."""
    name, _dot, turn = request.headers.get("X-Draft-Window", "").partition(".")
    is_one = name.isascii() and name.isalnum() and len(name) <= 40
    is_turn = turn.isascii() and turn.isdigit() and len(turn) < 10
    return Window(name, int(turn)) if is_one and is_turn else None


def take_uploads(
    step: StepForm,
    sent: Mapping[str, Sequence[str]],
    files: MultiDict[str, FileStorage],
    take: Callable[[Field, FileStorage], str],
) -> tuple[dict[str, list[str]], list[Complaint]]:
    """Store the files that came with a post; return `sent` with their ids, and what was refused.

    `take(field, upload)` checks and stores one file and returns its id; it raises `forms.Wrong` with the code
    of the refusal. Only fields that are writable at the step are looked at.
    """
    taken = {name: list(many) for name, many in sent.items()}
    refused: list[Complaint] = []
    for one in step.visible:
        if not isinstance(one.kind, File) or one.name not in step.writable:
            continue
        uploads = [upload for upload in files.getlist(f"{one.name}.file") if upload.filename]
        for upload in uploads[: one.kind.most(one) + 1]:
            try:
                stored = take(one, upload)
                taken.setdefault(one.name, []).append(stored)
            except Wrong as wrong:
                fault = one.kind.refusal(one, wrong.code)
                words = one.messages.get(fault.code)
                refused.append(Complaint(one.name, one.label, fault.code, fault.parameters, words))
                break
    return taken, refused


@dataclass(frozen=True)
class _Drawing:
    """Everything a form is drawn from, worked out once per page."""

    step: StepForm
    values: Mapping[str, Any]
    complaints: Sequence[Complaint]
    given: Given
    language: str
    editable: bool
    sent: Mapping[str, Sequence[str]]
    in_full: bool
    flags: Mapping[str, Flag]
    reasons: Mapping[str, str]

    def sections(self, file_url: Callable[[str], str] | None, prefix: str) -> list[ShownSection]:
        raws = {one.name: self.raw(one) for one in self.step.visible}
        present = {**self.values, **{name: self.meant(name, raw) for name, raw in raws.items()}}
        asks = self.editable and bool(self.step.writable)
        open_, settled = settle(self.step.form, present, self.given, computes=asks)
        errors: dict[str, str] = {}
        for complaint in self.complaints:
            if complaint.row is None:
                errors.setdefault(complaint.field or "", complaint.message(self.language))

        def draw(item: Field | Note) -> Shown | ShownNote:
            if isinstance(item, Note):
                return ShownNote([words.said(self.language) for words in item.paragraphs])
            kind, raw = item.kind, raws[item.name]
            computing = kind.derived and asks
            writing = self.writing(item) or computing
            stored = (settled if computing else self.values).get(item.name, kind.empty())
            reading = (
                ""
                if writing and not computing
                else kind.shown(item, stored, self.given, self.language, in_full=self.in_full)
            )
            required = writing and self.step.required(item, settled, self.given)
            return Shown(
                field=item,
                id=f"{prefix}-{item.name}",
                label=item.label.said(self.language),
                help=item.help.said(self.language) if item.help and writing else "",
                placeholder=item.placeholder.said(self.language) if item.placeholder else "",
                editable=writing,
                required=required,
                hidden=item.name not in open_,
                raw=raw,
                value=stored,
                words=reading,
                offers=self.offers(item, raw, prefix),
                error=errors.get(item.name, "") if writing else "",
                conditions=table(self.step, item, settled, self.given) if writing else {},
                follows=follows(self.step, item) if computing else "",
                address=file_url,
                language=self.language,
                flag=None if writing else self.flags.get(item.name),
                reason=self.reasons.get(item.name, ""),
                keeps=self.step.keeps.get(item.name, frozenset()),
            )

        drawn = [(each.title, [draw(item) for item in each.items]) for each in self.step.sections]
        kept = [(title, [item for item in items if self.kept(item)]) for title, items in drawn]
        wrong = Counter(complaint.field for complaint in self.complaints) or Counter(list(self.reasons))
        return [
            ShownSection(
                title.said(self.language) if title else "",
                items,
                sum(wrong[item.name] for item in items if isinstance(item, Shown)),
            )
            for title, items in kept
            if items
        ]

    def offers(self, one: Field, raw: Sequence[str], prefix: str) -> Any:
        """What a template needs beside the texts; of a table, its rows; of a region that is only read, nothing."""
        if isinstance(one.kind, Region) and not self.writing(one):
            return ()
        if not isinstance(one.kind, Table):
            return one.kind.offers(one, raw, self.given, self.language)
        id = f"{prefix}-{one.name}"
        if not self.writing(one):
            stored = self.values.get(one.name) or []
            return rows.told(one, stored, self.given, self.language, in_full=self.in_full)
        wrong = [each for each in self.complaints if each.field == one.name and each.row is not None]
        pressed = {name: request.form.get(name, "") for name in (ADD, REMOVE)} if self.sent else {}
        return rows.asked(one, raw, wrong, self.given, self.language, id, pressed)

    def kept(self, item: Shown | ShownNote) -> bool:
        """Leave out what is hidden and cannot come to show here, and notes, which tell whoever answers what to do."""
        if isinstance(item, ShownNote):
            return self.editable
        return not item.hidden or "show" in item.conditions

    def writing(self, one: Field) -> bool:
        return self.editable and one.name in self.step.writable

    def raw(self, one: Field) -> Sequence[str]:
        if self.writing(one) and one.name in self.sent:
            return list(self.sent[one.name])
        return one.kind.raw(one, self.values.get(one.name, one.kind.empty()), self.given)

    def meant(self, name: str, raw: Sequence[str]) -> Any:
        one = self.step.form.fields[name]
        if not self.writing(one) or name not in self.sent:
            return self.values.get(name, one.kind.empty())
        try:
            return one.kind.parse(one, raw, self.given)
        except Wrong:
            return one.kind.empty()


def _target(one: Shown, complaint: Complaint) -> str:
    """The id of the control that a complaint's link leads to."""
    if one.flag is not None:
        return one.flag.name
    if complaint.row is not None:
        return rows.id_of(one.id, complaint.row, complaint.column)
    if one.type == "region" and one.offers:
        for level in one.offers:
            if level.options and not any(option.chosen for option in level.options):
                return f"{one.id}-{level.level}"
        return f"{one.id}-{one.offers[0].level}"
    return one.id
