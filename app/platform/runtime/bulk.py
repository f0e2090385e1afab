"""One verb at many tasks: fifty share one commit; only where one of them fails is each done alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.forms import Entry
from app.platform.registry import Acting
from app.platform.runtime import letters, policy, receipts, tasks, versions, views
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import Forbidden, InstanceChanged, RuntimeRefusal, Unknown
from app.platform.runtime.tasks import Completed, Decision
from app.platform.runtime.together import Together

log = logging.getLogger(__name__)

CHUNK: Final = 50
MOST: Final = 1_000
ALLOWED: Final = "bulk"  # what a step's `allow` must name

Read = Callable[[views.TaskView], Entry | None]
"""Reads the form of one task as it stands, for the outcome wanted; raises where it has complaints."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one task: done, with what it opened, or why not."""

    task: str
    done: Completed | None = None
    refusal: Exception | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A verb that decides nothing: claim, unclaim, transfer or copy; whom it is `to`, and what is said of it.

    `own` has what is said of single tasks instead. `key` stands for the whole.
    """

    verb: str
    to: tuple[str, ...] = ()
    comment: str = ""
    key: str | None = None
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """A task read and found fit: its decision carries the revision it was read at."""

    task: str
    instance: str
    entry: Entry | None
    decision: Decision


def complete(
    session: Session,
    wanted: Sequence[str],
    revisions: Mapping[str, int],
    decision: Decision,
    read: Read,
    by: Acting,
    now: datetime,
    own: Mapping[str, str] | None = None,
) -> list[Result]:
    """Decide many tasks alike, at steps that allow it; each is done or says why not, in the order asked.

    `revisions`: as read by the caller; a task without one is decided as it stands. `decision.key` stands for the
    whole: each task has its own, made of both. `own` has the opinions of single tasks that differ from the
    decision's. Nothing is raised for a single task; at most `MOST` at once.
    """
    results: dict[str, Result] = {}
    distinct = list(dict.fromkeys(wanted))[:MOST]
    for start in range(0, len(distinct), CHUNK):
        chunk = distinct[start : start + CHUNK]
        ready = list(_read(session, chunk, revisions, decision, read, by, now, results, own or {}))
        _decide(session, ready, by, now, results)
    return [results[task] for task in distinct]


def each(
    session: Session, wanted: Sequence[str], revisions: Mapping[str, int], act: Act, by: Acting, now: datetime
) -> list[Result]:
    """Do another verb at many tasks; each is done or says why not, in the order asked.

    As with decisions: a task without a revision is taken as it stands, and nothing is raised for a single one.
    """
    results: dict[str, Result] = {}
    distinct = list(dict.fromkeys(wanted))[:MOST]
    for start in range(0, len(distinct), CHUNK):
        chunk = distinct[start : start + CHUNK]
        # no scope here: the verb itself asks, after the lock, and knows a repeat even where the task is out of sight
        asked = select(Task.id, Task.instance_id, Task.revision).where(Task.id.in_(chunk))
        rows = {row.id: row for row in session.execute(asked.order_by(Task.instance_id))}
        results |= {task: Result(task, refusal=Unknown(task)) for task in chunk if task not in rows}
        _each(session, list(rows.values()), revisions, act, by, now, results)
    return [results[task] for task in distinct]


def _each(
    session: Session,
    rows: Sequence[Any],
    revisions: Mapping[str, int],
    act: Act,
    by: Acting,
    now: datetime,
    results: dict[str, Result],
) -> None:
    """Do a chunk in one transaction, with one letter for whom it concerns; one by one if any of it is refused."""

    def do(row: Any) -> Result:
        _act(session, row.id, revisions.get(row.id, row.revision), act, by, now)
        return Result(row.id, Completed(row.instance_id, ()))

    try:
        with transaction(session), letters.gathered(session, now):
            done = {row.id: do(row) for row in rows}
    except Exception as refusal:
        if not isinstance(refusal, RuntimeRefusal):
            log.exception("a chunk of %d is done one by one", len(rows))
        for row in rows:
            try:
                results[row.id] = do(row)
            except Exception as refusal:
                results[row.id] = Result(row.id, refusal=refusal)
        return
    results.update(done)


def _act(session: Session, task: str, revision: int, act: Act, by: Acting, now: datetime) -> None:
    key = f"{act.key}:{task}" if act.key else None
    comment = act.own.get(task) or act.comment
    if act.verb in ("claim", "unclaim"):
        verb = tasks.claim if act.verb == "claim" else tasks.unclaim

        def run() -> dict[str, str]:
            verb(session, task, revision, by, now)
            return {"task": task}

        receipts.once(session, by.person, key, receipts.body_of(act.verb, task), now, run)
    elif act.verb == "transfer":
        tasks.transfer(session, task, "".join(act.to[:1]), revision, by, now, comment, key)
    elif act.verb == "copy":
        tasks.copy(session, task, act.to, revision, by, now, comment, key)
    else:
        raise ValueError(f"{act.verb} is not done at many tasks")


def _read(
    session: Session,
    chunk: Sequence[str],
    revisions: Mapping[str, int],
    decision: Decision,
    read: Read,
    by: Acting,
    now: datetime,
    results: dict[str, Result],
    own: Mapping[str, str],
) -> Iterator[Ready]:
    """Read a chunk in one statement; what is not fit has its result at once. Forms are read one by one."""
    rows = {
        row.id: row
        for row in session.execute(
            select(Task.__table__, Instance.version_id)
            .join(Instance, Instance.id == Task.instance_id)
            .where(Task.id.in_(chunk), policy.readable(by))
        )
    }
    for task in chunk:
        row = rows.get(task)
        try:
            if row is None:
                raise Unknown(task)
            entry = _fit(session, row, revisions.get(task), read, by, now)
        except Exception as refusal:
            results[task] = Result(task, refusal=refusal)
            continue
        key = f"{decision.key}:{task}" if decision.key else None
        revision = revisions.get(task, row.revision)
        comment = own.get(task) or decision.comment
        mine = replace(decision, revision=revision, key=key, comment=comment)
        yield Ready(task, row.instance_id, entry, mine)


def _fit(
    session: Session, row: Any, revision: int | None, read: Read, by: Acting, now: datetime
) -> Entry | None:
    """The entry of a task that may be decided with others. Raises what refuses it."""
    drawn = versions.program(session, row.version_id).asked(row)
    if ALLOWED not in drawn.allow:
        raise Forbidden("task.bulk")
    if row.state == "open" and revision not in (None, row.revision):
        raise InstanceChanged()
    return read(views.task(session, row.id, by, now)) if drawn.form else None


def _decide(
    session: Session, ready: Sequence[Ready], by: Acting, now: datetime, results: dict[str, Result]
) -> None:
    """Decide a chunk in one transaction; if any of it is refused, all of it is undone and done one by one."""
    in_order = sorted(ready, key=lambda one: one.instance)
    try:
        with transaction(session), letters.gathered(session, now):
            many = Together(session, {one.task: one.instance for one in in_order})
            done = {one.task: _one(cast(Session, many), one, by, now) for one in in_order}
            many.flush()
    except Exception as refusal:
        if not isinstance(refusal, RuntimeRefusal):
            log.exception("a chunk of %d is done one by one", len(in_order))
        for one in in_order:
            try:
                results[one.task] = Result(one.task, _one(session, one, by, now))
            except Exception as refusal:
                results[one.task] = Result(one.task, refusal=refusal)
        return
    results.update({task: Result(task, completed) for task, completed in done.items()})


def _one(session: Session, one: Ready, by: Acting, now: datetime) -> Completed:
    return tasks.complete(session, one.task, one.entry, one.decision, by, now)
