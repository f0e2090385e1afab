"""Makes a step true: locks an instance, and writes what the engine says should happen to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.platform import calendar, engine
from app.platform.data import new_id
from app.platform.engine import Step, Thrown, Token, UserTask
from app.platform.notices import LISTENED
from app.platform.registry import Acting, Call, Outcome, Refused, Words, house
from app.platform.runtime import (
    announcing,
    asking,
    handing,
    items,
    letters,
    places,
    seating,
    seats,
    subscriptions,
    timers,
    unanswered,
    versions,
)
from app.platform.runtime.entities import Incident, Instance, Task
from app.platform.runtime.errors import HOOK_BROKE, HookRefused, InstanceChanged, Unknown
from app.platform.runtime.history import Happening, Pen, read_key

log = logging.getLogger(__name__)
WALKED = "runtime.walked"  # a list in a session's info hears of each step's way: a rehearsal shows it

INSTANCE = Instance.__table__
TASK = Task.__table__
INCIDENT = Incident.__table__
HAS_INCIDENT = (  # read along with the lock, so that the ordinary completion asks nothing more
    select(INCIDENT.c.id)
    .where(INCIDENT.c.instance_id == INSTANCE.c.id, INCIDENT.c.closed_at.is_(None))
    .exists()
    .label("has_incident")
)
# What every statement that locks an instance reads.
HELD = (INSTANCE, HAS_INCIDENT, timers.NEXT_EVENT, LISTENED, seating.STARTER_SHUT)
LOCK = select(*HELD).where(INSTANCE.c.id == bindparam("instance")).with_for_update(of=INSTANCE)
READ = select(INSTANCE).where(INSTANCE.c.id == bindparam("instance"))
LOCK_BY_TASK = (
    select(*HELD)
    .where(
        INSTANCE.c.id == select(TASK.c.instance_id).where(TASK.c.id == bindparam("task")).scalar_subquery()
    )
    .with_for_update(of=INSTANCE)
)
CLOSE_INCIDENTS = (
    update(INCIDENT)  # type: ignore[arg-type]
    .where(INCIDENT.c.instance_id == bindparam("_instance"), INCIDENT.c.closed_at.is_(None))
    .values(closed_at=bindparam("_at"), closed_by_id=bindparam("_by"))
)
UPDATE_INSTANCE = (
    update(INSTANCE)  # type: ignore[arg-type]
    .where(INSTANCE.c.id == bindparam("_id"), INSTANCE.c.revision == bindparam("_revision"))
    .values(
        revision=INSTANCE.c.revision + 1,
        **{
            name: bindparam(name)
            for name in (
                "state", "place", "stage_zh", "stage_en", "ended", "ended_at", "tokens", "variables", "history_length",
                "head", "items",
            )
        },
    )
)  # fmt: skip
INSERT_TASKS = insert(TASK)  # type: ignore[arg-type]
CLOSE_TOKENS = (
    update(TASK)  # type: ignore[arg-type]
    .where(
        TASK.c.instance_id == bindparam("_instance"),
        TASK.c.visit.in_(bindparam("_visits", expanding=True)),
        TASK.c.state == "open",
    )
    .values(state="cancelled", closed_at=bindparam("_at"), paused_at=None, revision=TASK.c.revision + 1)
    .returning(TASK.c.id, TASK.c.element)
)


@dataclass
class Held:
    """An instance under lock, as the verb goes on with it."""

    session: Session
    row: Any
    by: Acting
    now: datetime
    pen: Pen
    tokens: bytes
    variables: Mapping[str, Any]
    state: str
    stage: Words | None
    revision: int
    title: str
    ended: str | None = None
    told: str | None = None  # the stage that whoever watches the process knows of
    returned: bool = False
    since: datetime | None = None  # a task that opens again has been there since then; its time runs on
    paused: int = 0
    items: dict[str, Any] | None = None
    opened: list[str] = field(default_factory=list)
    arrived: list[letters.Arrival] = field(default_factory=list)
    skipping: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    skipped: int = 0

    @property
    def program(self) -> versions.Program:
        """What the instance runs on. Raises `Unpublishable` if hooks it names went missing."""
        return versions.program(self.session, self.row.version_id)

    @cached_property
    def days(self) -> calendar.Calendar:
        """The working days, read when they are first asked for."""
        return calendar.load(self.session)

    @property
    def id(self) -> str:
        """The instance's id."""
        return str(self.row.id)

    def call(self, element: str, own: Mapping[str, Any] | None = None) -> Call:
        """What a hook at `element` is handed; `own` are the variables of the body it stands in."""
        return Call(
            self.session,
            self.now,
            self.by,
            self.id,
            self.row.process,
            element,
            {**self.variables, **own} if own else self.variables,
            self.row.starter_id,
        )


