"""What pages are shown of tasks and instances: frozen, complete, and only to those who may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Outcome, UserTask
from app.platform.forms import StepForm
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Call, Words
from app.platform.runtime import (
    binding,
    drafts,
    history,
    instance_views,
    items,
    places,
    policy,
    seat_views,
    seats,
    versions,
)
from app.platform.runtime.entities import Entry, Instance, Process, Task
from app.platform.runtime.errors import Unknown
from app.platform.runtime.instance_views import InstanceView as InstanceView
from app.platform.runtime.instance_views import OpenTask as OpenTask
from app.platform.runtime.instance_views import instance as instance
from app.platform.runtime.items import Items
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
class Right:
    """In whose right the reader may decide a task: his own (`is_own`), or that of a person he stands in for."""

    person: str
    name: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task as one person sees it.

    `items`: what a return has named that is to be put right here, or that this step itself has named; `nameable`: the
    fields that may be named when this task sends the matter back.
    `may_keep`: he can have typed something here, even where another was quicker or the instance is suspended; so he
    has a draft. `draft_aside`: another window's draft has been set aside for this one. `rights` are all in which its
    reader may decide it, the first unless asked.
    """

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
    items: Items | None = None
    nameable: frozenset[str] = frozenset()
    version: str = ""
    starter_place: str = ""
    instance_state: str = "running"
    may_keep: bool = False
    draft_version: int = 0
    draft_aside: bool = False
    rights: tuple[Right, ...] = ()
    paused_at: datetime | None = None


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
    standings = tuple(policy.standings(by, row, bench.rows)) if running else ()
    standing = next(iter(standings), None)
    can_work = standing is not None
    may_keep = can_work or policy.could_work(by, row, bench.rows)
    kept = drafts.of(session, task_id, by) if may_keep else None
    tells = row.is_returned or row.state == "closed"  # else nothing below asks for the history
    happened = history.of(session, instance.id) if tells else []
    values: Mapping[str, Any] = {}
    if form is not None:
        values = _values(session, row, instance, program, drawn, by, now)
    named = items.of_task(program, drawn, row, instance)
    region = places.name_of(session, row.place)
    step = items.step_form(form, row, instance.starter_id, named, values, now) if form else None
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
        stage=instance_views.stage_of(instance),
        revision=row.revision,
        state=row.state,
        opened_at=row.opened_at,
        due_at=row.due_at,
        is_due_provisional=row.is_due_provisional,
        overdue=_is_overdue(row, now),
        is_escalated=row.is_escalated,
        claimed_by=row.claimed_by_id,
        claimed_by_name=found.claimer_name or "",
        starter=instance.starter_id,
        starter_name=found.starter_name or "",
        region_name=region,
        form=step,
        form_id=drawn.form,
        values=values,
        outcomes=drawn.outcomes if can_work else (),
        allow=drawn.allow,
        why=_why(session, row, by, standing, region),
        can_work=can_work,
        is_mine=row.claimed_by_id == by.person or row.assignee_id == by.person,
        draft=kept.values if kept else None,
        draft_saved_at=kept.saved_at if kept else None,
        returned=_last_return(happened, row, program) if row.is_returned else None,
        decided=_decision(happened, row.id) if row.state == "closed" else None,
        variables=instance.variables,
        rule=row.seats,
        seats=seat_views.shown(session, bench, drawn),
        verbs=seat_views.verbs(
            row,
            drawn,
            standing,
            managed=running and policy.may_manage(by, instance.place, instance.starter_id),
        ),
        on_behalf_of=standing.principal.name if standing and standing.principal else "",
        items=named,
        nameable=items.nameable(program, drawn, step) if can_work else frozenset(),
        version=instance.version_id,
        starter_place=instance.place,
        instance_state=instance.state,
        may_keep=may_keep,
        draft_version=kept.version if kept else 0,
        draft_aside=kept is not None and kept.aside is not None,
        rights=tuple(
            Right(one.person, one.principal.name if one.principal else by.name, one.principal is None)
            for one in standings
        ),
        paused_at=row.paused_at,
    )


def _is_overdue(row: Any, now: datetime) -> bool:
    """Whether an open task's deadline has passed; one that stands still passes no deadline."""
    return row.state == "open" and row.due_at is not None and row.due_at < now and row.paused_at is None


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


def _why(session: Session, row: Any, by: Acting, standing: policy.Standing | None, region: str) -> Words:
    """Why this task stands in front of this reader, in one sentence."""
    if standing is not None and standing.principal is not None:
        name = standing.principal.name
        return Words(f"您代理{name}办理", f"You stand in for {name}")
    if standing is not None and standing.seat is not None and standing.seat.is_personal:
        return Words("请您签署", "You are asked to sign")
    if row.assignee_id == by.person:
        return Words("由您本人办理", "This step is yours in person")
    if row.role and policy.is_candidate(by, row):
        role = roles.title_of(row.role)
        place = places.unit_name(session, row.place or "") or region
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
