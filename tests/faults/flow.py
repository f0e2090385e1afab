"""What a flow is: a request that is killed anywhere, repeated, and must then have happened once and wholly.

A new one is a few lines in `flows.py`:

    flow("claim", at_desk, verb(CITY, lambda s, f, by, now: tasks.claim(s, f["task"], 1, by, now)),
         may=(errors.TaskTaken, errors.InstanceChanged), open=["review"], history={"claimed": 1})

`at_desk` brings the world there and returns facts; `may` names what the repetition of a verb without idempotency
key may hear if the first had gone through; whatever else is named is measured (see `MEASURES`) and must be so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.data import Base
from app.platform.documents import Document
from app.platform.identity.entities import HeldPost
from app.platform.jobs import Job
from app.platform.registry import Acting
from app.platform.runtime.entities import Draft, Entry, History, Incident, Instance, Task
from tests.tenants.fairs.entities import Application, Profile
from tests.world import World

Facts = dict[str, Any]
Run = Callable[[World, Facts], object]
Measure = Callable[[Session], Any]


@dataclass(frozen=True)
class Flow:
    """`prepare` brings the world to the request, `run` sends it, `again` repeats it, `wanted` is the result."""

    name: str
    prepare: Callable[[World], Facts]
    run: Run
    again: Run
    wanted: dict[str, Any]

    def complaints(self, world: World) -> list[str]:
        """Where what there is differs from what one undisturbed request makes."""
        with world.session() as session:
            there = {name: MEASURES[name](session) for name in self.wanted}
        return [
            f"{name}: {there[name]!r} instead of {value!r}"
            for name, value in self.wanted.items()
            if (there[name] != value if name != "history" else not value.items() <= there[name].items())
        ]


def flow(
    name: str,
    prepare: Callable[[World], Facts],
    run: Run,
    *,
    again: Run | None = None,
    may: tuple[type[Exception], ...] = (),
    **wanted: Any,
) -> Flow:
    """A flow; the repetition is the same request unless `again` says otherwise."""
    repeat = again or run

    def repeated(world: World, facts: Facts) -> object:
        with suppress(*may):
            return repeat(world, facts)
        return None

    return Flow(name, prepare, run, repeated, wanted)


def verb(name: str, call: Callable[[Session, Facts, Acting, datetime], object]) -> Run:
    """A verb of the platform, asked by the person `name`: `call(session, facts, by, now)`."""

    def run(world: World, facts: Facts) -> object:
        by = world.acting(name)
        with world.session() as session:
            return call(session, facts, by, world.now)

    return run


def _count(entity: type[Base], *where: Any) -> Measure:
    return lambda session: session.scalar(select(func.count()).select_from(entity).where(*where)) or 0


def _instance(session: Session) -> tuple[str, str | None]:
    """State and stage of the first instance."""
    first = select(Instance.state, Instance.stage_zh).order_by(Instance.id).limit(1)
    state, stage = session.execute(first).one()
    return state, stage


def _open(session: Session) -> list[str]:
    return sorted(session.scalars(select(Task.element).where(Task.state == "open")))


def _history(session: Session) -> dict[str, int]:
    return dict(Counter(session.scalars(select(History.kind))))


MEASURES: dict[str, Measure] = {
    "instance": _instance,
    "open": _open,
    "history": _history,
    "decided": _count(Task, Task.state == "closed"),
    "entries": _count(Entry),
    "drafts": _count(Draft),
    "incidents": _count(Incident, Incident.closed_at.is_(None)),
    "jobs": _count(Job),
    "documents": _count(Document),
    "applications": _count(Application),
    "profiles": _count(Profile),
    "granted": _count(HeldPost, HeldPost.role == "fairs.district_admin"),
}
"""What can be wanted, counted over the whole small world of a flow."""