def hold(
    session: Session, by: Acting, now: datetime, *, instance: str | None = None, task: str | None = None
) -> Held:
    """Lock an instance, named by itself or by one of its tasks. Raises `Unknown`. One statement."""
    statement, name = (LOCK, {"instance": instance}) if instance else (LOCK_BY_TASK, {"task": task})
    row = session.execute(statement, name).one_or_none()
    if row is None:
        raise Unknown(instance or task)
    return held_of(session, row, by, now)


def held_of(session: Session, row: Any, by: Acting, now: datetime) -> Held:
    """Take up a locked instance row."""
    key = read_key(row.record_key)
    return Held(
        session=session,
        row=row,
        by=by,
        now=now,
        pen=Pen(row.id, row.head, row.history_length, key or b"\0" * 32, now),
        tokens=row.tokens,
        variables=row.variables,
        state=row.state,
        stage=None if row.stage_zh is None else Words(row.stage_zh, row.stage_en or row.stage_zh),
        revision=row.revision,
        title=row.title,
        ended=row.ended,
        told=row.stage_zh,
        items=row.items,
    )


def program_of(session: Session, row: Any) -> versions.Program:
    """What an instance row runs on. Raises `Unpublishable` if hooks it names went missing."""
    return versions.program(session, row.version_id)


