"""What is asked of the tables to find what stands still: one question for each kind, narrow enough for an index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, and_, exists, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Person, Region, Unit
from app.platform.identity.places import begins
from app.platform.jobs import Job
from app.platform.lists import parts as in_parts
from app.platform.monitoring import figures, senders
from app.platform.notices import OWN_INCIDENT
from app.platform.runtime import history, unattended, unattended_rows, unheld, versions
from app.platform.runtime.entities import (
    History,
    Incident,
    Instance,
    Process,
    Subscription,
    Task,
    Timer,
    Version,
)
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.timers import TRIES

Kind = Literal["nobody", "timer", "message", "error", "job", "notice", "lease", "suspended", "definition"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LATE = timedelta(minutes=10)  # a timer that no sweep has looked at for so long
PATIENCE = timedelta(days=3)  # so long a message may be on its way where nothing else goes on
DEAD = timedelta(minutes=1)  # so long after its lease a worker is taken for dead
LIVE = ("running", "suspended")
SUSPENDED = Instance.state == literal_column("'suspended'")


@dataclass(frozen=True, slots=True)
class Question:
    """`chosen` asks for the rows of a kind, joined with their instances, `since` orders them, the longest first.

    `about(rows)` reads what no join tells, by the instance; of what it knows nothing about nothing is told.
    `known`: how many there are, where they were found by their keys, within what is asked about.
    """

    chosen: Any
    since: Any
    about: Callable[[Sequence[Any]], Mapping[str, Any]] | None = None
    known: int | None = None


@dataclass
class Asked:
    """Within which places and of what is asked, by which clock, and how many at most."""

    session: Session
    now: datetime
    reach: Collection[str]
    limit: int
    process: str = ""
    instance: str = ""

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The same as conditions over instances."""
        here = (begins(Instance.place, place) for place in sorted(self.reach))
        where: list[ColumnElement[bool]] = [or_(false(), *here)]
        if self.process:
            where.append(Instance.process == self.process)
        if self.instance:
            where.append(Instance.id == self.instance)
        return where

    @cached_property
    def running(self) -> tuple[str, ...]:
        """The versions that something runs on, of what is asked of: by the figures, not by looking at instances."""
        if self.instance:
            return tuple(self.session.scalars(select(Instance.version_id).where(*self.where)))
        tallied = figures.tally(
            self.session, ("case",), self.reach, ("version_id", "detail"), process=self.process or None
        )
        return tuple(sorted({version for version, state in tallied if state in LIVE}))


def _nobody(asked: Asked) -> Question | None:
    chosen = unattended_rows.told(asked.now)
    if asked.instance:
        return Question(chosen.where(unattended.unattended(asked.now)), Task.opened_at)
    here = or_(false(), *(begins(Task.instance_place, place) for place in sorted(asked.reach)))
    here = and_(here, Task.process == asked.process) if asked.process else here
    found = unheld.found(asked.session, asked.now, here, asked.limit)
    return Question(chosen.where(Task.id.in_(found)), Task.opened_at, known=len(found)) if found else None


def _timer(asked: Asked) -> Question:
    last = (
        select(Incident.detail)
        .where(
            Incident.instance_id == Timer.instance_id,
            Incident.element == Timer.element,
            Incident.kind == "timer",
            Incident.closed_at.is_(None),
        )
        .order_by(Incident.opened_at.desc())
        .limit(1)
        .correlate(Timer)
        .scalar_subquery()
    )
    given_up = and_(Timer.next_at.is_(None), Timer.tries >= TRIES)
    chosen = (
        select(
            *(Timer.id.label("timer"), Timer.element, Timer.due_at, Timer.tries, Timer.kind),
            last.label("detail"),
        )
        .join(Instance, Instance.id == Timer.instance_id)
        .where(Instance.state == "running", or_(given_up, Timer.next_at <= asked.now - LATE))
    )
    return Question(chosen, Timer.due_at)


