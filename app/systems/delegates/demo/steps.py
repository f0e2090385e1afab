"""One step of a demonstration's case: decided as a browser would, at a moment in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import documents, forms
from app.platform.identity import people, posts
from app.platform.registry import Acting, Ground
from app.platform.runtime import asking, tasks
from app.platform.runtime.entities import Task
from app.platform.runtime.tasks import Decision

Sent = Mapping[str, Sequence[str]]


def acting(session: Session, person: str, at: datetime) -> Acting:
    """A person with the posts of then."""
    name = people.names(session, {person}).get(person, "")
    return Acting(person, name, name, posts.of(session, person, at))


def decide(
    ground: Ground,
    person: str,
    instance: str,
    element: str,
    outcome: str,
    at: datetime,
    sent: Sent | None = None,
    comment: str = "",
) -> None:
    """Decide the instance's open task at `element`: the present values with `sent` over them."""
    with ground.sessions() as session:
        by = acting(session, person, at)
        task = session.scalars(
            select(Task.id).where(Task.instance_id == instance, Task.element == element, Task.state == "open")
        ).one()
        shown = tasks.get(session, task, by, at)
        entry = None
        if shown.form is not None:
            present = {
                name: value if isinstance(value, list) else [_typed(value)]
                for name, value in shown.values.items()
                if name in shown.form.writable and value not in (None, "")
            }
            given = asking.at_task(
                session, shown, lambda file: documents.facts(session, file), by, at, outcome
            )
            entry = good(forms.read(shown.form, {**present, **(sent or {})}, given))
        tasks.complete(session, task, entry, Decision(outcome, comment, shown.revision), by, at)


def _typed(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def good(entry: forms.Entry) -> forms.Entry:
    """The entry, if nothing is wrong with it."""
    if entry.complaints:
        raise RuntimeError("; ".join(complaint.message("zh") for complaint in entry.complaints))
    return entry
