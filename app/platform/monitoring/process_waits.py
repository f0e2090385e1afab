"""Where cases of a process wait for something that is no task: a timer, a message or signal, work of the house.

What stands guard beside a step (a boundary event, the start of an event sub-process) waits too, but nothing stands
there: it is not counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from sqlalchemy import Text, cast, func, literal_column, select, union_all
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Definition, Faulty
from app.platform.identity.places import within
from app.platform.jobs import Job
from app.platform.monitoring import figures
from app.platform.monitoring.process_figures import LIVE, Measured
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance, Subscription, Timer
from app.platform.runtime.errors import Unknown, Unpublishable

For = Literal["timer", "message", "work"]
At = Mapping[For, Collection[str]]
"""The elements at which each is waited for."""
EVERY: Final[tuple[For, ...]] = ("timer", "message", "work")
WORK: Final = "runtime/work"
EVERYWHERE: Final = ("",)


def of(session: Session, process: str, reach: Collection[str], version: str | None = None) -> Counter[str]:
    """How much waits at each element, within a reach. Two statements; one where no live version can wait so."""
    elements = _halting(session, process, reach, version)
    if not elements or not reach:
        return Counter()
    every = tuple(reach) == EVERYWHERE and version is None
    counted = []
    for waits in _waits(session, process, elements):
        inner = (waits if every else _narrowed(waits, reach, version)).subquery()
        counted.append(select(inner.c.element, func.count()).group_by(inner.c.element))
    found: Counter[str] = Counter()
    for element, count in session.execute(union_all(*counted)):
        found[element] += count
    return found


def beside(measured: Mapping[str, Measured], waiting: Mapping[str, int]) -> dict[str, Measured]:
    """The elements with what waits at each."""
    every = sorted(measured.keys() | waiting.keys())
    return {one: replace(measured.get(one, Measured(one)), waiting=waiting.get(one, 0)) for one in every}


def waited_for(definition: Definition, element: str) -> For | None:
    """What a case waits for that stands at an element; None at one where none does."""
    match definition.elements[element].kind:
        case "serviceTask":
            return "work"
        case "receiveTask":
            return "message"
        case "intermediateCatchEvent":
            return "timer" if definition.events[element].kind == "timer" else "message"
        case _other:
            return None


def instances(session: Session, process: str, at: At) -> list[Any]:
    """Queries of the instances that wait at one of these elements, to be put together."""
    return [
        waits.with_only_columns(waits.selected_columns["instance_id"])
        for waits in _waits(session, process, at)
    ]


def _waits(session: Session, process: str, at: At) -> Iterator[Any]:
    """Timers, messages and work at these elements: element and instance of each."""
    if timed := sorted(at.get("timer", ())):
        yield select(Timer.element.label("element"), Timer.instance_id.label("instance_id")).where(
            Timer.process == process, Timer.element.in_(timed), Timer.kind == "event"
        )
    if told := sorted(at.get("message", ())):
        yield select(
            Subscription.element.label("element"), Subscription.instance_id.label("instance_id")
        ).where(
            Subscription.process == process,
            Subscription.element.in_(told),
            Subscription.instance_id.is_not(None),
        )
    if worked := sorted(at.get("work", ())):
        yield from _work(session, process, worked)


def _work(session: Session, process: str, elements: Collection[str]) -> Iterator[Any]:
    element, of_it = _element_of(session), aliased(Instance)
    for state in ("waiting", "running"):  # as text, so that the index of each state is found
        yield (
            select(element.label("element"), Job.instance_id.label("instance_id"))
            .join(of_it, of_it.id == Job.instance_id)
            .where(
                Job.state == literal_column(f"'{state}'"),
                Job.name == WORK,
                of_it.process == process,
                element.in_(elements),
            )
        )


def _element_of(session: Session) -> Any:
    """The element a piece of work is for, as the row of the job tells it."""
    arguments = cast(Job.arguments, Text)
    if session.get_bind().dialect.name == "postgresql":
        return cast(arguments, postgresql.JSON)["element"].astext
    return func.json_extract(arguments, "$.element")


def _narrowed(waits: Any, reach: Collection[str], version: str | None) -> Any:
    here: Any = select(Instance.id).where(within(Instance.place, tuple(reach)))
    if version is not None:
        here = here.where(Instance.version_id == version)
    return waits.where(waits.selected_columns["instance_id"].in_(here))


def _halting(session: Session, process: str, reach: Collection[str], version: str | None) -> At:
    """The elements at which cases can wait so, of the versions that any goes on with."""
    here = figures.tally(session, ("case",), reach, ("version_id", "detail"), process=process)
    live = {of_it for of_it, state in here if state in LIVE and version in (None, of_it)}
    found: dict[For, set[str]] = defaultdict(set)
    for one in sorted(live):
        for element, kind in _elements(session, one):
            found[kind].add(element)
    return found


def _elements(session: Session, version: str) -> Iterator[tuple[str, For]]:
    try:
        definition = versions.program(session, version).definition
    except (Faulty, Unknown, Unpublishable):
        return
    for element in definition.elements:
        kind = waited_for(definition, element)
        if kind is not None:
            yield element, kind
