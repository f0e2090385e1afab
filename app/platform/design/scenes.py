"""What is to be seen of a rehearsal now: tokens, open tasks and who would get them, and all that came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app.platform import calendar, engine
from app.platform.calendar import saying
from app.platform.design import playing, receivers, ways
from app.platform.design.moves import Who
from app.platform.design.receivers import Receiver
from app.platform.engine import UserTask
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.notices.entities import Delivery, Notice
from app.platform.registry import Words, house
from app.platform.runtime import history, places, seats, versions
from app.platform.runtime.entities import Incident, Instance, Subscription, Task
from app.platform.runtime.history import HistoryRow

if TYPE_CHECKING:
    from app.platform.design.rehearsing import Run

MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class TokenNow:
    """Where the run stands: an element, what it waits for there, and since when."""

    element: str
    name: Words
    kind: str
    since: datetime


@dataclass(frozen=True, slots=True)
class TaskNow:
    """An open task, as people would find it. `asked`: the role and place it asks for, in words; `total`: receivers.

    `is_own`: it is of the rehearsed instance, and not of another one that has begun along with it.
    """

    id: str
    element: str
    nth: int
    name: Words
    asked: Words
    who: Who
    receivers: tuple[Receiver, ...]
    total: int
    nobody: str
    seats: str
    signed: tuple[int, int]
    due_at: datetime | None
    days_left: int | None
    is_returned: bool
    is_claimed: bool
    drawn: UserTask
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class WorkNow:
    """Work that waits for what the designer says it returns. `error`: what came of trying it, where it was tried."""

    element: str
    name: Words
    action: str
    returns: Mapping[str, str]
    error: str


@dataclass(frozen=True, slots=True)
class MessageNow:
    """A message or signal that is waited for; `data`: what it may bring."""

    element: str
    name: Words
    message: str
    correlation: str
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeNow:
    """A notice that would have been sent: to whom, and by which ways besides the inbox."""

    to: str
    title: Words
    text: Words
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of the history, and how many working days after the line before it."""

    row: HistoryRow
    days: int


@dataclass(frozen=True, slots=True)
class Scene:
    """All there is to be seen of a run now. `printed`: (element, template, number)."""

    clock: datetime
    state: str
    title: str
    number: str | None
    stage: Words | None
    ended: str | None
    tokens: tuple[TokenNow, ...]
    tasks: tuple[TaskNow, ...]
    work: tuple[WorkNow, ...]
    messages: tuple[MessageNow, ...]
    variables: Mapping[str, Any]
    lines: tuple[LineNow, ...]
    notices: tuple[NoticeNow, ...]
    events: tuple[str, ...]
    printed: tuple[tuple[str, str, str], ...]
    incidents: tuple[tuple[str, str, str], ...]
    next_due: datetime | None
    way: ways.Way
    others: int


def look(run: Run) -> Scene:
    """Look at a run. At most a dozen statements and four for each open task."""
    flows = ways.flows_of(run.program.files)
    if run.instance is None:
        nothing: Any = ()
        return Scene(
            run.clock, "before", "", None, None, None, nothing, nothing, nothing, nothing, {}, nothing, nothing,
            nothing, nothing, nothing, None, ways.Way(), 0,
        )  # fmt: skip
    row = run.session.execute(select(Instance.__table__).where(Instance.id == run.instance)).one()
    program = versions.of_instance(run.session, row.id)
    days = calendar.load(run.session)
    live = engine.tokens(program.definition, row.tokens) if row.state == "running" else ()
    happened = history.of(run.session, row.id)
    own = run.instances
    return Scene(
        clock=run.clock,
        state=row.state,
        title=row.title,
        number=row.number,
        stage=Words(row.stage_zh, row.stage_en or row.stage_zh) if row.stage_zh else None,
        ended=row.ended,
        tokens=tuple(_token(program, each, happened, row.started_at) for each in live if _shows(each)),
        tasks=_tasks(run, own, days),
        work=_work(run, program),
        messages=_messages(run, program),
        variables=dict(row.variables),
        lines=_lines(happened, days),
        notices=_notices(run, own),
        events=_events(run, own),
        printed=tuple(run.printed),
        incidents=_incidents(run, own),
        next_due=playing.next_due(run),
        way=ways.way([each for each in run.walked if each[0] == row.id], flows),
        others=len(own) - 1,
    )


def _shows(token: engine.Token) -> bool:
    """A boundary event that waits along with its task is no token of its own."""
    return not token.guards


def _token(
    program: versions.Program, token: engine.Token, happened: Sequence[HistoryRow], began: datetime
) -> TokenNow:
    drawn = program.definition.elements.get(token.element)
    came = [row.at for row in happened if row.element == token.element and row.kind == "opened"]
    last = came[-1] if came else happened[-1].at if happened else began
    name = drawn.name if drawn else Words(token.element, token.element)
    return TokenNow(token.element, name, token.kind, last)


