"""A task's own timers: the reminder before it is due, and the escalation to a role when it is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, update

from app.platform.engine import Faulty, properties
from app.platform.identity import posts
from app.platform.jobs import enqueue
from app.platform.registry import house
from app.platform.runtime import places, stepping
from app.platform.runtime.entities import Escalation, Task
from app.platform.runtime.history import Happening

TELL = "notices/deadline"
"""The job that tells people of a deadline: arguments `instance`, `task`, `kind` (`remind` or `escalate`), `people`."""
MOST_TOLD = 200


def remind(held: stepping.Held, timer: Any) -> bool:
    """Tell whoever can answer the task that it will be due; False if it is not open any more."""
    task = _open(held, timer.task_id)
    if task is None:
        return False
    if task.claimed_by_id or task.assignee_id:
        people = [task.claimed_by_id or task.assignee_id]
    else:
        people = _holders(held, task.role, task.place, task.subject)
    _tell(held, task, "remind", people)
    held.pen.write(Happening("reminded", task.element, task.id))
    stepping.save(held)
    return True


def escalate(held: stepping.Held, timer: Any) -> bool:
    """Bring an overdue task before its `escalate` role: a flag, a notice, and the right to read the instance.

    The task stays with those it was given to; who holds the role is joined from posts when read. False if it is
    not open any more. Raises `Faulty` for a place that cannot be read.
    """
    task = _open(held, timer.task_id)
    drawn = held.program.definition.tasks.get(task.element) if task is not None else None
    if task is None or drawn is None or not drawn.escalate:
        return False
    role, _, where = drawn.escalate.partition("@")
    try:
        at = properties.place(where) if where else None
    except properties.BadValue as error:
        raise Faulty(timer.element, "bad_place", {"text": where[:60]}) from error
    place = places.resolve(held.session, at, held.variables, held.row.place)
    held.session.execute(
        insert(Escalation).values(
            task_id=task.id,
            instance_id=held.id,
            role=role,
            place=place,
            subject=task.subject,
            at=held.now,
        )
    )
    held.session.execute(update(Task).where(Task.id == task.id).values(is_escalated=True))
    _tell(held, task, "escalate", _holders(held, role, place, task.subject))
    held.pen.write(Happening("escalated", task.element, task.id, body={"role": role, "place": place}))
    stepping.save(held)
    return True


def _open(held: stepping.Held, task: str) -> Any:
    table = Task.__table__
    return held.session.execute(
        select(table).where(table.c.id == task, table.c.state == "open")
    ).one_or_none()


def _holders(held: stepping.Held, role: str | None, place: str | None, subject: str | None) -> list[str]:
    if role is None:
        return []
    return [person for person, _name in posts.holders(held.session, role, place or "", subject, held.now)]


def _tell(held: stepping.Held, task: Any, kind: str, people: Iterable[str]) -> None:
    """Hand the notice to whoever sends notices, if there is anybody: a house without them keeps the history row."""
    told = list(people)[:MOST_TOLD]
    if told and TELL in house.jobs:
        enqueue(
            held.session,
            TELL,
            {"instance": held.id, "task": task.id, "kind": kind, "people": told},
            held.now,
            key=f"{kind}:{task.id}",
            instance=held.id,
        )
