"""Which instances a verb in bulk is for: those a list was asked for, within reach, with what can be done to each."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.engine import Corrupt
from app.platform.identity.entities import Region, Unit
from app.platform.monitoring import bulk_verbs
from app.platform.monitoring.bulk_verbs import Candidate, Wish
from app.platform.monitoring.reach import managed
from app.platform.monitoring.wording import place_of
from app.platform.registry import Acting, Words
from app.platform.runtime import urging
from app.platform.runtime.entities import Incident, Instance, Process, Task, Version

MOST: Final = 5_000
SAMPLE: Final = 20
About = Literal["instance", "task", "incident"]


class TooMany(Exception):
    """More than `MOST` instances are asked for: the list must be narrowed first."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What somebody has picked: instances, and the tasks or incidents (`about`) by which, where it was one of those."""

    instances: tuple[str, ...]
    about: About = "instance"
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sorted:
    """Candidates to whom a verb can be done, and the others with why not."""

    fit: tuple[Candidate, ...]
    unfit: tuple[tuple[Candidate, Words], ...]

    @property
    def mark(self) -> str:
        """What changes when another set would be confirmed."""
        told = "\n".join(one.id for one in self.fit)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def reasons(self) -> list[tuple[Words, int]]:
        """Why how many are left out, most first."""
        return Counter(why for _one, why in self.unfit).most_common()


@dataclass(frozen=True, slots=True)
class _Facts:
    tasks: Mapping[str, list[str]] = field(default_factory=dict)
    incidents: Mapping[str, list[str]] = field(default_factory=dict)
    urged: Mapping[str, datetime] = field(default_factory=dict)


def pick(session: Session, rows: Any, about: About = "instance") -> Picked:
    """Read what a query of `(instance, id of the row)` finds, in no order. One statement. Raises `TooMany`."""
    found = session.execute(rows.limit(10 * MOST)).all()
    instances = sorted({row[0] for row in found if row[0]})
    if len(instances) > MOST or len(found) == 10 * MOST:
        raise TooMany()
    ids = frozenset(str(row[1]) for row in found) if about != "instance" else frozenset()
    return Picked(tuple(instances), about, ids)


def look(
    session: Session, picked: Picked, by: Acting, now: datetime, *, with_tokens: bool = False
) -> list[Candidate]:
    """The instances picked that lie within the reach of `by`, oldest first; the others are not there at all.

    Five statements at most (and the calendar's), however many there are.
    """
    columns: list[Any] = [Instance.tokens] if with_tokens else []
    rows = session.execute(
        select(
            *(Instance.id, Instance.title, Instance.number, Instance.process, Instance.place, Instance.state),
            *(Instance.starter_id, Instance.version_id, Process.current_id, Version.number.label("version")),
            *(Process.name_zh, Process.name_en, Region.full_name, Unit.name.label("unit")),
            *columns,
        )
        .join(Process, Process.key == Instance.process)
        .join(Version, Version.id == Instance.version_id)
        .outerjoin(Region, Region.path == Instance.place)
        .outerjoin(Unit, Unit.path == Instance.place)
        .where(Instance.id.in_(picked.instances), managed(by))
        .order_by(Instance.id)
    ).all()
    facts = _facts(session, picked, [row.id for row in rows], now)
    return [_candidate(row, facts, with_tokens) for row in rows]


def sort(
    candidates: Sequence[Candidate],
    wish: Wish,
    by: Acting,
    now: datetime,
    refused: Mapping[str, Words] | None = None,
) -> Sorted:
    """Part those to whom the verb can be done from the others. `refused`: what else stands against some, by id."""
    fit, unfit = [], []
    for one in candidates:
        why = bulk_verbs.why_not(one, wish, by.person, now) or (refused or {}).get(one.id)
        if why is None:
            fit.append(one)
        else:
            unfit.append((one, why))
    return Sorted(tuple(fit), tuple(unfit))


def _facts(session: Session, picked: Picked, ids: Collection[str], now: datetime) -> _Facts:
    if not ids:
        return _Facts()
    tasks = select(Task.instance_id, Task.id).where(Task.instance_id.in_(ids), Task.state == "open")
    incidents = select(Incident.instance_id, Incident.id).where(
        Incident.instance_id.in_(ids), Incident.closed_at.is_(None)
    )
    return _Facts(
        _grouped(session, tasks.order_by(Task.id), picked.ids if picked.about == "task" else None),
        _grouped(
            session, incidents.order_by(Incident.id), picked.ids if picked.about == "incident" else None
        ),
        urging.urged(session, ids, now),
    )


def _grouped(session: Session, asked: Any, only: Collection[str] | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for instance, one in session.execute(asked):
        if only is None or one in only:
            found.setdefault(instance, []).append(one)
    return found


def _candidate(row: Any, facts: _Facts, with_tokens: bool) -> Candidate:
    found = Candidate(
        row.id,
        row.title,
        row.number,
        row.process,
        Words(row.name_zh, row.name_en),
        row.place,
        place_of(row),
        row.state,
        row.starter_id,
        row.version_id,
        row.version,
        row.current_id,
        tuple(facts.tasks.get(row.id, ())),
        tuple(facts.incidents.get(row.id, ())),
        facts.urged.get(row.id),
    )
    return replace(found, waits=_waits(row.tokens)) if with_tokens else found


def _waits(tokens: bytes) -> tuple[str, ...]:
    try:
        return engine.shape(tokens).waits
    except Corrupt:
        return ()
