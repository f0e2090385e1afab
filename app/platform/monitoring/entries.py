"""What was filled in in an instance: each entry, as whoever looks after it may see it, beside the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.documents import facts_of
from app.platform.forms import Given, Right, StepForm
from app.platform.forms.kinds.uploads import File as FileKind
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import asking, changes, versions
from app.platform.runtime.entities import Entry
from app.platform.runtime.views import InstanceView


@dataclass(frozen=True, slots=True)
class Filled:
    """One entry in the list: at which step, of which form, by whom."""

    id: str
    task: str | None
    element: str
    form: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """One entry with its form, its values, and what it has changed since the entry of the same form before it."""

    filled: Filled
    form: StepForm
    values: Mapping[str, Any]
    given: Given
    before: Filled | None
    comparison: changes.Comparison | None


def of(session: Session, instance: str) -> list[Filled]:
    """The entries of an instance, oldest first. One statement; nothing is unsealed."""
    rows = session.execute(
        select(Entry.id, Entry.task_id, Entry.element, Entry.form, Person.name, Entry.at)
        .outerjoin(Person, Person.id == Entry.by_id)
        .where(Entry.instance_id == instance)
        .order_by(Entry.at, Entry.id)
    )
    return [Filled(row.id, row.task_id, row.element, row.form, row.name or "", row.at) for row in rows]


def step_form(program: versions.Program, form: str) -> StepForm:
    """A form with every field that shows at any of its steps, to be read at none of them."""
    known = program.forms[form]
    steps = {"start": program.definition.form} | {t.id: t.form for t in program.definition.tasks.values()}
    seen = {
        one.name for element, asked in steps.items() if asked == form for one in known.at(element).visible
    }
    rights: dict[str, Right] = {name: "read" if name in seen else "hidden" for name in known.fields}
    return StepForm(known, "", rights)


def opened(
    session: Session,
    view: InstanceView,
    filled: list[Filled],
    entry: str,
    by: Acting,
    now: datetime,
    language: str,
    *,
    in_full: bool = False,
) -> Opened | None:
    """One entry beside the one before it; None for one there is not, or whose form the version does not know.

    Masked as forms mask, unless `in_full`, which is for the caller to write down (`submissions.reveal`). A handful of
    statements, however many entries there are.
    """
    place = next((n for n, one in enumerate(filled) if one.id == entry), None)
    program = versions.of_instance(session, view.id)
    if place is None or filled[place].form not in program.forms:
        return None
    one = filled[place]
    before = next((each for each in reversed(filled[:place]) if each.form == one.form), None)
    wanted = [one.id, *([before.id] if before else [])]
    values = {
        row.id: row.values
        for row in session.execute(select(Entry.id, Entry.values).where(Entry.id.in_(wanted)))
    }
    form = step_form(program, one.form)
    files = facts_of(session, _files(form, *values.values()))

    def given(said: Mapping[str, Any]) -> Given:
        return asking.given(
            session,
            said,
            files.get,
            by=by,
            now=now,
            instance=view.id,
            process=view.process,
            element=one.element,
            starter=view.starter,
            variables=view.variables,
        )

    comparison = None
    if before is not None:
        comparison = changes.compare(
            form, given(values[before.id]), given(values[one.id]), language, in_full=in_full
        )
    return Opened(one, form, values[one.id], given(values[one.id]), before, comparison)


def _files(form: StepForm, *entries: Mapping[str, Any]) -> set[str]:
    """The ids of the files that entries name."""
    kinds = [one.name for one in form.visible if isinstance(one.kind, FileKind)]
    return {str(file) for values in entries for name in kinds for file in values.get(name) or ()}
