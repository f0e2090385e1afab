"""What pages are shown of tasks and instances: frozen, complete, and only to those who may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Outcome, UserTask
from app.platform.forms import StepForm
from app.platform.identity.entities import Person
from app.platform.jobs import Job
from app.platform.registry import Acting, Call, Words, house
from app.platform.runtime import binding, drafts, history, places, policy, seat_views, seats, versions
from app.platform.runtime.entities import Entry, Incident, Instance, Process, Task, Timer
from app.platform.runtime.errors import Unknown
from app.platform.runtime.seat_views import SeatView as SeatView


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided, what, when, and with which opinion."""

    by: str | None
    by_name: str
    outcome: Words | None
    comment: str
    at: datetime
    items: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task as one person sees it."""

    id: str
    instance: str
    process: str
    process_name: Words
    system: str
    title: str
    number: str | None
    element: str
    name: Words
    stage: Words | None
    revision: int
    state: str
    opened_at: datetime
    due_at: datetime | None
    is_due_provisional: bool
    overdue: bool
    is_escalated: bool
    claimed_by: str | None
    claimed_by_name: str
    starter: str
    starter_name: str
    region_name: str
    form: StepForm | None
    form_id: str | None
    values: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    allow: frozenset[str]
    why: Words
    can_work: bool
    is_mine: bool
    draft: Mapping[str, Any] | None
    draft_saved_at: datetime | None
    returned: Decided | None
    decided: Decided | None
    variables: Mapping[str, Any]
    rule: str = "one"
    seats: tuple[SeatView, ...] = ()
    verbs: frozenset[str] = frozenset()
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of an instance: who can answer it, and whether the reader may."""

    id: str
    element: str
    name: Words
    who: Words
    can_work: bool
    opened_at: datetime
    due_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance as one person sees it.

    With no task open and nothing wrong it is either worked on (`is_working`), or waits for a message or a moment:
    `until`, if one is known.
    """

    id: str
    process: str
    process_name: Words
    system: str
    title: str
    number: str | None
    state: str
    stage: Words | None
    starter: str
    starter_name: str
    business_key: str | None
    started_at: datetime
    ended_at: datetime | None
    open_tasks: tuple[OpenTask, ...]
    is_working: bool
    until: datetime | None
    incidents: tuple[str, ...]
    variables: Mapping[str, Any]


def _found(session: Session, task: str, by: Acting) -> Any:
    row = session.execute(_finding(by, policy.declared(by)), {"task": task}).one_or_none()
    if row is None:
        raise Unknown(task)
    return row


@lru_cache(maxsize=512)
def _finding(by: Acting, _roles: object) -> Any:
    """The statement that reads a task for one reader: built once, it costs more to write than to run."""
    starter, claimer = aliased(Person), aliased(Person)
    return (
        select(
            Task, Instance, Process, starter.name.label("starter_name"), claimer.name.label("claimer_name")
        )
        .join(Instance, Instance.id == Task.instance_id)
        .join(Process, Process.key == Instance.process)
        .outerjoin(starter, starter.id == Instance.starter_id)
        .outerjoin(claimer, claimer.id == Task.claimed_by_id)
        .where(Task.id == bindparam("task"), policy.readable(by))
    )


def task(session: Session, task_id: str, by: Acting, now: datetime) -> TaskView:
    """One task for one reader. Raises `Unknown` when there is none or it is none of his business (404)."""
    found = _found(session, task_id, by)
    row, instance, process = found.Task, found.Instance, found.Process
    program = versions.program(session, instance.version_id)
    drawn = program.asked(row)
    form = program.forms.get(drawn.form) if drawn.form else None
    bench = seats.bench(session, row)
    running = row.state == "open" and instance.state == "running"
    standing = policy.standing(by, row, bench.rows) if running else None
    can_work = standing is not None
    kept = drafts.of(session, task_id, by) if can_work else None
    tells = row.is_returned or row.state == "closed"  # else nothing below asks for the history
    happened = history.of(session, instance.id) if tells else []
    values: Mapping[str, Any] = {}
    if form is not None:
        values = _values(session, row, instance, program, drawn, by, now)
    return TaskView(
        id=row.id,
        instance=instance.id,
        process=process.key,
        process_name=Words(process.name_zh, process.name_en),
        system=process.system,
        title=instance.title,
        number=instance.number,
        element=row.element,
        name=Words(row.name_zh, row.name_en),
        stage=_stage(instance),
        revision=row.revision,
        state=row.state,
        opened_at=row.opened_at,
        due_at=row.due_at,
        is_due_provisional=row.is_due_provisional,
        overdue=row.state == "open" and row.due_at is not None and row.due_at < now,
        is_escalated=row.is_escalated,
        claimed_by=row.claimed_by_id,
        claimed_by_name=found.claimer_name or "",
        starter=instance.starter_id,
        starter_name=found.starter_name or "",
        region_name=places.name_of(session, row.place),
        form=form.at(row.element) if form else None,
        form_id=drawn.form,
        values=values,
        outcomes=drawn.outcomes if can_work else (),
        allow=drawn.allow,
        why=_why(session, row, drawn, by, standing),
        can_work=can_work,
        is_mine=row.claimed_by_id == by.person or row.assignee_id == by.person,
        draft=kept[0] if kept else None,
        draft_saved_at=kept[1] if kept else None,
        returned=_last_return(happened, row, program) if row.is_returned else None,
        decided=_decision(happened, row.id) if row.state == "closed" else None,
        variables=instance.variables,
        rule=row.seats,
        seats=seat_views.shown(session, bench, drawn),
        verbs=seat_views.verbs(
            row, drawn, standing, managed=running and policy.may_manage(by, instance.place)
        ),
        on_behalf_of=standing.principal.name if standing and standing.principal else "",
    )


def _stage(instance: Any) -> Words | None:
    return None if instance.stage_zh is None else Words(instance.stage_zh, instance.stage_en)


def _values(
    session: Session,
    row: Any,
    instance: Any,
    program: versions.Program,
    drawn: UserTask,
    by: Acting,
    now: datetime,
) -> Mapping[str, Any]:
    """What the form shows: of a decided task its own entry, of an open one what holds now."""
    if row.state == "closed":
        entry = session.scalar(
            select(Entry.values)
            .where(Entry.instance_id == instance.id, Entry.task_id == row.id)
            .order_by(Entry.id.desc())
            .limit(1)
        )
        if entry is not None:
            return dict(entry)
    form = program.forms[drawn.form or ""]
    call = Call(
        session, now, by, instance.id, program.process, row.element, instance.variables, instance.starter_id
    )
    return binding.load(call, form)


def _why(session: Session, row: Any, drawn: UserTask, by: Acting, standing: policy.Standing | None) -> Words:
    """Why this task stands in front of this reader, in one sentence."""
    if standing is not None and standing.principal is not None:
        name = standing.principal.name
        return Words(f"您代理{name}办理", f"You stand in for {name}")
    if standing is not None and standing.seat is not None and standing.seat.is_personal:
        return Words("请您签署", "You are asked to sign")
    if row.assignee_id == by.person:
        return Words("由您本人办理", "This step is yours in person")
    if row.role and policy.is_candidate(by, row):
        role = house.roles[row.role].title
        place = places.name_of(session, row.place)
        return Words(f"您担任{place}{role.zh}", f"You hold the role {role.en}{', ' + place if place else ''}")
    return Words("您可查看此事项", "You may read this")


def _last_return(happened: list[history.HistoryRow], row: Any, program: versions.Program) -> Decided | None:
    """The last decision that sent the matter back, also after steps of one's own since."""
    before = [
        h
        for h in happened
        if h.at <= row.opened_at
        and (h.kind == "returned" or (h.kind == "decided" and _is_negative(program, h.element, h.outcome)))
    ]
    return _as_decided(before[-1]) if before else None


