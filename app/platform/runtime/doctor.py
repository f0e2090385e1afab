"""The one examiner: looks at what is stored, knows nothing of what went before, and names what does not hold.

The invariants of a sound house: no task decided twice (I2), each decision in the history once (I3), nothing
running that waits for nobody (I4), engine state and task table agreeing (I5), every history chain whole (I7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.data.sealing import Unreadable
from app.platform.identity import posts
from app.platform.jobs import Job
from app.platform.runtime import history, recusal, versions
from app.platform.runtime.entities import Entry, History, Incident, Instance, Seat, Task
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.seats import LEFT

LIVE_JOBS = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: which invariant, of which instance, and what was found."""

    invariant: str
    instance: str | None
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.instance or '-'} {self.code}: {self.detail}"


def examine(session: Session, now: datetime) -> list[Finding]:
    """Everything that does not hold at `now`; nothing in a sound house. Reads only, instance by instance.

    Ask it within one read transaction, so that it sees one moment.
    """
    findings: list[Finding] = []
    eligible: dict[tuple[Any, ...], bool] = {}
    for instance in session.scalars(select(Instance.id).order_by(Instance.id)).all():
        facts = _facts(session, instance, now, eligible)
        for check in (_decisions, _seats, _entries, _moving, _state, _chain):
            findings += check(facts)
    strays = session.scalars(
        select(Task.id).where(~select(Instance.id).where(Instance.id == Task.instance_id).exists())
    )
    return findings + [Finding("I1", None, "orphan", f"task {task} has no instance") for task in strays]


@dataclass(frozen=True, slots=True)
class _Facts:
    session: Session
    row: Any
    tasks: list[Any]
    jobs: list[Any]
    incidents: list[Any]
    seats: list[Any]
    now: datetime
    eligible: dict[tuple[Any, ...], bool]

    def found(self, invariant: str, code: str, detail: str) -> Finding:
        return Finding(invariant, self.row.id, code, detail)

    def open_incidents(self, element: str | None = None) -> list[Any]:
        return [i for i in self.incidents if i.closed_at is None and element in (None, i.element)]


def _facts(session: Session, instance: str, now: datetime, eligible: dict[tuple[Any, ...], bool]) -> _Facts:
    def rows(entity: Any) -> list[Any]:
        table = entity.__table__
        return list(
            session.execute(select(table).where(table.c.instance_id == instance).order_by(table.c.id))
        )

    row = session.execute(select(Instance.__table__).where(Instance.id == instance)).one()
    return _Facts(session, row, rows(Task), rows(Job), rows(Incident), rows(Seat), now, eligible)


def _decisions(facts: _Facts) -> Iterator[Finding]:
    """I2, I3: a closed task has exactly one decision in the history, and no other task has any."""
    table = History.__table__
    decided = Counter(
        facts.session.scalars(
            select(func.coalesce(table.c.task_id, "")).where(
                table.c.instance_id == facts.row.id, table.c.kind == "decided"
            )
        )
    )
    closed = {task.id for task in facts.tasks if task.state == "closed"}
    for task, count in sorted(decided.items()):
        if count > 1:
            yield facts.found("I2", "decided_twice", f"task {task} was decided {count} times")
    for task in sorted(closed - set(decided)):
        yield facts.found("I3", "undecided", f"task {task} is closed without a decision in the history")
    for task in sorted(set(decided) - closed):
        yield facts.found("I3", "not_closed", f"task {task} was decided and is not closed")


def _entries(facts: _Facts) -> Iterator[Finding]:
    """I1, I3: every entry stands in the history once, and every one named there exists; a start has one at most."""
    table = History.__table__
    named = Counter(
        facts.session.scalars(
            select(table.c.entry_id).where(table.c.instance_id == facts.row.id, table.c.entry_id.is_not(None))
        )
    )
    kept = facts.session.execute(
        select(Entry.id, Entry.task_id, Entry.element).where(Entry.instance_id == facts.row.id)
    ).all()
    of_tasks = {row.id for row in kept if row.task_id is not None}
    for entry in sorted(set(named) - of_tasks):
        yield facts.found("I1", "entry_lost", f"entry {entry} of the history is not there")
    for entry in sorted(of_tasks - set(named)):
        yield facts.found("I3", "entry_stray", f"entry {entry} stands in no decision")
    for entry, count in sorted(named.items()):
        if count > 1:
            yield facts.found("I3", "entry_twice", f"entry {entry} stands in {count} decisions")
    if sum(row.task_id is None for row in kept) > 1:
        yield facts.found("I3", "started_twice", "more than one entry of a start form")


