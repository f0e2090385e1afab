"""A task's own timers: the reminder before it is due, and the escalation to a role when it is overdue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from app.platform.engine import Faulty, properties
from app.platform.identity import posts
from app.platform.runtime import places, stepping, telling
from app.platform.runtime.entities import Escalation, Task
from app.platform.runtime.history import Happening


def remind(held: stepping.Held, timer: Any) -> bool:
    """Tell whoever can answer the task that it will be due; False if it is not open any more."""
    task = _open(held, timer.task_id)
    if task is None:
        return False
    telling.due(held, task, telling.answering(held.session, [task], held.now))
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
    place = places.resolve(held.session, at, held.variables, held.row.place, timer.element)
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
    found = posts.holders(held.session, role, place, task.subject, held.now)
    telling.overdue(held, task, [person for person, _name in found])
    held.pen.write(Happening("escalated", task.element, task.id, body={"role": role, "place": place}))
    stepping.save(held)
    return True


def _open(held: stepping.Held, task: str) -> Any:
    table = Task.__table__
    return held.session.execute(
        select(table).where(table.c.id == task, table.c.state == "open")
    ).one_or_none()
