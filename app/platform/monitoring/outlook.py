"""How an instance stands, without ids: read before and after a repair, to show and compare what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity.eligibility import covering
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.posts import live
from app.platform.jobs import Job
from app.platform.notices.entities import Delivery, Notice
from app.platform.registry import Words
from app.platform.runtime import policy, recusal
from app.platform.runtime.entities import Incident, Instance, Seat, Subscription, Task, Timer

TASK, SEAT = Task.__table__, Seat.__table__
MOST_NAMED = 8


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """An open task: which visit of which step, of whom (names), whether by name, until when."""

    element: str
    visit: int
    name: Words
    role: str
    place: str
    people: tuple[str, ...]
    is_named: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True, order=True)
class Armed:
    """A timer. `at`: when it is due; `is_asleep`: it is not looked at (suspended, or given up)."""

    element: str
    visit: int
    kind: str
    at: datetime
    is_asleep: bool


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """A notice to one person, and the ways by which it leaves the house."""

    person: str
    title: Words
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One moment of an instance: everything a repair may change that anybody would notice."""

    state: str
    stage: Words | None
    variables: Mapping[str, Any]
    tasks: tuple[Asked, ...]
    timers: tuple[Armed, ...]
    waits: tuple[tuple[str, str, str], ...]  # element, kind, name
    works: tuple[tuple[str, str, str], ...]  # element, name of the job, state
    incidents: tuple[tuple[str, str], ...]  # element, kind
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an instance: how it stands before and after, and what people are told in between."""

    before: Outlook
    after: Outlook

    @property
    def opened(self) -> tuple[Asked, ...]:
        """The tasks that appear, or come to other people."""
        return tuple(one for one in self.after.tasks if one not in self.before.tasks)

    @property
    def closed(self) -> tuple[Asked, ...]:
        """The tasks that are gone, or are with other people now."""
        return tuple(one for one in self.before.tasks if one not in self.after.tasks)

    @property
    def armed(self) -> tuple[Armed, ...]:
        """The timers that begin to run."""
        return tuple(one for one in self.after.timers if one not in self.before.timers)

    @property
    def disarmed(self) -> tuple[Armed, ...]:
        """The timers that run no more."""
        return tuple(one for one in self.before.timers if one not in self.after.timers)

    @property
    def told(self) -> tuple[Told, ...]:
        """What people are told by it."""
        left = list(self.after.told)
        for one in self.before.told:
            if one in left:
                left.remove(one)
        return tuple(left)

    @property
    def variables(self) -> tuple[tuple[str, Any, Any], ...]:
        """The variables that change: name, before, after."""
        names = sorted({*self.before.variables, *self.after.variables})
        pairs = ((name, self.before.variables.get(name), self.after.variables.get(name)) for name in names)
        return tuple(pair for pair in pairs if pair[1] != pair[2])

    @property
    def works(self) -> tuple[tuple[str, str, str], ...]:
        """The work handed to jobs."""
        return tuple(one for one in self.after.works if one not in self.before.works)

    @property
    def waits(self) -> tuple[tuple[str, str, str], ...]:
        """The messages and signals that are waited for from now on."""
        return tuple(one for one in self.after.waits if one not in self.before.waits)


def look(session: Session, instance: str, now: datetime) -> Outlook:
    """How the instance stands. At most ten statements."""
    session.expire_all()
    row = session.execute(
        select(Instance.state, Instance.stage_zh, Instance.stage_en, Instance.variables).where(
            Instance.id == instance
        )
    ).one()
    timers = session.execute(
        select(Timer.element, Timer.visit, Timer.kind, Timer.due_at, Timer.next_at).where(
            Timer.instance_id == instance
        )
    )
    waits = session.execute(
        select(Subscription.element, Subscription.kind, Subscription.name).where(
            Subscription.instance_id == instance
        )
    )
    works = session.execute(
        select(Job.arguments, Job.name, Job.state).where(
            Job.instance_id == instance, Job.name.like("runtime/%"), Job.state != "done"
        )
    )
    incidents = session.execute(
        select(Incident.element, Incident.kind).where(
            Incident.instance_id == instance, Incident.closed_at.is_(None)
        )
    )
    return Outlook(
        state=row.state,
        stage=None if row.stage_zh is None else Words(row.stage_zh, row.stage_en or row.stage_zh),
        variables=dict(row.variables),
        tasks=tasks_of(session, instance, now),
        timers=tuple(
            sorted(Armed(t.element, t.visit or 0, t.kind, t.due_at, t.next_at is None) for t in timers)
        ),
        waits=tuple(sorted((w.element, w.kind, w.name) for w in waits)),
        works=tuple(sorted((str(j.arguments.get("element") or ""), j.name, j.state) for j in works)),
        incidents=tuple(sorted((i.element or "", i.kind) for i in incidents)),
        told=_told(session, instance),
    )


def tasks_of(session: Session, instance: str, now: datetime) -> tuple[Asked, ...]:
    """The open tasks of an instance, and whose they are. At most four statements."""
    rows = session.execute(select(TASK).where(TASK.c.instance_id == instance, TASK.c.state == "open")).all()
    asked = [row.id for row in rows if row.assignee_id is None and row.seats == "one"]
    holders = holders_of(session, asked, now)
    named = {person for row in rows for person in (row.assignee_id, row.claimed_by_id) if person}
    seated = session.execute(
        select(SEAT.c.task_id, Person.name)
        .join(Person, Person.id == SEAT.c.person_id)
        .where(SEAT.c.instance_id == instance, SEAT.c.state.in_(("open", "waiting")))
        .order_by(SEAT.c.task_id, SEAT.c.position, Person.name)
    ).all()
    names: dict[str, str] = {}
    if named:
        found = session.execute(select(Person.id, Person.name).where(Person.id.in_(sorted(named))))
        names = {person.id: person.name for person in found}
    asks = []
    for row in rows:
        if row.seats != "one":
            people = tuple(seat.name for seat in seated if seat.task_id == row.id)
        elif row.claimed_by_id or row.assignee_id:
            people = (names.get(row.claimed_by_id or row.assignee_id, ""),)
        else:
            kept = recusal.left(session, row._mapping, holders.get(row.id, ()), now)
            people = tuple(name for _person, name in kept)
        asks.append(
            Asked(
                row.element,
                row.visit,
                Words(row.name_zh, row.name_en),
                row.role or "",
                row.place or "",
                people,
                row.assignee_id is not None,
                row.due_at,
            )
        )
    return tuple(sorted(asks, key=lambda one: (one.element, one.visit)))


def holders_of(session: Session, tasks: Iterable[str], now: datetime) -> dict[str, list[tuple[str, str]]]:
    """Who can answer tasks that are asked of a role: person and name, by the task's id. One statement."""
    found: dict[str, list[tuple[str, str]]] = {}
    wanted = list(tasks)
    if not wanted:
        return found
    rows = session.execute(
        select(Task.id, HeldPost.person_id, Person.name)
        .select_from(Task)
        .join(HeldPost, live(now))
        .join(Person, Person.id == HeldPost.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(Task.id.in_(wanted), Account.is_disabled.is_(False), *covering(policy.COLUMNS))
        .distinct()
        .order_by(Task.id, Person.name, HeldPost.person_id)
    )
    for row in rows:
        found.setdefault(row.id, []).append((row.person_id, row.name))
    return found


def _told(session: Session, instance: str) -> tuple[Told, ...]:
    rows = session.execute(
        select(Notice.id, Notice.said, Person.name)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.instance_id == instance)
    ).all()
    ways: dict[str, list[str]] = {}
    if rows:
        sent = select(Delivery.notice_id, Delivery.channel).where(
            Delivery.notice_id.in_([row.id for row in rows])
        )
        for way in session.execute(sent):
            ways.setdefault(way.notice_id, []).append(way.channel)
    return tuple(
        sorted(
            (Told(row.name, Words(*row.said["title"]), tuple(sorted(ways.get(row.id, ())))) for row in rows),
            key=lambda one: (one.person, one.title.zh, one.ways),
        )
    )
