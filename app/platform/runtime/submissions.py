"""What was last submitted in an instance, as one reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.forms import Right, StepForm
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import policy, seats, versions
from app.platform.runtime.entities import Entry, Task
from app.platform.runtime.views import InstanceView


@dataclass(frozen=True, slots=True)
class LastEntry:
    """What was last submitted in an instance: its form at the step it was submitted at, and the values then."""

    element: str
    form: StepForm
    values: Mapping[str, Any]
    by_name: str
    at: datetime
    in_full: bool


def last_entry(session: Session, view: InstanceView, by: Acting) -> LastEntry | None:
    """What was last filled in and submitted in an instance that `by` reads; None where he sees nothing of it.

    An entry of a step that asks for nothing counts only as the starter's own: a review leaves one too. Seen are the
    fields that show at the reader's own steps, past and present, and by whoever looks after the instance those that
    show at any step. `in_full`: masks are lifted for the starter and for whoever may decide, or has decided, a task of
    it. Three statements, whatever has happened to the instance.
    """
    program = versions.of_instance(session, view.id)
    steps = _steps(program)
    asking = [e for e, form in steps.items() if form and program.forms[form].at(e).writable]
    row = session.execute(
        _entries(view).where(or_(Entry.element.in_(asking), Entry.by_id == view.starter)).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return _Reader(session, view, by, steps).shown(program, row)


def last_entries(session: Session, view: InstanceView, by: Acting) -> list[LastEntry]:
    """The same of each form of the instance: what it says now, in the order the forms were first handed in.

    One that nobody has handed in, or of which `by` sees nothing, is not among them. Three statements.
    """
    program = versions.of_instance(session, view.id)
    rows = session.execute(_entries(view)).all()
    latest: dict[str, Any] = {}
    for row in rows:
        latest.setdefault(row.Entry.form, row)
    order = {
        row.Entry.form: place for place, row in enumerate(rows)
    }  # the first handed in is the last of these
    reader = _Reader(session, view, by, _steps(program)) if rows else None
    found = [
        reader.shown(program, latest[form])
        for form in sorted(order, key=lambda form: -order[form])
        if reader is not None and form in program.forms
    ]
    return [one for one in found if one is not None]


def _steps(program: versions.Program) -> dict[str, str | None]:
    """The form each step asks, the start among them."""
    return {"start": program.definition.form} | {t.id: t.form for t in program.definition.tasks.values()}


def _entries(view: InstanceView) -> Select[*tuple[Any, ...]]:
    """The entries of an instance with who made them, the latest first."""
    return (
        select(Entry, Person.name)
        .outerjoin(Person, Person.id == Entry.by_id)
        .where(Entry.instance_id == view.id)
        .order_by(Entry.at.desc(), Entry.id.desc())
    )


class _Reader:
    """What somebody sees of the forms of an instance: by his steps, past and present; all, if he looks after it."""

    def __init__(
        self, session: Session, view: InstanceView, by: Acting, steps: Mapping[str, str | None]
    ) -> None:
        tasks = session.scalars(select(Task).where(Task.instance_id == view.id)).all()
        sitting = seats.of(session, tasks)
        self.steps = steps
        self.own = {
            t.element
            for t in tasks
            if by.person
            in (t.assignee_id, t.closed_by_id, *(seat.person_id for seat in sitting.get(t.id, ())))
            or policy.is_candidate(by, t)
        }
        self.own |= {"start"} if view.starter == by.person else set()
        if policy.may_manage(by, view.place, view.starter):
            self.own |= steps.keys()
        self.in_full = view.starter == by.person or any(_is_at_work(by, task, sitting) for task in tasks)

    def shown(self, program: versions.Program, row: Any) -> LastEntry | None:
        """An entry as he sees it; None where nothing of its form shows at his steps."""
        entry = row.Entry
        form = program.forms[entry.form]
        seen = {one.name for e in self.own if self.steps.get(e) == form.id for one in form.at(e).visible}
        if not seen:
            return None
        rights: dict[str, Right] = {name: "read" if name in seen else "hidden" for name in form.fields}
        return LastEntry(
            element=entry.element,
            form=StepForm(form, "", rights),  # at no step: none of its notes
            values=entry.values,
            by_name=row.name or "",
            at=entry.at,
            in_full=self.in_full,
        )


def _is_at_work(by: Acting, task: Any, sitting: Mapping[str, list[Any]]) -> bool:
    """Whether a person has decided the task, alone or as one of several, or may decide it now."""
    seats_of = sitting.get(task.id, [])
    if task.closed_by_id == by.person or any(seat.decided_by_id == by.person for seat in seats_of):
        return True
    return task.state == "open" and policy.may_work(by, task, seats_of)


def reveal(
    session: Session,
    instance: str,
    starter: str,
    form: StepForm,
    values: Mapping[str, Any],
    by: Acting,
    now: datetime,
) -> None:
    """Write down that somebody else's masked numbers are about to be shown in full (C-38, C-39).

    One audit row per showing, with the names of the fields; nothing where there is nothing of another's to see.
    """
    fields = [one.name for one in form.visible if one.kind.hides(one) and values.get(one.name)]
    if fields and by.person != starter:
        audit.log(session, "reveal", "fields.revealed", by, now, {"fields": fields}, f"instance:{instance}")
