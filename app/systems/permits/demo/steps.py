"""One step of a demonstration's case: decided as a browser would, at a moment in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import documents, forms
from app.platform.identity import accounts, posts
from app.platform.registry import Acting, Ground
from app.platform.runtime import asking, tasks, versions
from app.platform.runtime.entities import Task
from app.platform.runtime.tasks import Decision
from app.systems.permits import verbs

Sent = Mapping[str, Sequence[str]]


def acting(session: Session, person: str, at: datetime) -> Acting:
    """A person with the posts of then."""
    facts = accounts.get(session, person)
    name = verbs.person_name(session, person)
    return Acting(person, name, facts.username if facts else "", posts.of(session, person, at))


def start_entry(session: Session, process: str, sent: Sent, by: Acting, at: datetime) -> forms.Entry:
    """The start form of `process` as filled in."""
    program = versions.current(session, process)
    step = program.forms[program.definition.form or ""].at("start")
    given = asking.given(session, {}, lambda _: None, by=by, now=at, process=process)
    return good(forms.read(step, sent, given))


def decide(
    ground: Ground,
    person: str,
    instance: str,
    element: str,
    outcome: str,
    sent: Sent,
    at: datetime,
    comment: str = "",
) -> None:
    """Decide the instance's open task at `element`, if it stands there."""
    with ground.sessions() as session:
        by = acting(session, person, at)
        task = session.scalar(
            select(Task.id).where(Task.instance_id == instance, Task.element == element, Task.state == "open")
        )
        if task is None:
            return
        shown = tasks.get(session, task, by, at)
        entry = None
        if shown.form is not None:
            given = asking.at_task(
                session, shown, lambda file: documents.facts(session, file), by, at, outcome
            )
            entry = good(forms.read(shown.form, _with_present(shown, sent), given))
        tasks.complete(session, task, entry, Decision(outcome, comment, shown.revision), by, at)


def _with_present(shown: Any, sent: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What a browser sends: the present values of all open fields, and what was typed over them."""
    present = {
        name: value if isinstance(value, list) else [str(value)]
        for name, value in shown.values.items()
        if name in shown.form.writable and value not in (None, "")
    }
    return {**present, **sent}


def good(entry: forms.Entry) -> forms.Entry:
    """The entry, if nothing is wrong with it."""
    if entry.complaints:
        raise RuntimeError("; ".join(complaint.message("zh") for complaint in entry.complaints))
    return entry
