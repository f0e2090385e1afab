"""The verbs of a task: decide, claim, give back. Each locks its instance and is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data import new_id, transaction
from app.platform.engine import UserTask
from app.platform.forms import Entry, Wrong
from app.platform.forms.typed import tidy
from app.platform.identity.entities import Person
from app.platform.registry import Acting
from app.platform.runtime import binding, drafts, policy, receipts, stepping, views
from app.platform.runtime.entities import Entry as EntryRow
from app.platform.runtime.entities import Incident, Task
from app.platform.runtime.errors import (
    BadEntry,
    BadOpinion,
    BadOutcome,
    Forbidden,
    HookRefused,
    InstanceChanged,
    MissingOpinion,
    TaskTaken,
    Unknown,
    Unpublishable,
)
from app.platform.runtime.history import Happening

LONGEST_OPINION = 2000
TASK, INCIDENT = Task.__table__, Incident.__table__
FIND = select(TASK).where(TASK.c.id == bindparam("task"))
CLOSE = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.revision == bindparam("_revision"), TASK.c.state == "open")
    .values(
        state="closed",
        closed_at=bindparam("_at"),
        closed_by_id=bindparam("_by"),
        outcome=bindparam("_outcome"),
        revision=TASK.c.revision + 1,
    )
)
OVERCOME = ("nobody", "engine")  # incidents that a decision of their step disproves
BROKEN = (engine.Faulty, engine.Fuse, engine.Corrupt, engine.NoSuchToken, Unpublishable)
INSERT_ENTRY = insert(EntryRow.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: an outcome, an opinion, the task's revision as read, and an idempotency key."""

    outcome: str
    comment: str = ""
    revision: int = 0
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """What came of it: the instance, its open tasks that appeared, and whether this was a repeated answer."""

    instance: str
    next_tasks: tuple[str, ...]
    is_repeat: bool = False


def get(session: Session, task: str, by: Acting, now: datetime) -> views.TaskView:
    """One task as `by` sees it. Raises `Unknown`."""
    return views.task(session, task, by, now)


def save_draft(session: Session, task: str, values: Mapping[str, Any], by: Acting, now: datetime) -> None:
    """Keep what `by` has typed at a task and not sent. Raises `Unknown`; a task not his to do keeps nothing."""
    if not views.task(session, task, by, now).can_work:
        raise Forbidden("task.work")
    drafts.keep(session, task, values, by, now)


def complete(
    session: Session, task: str, entry: Entry | None, decision: Decision, by: Acting, now: datetime
) -> Completed:
    """Decide a task (C-19, C-32).

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadOutcome`, `BadEntry`, `MissingOpinion`,
    `BadOpinion`,
    `HookRefused`, `KeyReused`; the engine's `Faulty`, `Fuse` and `Corrupt`, and `Unpublishable` of a version
    whose hooks went missing, are incidents too. What was typed is kept as a draft when it is refused.
    """
    body = receipts.body_of("complete", task, decision.outcome, decision.comment, entry and entry.written)
    joins = bool(session.info.get("verb"))
    try:
        with transaction(session):
            return _complete(session, task, entry, decision, body, by, now)
    except (TaskTaken, InstanceChanged, HookRefused, *BROKEN) as refusal:
        if not joins:
            drafts.keep(session, task, as_draft(entry, decision), by, now)
            if isinstance(refusal, BROKEN):
                stepping.report(session, task, refusal, by, now)
        raise


def as_draft(entry: Entry | None, decision: Decision) -> dict[str, Any]:
    """The form's values and the opinion, as a draft holds them."""
    return {"values": dict(entry.changed) if entry else {}, "comment": decision.comment}