def _tasks(run: Run, own: Sequence[str], days: calendar.Calendar) -> tuple[TaskNow, ...]:
    rows = run.session.execute(
        select(Task.__table__)
        .where(Task.instance_id.in_(own), Task.state == "open")
        .order_by(Task.opened_at, Task.visit, Task.id)
    ).all()
    count: dict[str, int] = {}
    found = []
    for row in rows:
        count[row.element] = count.get(row.element, 0) + 1
        found.append(_task(run, row, count[row.element], days))
    return tuple(found)


def _task(run: Run, row: Any, nth: int, days: calendar.Calendar) -> TaskNow:
    drawn = versions.of_instance(run.session, row.instance_id).asked(row)
    people = receivers.of_task(run.session, row, run.clock)
    bench = seats.bench(run.session, row).rows if row.seats != "one" else []
    decided = sum(one.state == "decided" for one in bench)
    first = people[0].person if people else ""
    who = (
        run.cast.office(row.assignee_id or first, row.role, row.place)
        if row.role or row.assignee_id
        else Who()
    )
    return TaskNow(
        id=row.id,
        element=row.element,
        nth=nth,
        name=Words(row.name_zh, row.name_en),
        asked=_office(run, row),
        who=who,
        receivers=tuple(people[:MOST_NAMED]),
        total=len(people),
        nobody="" if people else drawn.nobody,
        seats=row.seats,
        signed=(decided, len(bench)),
        due_at=row.due_at,
        days_left=saying.left(row.due_at, run.clock, days) if row.due_at else None,
        is_returned=row.is_returned,
        is_claimed=row.claimed_by_id is not None,
        drawn=drawn,
        is_own=row.instance_id == run.instance,
    )


def _office(run: Run, row: Any) -> Words:
    if row.role is None:
        return Words("指定的人", "a named person")
    title = roles.title_of(row.role)
    place = places.offices_of(run.session, [row.place]).get(row.place, "")
    return Words(f"{place}{title.zh}", f"{title.en}{', ' + place if place else ''}")


def _work(run: Run, program: versions.Program) -> tuple[WorkNow, ...]:
    found = []
    for asked in run.asked.values():
        drawn, action = program.definition.elements.get(asked.element), house.actions.get(asked.action)
        returns = {name: kind.__name__ for name, kind in (action.returns if action else {}).items()}
        name = drawn.name if drawn else Words(asked.element, asked.element)
        found.append(WorkNow(asked.element, name, asked.action, returns, run.failed.get(asked.element, "")))
    return tuple(found)


def _messages(run: Run, program: versions.Program) -> tuple[MessageNow, ...]:
    rows = run.session.execute(
        select(Subscription.__table__)
        .where(Subscription.instance_id == run.instance)
        .order_by(Subscription.id)
    )
    found = []
    for row in rows:
        drawn, event = (
            program.definition.elements.get(row.element),
            program.definition.events.get(row.element),
        )
        about = json.loads(row.correlation)
        found.append(
            MessageNow(
                row.element,
                drawn.name if drawn else Words(row.element, row.element),
                row.name,
                "" if about is None else str(about),
                tuple(event.data) if event else (),
            )
        )
    return tuple(found)


def _lines(happened: Sequence[HistoryRow], days: calendar.Calendar) -> tuple[LineNow, ...]:
    lines, before = [], None
    for row in happened:
        day = row.at.astimezone(calendar.ZONE).date()
        lines.append(LineNow(row, days.working_days(before, day) if before and day > before else 0))
        before = day
    return tuple(lines)


def _notices(run: Run, own: Sequence[str]) -> tuple[NoticeNow, ...]:
    rows = run.session.execute(
        select(Notice.id, Notice.said, Person.name, Delivery.channel)
        .join(Person, Person.id == Notice.person_id)
        .outerjoin(Delivery, Delivery.notice_id == Notice.id)
        .where(Notice.instance_id.in_(own))
        .order_by(Notice.id, Delivery.channel)
    ).all()
    found: dict[str, NoticeNow] = {}
    for row in rows:
        before = found[row.id].ways if row.id in found else ()
        sent_by = before + ((row.channel,) if row.channel else ())
        found[row.id] = NoticeNow(row.name, Words(*row.said["title"]), Words(*row.said["text"]), sent_by)
    return tuple(found.values())


def _events(run: Run, own: Sequence[str]) -> tuple[str, ...]:
    """The events that endpoints would have been told of."""
    rows = run.session.scalars(
        select(Delivery.event)
        .where(Delivery.instance_id.in_(own), Delivery.event.is_not(None))
        .order_by(Delivery.id)
    )
    return tuple(str(each) for each in rows)


def _incidents(run: Run, own: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    rows = run.session.execute(
        select(Incident.kind, Incident.element, Incident.detail)
        .where(Incident.instance_id.in_(own), Incident.closed_at.is_(None))
        .order_by(Incident.id)
    )
    return tuple((row.kind, row.element or "", row.detail) for row in rows)