def _message(asked: Asked) -> Question:
    """Waits that nobody could ever end (`senders`), of instances in which nothing else goes on."""
    since = (
        select(func.max(History.at))
        .where(History.instance_id == Instance.id)
        .correlate(Instance)
        .scalar_subquery()
    )
    busy = [
        exists().where(Task.instance_id == Instance.id, Task.state == "open"),
        exists().where(Timer.instance_id == Instance.id),
        exists().where(Job.instance_id == Instance.id, Job.state.in_(("waiting", "running"))),
        exists().where(Incident.instance_id == Instance.id, Incident.closed_at.is_(None)),
    ]
    current = asked.session.scalars(select(Process.current_id).where(Process.current_id.is_not(None)))
    is_all = "" in asked.reach and not (asked.process or asked.instance)
    everywhere = asked.running if is_all else Asked(asked.session, asked.now, ("",), asked.limit).running
    used = sorted({*everywhere, *(one for one in current if one)})
    quiet = (
        select(Subscription.id)
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(
            senders.never_sent(asked.session, used, asked.now),
            Instance.state == "running",
            *(~one for one in busy),
            *asked.where,
        )
        .limit(in_parts.REACH)  # so that nobody's history is looked at before the rest is known
    )
    chosen = (
        select(
            *(Subscription.id.label("subscription"), Subscription.element, Subscription.name),
            *(Subscription.kind, Subscription.sender_role),
            func.coalesce(Unit.name, Region.full_name, "").label("where"),
            since.label("since"),
        )
        .join(Instance, Instance.id == Subscription.instance_id)
        .outerjoin(Unit, Unit.path == Subscription.sender_place)
        .outerjoin(Region, Region.path == Subscription.sender_place)
        .where(Subscription.id.in_(quiet), since <= asked.now - PATIENCE)
    )
    return Question(chosen, since)


def _incidents(kind: Kind) -> Callable[[Asked], Question]:
    mine = {
        "error": or_(
            Incident.kind.not_in(("nobody", "timer", "job", OWN_INCIDENT)),
            and_(Incident.kind == "job", Job.name == "runtime/work"),
        ),
        "job": and_(Incident.kind == "job", Job.name != "runtime/work"),
        "notice": Incident.kind == OWN_INCIDENT,
    }[kind]

    def ask(_asked: Asked) -> Question:
        chosen = (
            select(
                *(Incident.id.label("incident"), Incident.kind, Incident.detail, Incident.opened_at),
                *(Incident.element, Incident.job_id, Job.name.label("job"), Job.arguments),
            )
            .join(Instance, Instance.id == Incident.instance_id)
            .outerjoin(Job, Job.id == Incident.job_id)
            .where(Incident.closed_at.is_(None), Instance.state.in_(LIVE), mine)
        )
        return Question(chosen, Incident.opened_at)

    return ask


def _lease(asked: Asked) -> Question:
    chosen = (
        select(Job.id.label("job"), Job.name, Job.arguments, Job.lease_until, Job.leased_by)
        .join(Instance, Instance.id == Job.instance_id)
        .where(Job.state == literal_column("'running'"), Job.lease_until <= asked.now - DEAD)
    )
    return Question(chosen, Job.lease_until)


def _suspended(asked: Asked) -> Question:
    def about(rows: Sequence[Any]) -> Mapping[str, Any]:
        last = (
            select(History.instance_id, func.max(History.seq).label("seq"))
            .where(History.instance_id.in_([row.instance for row in rows]), History.kind == "suspended")
            .group_by(History.instance_id)
            .subquery()
        )
        found = asked.session.execute(
            select(History.instance_id, History.at, History.body, Person.name)
            .join(last, and_(last.c.instance_id == History.instance_id, last.c.seq == History.seq))
            .outerjoin(Person, Person.id == History.by_id)
        )
        keys = {row.instance: row.record_key for row in rows}
        return {
            row.instance_id: (row.name, row.at, history.opened(keys[row.instance_id], row.body))
            for row in found
        }

    return Question(select(Instance.record_key).where(SUSPENDED), Instance.id, about)


def _definition(asked: Asked) -> Question | None:
    """The instances of versions that cannot be read any more. Costs a look at each version that something runs on."""
    session = asked.session
    broken: dict[str, tuple[int, Unpublishable]] = {}
    for version in session.execute(select(Version.id, Version.number).where(Version.id.in_(asked.running))):
        try:
            versions.program(session, version.id)
        except Unpublishable as error:
            broken[version.id] = version.number, error
    if not broken:
        return None
    chosen = select(Process.current_id, Instance.started_at).where(
        Instance.version_id.in_(sorted(broken)), Instance.state.in_(LIVE)
    )

    def about(rows: Sequence[Any]) -> Mapping[str, Any]:
        return {
            row.instance: (*broken[row.version], row.current_id not in (None, row.version, *broken))
            for row in rows
        }

    return Question(chosen, Instance.started_at, about)


BY_KIND: Final[Mapping[Kind, Callable[[Asked], Question | None]]] = {
    "nobody": _nobody,
    "timer": _timer,
    "message": _message,
    "error": _incidents("error"),
    "job": _incidents("job"),
    "notice": _incidents("notice"),
    "lease": _lease,
    "suspended": _suspended,
    "definition": _definition,
}
