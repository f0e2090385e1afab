"""Closes the questions of a task that is decided or gone: nobody waits for their answers any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from app.platform.engine import Definition
from app.platform.runtime.entities import Question, Task
from app.platform.runtime.history import Happening

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

QUESTION, TASK = Question.__table__, Task.__table__
ASK = "ask"
"""What a step's `allow` must name."""

IS_ASKED = (  # read along with a task under lock, so that the ordinary decision asks nothing more
    select(QUESTION.c.id)
    .where(QUESTION.c.task_id == TASK.c.id, QUESTION.c.closed_at.is_(None))
    .exists()
    .label("is_asked")
)
GONE = select(TASK.c.id).where(TASK.c.instance_id == bindparam("_instance"), TASK.c.state != "open")
CLOSE = (
    update(QUESTION)  # type: ignore[arg-type]
    .where(QUESTION.c.instance_id == bindparam("_instance"), QUESTION.c.closed_at.is_(None))
    .values(closed_at=bindparam("_at"), closed_by_id=bindparam("_by"))
    .returning(QUESTION.c.id, QUESTION.c.task_id)
)
CLOSE_OF_GONE = CLOSE.where(QUESTION.c.task_id.in_(GONE))
CLOSE_OF_SOME = CLOSE.where(QUESTION.c.task_id.in_(bindparam("_tasks", expanding=True)))
ELEMENTS = select(TASK.c.id, TASK.c.element).where(TASK.c.id.in_(bindparam("_tasks", expanding=True)))


def may_be(definition: Definition) -> bool:
    """Whether instances of `definition` may have questions at all."""
    return any(ASK in task.allow for task in definition.tasks.values())


def of_task(held: Held, row: Any) -> None:
    """Close those of one task that is being closed. One statement, where there are any.

    `row`: the task as read under the lock; without the mark `is_asked` the table is asked.
    """
    if getattr(row, "is_asked", True):
        _close(held, CLOSE_OF_SOME, {"_tasks": [row.id]})


def of_tasks(held: Held, tasks: Sequence[str]) -> None:
    """Close those of some tasks, where the instance's process asks at all. One statement."""
    if tasks and may_be(held.program.definition):
        _close(held, CLOSE_OF_SOME, {"_tasks": list(tasks)})


def of_gone(held: Held) -> None:
    """Close those of the instance's tasks that are open no more. One statement."""
    _close(held, CLOSE_OF_GONE, {})


def _close(held: Held, statement: Any, more: dict[str, Any]) -> None:
    about = {"_instance": held.id, "_at": held.now, "_by": held.by.person or None}
    closed = held.session.execute(statement, {**about, **more}).all()
    if not closed:
        return
    asked_at = sorted({row.task_id for row in closed})
    elements = dict(held.session.execute(ELEMENTS, {"_tasks": asked_at}).all())
    for row in sorted(closed, key=lambda row: str(row.id)):
        body = {"question": row.id, "why": "closed", "name": held.by.name}
        held.pen.write(
            Happening("unasked", elements.get(row.task_id), row.task_id, held.by.person or None, body=body)
        )
