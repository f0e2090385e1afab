"""Where an instance is, as facts and as one sentence: who holds it, since when, how long there is, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import calendar
from app.platform.calendar import saying
from app.platform.engine import Definition, Faulty, UserTask
from app.platform.jobs import Job
from app.platform.registry import Acting, Words, house
from app.platform.runtime import foreseeing, places, versions
from app.platform.runtime.entities import Instance
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import InstanceView, OpenTask

State = Literal[
    "yours", "returned", "held", "working", "waiting", "suspended", "incident", "ended", "cancelled"
]
APPLICANT = Words("申请人", "the applicant")
YOU = Words("您", "you")
PAUSED = Words("时限已暂停，等待答复", "the deadline stands still until an answer is there")
NOBODY = Words("", "")
SOMEBODY = Words("指定的人", "a named person")


@dataclass(frozen=True, slots=True)
class Holding:
    """An open step: who holds it, since when, and how many working days are left (negative: overdue by so many)."""

    task: str
    element: str
    name: Words
    who: Words
    since: datetime
    due_at: datetime | None
    is_provisional: bool
    left: int | None
    limit: Words | None
    is_yours: bool
    is_returned: bool
    signed: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that is likely to come, and who is asked there; or a message (`is_event`), and in whose lane it is."""

    element: str
    name: Words
    who: Words
    is_event: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody did to the instance as a whole or with his last decision: who, when, and in which words."""

    by: str
    at: datetime
    comment: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an instance is for one reader. `coming`: the likely way on; `ends`: whether the end comes after it.

    `returned`: who sent it back, `stopped`: who suspended or cancelled it, where one did. `urged_at`: when it was
    urged last since it came where it is. `working`: the step the house itself is working on.
    `awaited`: the message it waits for.
    """

    state: State
    holdings: tuple[Holding, ...] = ()
    coming: tuple[Coming, ...] = ()
    ends: bool = False
    stage: Words | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    returned: Said | None = None
    stopped: Said | None = None
    working: Words | None = None
    awaited: Coming | None = None
    urged_at: datetime | None = None
    incidents: tuple[str, ...] = ()


def of(
    session: Session, view: InstanceView, happened: Sequence[HistoryRow], by: Acting, now: datetime
) -> Whereabouts:
    """Find out where an instance is. At most six statements, whatever there is to see."""
    state = _state(view, by)
    found = Whereabouts(
        state,
        stage=view.stage,
        until=view.until,
        ended_at=view.ended_at,
        incidents=view.incidents,
        stopped=_said(happened, state if state == "cancelled" else "suspended")
        if state in ("suspended", "cancelled")
        else None,
        urged_at=next((row.at for row in reversed(happened) if row.kind == "urged"), None),
        working=_worked_on(session, view) if view.is_working else None,
    )
    if state in ("ended", "cancelled"):
        return found
    found = replace(found, holdings=_holdings(session, view, now))
    if any(one.is_returned for one in found.holdings):
        found = replace(found, returned=_sent_back(happened, view.starter))
    return _foreseen(session, view, found, happened, by, now)


def _state(view: InstanceView, by: Acting) -> State:
    mine = [task for task in view.open_tasks if task.can_work]
    if view.state in ("suspended", "ended", "cancelled"):
        return view.state  # type: ignore[return-value]
    if mine:
        return "returned" if all(task.is_returned for task in mine) and view.starter == by.person else "yours"
    if view.incidents:
        return "incident"
    if view.open_tasks:
        return "held"
    return "working" if view.is_working else "waiting"


def _holdings(session: Session, view: InstanceView, now: datetime) -> tuple[Holding, ...]:
    days = calendar.load(session) if any(task.due_at for task in view.open_tasks) else None
    return tuple(_holding(task, days, now) for task in view.open_tasks)


def _holding(task: OpenTask, days: calendar.Calendar | None, now: datetime) -> Holding:
    due = task.due_at if days is not None else None
    return Holding(
        task.id,
        task.element,
        task.name,
        task.who,
        task.opened_at,
        due,
        task.is_due_provisional,
        saying.left(due, now, days) if due and days and not task.paused_at else None,
        (PAUSED if task.paused_at else saying.limit(due, now, days)) if due and days else None,
        task.can_work,
        task.is_returned,
        task.signed,
    )