def _moving(facts: _Facts) -> Iterator[Finding]:
    """I4: what runs waits for somebody or something, and each open task for somebody who can answer it."""
    open_tasks = [task for task in facts.tasks if task.state == "open"]
    if facts.row.state != "running":
        for task in open_tasks:
            yield facts.found(
                "I5", "open_after_end", f"task {task.id} is open in an instance that is not running"
            )
        return
    working = any(job.state in LIVE_JOBS for job in facts.jobs)
    if not (open_tasks or working or facts.open_incidents()):
        yield facts.found("I4", "stuck", "no open task, no live job, no open incident")
    for task in open_tasks:
        if not _somebody(facts, task) and not facts.open_incidents(task.element):
            yield facts.found("I4", "nobody", f"nobody can answer task {task.id} at {task.element}")
    for job in facts.jobs:
        if job.state == "failed" and not any(i.job_id == job.id for i in facts.open_incidents()):
            yield facts.found("I4", "failed_unseen", f"job {job.id} has failed without an open incident")


def _somebody(facts: _Facts, task: Any) -> bool:
    if task.seats != "one":
        turn = [seat for seat in facts.seats if seat.task_id == task.id and seat.state == "open"]
        eligible = {person for person, _ in _holders(facts, task)} if task.role is not None else set()
        return bool(turn) and all(seat.is_personal or seat.person_id in eligible for seat in turn)
    if task.assignee_id is not None:
        return task.claimed_by_id in (None, task.assignee_id)
    if task.role is None:
        return False
    if task.claimed_by_id is not None:
        return task.claimed_by_id in {person for person, _ in _holders(facts, task)}
    wanted = (task.role, task.place, task.subject, task.avoided, task.avoided_unit)
    if wanted not in facts.eligible:
        facts.eligible[wanted] = bool(_holders(facts, task))
    return facts.eligible[wanted]


def _holders(facts: _Facts, task: Any) -> list[tuple[str, str]]:
    found = posts.holders(facts.session, task.role, task.place, task.subject, facts.now)
    return recusal.left(facts.session, dict(task._mapping), found, facts.now)


def _seats(facts: _Facts) -> Iterator[Finding]:
    """I2, I3, I5: whoever signs decides once, and each undecided seat belongs to an open task."""
    tasks = {task.id: task for task in facts.tasks}
    table = History.__table__
    signed = Counter(
        facts.session.scalars(
            select(table.c.task_id).where(
                table.c.instance_id == facts.row.id,
                table.c.kind.in_(("signed", "advised", "decided")),
                table.c.by_id.is_not(None),
            )
        )
    )
    for task in facts.tasks:
        mine = [seat for seat in facts.seats if seat.task_id == task.id]
        decided = sum(seat.state == "decided" for seat in mine)
        if mine and decided != signed[task.id]:
            detail = f"task {task.id}: {decided} seats decided, {signed[task.id]} in the history"
            yield facts.found("I3", "seat_unwritten", detail)
    for seat in facts.seats:
        if seat.state in LEFT and tasks[seat.task_id].state != "open":
            yield facts.found("I5", "seat_open", f"seat {seat.id} is open at a task that is not")


def _state(facts: _Facts) -> Iterator[Finding]:
    """I5: the engine's live tokens are the open tasks and the service tasks handed to the worker, no more, no less."""
    seen = Counter((task.element, task.visit) for task in facts.tasks)
    for (element, visit), count in seen.items():
        if count > 1:
            yield facts.found("I2", "opened_twice", f"{element}#{visit} was opened {count} times")
    try:
        program = versions.program(facts.session, facts.row.version_id)
        tokens = engine.tokens(program.definition, facts.row.tokens)
    except engine.Corrupt as error:
        yield facts.found("I5", "corrupt", f"stored state: {error}")
        return
    except Unpublishable as error:
        yield facts.found("I5", "loose_wires", "; ".join(str(problem) for problem in error.problems)[:500])
        return
    if facts.row.state == "cancelled":
        tokens = ()  # the state is kept as it was when the instance was thrown away; nothing waits in it
    waits = {(token.element, token.visit) for token in tokens if token.kind == "user"}
    asked = {(task.element, task.visit) for task in facts.tasks if task.state == "open"}
    for element, visit in sorted(waits - asked):
        yield facts.found("I5", "task_missing", f"the engine waits at {element}#{visit}, no open task does")
    for element, visit in sorted(asked - waits):
        yield facts.found(
            "I5", "token_missing", f"an open task asks at {element}#{visit}, the engine does not wait"
        )
    yield from _worked(facts, [token for token in tokens if token.kind == "work"])


def _worked(facts: _Facts, tokens: list[engine.Token]) -> Iterator[Finding]:
    """I4, I5: each service task at work has its one job, live or failed with an incident."""
    jobs = {job.key: job for job in facts.jobs if job.name == "runtime/work"}
    for token in tokens:
        job = jobs.get(f"work:{facts.row.id}:{token.visit}")
        if job is None or job.state == "done":
            state = "no job" if job is None else "a job that is done"
            yield facts.found("I5", "work_missing", f"{token.element}#{token.visit} waits for {state}")


def _chain(facts: _Facts) -> Iterator[Finding]:
    """I7: the history verifies up to the head on the instance's row."""
    try:
        bad = history.first_bad_row(facts.session, facts.row.id)
    except Unreadable as error:
        yield facts.found("I7", "unreadable", f"record key: {error}")
        return
    if bad is not None:
        yield facts.found("I7", "chain", f"row {bad} of {facts.row.history_length} does not hold")
