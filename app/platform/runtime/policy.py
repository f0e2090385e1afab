"""What one may do: may_start, may_work, may_read. Asked by the verbs themselves, after the lock."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Definition
from app.platform.identity import roles
from app.platform.identity.eligibility import TaskColumns, covers, eligible_clause, eligible_ranges
from app.platform.identity.places import below
from app.platform.registry import Acting, Post
from app.platform.runtime.entities import Escalation, Instance, Task

COLUMNS = TaskColumns(Task.role, Task.place, Task.subject)
ESCALATED = TaskColumns(Escalation.role, Escalation.place, Escalation.subject)
ANY_TASK = aliased(Task)  # beside the task a query may already speak of
ANY_COLUMNS = TaskColumns(ANY_TASK.role, ANY_TASK.place, ANY_TASK.subject)


class Asked(Protocol):
    """The columns of a task that say who may answer it."""

    role: Any
    place: Any
    subject: Any
    assignee_id: Any
    claimed_by_id: Any


def may_start(acting: Acting, definition: Definition) -> Post | bool | None:
    """Whether `acting` may start the process: the post that allows it, True for anyone signed in, else False."""
    for rule in definition.starts:
        if rule == "person":
            return True
        role, _, place = rule.partition("@")
        for post in ([acting.post] if acting.post else []) + list(acting.posts):
            if post.role == role and (not place or post.place == "" or place in ("everywhere", post.place)):
                return post
    return False


def may_work(acting: Acting, task: Asked) -> bool:
    """Whether `acting` may decide this open task: it is his, or one of his posts answers for it.

    A claim keeps others out; it does not keep a right that has ended.
    """
    if task.claimed_by_id not in (None, acting.person):
        return False
    if task.assignee_id:
        return bool(task.assignee_id == acting.person)
    return is_candidate(acting, task)


def is_candidate(acting: Acting, task: Asked) -> bool:
    """Whether one of the person's posts answers for the task's role, place and subject."""
    return task.role is not None and any(
        covers(post, task.role, task.place, task.subject) for post in acting.posts
    )


def workable(acting: Acting) -> ColumnElement[bool]:
    """The SQL of `may_work` over open tasks: index ranges, joined from posts when read.

    `state` stands in every part of the OR, so that each is one range of one index whatever others wait for.
    """
    free = [and_(Task.assignee_id.is_(None), part) for part in eligible_ranges(acting.posts, COLUMNS)]
    mine = [Task.assignee_id == acting.person, *free]
    return and_(
        or_(Task.claimed_by_id.is_(None), Task.claimed_by_id == acting.person),
        or_(*(and_(Task.state == "open", part) for part in mine)),
    )


def readable(acting: Acting) -> ColumnElement[bool]:
    """The SQL of `may_read` over instances: one's own, one that is or was in one's hands, one to look after."""
    eligible = eligible_clause(acting.posts, ANY_COLUMNS) if acting.posts else false()
    return or_(
        Instance.starter_id == acting.person,
        *(below(Instance.place, place) for place in sorted(roles.places(acting.posts, roles.MANAGE))),
        select(Escalation.task_id)
        .where(Escalation.instance_id == Instance.id, eligible_clause(acting.posts, ESCALATED))
        .exists()
        if acting.posts
        else false(),
        select(ANY_TASK.id)
        .where(
            ANY_TASK.instance_id == Instance.id,
            or_(ANY_TASK.assignee_id == acting.person, ANY_TASK.closed_by_id == acting.person, eligible),
        )
        .exists(),
    )


def may_read(session: Session, acting: Acting, instance: str) -> bool:
    """Whether `acting` may see the instance, its files and its history. One statement."""
    return session.scalar(select(Instance.id).where(Instance.id == instance, readable(acting))) is not None


def may_manage(acting: Acting, place: str) -> bool:
    """Whether `acting` looks after instances started at `place`: repairs, suspends, cancels, retries."""
    return roles.may(acting.posts, roles.MANAGE, place)
