"""The one examiner: looks at what is stored, knows nothing of what went before, and names what does not hold.

The invariants of a sound house: what was entered is there (I1), no task decided twice (I2), each decision in the
history once (I3), nothing running that waits for nobody (I4), engine state and tables agreeing (I5), every
history chain whole (I7). What lies outside the runtime is examined by who owns it, through `more`: stored files
and their rows (I6), imports (I8), places (I9).
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.identity import posts
from app.platform.runtime import recusal, seating, versions
from app.platform.runtime.cases import Case, Key, cases
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.seats import LEFT

LIVE_JOBS = ("waiting", "running")
ALIVE = ("running", "suspended")
REMEMBERED = 20_000  # answers to "who holds this role here", and to "is his account shut", at most


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: which invariant, of which instance, and what was found."""

    invariant: str
    instance: str | None
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.instance or '-'} {self.code}: {self.detail}"


Examination = Callable[[Session, datetime], Iterable[Finding]]


def examine(session: Session, now: datetime, more: Sequence[Examination] = ()) -> list[Finding]:
    """Everything that does not hold at `now`; nothing in a sound house.

    Ask it within one read transaction, so that it sees one moment.
    """
    return list(findings(session, now, more))


def examine_one(session: Session, instance: str, now: datetime) -> list[Finding]:
    """The same of one instance alone. Reads as many statements, but only its own rows."""
    waiting_room = _Waiting(session, now)
    return [
        finding for case in cases(session, only=instance) for finding in _of_case(session, case, waiting_room)
    ]


def findings(session: Session, now: datetime, more: Sequence[Examination] = ()) -> Iterator[Finding]:
    """The same one by one, so that memory stays small however large the house. Reads only."""
    waiting_room = _Waiting(session, now)
    for case in cases(session):
        yield from _of_case(session, case, waiting_room)
    strays = session.scalars(
        select(Task.id).where(~select(Instance.id).where(Instance.id == Task.instance_id).exists())
    )
    for task in strays:
        yield Finding("I1", None, "orphan", f"task {task} has no instance")
    for examination in more:
        yield from examination(session, now)


def _of_case(session: Session, case: Case, waiting_room: _Waiting) -> Iterator[Finding]:
    for check in (_decisions, _seats, _questions, _places, _items, _entries, _chain):
        yield from check(case)
    yield from waiting_room.moving(case)
    yield from _state(session, case)


def _decisions(case: Case) -> Iterator[Finding]:
    """I2, I3: a closed task has exactly one decision in the history, and no other task has any."""
    closed = {task.id for task in case.tasks if task.state == "closed"}
    for task, count in sorted(case.decided.items()):
        if count > 1:
            yield Finding("I2", case.id, "decided_twice", f"task {task} was decided {count} times")
    for task in sorted(closed - set(case.decided)):
        yield Finding("I3", case.id, "undecided", f"task {task} is closed without a decision in the history")
    for task in sorted(set(case.decided) - closed):
        yield Finding("I3", case.id, "not_closed", f"task {task} was decided and is not closed")


def _seats(case: Case) -> Iterator[Finding]:
    """I3, I5: whoever signs decides once, and each seat still to be decided belongs to an open task."""
    states = {task.id: task.state for task in case.tasks}
    decided = Counter(seat.task_id for seat in case.seats if seat.state == "decided")
    for task in sorted({seat.task_id for seat in case.seats}):
        if decided[task] != case.signed[task]:
            detail = f"task {task}: {decided[task]} seats decided, {case.signed[task]} in the history"
            yield Finding("I3", case.id, "seat_unwritten", detail)
    for seat in case.seats:
        if seat.state in LEFT and states.get(seat.task_id) != "open":
            yield Finding("I5", case.id, "seat_open", f"seat {seat.id} is open at a task that is not")


def _questions(case: Case) -> Iterator[Finding]:
    """I5: what is asked is asked at an open task; only that lets a deadline stand still, and then its timers sleep."""
    waiting = [question for question in case.questions if question.closed_at is None]
    states = {task.id: task.state for task in case.tasks}
    for question in waiting:
        if states.get(question.task_id) != "open":
            yield Finding(
                "I5", case.id, "question_open", f"question {question.id} is open at a task that is not"
            )
    pausing = {question.task_id for question in waiting if question.is_pausing}
    for task in case.tasks:
        if (task.paused_at is not None) != (task.state == "open" and task.id in pausing):
            stands = "stands still" if task.paused_at is not None else "does not stand still"
            detail = f"the deadline of task {task.id} {stands}, whatever is asked there"
            yield Finding("I5", case.id, "paused", detail)
    paused = {task.id for task in case.tasks if task.paused_at is not None}
    for timer in case.timers:
        if timer.task_id in paused and timer.next_at is not None:
            detail = f"timer {timer.id} runs on while the deadline of task {timer.task_id} stands still"
            yield Finding("I5", case.id, "timer_awake", detail)


