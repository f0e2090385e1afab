"""Who a task is for: the role, place, subject or person that its drawing means for this instance."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data.ids import LENGTH as ID_LENGTH
from app.platform.engine import Faulty, Place, UserTask
from app.platform.identity import people, places, regions, units
from app.platform.identity.entities import HeldPost, Region, Unit
from app.platform.identity.messages import Refusal
from app.platform.registry import Call, Refused, house
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import HOOK_BROKE, HookRefused

ALL = "*"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a task goes: a person, or whoever holds `role` at `place` for `subject`."""

    assignee: str | None = None
    role: str | None = None
    place: str | None = None
    subject: str | None = None


def addressee(task: UserTask, call: Call, starter_place: str) -> Addressee:
    """Resolve the task's `assignee` or lane against the instance's variables and its starter's post.

    Raises `HookRefused` where the hook that names the assignee breaks, `Faulty` for a place there is not.
    """
    if task.assignee:
        return Addressee(assignee=_person(task.assignee, call))
    subject = _variable(task.subject, call.variables) if task.subject else None
    place = resolve(call.session, task.at, call.variables, starter_place, task.id)
    return Addressee(role=task.role, place=place, subject=subject)


def _person(assignee: str, call: Call) -> str | None:
    kind, _, name = assignee.partition(":")
    if kind == "starter":
        return call.starter
    if kind == "variable":
        return _known(call.session, _variable(assignee, call.variables))
    if kind == "hook":
        return _known(call.session, _asked(name, call))
    return call.session.scalar(  # last:<element>: who decided that element last
        select(Task.closed_by_id)
        .where(Task.instance_id == call.instance, Task.element == name, Task.state == "closed")
        .order_by(Task.closed_at.desc())
        .limit(1)
    )


def _asked(name: str, call: Call) -> str | None:
    try:
        found = house.assignees[name](call)
    except Refused as refused:
        raise HookRefused(refused.words, refused.field) from refused
    except Exception as error:
        _log.exception("hook %s broke at %s", name, call.element)
        raise HookRefused(HOOK_BROKE) from error
    return None if found is None else str(found)


def _known(session: Session, person: str | None) -> str | None:
    """The person of this id, or whom he was merged into: a task must not wait for nobody without a word."""
    if person is None or "\0" in person:
        return None
    return people.who_is(session, person)


def _variable(text: str, variables: Mapping[str, Any]) -> str | None:
    value = variables.get(text.removeprefix("variable:"))
    return None if value is None else str(value)


def resolve(
    session: Session, at: Place | None, variables: Mapping[str, Any], starter_place: str, element: str
) -> str:
    """The path that the `at` of `element` means for an instance.

    A variable holds a region's code or a unit's id; a level lifts both to a region. Raises `Faulty` for neither.
    """
    if at is None or at.kind == "everywhere":
        return ""
    if at.kind == "starter.unit":
        return starter_place
    path = starter_place
    if at.kind == "variable":
        named = variables.get(at.variable or "")
        try:
            path = _path_of(session, str(named).replace("\0", "")) if named is not None else ""
        except Refusal as error:
            raise Faulty(element, "bad_place", {"text": str(named)[:60]}) from error
        return places.ancestor(path, at.level) if at.level else path
    return places.ancestor(path, at.level) if at.level else places.region_of(path)


def belonging(held: Any) -> str:
    """Where a held instance belongs from now on: what its process's `at` names, if the starter's post has no place.

    It follows the variable until the instance ends. A value that is no place changes nothing: the lane that reads it
    says so. Nothing is asked, not even what the instance runs on, unless the variable has changed.
    """
    row, session = held.row, held.session
    at = None if held.variables == row.variables else held.program.definition.at
    if at is None or row.variables.get(at.variable) == held.variables.get(at.variable):
        return str(row.place)
    post = row.starter_post_id
    if post and session.scalar(select(HeldPost.place).where(HeldPost.id == post)):
        return str(row.place)
    try:
        return resolve(session, at, held.variables, "", "")
    except Faulty:
        return str(row.place)


def move_tasks(held: Any, place: str) -> None:
    """Let the open tasks of a held instance say where it is now, if it has moved."""
    if place != held.row.place:
        mine = (Task.instance_id == held.id, Task.state == "open")
        held.session.execute(update(Task).where(*mine).values(instance_place=place))


def _path_of(session: Session, named: str) -> str:
    """The path of a region by its code, or of a unit by its id: ids are longer than any code."""
    return units.path_of(session, named) if len(named) == ID_LENGTH else regions.path_of(session, named)


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


def offices_of(session: Session, wanted: Iterable[str | None]) -> dict[str, str]:
    """What the places of roles are called: a unit by its own name, anything else by its region's."""
    paths = {place for place in wanted if place}
    inside = {place: unit for place in paths if (unit := places.unit_of(place))}
    named = names_of(session, paths - inside.keys())
    if inside:
        rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(sorted(inside.values()))))
        found = {row.id: row.name for row in rows}
        named |= {place: found.get(unit, "") for place, unit in inside.items()}
    return named


def name_of(session: Session, place: str | None) -> str:
    """The name of the region a place lies in; nothing for everywhere."""
    region = regions.at(session, places.region_of(place)) if place else None
    return region.name if region else ""


def unit_name(session: Session, place: str) -> str:
    """The name of the innermost unit of a place; nothing where it is a region."""
    unit = places.unit_of(place)
    facts = units.get(session, unit) if unit else None
    return facts.name if facts else ""
