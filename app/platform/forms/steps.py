"""A form at one step: which fields are seen, which may be written, and what holds only under a condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.platform.expressions import EvaluationFailed, Expression
from app.platform.forms.definition import Field, Form, Note, Right, Rights, Section
from app.platform.forms.given import Given


@dataclass(frozen=True)
class StepForm:
    """What `form.at(step)` answers: the right at each field.

    `closed`: fields that the step would let write and a return that names others does not. `keeps`: files that must
    stay where only others of their field were found wanting, by field.
    """

    form: Form
    step: str
    rights: Mapping[str, Right]
    closed: frozenset[str] = frozenset()
    keeps: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def visible(self) -> tuple[Field, ...]:
        """Fields seen at this step, in order."""
        return tuple(one for one in self.form.fields.values() if self.rights[one.name] != "hidden")

    @cached_property
    def writable(self) -> frozenset[str]:
        """Names of the fields a request may write at this step."""
        return frozenset(name for name, right in self.rights.items() if right in ("edit", "required"))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Sections with what is seen of them, without those that would be empty."""
        kept = []
        for section in self.form.sections:
            items = tuple(item for item in section.items if self._seen(item, section))
            if items:
                kept.append(Section(section.title, items, section.at, section.show_if))
        return tuple(kept)

    def required(self, one: Field, values: Mapping[str, Any], given: Given) -> bool:
        """Tell whether `one` must be filled in, given what else is entered."""
        if one.name not in self.writable:
            return False
        if one.required or self.rights[one.name] == "required":
            return True
        return one.require_if is not None and holds(one.require_if, values, given)

    def _seen(self, item: Field | Note, section: Section) -> bool:
        if isinstance(item, Field):
            return self.rights[item.name] != "hidden"
        right = _right(self.step, item.at, section.at)
        return bool(self.writable) if right is None else right != "hidden"


def at(form: Form, step: str, narrow: frozenset[str] | None) -> StepForm:
    """Work out the rights: the field's own `at`, else its section's, else the form's `steps`, else read."""
    rights: dict[str, Right] = {}
    closed: set[str] = set()
    for one in form.fields.values():
        right = _right(step, one.at, form.sections[one.section].at, form.steps) or "read"
        if one.kind.derived and right != "hidden":
            right = "read"
        if narrow is not None and one.name not in narrow and right in ("edit", "required"):
            closed.add(one.name)
            right = "read"
        rights[one.name] = right
    return StepForm(form, step, rights, frozenset(closed))


def _right(step: str, *levels: Rights) -> Right | None:
    for level in levels:
        right = level.get(step) or level.get("*")
        if right is not None:
            return right
    return None


def holds(condition: Expression, values: Mapping[str, Any], given: Given) -> bool:
    """Tell whether a condition holds; one that cannot be worked out yet (an empty answer) does not."""
    try:
        return bool(condition.evaluate({**values, "outcome": given.outcome}, given.now))
    except EvaluationFailed:
        return False


def fails(condition: Expression, values: Mapping[str, Any], given: Given) -> bool:
    """Tell whether a condition is known not to hold; one that cannot be worked out yet does not fail."""
    try:
        return not condition.evaluate({**values, "outcome": given.outcome}, given.now)
    except EvaluationFailed:
        return False


def settle(
    form: Form, values: Mapping[str, Any], given: Given, *, computes: bool = True
) -> tuple[frozenset[str], dict[str, Any]]:
    """Return the fields whose conditions let them show, and `values` with the others emptied.

    A hidden answer counts as empty for the conditions that read it. What is computed is computed anew unless
    `computes` is false, as where nobody may write: then what was stored is what was decided on.
    """
    shown: set[str] = set()
    settled = {name: values.get(name, one.kind.empty()) for name, one in form.fields.items()}
    for name in form.order:
        one = form.fields[name]
        if all(holds(condition, settled, given) for condition in form.show_conditions(one)):
            shown.add(name)
            if one.kind.derived and computes:
                settled[name] = one.kind.compute(one, settled, given)
        else:
            settled[name] = one.kind.empty()
    return frozenset(shown), settled
