"""Who comes next for each outcome of a task: told beforehand from the diagram and today's posts, without running it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import engine
from app.platform.engine import Element, Faulty, UserTask
from app.platform.identity import posts, roles
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Call, Words
from app.platform.runtime import places, versions
from app.platform.runtime.views import TaskView

NAMED = 3


@dataclass(frozen=True, slots=True)
class Next:
    """A step that may come: who answers it (a role at a place, or nobody in particular), and how many can today."""

    step: Words
    who: Words
    names: tuple[str, ...] = ()
    number: int = 0
    is_open: bool = True  # whether anybody can be told beforehand

    @property
    def is_nobody(self) -> bool:
        """Whether there is nobody to answer it today."""
        return self.is_open and not self.number


@dataclass(frozen=True, slots=True)
class After:
    """What comes after one outcome. Neither steps nor `ends`: the house itself goes on with it.

    `waits`: what it is waited for before the steps `then` come, or the end (`ends_then`).
    """

    outcome: str
    words: Words
    negative: bool
    steps: tuple[Next, ...]
    ends: tuple[Words, ...]
    sure: bool
    waits: tuple[Words, ...] = ()
    then: tuple[Next, ...] = ()
    ends_then: bool = False


def after(session: Session, view: TaskView, by: Acting, now: datetime) -> tuple[After, ...]:
    """What comes after each outcome that the reader of `view` may choose.

    A form of the step that sets variables makes what reads them uncertain. Three statements at most for each
    different step that may come.
    """
    if not view.outcomes:
        return ()
    definition = versions.program(session, view.version).definition
    written = _written(view)
    variables = {name: value for name, value in view.variables.items() if name not in written}
    known: dict[str, Next] = {}
    told = []
    for outcome in view.outcomes:
        coming = engine.coming_after(definition, view.element, outcome.key, variables, now)
        later = [element for element in coming.then if element in definition.tasks]
        for element in (*coming.people, *later):
            if element not in known:
                known[element] = _next(session, view, definition.tasks[element], by, now)
        told.append(
            After(
                outcome.key,
                outcome.words,
                outcome.negative,
                tuple(known[element] for element in coming.people),
                tuple(definition.elements[end].name for end in coming.ends),
                coming.sure,
                tuple(_wait(definition.elements[element]) for element in coming.waits),
                tuple(known[element] for element in later),
                len(later) < len(coming.then),
            )
        )
    return tuple(told)


def _wait(drawn: Element) -> Words:
    """What the house calls a wait: its stage, else the name of the gateway or of what is waited for."""
    if drawn.stage is not None:
        return drawn.stage
    if drawn.kind == "eventBasedGateway" or not drawn.name.zh:
        return drawn.name
    return Words(f"等待“{drawn.name.zh}”", f"waiting for “{drawn.name.en or drawn.name.zh}”")


def _written(view: TaskView) -> frozenset[str]:
    """The variables that answering the task may still change."""
    if view.form is None:
        return frozenset()
    fields = view.form.form.fields
    return frozenset(name for name in view.form.writable if fields[name].variable)


def _next(session: Session, view: TaskView, drawn: UserTask, by: Acting, now: datetime) -> Next:
    if drawn.assignee and drawn.assignee.startswith("hook:"):
        return Next(drawn.name, Words("由系统按规则指定", "chosen by rule"), is_open=False)
    call = Call(session, now, by, view.instance, view.process, drawn.id, view.variables, view.starter)
    try:
        to = places.addressee(drawn, call, view.starter_place)
    except Faulty:
        return Next(drawn.name, Words("", ""), is_open=False)
    if drawn.assignee:
        name = session.scalar(select(Person.name).where(Person.id == to.assignee)) if to.assignee else None
        if name is None:
            return Next(drawn.name, Words("", ""), is_open=False)
        return Next(drawn.name, Words("", ""), (name,), 1)
    if to.role is None:
        return Next(drawn.name, Words("", ""), is_open=False)
    held = posts.holders(session, to.role, to.place or "", to.subject, now)
    return Next(drawn.name, _office(session, to.role, to.place), tuple(n for _, n in held[:NAMED]), len(held))


def _office(session: Session, role: str, place: str | None) -> Words:
    title, name = roles.title_of(role), places.name_of(session, place)
    return Words(f"{name}{title.zh}", f"{title.en}{', ' + name if name else ''}")
