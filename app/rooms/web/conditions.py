"""Conditions for the browser: a table of the answers under which they hold; no language runs there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from app.platform.expressions import Expression
from app.platform.forms import Field, Given, StepForm
from app.platform.forms.kinds.choosing import Choice, YesNo
from app.platform.forms.steps import holds

LARGEST = 200


def table(step: StepForm, one: Field, values: Mapping[str, Any], given: Given) -> dict[str, str]:
    """Return `show` and `require` of a field as JSON for its data attributes.

    `{"on": [names], "rows": [[texts], …]}` lists the answers of the named fields under which the condition
    holds. Where answers cannot be listed (texts, numbers, long lists) it is `{"on": [names]}`, and the
    browser asks the server for the form again. Conditions on nothing that can change here are left out.
    """
    found = {}
    show = [
        condition for condition in step.form.show_conditions(one) if answers_behind(step, condition.names)
    ]
    if show:
        found["show"] = _table(step, show, values, given)
    if one.require_if is not None and answers_behind(step, one.require_if.names):
        found["require"] = _table(step, [one.require_if], values, given)
    return found


def follows(step: StepForm, one: Field) -> str:
    """The answers of this step that a computed field follows from, as JSON for its data attribute."""
    return json.dumps({"on": sorted(answers_behind(step, frozenset({one.name})))})


def answers_behind(step: StepForm, names: frozenset[str]) -> frozenset[str]:
    """The answers of this step that `names` are, or through what is computed depend on."""
    found: set[str] = set()
    waiting, seen = list(names), set(names)
    while waiting:
        one = step.form.fields.get(waiting.pop())
        if one is None:
            continue
        if one.name in step.writable:
            found.add(one.name)
        fresh = one.kind.reads(one) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(found)


def _table(step: StepForm, conditions: Sequence[Expression], values: Mapping[str, Any], given: Given) -> str:
    read: frozenset[str] = frozenset().union(*(condition.names for condition in conditions))
    names = sorted(answers_behind(step, read))
    if any(one.kind.derived for one in step.form.fields.values() if one.name in read):
        return json.dumps({"on": names})
    answers = [_answers(step.form.fields[name], given) for name in names]
    count = 1
    for each in answers:
        count *= len(each)
    if not 0 < count <= LARGEST:
        return json.dumps({"on": names})
    rows = []
    for row in product(*answers):
        meant = {name: value for name, (_, value) in zip(names, row, strict=True)}
        if all(holds(condition, {**values, **meant}, given) for condition in conditions):
            rows.append([text for text, _ in row])
    return json.dumps({"on": names, "rows": rows})


def _answers(one: Field, given: Given) -> list[tuple[str, Any]]:
    if isinstance(one.kind, YesNo):
        return [("", None), ("yes", True), ("no", False)]
    if isinstance(one.kind, Choice) and not one.settings.get("many"):
        return [("", None), *((code, code) for code, _ in one.kind.listed(one, given))]
    return []
