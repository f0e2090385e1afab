"""What of an instance's questions its starter is not shown: those that the people who decide ask each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.platform.identity import roles
from app.platform.identity.places import below
from app.platform.registry import Acting
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Question, Task
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.question_views import QuestionView

KINDS = frozenset({"asked", "answered", "unasked"})
"""What the history says of questions."""


def questions(
    session: Session, found: Sequence[QuestionView], starter: str, by: Acting
) -> tuple[QuestionView, ...]:
    """Those of an instance's questions that its reader `by` is shown. At most one statement, for its starter."""
    if by.person != starter or all(by.person in (one.to, one.asked_by) for one in found):
        return tuple(found)
    left_out = _left_out(session, found[0].instance, by)
    return tuple(one for one in found if one.id not in left_out)


def happened(
    session: Session, instance: str, rows: Sequence[HistoryRow], starter: str, by: Acting
) -> list[HistoryRow]:
    """What its reader `by` is shown of an instance's history. At most one statement, for its starter."""
    if by.person != starter or all(row.kind not in KINDS for row in rows):
        return list(rows)
    left_out = _left_out(session, instance, by)
    return [row for row in rows if row.kind not in KINDS or row.body.get("question") not in left_out]


def _left_out(session: Session, instance: str, by: Acting) -> frozenset[str]:
    """The questions between others; not for whoever looks after the instance, or has decided or may decide the task."""
    managed = [below(Instance.place, place) for place in sorted(roles.places(by.posts, roles.MANAGE))]
    in_his_hands = (
        select(Task.id)
        .where(Task.id == Question.task_id, or_(Task.closed_by_id == by.person, policy.workable(by)))
        .exists()
    )
    found = (
        select(Question.id)
        .join(Instance, Instance.id == Question.instance_id)
        .where(
            Question.instance_id == instance,
            Question.to_id != by.person,
            Question.asked_by_id != by.person,
            ~or_(in_his_hands, *managed),
        )
    )
    return frozenset(session.scalars(found))