def _said(happened: Sequence[HistoryRow], kind: str) -> Said | None:
    row = next((row for row in reversed(happened) if row.kind == kind), None)
    return None if row is None else _as_said(row)


def _as_said(row: HistoryRow) -> Said:
    name = row.by_name or str(row.body.get("name") or "")
    return Said(name, row.at, str(row.body.get("comment") or ""))


def _sent_back(happened: Sequence[HistoryRow], starter: str) -> Said | None:
    """The last decision of another than the starter, which has brought the matter back to him."""
    others = (row for row in reversed(happened) if row.by != starter)
    row = next((row for row in others if row.kind in ("decided", "returned")), None)
    return None if row is None else _as_said(row)


def _worked_on(session: Session, view: InstanceView) -> Words | None:
    """The step the house itself is working on for this instance, such as 生成权限申请表."""
    arguments = session.scalar(
        select(Job.arguments)
        .where(Job.instance_id == view.id, Job.state.in_(("waiting", "running")))
        .limit(1)
    )
    elements = versions.of_instance(session, view.id).definition.elements
    element = elements.get((arguments or {}).get("element", ""))
    return element.name if element else None


def _foreseen(
    session: Session,
    view: InstanceView,
    found: Whereabouts,
    happened: Sequence[HistoryRow],
    by: Acting,
    now: datetime,
) -> Whereabouts:
    """Add the likely way on, with who is asked there."""
    row = session.execute(
        select(Instance.tokens, Instance.place, Instance.version_id).where(Instance.id == view.id)
    ).one()
    definition = versions.program(session, row.version_id).definition
    ahead = foreseeing.likely(definition, row.tokens, view.variables, now)
    drawn = [_asker(definition, one) for one in (*ahead.steps, *filter(None, [ahead.awaited]))]
    asked = _asked(session, drawn, view, row.place, happened, by)
    coming = {one.id: _coming(one, asked[one.id], one.id not in definition.tasks) for one in drawn}
    named = tuple(coming[one] for one in ahead.steps if coming[one].name.zh)
    return replace(found, coming=named, ends=ahead.ends, awaited=coming.get(ahead.awaited or ""))


def _coming(drawn: UserTask, who: Words, is_event: bool) -> Coming:
    return Coming(drawn.id, drawn.name, NOBODY if is_event and drawn.role is None else who, is_event)


def _asker(definition: Definition, element: str) -> UserTask:
    """Who is asked at a step; a message is looked for from whoever its lane stands for."""
    if element in definition.tasks:
        return definition.tasks[element]
    drawn = definition.elements[element]
    lane = definition.lanes.get(drawn.lane or "")
    return UserTask(element, drawn.name, drawn.lane, lane.role if lane else None, lane.at if lane else None)


def _asked(
    session: Session,
    drawn: Sequence[UserTask],
    view: InstanceView,
    starter_place: str,
    happened: Sequence[HistoryRow],
    by: Acting,
) -> dict[str, Words]:
    """Who is asked at steps that have not come yet: a role at its place, or who is known by now."""
    at: dict[Any, str] = {}
    for task in drawn:
        if task.role is not None and not task.assignee and task.at not in at:
            at[task.at] = _place(session, task, view.variables, starter_place)
    named = places.offices_of(session, at.values())
    found = {}
    for task in drawn:
        if task.assignee:
            found[task.id] = _person(task.assignee, view, happened, by)
        elif task.role in house.roles:
            role, place = house.roles[task.role].title, named.get(at[task.at], "")
            found[task.id] = Words(f"{place}{role.zh}", f"{role.en}{', ' + place if place else ''}")
        else:
            found[task.id] = SOMEBODY
    return found


def _place(session: Session, task: UserTask, variables: Mapping[str, Any], starter_place: str) -> str:
    try:
        return places.resolve(session, task.at, variables, starter_place, task.id)
    except Faulty:
        return ""


def _person(assignee: str, view: InstanceView, happened: Sequence[HistoryRow], by: Acting) -> Words:
    kind, _, name = assignee.partition(":")
    if kind == "starter":
        return YOU if view.starter == by.person else APPLICANT
    if kind == "last":
        rows = [row for row in happened if row.kind == "decided" and row.element == name and row.by_name]
        if rows:
            return Words(rows[-1].by_name, rows[-1].by_name)
    return SOMEBODY