def caller(held: Held) -> Any:
    """The function through which the engine reaches `now` hooks, in the verb's transaction.

    A hook's `Refused` becomes `HookRefused`; a hook that breaks refuses the verb too, in general words, and the
    log says where.
    """

    def call(element: str, action: str, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            return house.actions[action].run(held.call(element), **parameters)
        except Refused as refused:
            raise HookRefused(refused.words, refused.field) from refused
        except (Outcome, HookRefused):
            raise
        except Exception as error:
            log.exception("hook %s broke at %s", action, element)
            raise HookRefused(HOOK_BROKE) from error

    return call


def write(held: Held, step: Step, *, closing: int | None = None) -> None:
    """Write a step's effects: opened and closed tasks, jobs, history, and the instance itself.

    `closing` is the visit of the task the verb itself has closed already. Tasks that nobody can answer and the
    diagram passes over are completed on the way.
    """
    thrown = _apply(held, step, closing)
    while held.skipping:
        thrown += _pass_over(held, *held.skipping.pop(0))
    handing.hand_over(held, [each for each in thrown if each.deliver == "after"])
    save(held)
    at_once = [each for each in thrown if each.deliver == "together"]
    if at_once:
        from app.platform.runtime import messages  # what receives takes steps itself

        messages.together(held, at_once)
        _read_anew(held)


def _read_anew(held: Held) -> None:
    """Go on with the instance as it is now: what it has said itself may have come back to it."""
    now = hold(held.session, held.by, held.now, instance=held.id)
    held.row, held.pen, held.revision, held.title = now.row, now.pen, now.revision, now.title
    held.tokens, held.variables = now.tokens, now.variables
    held.state, held.stage, held.ended, held.told = now.state, now.stage, now.ended, now.told
    held.items = now.items


def _apply(held: Held, step: Step, closing: int | None) -> list[Thrown]:
    """Write one step's effects but the instance's own row; what it throws is handed over at the end."""
    held.tokens, held.variables = step.state, step.variables
    held.session.info.get(WALKED, []).append((held.id, step.log))
    if step.stage is not None:
        held.stage = step.stage
    _close(held, step.closed, closing)
    _open(held, step.opened)
    for thrown in step.thrown:
        held.pen.write(Happening("thrown", thrown.element, outcome=thrown.name[:60]))
    if step.ended is not None:
        held.state, held.ended = "ended", step.ended
        held.pen.write(Happening("ended", step.ended))
        if timers.occur_in(held.program.definition):
            timers.disarm_all(held)
        close_incidents(
            held
        )  # asked of the table: one may have been opened while this verb waited for the lock
    return list(step.thrown)


def _close(held: Held, tokens: Sequence[Token], closing: int | None) -> None:
    """Take back what waits no more: tasks nobody decided, timers, subscriptions. Work finds out by itself."""
    gone = [token.visit for token in tokens if token.kind == "user" and token.visit != closing]
    if gone:
        closed = held.session.execute(
            CLOSE_TOKENS, {"_instance": held.id, "_visits": gone, "_at": held.now}
        ).all()
        for row in sorted(closed, key=lambda row: row.id):
            held.pen.write(Happening("closed", row.element, row.id))
        seats.close_of(held, "cancelled")
        unanswered.of_tasks(held, [row.id for row in closed])
    timers.disarm(held, tokens)
    subscriptions.unsubscribe(held, tokens)


def _open(held: Held, tokens: Sequence[Token]) -> None:
    """Ask people, hand work to a job, arm timers, wait for messages."""
    users, rows = [token for token in tokens if token.kind == "user"], []
    if users:
        rows = _task_rows(held, users)
        seated = seating.settle(held, rows)
        held.session.execute(INSERT_TASKS, rows)
        seated.write(held.session)
        letters.hand(held, rows, seated)
        for row in rows:
            held.opened.append(row["id"])
            held.pen.write(Happening("opened", row["element"], row["id"]))
        for row in seated.nobody:
            open_incident(held, "nobody", row["element"], row["name_zh"])
        held.skipping += seated.skipped
        if held.items is not None:
            items.asked_again(held, (row["element"] for row in rows))
    timers.arm(held, tokens, rows)
    for token in tokens:
        if token.kind == "work":
            handing.hand_to_worker(held, token)
    subscriptions.subscribe(held, tokens)


def _pass_over(held: Held, row: dict[str, Any], outcome: str) -> list[Thrown]:
    """Complete a task that nobody can answer with the outcome its diagram gives it, as the system's own deed."""
    if not seating.waits(held, row):
        return []
    if not seating.pass_over(held, row, outcome):
        open_incident(held, "nobody", row["element"], row["name_zh"])
        return []
    definition, element, visit = held.program.definition, row["element"], row["visit"]
    step = engine.complete(definition, held.tokens, element, visit, outcome, {}, caller(held), held.now)
    return _apply(held, step, visit)


def save(held: Held) -> None:
    """Write the instance row and its history. Raises `InstanceChanged` if someone was faster."""
    announcing.announce(held)
    told, place = letters.of(held), places.belonging(held)
    held.pen.flush(held.session)
    done = held.session.execute(
        UPDATE_INSTANCE,
        {
            "_id": held.id,
            "_revision": held.revision,
            "state": held.state,
            "place": place,
            "stage_zh": held.stage and held.stage.zh,
            "stage_en": held.stage and held.stage.en,
            "ended": held.ended,
            "ended_at": held.now if held.ended and not held.row.ended else held.row.ended_at,
            "tokens": held.tokens,
            "variables": held.variables,
            "history_length": held.pen.length,
            "head": held.pen.head,
            "items": None if held.ended else held.items,
        },
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise InstanceChanged()
    held.revision += 1
    places.move_tasks(held, place)
    _tell(held)
    letters.post(held, told)


def _tell(held: Held) -> None:
    """Let the system hear that the stage is another one, now that the row says so."""
    before, held.told = held.told, held.stage and held.stage.zh
    watcher = house.watchers.get(held.row.process)
    if watcher is None or before == held.told:
        return
    writes = getattr(held.session, "writes", None)  # of many in one transaction it is known whether it wrote
    try:
        watcher(held.call(""), before, held.told)
    except Refused as refused:
        raise HookRefused(refused.words, refused.field) from refused
    if writes is None or held.session.writes != writes:  # type: ignore[attr-defined]
        _read_anew(held)


def _task_rows(held: Held, tokens: list[Token]) -> list[dict[str, Any]]:
    drawn = held.program.definition.tasks
    return [_task_row(held, token, drawn[token.element]) for token in tokens]


def _task_row(held: Held, token: Token, task: UserTask) -> dict[str, Any]:
    began = held.since or held.now
    due = calendar.deadline(began, task.due, held.days, held.paused) if task.due else None
    call = held.call(token.element, token.own)
    to = places.addressee(task, call, held.row.place)
    return {
        "id": new_id(),
        "instance_id": held.id,
        "process": held.row.process,
        "element": token.element,
        "visit": token.visit,
        "name_zh": task.name.zh,
        "name_en": task.name.en,
        "state": "open",
        "role": to.role,
        "place": to.place,
        "instance_place": held.row.place,
        "subject": to.subject,
        "assignee_id": to.assignee,
        "opened_at": began,
        "paused_days": held.paused,
        "due_at": due and due.at,
        "is_due_provisional": due is not None and due.is_provisional,
        "is_returned": held.returned,
        "summary": asking.summary(call, held.program, task),
        "revision": 1,
    }


def open_incident(held: Held, kind: str, element: str | None, detail: str, job: str | None = None) -> str:
    """Write down that something holds the instance up."""
    incident = new_id()
    about = {"id": incident, "instance_id": held.id, "job_id": job, "element": element}
    held.session.execute(insert(Incident).values(**about, kind=kind, detail=detail, opened_at=held.now))
    held.pen.write(Happening("incident", element, outcome=kind))
    return incident


def close_incidents(held: Held, *more: Any) -> None:
    """Close the instance's open incidents, or those of them that `more` picks: what held it up is over."""
    held.session.execute(
        CLOSE_INCIDENTS.where(*more) if more else CLOSE_INCIDENTS,
        {"_instance": held.id, "_at": held.now, "_by": held.by.person},
    )