def _places(case: Case) -> Iterator[Finding]:
    """I5: an open task is found where its instance is."""
    for task in case.tasks:
        if task.state == "open" and task.instance_place != case.row.place:
            detail = (
                f"task {task.id} is at {task.instance_place or '-'}, its instance at {case.row.place or '-'}"
            )
            yield Finding("I5", case.id, "task_elsewhere", detail)


def _items(case: Case) -> Iterator[Finding]:
    """I5: what a return has named is to be put right in what still runs; with its end it is forgotten."""
    if case.row.items is not None and case.row.state not in ALIVE:
        detail = f"what row {case.row.items['seq']} has named is kept in an instance that is not running"
        yield Finding("I5", case.id, "items_left", detail)


def _entries(case: Case) -> Iterator[Finding]:
    """I1, I3: every entry stands in the history once and says what was decided on; a start has one at most."""
    of_tasks = {entry for entry, task in case.entries if task is not None}
    for entry in sorted(set(case.named) - of_tasks):
        yield Finding("I1", case.id, "entry_lost", f"entry {entry} of the history is not there")
    for entry in sorted(of_tasks - set(case.named)):
        yield Finding("I3", case.id, "entry_stray", f"entry {entry} stands in no decision")
    for entry, count in sorted(case.named.items()):
        if count > 1:
            yield Finding("I3", case.id, "entry_twice", f"entry {entry} stands in {count} decisions")
    if sum(task is None for _, task in case.entries) > 1:
        yield Finding("I3", case.id, "started_twice", "more than one entry of a start form")
    for entry in case.exchanged:
        yield Finding(
            "I7", case.id, "entry_changed", f"entry {entry} is not what the history says was entered"
        )


def _chain(case: Case) -> Iterator[Finding]:
    """I7: the history verifies up to the head on the instance's row."""
    if case.unreadable is not None:
        yield Finding("I7", case.id, "unreadable", f"record key: {case.unreadable}")
    if case.bad_row is not None:
        detail = f"row {case.bad_row} of {case.row.history_length} does not hold"
        yield Finding("I7", case.id, "chain", detail)


@dataclass
class _Waiting:
    """I4: whom and what the running instances wait for."""

    session: Session
    now: datetime
    known: OrderedDict[tuple[Any, ...], frozenset[str]] = field(default_factory=OrderedDict)
    shut: OrderedDict[str, bool] = field(default_factory=OrderedDict)

    def moving(self, case: Case) -> Iterator[Finding]:
        """What runs waits for somebody or something, and each open task for somebody who can answer it."""
        open_tasks = [task for task in case.tasks if task.state == "open"]
        if case.row.state not in ALIVE:
            for task in open_tasks:
                detail = f"task {task.id} is open in an instance that is not running"
                yield Finding("I5", case.id, "open_after_end", detail)
            return
        if case.row.state == "suspended":
            return  # it waits for whoever resumes it
        working = any(job.state in LIVE_JOBS for job in case.jobs)
        coming = case.subscriptions or any(timer.kind == "event" for timer in case.timers)
        if not (open_tasks or working or coming or case.open_incidents()):
            detail = "no open task, no live job, no timer, no message waited for, no open incident"
            yield Finding("I4", case.id, "stuck", detail)
        for task in open_tasks:
            if not self._somebody(case, task) and not case.open_incidents(task.element):
                yield Finding("I4", case.id, "nobody", f"nobody can answer task {task.id} at {task.element}")
        for job in case.jobs:
            if job.state == "failed" and not any(i.job_id == job.id for i in case.open_incidents()):
                yield Finding(
                    "I4", case.id, "failed_unseen", f"job {job.id} has failed without an open incident"
                )

        paused = {task.id for task in open_tasks if task.paused_at is not None}
        for timer in case.timers:
            if (
                timer.next_at is None
                and timer.task_id not in paused
                and not case.open_incidents(timer.element)
            ):
                detail = f"the timer at {timer.element} is looked at no more, without an open incident"
                yield Finding("I4", case.id, "timer_unseen", detail)

    def _somebody(self, case: Case, task: Any) -> bool:
        if task.seats != "one":
            turn = [seat for seat in case.seats if seat.task_id == task.id and seat.state == "open"]
            holders = self._holders(task) if task.role else frozenset()
            return bool(turn) and all(
                not self._is_shut(seat.person_id) if seat.is_personal else seat.person_id in holders
                for seat in turn
            )
        if task.assignee_id is not None:
            return task.claimed_by_id in (None, task.assignee_id) and not self._is_shut(task.assignee_id)
        if task.role is None:
            return False
        holders = self._holders(task)
        return task.claimed_by_id in holders if task.claimed_by_id is not None else bool(holders)

    def _is_shut(self, person: str) -> bool:
        if person not in self.shut:
            self.shut[person] = seating.is_shut(self.session, person)
            if len(self.shut) > REMEMBERED:
                self.shut.popitem(last=False)
        return self.shut[person]

    def _holders(self, task: Any) -> frozenset[str]:
        """Who may answer a task by a post of his own, those who would judge their own left out."""
        wanted = (task.role, task.place, task.subject, task.avoided, task.avoided_unit)
        if wanted not in self.known:
            found = posts.holders(self.session, task.role, task.place, task.subject, self.now)
            kept = recusal.left(self.session, dict(task._mapping), found, self.now)
            self.known[wanted] = frozenset(person for person, _ in kept)
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        return self.known[wanted]


