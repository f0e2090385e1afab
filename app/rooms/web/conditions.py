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
    show = [condition for condition in step.form.show_conditions(one) if condition.names & step.writable]
    if show:
        found["show"] = _table(step, show, values, given)
    if one.require_if is not None and one.require_if.names & step.writable:
        found["require"] = _table(step, [one.require_if], values, given)
    return found


def _table(step: StepForm, conditions: Sequence[Expression], values: Mapping[str, Any], given: Given) -> str:
    names = sorted(frozenset().union(*(condition.names for condition in conditions)) & step.writable)
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
