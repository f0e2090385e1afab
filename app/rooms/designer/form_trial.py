"""A form that is being drawn, judged and shown as the server itself would read and draw it; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.platform import forms
from app.platform.forms.problems import MESSAGES
from app.platform.registry import Acting, Refused, Words, house
from app.platform.runtime import asking
from app.platform.settings import dictionaries
from app.rooms.web import forms as drawing
from app.rooms.web.language import current

OWN = "form:"
"""How the inputs begin that are the trial's own: a field's name holds no colon."""


def complaints(text: str) -> list[dict[str, str]]:
    """What is wrong with a form's text: where (a JSON path), which rule, in the reader's words."""
    try:
        forms.load(text.encode())
    except forms.BadForm as error:
        return [_complaint(problem) for problem in error.problems]
    return []


def _complaint(problem: forms.Problem) -> dict[str, str]:
    """A problem without its path before it: the page stands at the place itself."""
    english = current() == "en"
    whole = problem.message("en" if english else "zh")
    mark = f"{problem.path}: " if english else f"{problem.path}："
    assert problem.code in MESSAGES
    return {"path": problem.path, "code": problem.code, "message": whole.removeprefix(mark)}


def drawn(
    session: Session,
    text: str,
    step: str,
    sent: Mapping[str, Sequence[str]],
    *,
    language: str,
    outcome: str | None,
    by: Acting,
    now: datetime,
) -> str:
    """The form as `step` shows it, in HTML. `sent` are texts typed at any step: what this one only reads is shown.

    A form that cannot be loaded is its complaints.
    """
    wrong = complaints(text)
    if wrong:
        return render_template("designer/form_preview.html", complaints=wrong)
    form = forms.load(text.encode())
    at = form.at(step)
    given = _forgiving(
        asking.given(session, {}, lambda _: None, by=by, now=now, process="", element=step, outcome=outcome)
    )
    typed = {name: one.kind.collect(one, sent) for name, one in form.fields.items()}
    values = _values(form, typed, given)
    _, values = forms.settle(form, values, given)
    with force_locale(language):
        fields = drawing.render_form(
            at, values, given=replace(given, values=values), language=language, sent=typed, prefix="p"
        )
    carried = [
        (name, each)
        for name, many in sent.items()
        if not name.startswith(OWN) and name.partition(".")[0] in form.fields.keys() - at.writable
        for each in many
    ]
    return render_template("designer/form_preview.html", fields=fields, carried=carried, complaints=())


def _values(form: forms.Form, typed: Mapping[str, Sequence[str]], given: forms.Given) -> dict[str, Any]:
    """What the texts mean; what means nothing is unanswered."""
    values: dict[str, Any] = {}
    for name, one in form.fields.items():
        values[name] = one.kind.empty()
        if one.kind.derived:
            continue
        try:
            values[name] = one.kind.parse(one, typed[name], given)
        except forms.Wrong:
            continue
    return values


def _forgiving(given: forms.Given) -> forms.Given:
    """The same house, where a hook that wants a running matter, or is not there, offers nothing."""

    def quiet(ask: Callable[..., Any], nothing: Any) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            try:
                return ask(*arguments)
            except (LookupError, TypeError, ValueError, AttributeError, Refused):
                return nothing

        return run

    def choices(name: str) -> Sequence[tuple[str, Words]]:
        if "/" in name and name not in house.choices:
            return ()
        return tuple(quiet(given.choices, ())(name))

    return replace(
        given, choices=choices, label=quiet(dictionaries.label, None), check=quiet(given.check, None)
    )
