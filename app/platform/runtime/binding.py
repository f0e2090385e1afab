"""Bound forms: the row of a system behind a form, read and written through the system's own hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.platform.forms import Form
from app.platform.registry import Call, house


def row_of(form: Form, call: Call) -> str | None:
    """The row a bound form speaks of: the starter's, or the one whose id stands in a variable."""
    if form.row == "starter":
        return call.starter
    value = call.variables.get((form.row or "").removeprefix("variable:"))
    return None if value is None else str(value)


def load(call: Call, form: Form) -> Mapping[str, Any]:
    """What the row holds now; nothing while there is no row."""
    row = row_of(form, call)
    return {} if row is None or form.entity is None else house.entities[form.entity].load(call, row)


def store(call: Call, form: Form, values: Mapping[str, Any]) -> str:
    """Hand a bound form's values to its row, or make one; return its id."""
    if form.entity is None:
        raise ValueError(f"{form.id} is not bound")
    return house.entities[form.entity].store(call, row_of(form, call), values)
