"""Who a task is for: the role, place, subject or person that its drawing means for this instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.engine import Place, UserTask
from app.platform.identity import places, regions, units
from app.platform.identity.entities import Region
from app.platform.registry import Call, house
from app.platform.runtime.entities import Task

ALL = "*"


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a task goes: a person, or whoever holds `role` at `place` for `subject`."""

    assignee: str | None = None
    role: str | None = None
    place: str | None = None
    subject: str | None = None


def addressee(task: UserTask, call: Call, starter_place: str) -> Addressee:
    """Resolve the task's `assignee` or lane against the instance's variables and its starter's post."""
    if task.assignee:
        return Addressee(assignee=_person(task.assignee, call))
    subject = _variable(task.subject, call.variables) if task.subject else None
    return Addressee(
        role=task.role, place=resolve(call.session, task.at, call.variables, starter_place), subject=subject
    )


def _person(assignee: str, call: Call) -> str | None:
    kind, _, name = assignee.partition(":")
    if kind == "starter":
        return call.starter
    if kind == "variable":
        return _variable(assignee, call.variables)
    if kind == "hook":
        found = house.assignees[name](call)
        return None if found is None else str(found)
    return call.session.scalar(  # last:<element>: who decided that element last
        select(Task.closed_by_id)
        .where(Task.instance_id == call.instance, Task.element == name, Task.state == "closed")
        .order_by(Task.closed_at.desc())
        .limit(1)
    )


def _variable(text: str, variables: Mapping[str, Any]) -> str | None:
    value = variables.get(text.removeprefix("variable:"))
    return None if value is None else str(value)


def resolve(session: Session, at: Place | None, variables: Mapping[str, Any], starter_place: str) -> str:
    """The path that a lane's `at` means for an instance."""
    if at is None or at.kind == "everywhere":
        return ""
    if at.kind == "starter.unit":
        return starter_place
    path = starter_place
    if at.kind == "variable":
        code = variables.get(at.variable or "")
        path = regions.path_of(session, str(code)) if code is not None else ""
    return places.ancestor(path, at.level) if at.level else places.region_of(path)


def names_of(session: Session, wanted: Iterable[str | None]) -> dict[str, str]:
    """The names of the regions that places lie in. At most one statement."""
    paths = {place: places.region_of(place) for place in wanted if place}
    if not paths:
        return {}
    rows = session.execute(
        select(Region.path, Region.name).where(Region.path.in_(sorted(set(paths.values()))))
    )
    names = {row.path: row.name for row in rows}
    return {place: names.get(path, "") for place, path in paths.items()}


def name_of(session: Session, place: str | None) -> str:
    """The name of the region a place lies in; nothing for everywhere."""
    region = regions.at(session, places.region_of(place)) if place else None
    return region.name if region else ""


def unit_name(session: Session, place: str) -> str:
    """The name of the innermost unit of a place; nothing where it is a region."""
    unit = places.unit_of(place)
    facts = units.get(session, unit) if unit else None
    return facts.name if facts else ""