def _state(session: Session, case: Case) -> Iterator[Finding]:
    """I5: the engine's live tokens are the open tasks, armed timers, messages and work, no more, no less."""
    seen = Counter((task.element, task.visit) for task in case.tasks)
    for (element, visit), count in seen.items():
        if count > 1:
            yield Finding("I2", case.id, "opened_twice", f"{element}#{visit} was opened {count} times")
    try:
        program = versions.program(session, case.row.version_id)
        tokens = engine.tokens(program.definition, case.row.tokens)
    except engine.Corrupt as error:
        yield Finding("I5", case.id, "corrupt", f"stored state: {error}")
        return
    except Unpublishable as error:
        problems = "; ".join(str(problem) for problem in error.problems)[:500]
        yield Finding("I5", case.id, "loose_wires", problems)
        return
    if case.row.state == "cancelled":
        tokens = ()  # the state is kept as it was when the instance was thrown away; nothing waits in it
    yield from _asked(case, tokens)
    yield from _worked(case, [token for token in tokens if token.kind == "work"])
    yield from _awaited(case, tokens)


def _asked(case: Case, tokens: Iterable[engine.Token]) -> Iterator[Finding]:
    waits = _keys(token for token in tokens if token.kind == "user")
    asked = _keys(task for task in case.tasks if task.state == "open")
    for element, visit in sorted(waits - asked):
        detail = f"the engine waits at {element}#{visit}, no open task does"
        yield Finding("I5", case.id, "task_missing", detail)
    for element, visit in sorted(asked - waits):
        detail = f"an open task asks at {element}#{visit}, the engine does not wait"
        yield Finding("I5", case.id, "token_missing", detail)


def _keys(things: Iterable[Any]) -> set[Key]:
    return {(thing.element, thing.visit) for thing in things}


def _worked(case: Case, tokens: list[engine.Token]) -> Iterator[Finding]:
    """I4, I5: each service task at work has its one job, live or failed with an incident.

    Of a suspended one the job may be done, and has done nothing: `control.resume` takes it up again.
    """
    jobs = {job.key: job for job in case.jobs if job.name == "runtime/work"}
    for token in tokens:
        job = jobs.get(f"work:{case.id}:{token.visit}")
        if job is None or (job.state == "done" and case.row.state != "suspended"):
            state = "no job" if job is None else "a job that is done"
            yield Finding("I5", case.id, "work_missing", f"{token.element}#{token.visit} waits for {state}")


def _awaited(case: Case, tokens: Iterable[engine.Token]) -> Iterator[Finding]:
    """I5: a token that waits for a time, a message or a signal has its row, and such a row its token."""
    kept = {
        "timer": _keys(row for row in case.timers if row.kind == "event"),
        "message": _keys(row for row in case.subscriptions if row.kind == "message"),
        "signal": _keys(row for row in case.subscriptions if row.kind == "signal"),
    }
    for kind, rows in kept.items():
        waits = _keys(token for token in tokens if token.kind == kind)
        for element, visit in sorted(waits - rows):
            yield Finding(
                "I5",
                case.id,
                f"{kind}_missing",
                f"the engine waits for a {kind} at {element}#{visit}, no row does",
            )
        for element, visit in sorted(rows - waits):
            yield Finding(
                "I5",
                case.id,
                f"{kind}_stray",
                f"a row waits for a {kind} at {element}#{visit}, the engine does not",
            )
