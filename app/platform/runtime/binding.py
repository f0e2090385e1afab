"""What a form shows and where it writes: a system's row through its hooks, or the entries of the chain itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from app.platform.forms import Form
from app.platform.registry import Call, house
from app.platform.runtime.bundles import system_of
from app.platform.runtime.entities import Entry

RECORD: Final = "records/keep"
"""Whoever keeps the generic record, by name: called in the verb's transaction with each entry of a free form."""


def row_of(form: Form, call: Call) -> str | None:
    """The row a bound form speaks of: the starter's, or the one whose id stands in a variable."""
    if form.row == "starter":
        return call.starter
    value = call.variables.get((form.row or "").removeprefix("variable:"))
    return None if value is None else str(value)


def load(call: Call, form: Form) -> Mapping[str, Any]:
    """What holds now: a bound form's row, a free form's last entry; nothing while there is neither."""
    if form.entity is None:
        last = call.session.scalar(
            select(Entry.values)
            .where(Entry.instance_id == call.instance, Entry.form == form.id)
            .order_by(Entry.at.desc(), Entry.id.desc())
            .limit(1)
        )
        return dict(last or {})
    row = row_of(form, call)
    return {} if row is None else house.entities[form.entity].load(call, row)


def store(call: Call, form: Form, values: Mapping[str, Any]) -> str:
    """Hand a bound form's values to its row, or make one; return its id."""
    if form.entity is None:
        raise ValueError(f"{form.id} is not bound")
    return house.entities[form.entity].store(call, row_of(form, call), values)


def record(call: Call, form: Form, values: Mapping[str, Any]) -> None:
    """Hand what a free form says now to the generic record, where its chain belongs to no system."""
    keep = house.jobs.get(RECORD)
    if form.entity is None and keep is not None and system_of(call.process, house.systems) == "office":
        said = {"instance": call.instance, "process": call.process, "form": form, "values": values}
        keep(call.session, said, call.now)