def _complete(
    session: Session,
    task: str,
    entry: Entry | None,
    decision: Decision,
    body: str,
    by: Acting,
    now: datetime,
) -> Completed:
    held = stepping.hold(session, by, now, task=task)
    row = session.execute(FIND, {"task": task}).one()
    before = answered(session, row, decision.key, by, body)
    if before is not None:
        return before
    drawn = held.program.definition.tasks[row.element]
    _mind(session, held, row, drawn, decision, entry)
    outcome = next(o for o in drawn.outcomes if o.key == decision.outcome)
    held.returned = outcome.negative
    entry_id = _keep_entry(held, row, drawn, entry)
    closed = session.execute(
        CLOSE,
        {
            "_id": task,
            "_revision": decision.revision,
            "_at": now,
            "_by": by.person,
            "_outcome": outcome.key,
        },
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise InstanceChanged()
    held.pen.write(
        Happening(
            "decided",
            row.element,
            task,
            by.person,
            outcome.key,
            entry_id,
            {"comment": decision.comment, "zh": outcome.words.zh, "en": outcome.words.en, "name": by.name},
        )
    )
    step = engine.complete(
        held.program.definition,
        held.tokens,
        row.element,
        row.visit,
        outcome.key,
        entry.variables if entry else {},
        stepping.caller(held),
        now,
    )
    if held.row.has_incident:
        stepping.close_incidents(held, INCIDENT.c.kind.in_(OVERCOME), INCIDENT.c.element == row.element)
    stepping.write(held, step, closing=row.visit)
    drafts.drop(session, task, by.person)
    answer = {"instance": held.id, "tasks": held.opened}
    receipts.give(session, by.person, decision.key, body, answer, now)
    return Completed(held.id, tuple(held.opened))


def answered(session: Session, row: Any, key: str | None, by: Acting, body: str) -> Completed | None:
    """A repeat is recognised only where it can be one: the task is closed, by the same person."""
    if row.state == "open" or row.closed_by_id != by.person:
        return None
    before = receipts.answered(session, by.person, key, body)
    return None if before is None else Completed(before["instance"], tuple(before["tasks"]), is_repeat=True)


def _mind(
    session: Session, held: stepping.Held, row: Any, drawn: UserTask, decision: Decision, entry: Entry | None
) -> None:
    """Everything that must hold before a decision counts."""
    mind_open(session, held, row, drawn, decision.revision)
    outcome = next((o for o in drawn.outcomes if o.key == decision.outcome), None)
    if outcome is None:
        raise BadOutcome(decision.outcome)
    if outcome.opinion and not decision.comment.strip():
        raise MissingOpinion(outcome.words)
    mind_opinion(decision.comment)
    if drawn.form is not None and (
        entry is None or entry.complaints or (entry.form, entry.step) != (drawn.form, row.element)
    ):
        raise BadEntry(drawn.form)


def mind_open(session: Session, held: stepping.Held, row: Any, drawn: UserTask, revision: int) -> None:
    """Whether the person may work this task, and it still is as he read it.

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`.
    """
    if not policy.may_work(held.by, row):
        if row.state == "open" and row.claimed_by_id and policy.is_candidate(held.by, row):
            raise _taken(session, row, drawn)
        if not policy.may_read(session, held.by, held.id):
            raise Unknown(row.id)
        if row.state == "open":
            raise Forbidden("task.work")
    if row.state != "open":
        raise _taken(session, row, drawn)
    if held.state != "running":
        raise InstanceChanged()
    if row.revision != revision:
        raise InstanceChanged()


def mind_opinion(comment: str) -> None:
    """Whether an opinion can be kept as it is. Raises `BadOpinion`."""
    try:
        length = len(tidy(comment, lines=True))
    except Wrong as wrong:
        raise BadOpinion(wrong.code) from wrong
    if length > LONGEST_OPINION:
        raise BadOpinion("too_long", LONGEST_OPINION, length)


def _taken(session: Session, row: Any, drawn: UserTask) -> TaskTaken:
    who = row.closed_by_id or row.claimed_by_id
    name = session.scalar(select(Person.name).where(Person.id == who)) if who else None
    words = next((o.words for o in drawn.outcomes if o.key == row.outcome), None)
    return TaskTaken(name or "", words, row.closed_at or row.claimed_at)


def _keep_entry(held: stepping.Held, row: Any, drawn: UserTask, entry: Entry | None) -> str | None:
    """Store a form's values in their row, and what was submitted as an entry that never changes."""
    if drawn.form is None or entry is None:
        return None
    form = held.program.forms[drawn.form]
    if form.entity and entry.changed:
        binding.store(held.call(row.element), form, entry.changed)
    entry_id = new_id()
    held.session.execute(
        INSERT_ENTRY,
        {
            "id": entry_id,
            "instance_id": held.id,
            "task_id": row.id,
            "element": row.element,
            "form": form.id,
            "values": dict(entry.values),
            "by_id": held.by.person,
            "at": held.now,
        },
    )
    return entry_id


def claim(session: Session, task: str, revision: int, by: Acting, now: datetime) -> None:
    """Take a task as one's own (签收). Raises `Unknown`, `TaskTaken`, `InstanceChanged`."""
    _hold_claim(session, task, revision, by, now, claimed=True)


def unclaim(session: Session, task: str, revision: int, by: Acting, now: datetime) -> None:
    """Give a claimed task back to all who may decide it."""
    _hold_claim(session, task, revision, by, now, claimed=False)


def _hold_claim(
    session: Session, task: str, revision: int, by: Acting, now: datetime, *, claimed: bool
) -> None:
    with transaction(session):
        held = stepping.hold(session, by, now, task=task)
        row = session.execute(FIND, {"task": task}).one()
        drawn = held.program.definition.tasks[row.element]
        if row.claimed_by_id not in (None, by.person) or row.state != "open":
            if not policy.may_read(session, by, held.id):
                raise Unknown(task)
            raise _taken(session, row, drawn)
        if not policy.may_work(by, row):
            raise Unknown(task)
        if row.revision != revision:
            raise InstanceChanged()
        session.execute(
            update(Task)
            .where(Task.id == task)
            .values(
                claimed_by_id=by.person if claimed else None,
                claimed_at=now if claimed else None,
                revision=row.revision + 1,
            )
        )
        held.pen.write(
            Happening(
                "claimed" if claimed else "unclaimed", row.element, task, by.person, body={"name": by.name}
            )
        )
        stepping.save(held)
