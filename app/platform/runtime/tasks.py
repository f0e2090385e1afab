"""The verbs of a task: decide, claim, give back. Each locks its instance and is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.engine import Outcome, UserTask
from app.platform.forms import Entry, Wrong
from app.platform.forms.typed import tidy
from app.platform.registry import Acting
from app.platform.runtime import (
    binding,
    closing,
    drafts,
    firing,
    incidents,
    items,
    policy,
    receipts,
    seats,
    signing,
    stepping,
    taken,
    unanswered,
    views,
)
from app.platform.runtime.claiming import claim as claim
from app.platform.runtime.claiming import unclaim as unclaim
from app.platform.runtime.copies import copy as copy
from app.platform.runtime.copies import read_copy as read_copy
from app.platform.runtime.copies import read_of as read_of
from app.platform.runtime.delegating import delegate as delegate
from app.platform.runtime.entities import Entry as EntryRow
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import (
    BadEntry,
    BadOpinion,
    BadOutcome,
    Forbidden,
    HookRefused,
    InstanceChanged,
    MissingOpinion,
    TaskOvertaken,
    TaskTaken,
    Unknown,
)
from app.platform.runtime.history import Happening
from app.platform.runtime.policy import Standing
from app.platform.runtime.signers import signers as signers
from app.platform.runtime.transferring import transfer as transfer

LONGEST_OPINION = 2000
TASK = Task.__table__
FIND = select(TASK, unanswered.IS_ASKED).where(TASK.c.id == bindparam("task"))
INSERT_ENTRY = insert(EntryRow.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: an outcome, an opinion, the task's revision as read, and an idempotency key.

    `on_behalf_of`: in whose stead, where one may decide both as oneself and for another. `items`: fields and files
    by name, each with what is wrong with it, where the matter is sent back. `draft`: the version of his draft that his
    page has read, so that another window's is not overwritten if the decision is refused.
    """

    outcome: str
    comment: str = ""
    revision: int = 0
    key: str | None = None
    on_behalf_of: str | None = None
    items: Mapping[str, str] = field(default_factory=dict)
    draft: int | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """What came of it: the instance, its open tasks that appeared, and whether this was a repeated answer."""

    instance: str
    next_tasks: tuple[str, ...]
    is_repeat: bool = False


def get(session: Session, task: str, by: Acting, now: datetime) -> views.TaskView:
    """One task as `by` sees it. Raises `Unknown`."""
    return views.task(session, task, by, now)


def save_draft(
    session: Session,
    task: str,
    values: Mapping[str, Any],
    by: Acting,
    now: datetime,
    *,
    read: int | None = None,
    anew: bool = False,
    window: drafts.Window | None = None,
) -> int:
    """Keep what `by` has typed at a task and not sent; also where another was quicker, or it is suspended.

    `read`, `anew` and `window` as in `drafts.keep`, whose version is returned. Raises `Unknown`, `DraftOutdated`;
    `Forbidden` where it never was his to do.
    """
    if not views.task(session, task, by, now).may_keep:
        raise Forbidden("task.work")
    return drafts.keep(session, task, values, by, now, read=read, anew=anew, window=window)


def complete(
    session: Session, task: str, entry: Entry | None, decision: Decision, by: Acting, now: datetime
) -> Completed:
    """Decide a task, or one's seat at it (C-19, C-32).

    Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`, `BadOutcome`, `BadEntry`, `MissingOpinion`,
    `BadOpinion`, `BadItems`,
    `HookRefused`, `KeyReused`; the engine's `Faulty`, `Fuse` and `Corrupt`, and `Unpublishable` of a version
    whose hooks went missing, are incidents too. What was typed is kept as a draft when it is refused.
    """
    said = (decision.outcome, decision.comment, decision.on_behalf_of, dict(decision.items))
    body = receipts.body_of("complete", task, *said, entry and entry.written)
    joins = bool(session.info.get("verb"))
    try:
        with transaction(session):
            done = _complete(session, task, entry, decision, body, by, now)
        if isinstance(done, TaskOvertaken):
            raise done  # only now: what the timer did stands
        return done
    except (TaskTaken, InstanceChanged, HookRefused, *incidents.BROKEN) as refusal:
        if not joins:
            drafts.keep(session, task, as_draft(entry, decision), by, now, read=decision.draft, anew=True)
            if isinstance(refusal, incidents.BROKEN):
                incidents.report(session, refusal, by, now, task=task)
        raise


def as_draft(entry: Entry | None, decision: Decision) -> dict[str, Any]:
    """The form's values, the opinion and what is named to be put right, as a draft holds them."""
    named = {"items": dict(decision.items)} if decision.items else {}
    return {"values": dict(entry.changed) if entry else {}, "comment": decision.comment, **named}


