"""Who must not judge his own (回避): the starter, his unit, whoever decided just before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.platform.engine import UserTask
from app.platform.identity import places
from app.platform.identity.entities import HeldPost
from app.platform.identity.posts import live
from app.platform.registry import Post
from app.platform.runtime.entities import Seat, Task

NOTHING: dict[str, str | None] = {"avoided": None, "avoided_unit": None}


class Avoiding(Protocol):
    """The columns of a task that keep people out."""

    avoided: Any
    avoided_unit: Any


def frozen(
    session: Session, instance: Any, drawn: UserTask, starts: tuple[str, ...]
) -> dict[str, str | None]:
    """The columns that keep people out of a task opened now: persons' ids, and the starter's unit.

    Nobody judges his own, whether the step says so or not; only `avoid` = `nobody` lets the starter in.
    """
    if "nobody" in drawn.avoid:
        return NOTHING
    is_his_own = "starter" in drawn.avoid or drawn.judges(starts)
    if not drawn.avoid and not is_his_own:
        return NOTHING
    persons = {instance.starter_id} - {""} if is_his_own else set()
    if "previous" in drawn.avoid:
        persons |= _previous(session, instance.id)
    unit = instance.place if "own_unit" in drawn.avoid and places.unit_of(instance.place) else None
    return {"avoided": " ".join(sorted(persons)) or None, "avoided_unit": unit}


def _previous(session: Session, instance: str) -> set[str]:
    """Whoever decided last in this instance, all who signed with him, and in whose stead."""
    row = session.execute(
        select(Task.id, Task.seats, Task.closed_by_id, Task.closed_for_id)
        .where(Task.instance_id == instance, Task.state == "closed", Task.closed_by_id.is_not(None))
        .order_by(Task.closed_at.desc(), Task.visit.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return set()
    people = {row.closed_by_id, row.closed_for_id}
    if row.seats != "one":
        signed = select(Seat.person_id, Seat.decided_by_id).where(
            Seat.task_id == row.id, Seat.state == "decided"
        )
        people.update(*session.execute(signed))
    return {person for person in people if person}


def asks(task: dict[str, Any]) -> bool:
    """Whether a task keeps anybody out at all."""
    return bool(task["avoided"] or task["avoided_unit"])


def is_avoided(task: Avoiding, person: str, posts: Iterable[Post]) -> bool:
    """Whether a person, with his posts, is kept out of a task."""
    if task.avoided and person in task.avoided.split(" "):
        return True
    unit = task.avoided_unit
    return bool(unit) and any(places.lies_below(post.place, unit) for post in posts)


def free_of(columns: Any, person: str, posts: Iterable[Post]) -> list[ColumnElement[bool]]:
    """The SQL of not being avoided, over the columns of a task."""
    above = sorted({step for post in posts for step in places.above(post.place) if step})
    clauses = [or_(columns.avoided.is_(None), columns.avoided.not_like(f"%{person}%"))]
    if above:
        clauses.append(or_(columns.avoided_unit.is_(None), columns.avoided_unit.not_in(above)))
    return clauses


def left(session: Session, task: Any, people: Iterable[tuple[str, str]], now: Any) -> list[tuple[str, str]]:
    """Those of `people` (person, name) whom the task does not avoid. `task`: a mapping of its columns."""
    kept = [each for each in people if each[0] not in (task["avoided"] or "").split(" ")]
    if not task["avoided_unit"] or not kept:
        return kept
    inside = set(
        session.scalars(
            select(HeldPost.person_id).where(
                HeldPost.person_id.in_([person for person, _ in kept]),
                places.below(HeldPost.place, task["avoided_unit"]),
                live(now),
            )
        )
    )
    return [each for each in kept if each[0] not in inside]


def seat_of(person: str) -> ColumnElement[bool]:
    """A seat that is, or was, a person's own; one that was taken away from him again is not."""
    return and_(Seat.person_id == person, or_(Seat.closed_reason.is_(None), Seat.closed_reason != "removed"))