def _is_negative(program: versions.Program, element: str | None, outcome: str | None) -> bool:
    drawn = program.definition.tasks.get(element or "")
    return drawn is not None and any(one.negative for one in drawn.outcomes if one.key == outcome)


def _decision(happened: list[history.HistoryRow], task_id: str) -> Decided | None:
    return next((_as_decided(h) for h in happened if h.kind == "decided" and h.task == task_id), None)


def _as_decided(row: history.HistoryRow) -> Decided:
    words = Words(row.body["zh"], row.body["en"]) if "zh" in row.body else None
    items = row.body.get("items") or {}
    return Decided(row.by, row.by_name, words, str(row.body.get("comment", "")), row.at, items)


def instance(session: Session, instance_id: str, by: Acting, now: datetime) -> InstanceView:
    """One instance for one reader. Raises `Unknown`."""
    found = session.execute(
        select(Instance, Process, Person.name)
        .join(Process, Process.key == Instance.process)
        .outerjoin(Person, Person.id == Instance.starter_id)
        .where(Instance.id == instance_id, policy.readable(by))
    ).one_or_none()
    if found is None:
        raise Unknown(instance_id)
    row, process = found.Instance, found.Process
    open_rows = session.execute(
        select(Task, Person.name)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.instance_id == instance_id, Task.state == "open")
        .order_by(Task.opened_at)
    ).all()
    sitting = seats.of(session, (t for t, _ in open_rows))
    incidents = session.scalars(
        select(Incident.kind).where(and_(Incident.instance_id == instance_id, Incident.closed_at.is_(None)))
    ).all()
    named = places.names_of(session, (t.place for t, _ in open_rows))
    is_idle = row.state == "running" and not open_rows and not incidents
    return InstanceView(
        id=row.id,
        process=process.key,
        process_name=Words(process.name_zh, process.name_en),
        system=process.system,
        title=row.title,
        number=row.number,
        state=row.state,
        stage=_stage(row),
        starter=row.starter_id,
        starter_name=found.name or "",
        business_key=row.business_key,
        started_at=row.started_at,
        ended_at=row.ended_at,
        open_tasks=tuple(
            OpenTask(
                t.id,
                t.element,
                Words(t.name_zh, t.name_en),
                _who(t, name, named),
                row.state == "running" and policy.may_work(by, t, sitting.get(t.id, ())),
                t.opened_at,
                t.due_at,
                t.revision,
            )
            for t, name in open_rows
        ),
        is_working=is_idle and _is_working(session, instance_id),
        until=_next_due(session, instance_id) if is_idle else None,
        incidents=tuple(incidents),
        variables=row.variables,
    )


def _is_working(session: Session, instance: str) -> bool:
    """Whether a job is doing something for an instance right now, or soon."""
    live = select(Job.id).where(Job.instance_id == instance, Job.state.in_(("waiting", "running")))
    return session.scalar(live.limit(1)) is not None


def _next_due(session: Session, instance: str) -> datetime | None:
    """When the next of an instance's own timers is due."""
    return session.scalar(select(func.min(Timer.due_at)).where(Timer.instance_id == instance))


def _who(row: Any, name: str | None, named: Mapping[str, str]) -> Words:
    """Who can answer a task: a person by name, or a role at a place."""
    if row.assignee_id:
        return Words(name or "", name or "")
    if row.role is None:
        return Words("", "")
    role, place = house.roles[row.role].title, named.get(row.place, "")
    return Words(f"{place}{role.zh}", f"{role.en}{', ' + place if place else ''}")
