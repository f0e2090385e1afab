"""Which fields are open again where a matter was sent back for some of them: those named, and what they bring along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.platform.forms.definition import Field, Form
from app.platform.forms.given import Given
from app.platform.forms.kinds.uploads import File
from app.platform.forms.steps import StepForm, at, fails, holds, settle

EMPTY: tuple[Any, ...] = (None, "", [], ())
OUTCOME = frozenset({"outcome"})


def reopened(
    form: Form, step: str, named: Iterable[str], values: Mapping[str, Any], now: datetime
) -> frozenset[str] | None:
    """Names of the fields that stay open at `step` when `named` are to be put right; None where none is in `form`.

    Besides those named: scans of a print as soon as anything else may change, for the print changes with it; what
    must be answered and is not; what a change of an open field lets show; and what a condition of the whole form
    complains of now. Without these nobody could go on. What follows from an answer (an ID number's birth date) follows
    all the same. Whether a field may be written at the step at all is for its rights to say.
    """
    found = {name for name in named if name in form.fields}
    if not found:
        return None
    drawn, given = at(form, step, None), Given(values=dict(values), now=now)
    shown, settled = settle(form, values, given, computes=False)
    for check in form.checks:
        if check.that is not None and fails(check.that, settled, given):
            found |= {name for name in (*check.that.names, check.field or "") if name in form.fields}
    before = -1
    while before != len(found):
        before = len(found)
        if any(not _is_scan(form.fields[name]) for name in found):
            found |= {name for name, one in form.fields.items() if _is_scan(one)}
        found |= {
            name
            for name in drawn.writable - found
            if _must_be_open(drawn, form.fields[name], found, name in shown, settled, given)
        }
    return frozenset(found)


def _is_scan(one: Field) -> bool:
    return isinstance(one.kind, File) and one.kind.scan_of(one) is not None


def _must_be_open(
    drawn: StepForm, one: Field, found: set[str], is_shown: bool, values: Mapping[str, Any], given: Given
) -> bool:
    """Whether a writable field that nobody named has to be open all the same."""
    may_change = found | OUTCOME
    if not is_shown:
        return any(condition.names & may_change for condition in drawn.form.show_conditions(one))
    if values.get(one.name) not in EMPTY:
        return False
    if one.required or drawn.rights[one.name] == "required":
        return True
    condition = one.require_if
    return condition is not None and bool(condition.names & may_change or holds(condition, values, given))