def _complete(
    session: Session,
    task: str,
    entry: Entry | None,
    decision: Decision,
    body: str,
    by: Acting,
    now: datetime,
) -> Completed | TaskOvertaken:
    held = stepping.hold(session, by, now, task=task)
    row = session.execute(FIND, {"task": task}).one()
    bench = seats.bench(session, row)
    before = answered(session, row, decision.key, by, body, bench)
    if before is not None:
        return before
    if firing.overtake(held):
        could = row.state == "open" and policy.may_work(by, row, bench.rows)
        row = session.execute(FIND, {"task": task}).one()
        if could and row.state != "open":
            return TaskOvertaken("", None, now)
        bench = seats.bench(session, row)
    drawn = held.program.asked(row)
    standing = _mind(session, held, row, bench, drawn, decision, entry)
    outcome = next(o for o in drawn.outcomes if o.key == decision.outcome)
    entry_id = _keep_entry(held, row, drawn, entry)
    variables = entry.variables if entry else {}
    named = _named(held, row, drawn, outcome, entry, decision.items)
    said = closing.body(held, outcome, decision.comment, standing, decision.items)
    if named and named.of:
        said["of"] = dict(named.of)
    if entry and entry.compared:
        said["scans"] = dict(entry.compared)
    happening = Happening("decided", row.element, task, by.person, outcome.key, entry_id, said)
    if row.seats != "one":
        signing.sign(held, row, bench, drawn, outcome, standing, happening, variables, decision.items)
    else:
        closing.close(held, row, decision.revision, outcome, by.person, standing)
        held.pen.write(happening)
        closing.go_on(held, row, outcome, variables, named)
    drafts.drop(session, task, by.person)
    answer = {"instance": held.id, "tasks": held.opened}
    receipts.give(session, by.person, decision.key, body, answer, now)
    return Completed(held.id, tuple(held.opened))


def _named(
    held: stepping.Held,
    row: Any,
    drawn: UserTask,
    outcome: Outcome,
    entry: Entry | None,
    wanted: Mapping[str, str],
) -> items.Named | None:
    """What is to be put right, judged. Raises `BadItems`, also where the outcome sends nothing back."""
    if not wanted:
        return None
    if not outcome.negative:
        raise items.not_returned(len(wanted), outcome.words)
    return items.judged_at(held, row, drawn, wanted, entry.values if entry else None)


def answered(
    session: Session, row: Any, key: str | None, by: Acting, body: str, bench: seats.Bench | None = None
) -> Completed | None:
    """A repeat is recognised only where it can be one: the task, or a seat at it, is closed by the same person."""
    mine = row.state != "open" and row.closed_by_id == by.person
    if not mine and not (bench and any(seat.decided_by_id == by.person for seat in bench.rows)):
        return None
    before = receipts.answered(session, by.person, key, body)
    return None if before is None else Completed(before["instance"], tuple(before["tasks"]), is_repeat=True)


def _mind(
    session: Session,
    held: stepping.Held,
    row: Any,
    bench: seats.Bench,
    drawn: UserTask,
    decision: Decision,
    entry: Entry | None,
) -> Standing:
    """Everything that must hold before a decision counts; in whose right it is made."""
    standing = mind_open(session, held, row, drawn, decision.revision, bench, decision.on_behalf_of)
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
    return standing


def mind_open(
    session: Session,
    held: stepping.Held,
    row: Any,
    drawn: UserTask,
    revision: int,
    bench: seats.Bench | None = None,
    on_behalf_of: str | None = None,
) -> Standing:
    """Whether the person may work this task, in whose right, and whether it still is as he read it.

    `bench`: its seats, if they are at hand. Raises `Unknown`, `Forbidden`, `TaskTaken`, `InstanceChanged`.
    """
    bench = seats.bench(session, row) if bench is None else bench
    standing = policy.standing(held.by, row, bench.rows, on_behalf_of)
    if row.state != "open":
        if standing is None and not policy.may_read(session, held.by, held.id):
            raise Unknown(row.id)
        raise taken.task(session, row, bench, drawn, held.by)
    if standing is None:
        raise taken.refusal(session, held, row, bench, drawn)
    if held.state != "running" or row.revision != revision:
        raise InstanceChanged()
    return standing


def mind_opinion(comment: str) -> None:
    """Whether an opinion can be kept as it is. Raises `BadOpinion`."""
    try:
        length = len(tidy(comment, lines=True))
    except Wrong as wrong:
        raise BadOpinion(wrong.code) from wrong
    if length > LONGEST_OPINION:
        raise BadOpinion("too_long", LONGEST_OPINION, length)


def _keep_entry(held: stepping.Held, row: Any, drawn: UserTask, entry: Entry | None) -> str | None:
    """Store a form's values in their row, and what was submitted as an entry that never changes."""
    if drawn.form is None or entry is None:
        return None
    form = held.program.forms[drawn.form]
    if form.entity and entry.changed:
        binding.store(held.call(row.element), form, entry.changed)
    entry_id = new_id()
    held.pen.tie(entry_id, entry.values)
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
    binding.record(held.call(row.element), form, entry.values)
    return entry_id
