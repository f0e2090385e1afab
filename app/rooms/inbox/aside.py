"""The boxes beside the work itself, as lists: what I was given a copy of, and what I have typed and not sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app.platform import lists
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Copy, Draft, Task
from app.rooms.inbox import cells, filters
from app.rooms.inbox.lists import SIZE, tasks_said

Giver = aliased(Person)


def _copies(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """What others have given the person a copy of: whoever holds one may read the instance."""
    return (
        tasks_said(now)
        .add_columns(
            Copy.id.label("copy_id"), Copy.at.label("copied_at"), Copy.read_at, Giver.name.label("copied_by")
        )
        .join(Copy, Copy.task_id == Task.id)
        .outerjoin(Giver, Giver.id == Copy.by_id)
        .where(Copy.person_id == acting.person)
    )


def _drafts(session: Session, acting: Acting, now: datetime) -> Select[Any]:
    """What the person has typed at open tasks that he may still work."""
    return (
        tasks_said(now)
        .add_columns(Draft.saved_at)
        .join(Draft, Draft.about == Task.id)
        .where(Draft.person_id == acting.person, policy.workable(acting))
    )


def unread(acting: Acting) -> Select[Any]:
    """The copies a person has not opened yet."""
    return select(Copy.id).where(Copy.person_id == acting.person, Copy.read_at.is_(None))


COPIES = lists.List(
    key="copies",
    title=Words("抄送", "Copies"),
    columns=(
        cells.NUMBER, cells.TITLE, cells.STARTER, cells.UNIT, cells.REGION, cells.STEP, cells.PROCESS, cells.COPIED_BY,
        cells.COPIED, cells.STAGE,
    ),
    filters=(filters.READ, filters.SEARCH, filters.WHICH, filters.REGION, filters.COPIED),
    query=_copies,
    order=(Copy.at.desc(), Copy.id.desc()),
    link=lambda row: lists.Link("instance", row["instance_id"]),
    row="copy_id",
    size=SIZE,
    empty=Words("没有抄送给您的事项。", "Nobody has sent you a copy."),
)  # fmt: skip
DRAFTS = lists.List(
    key="drafts",
    title=Words("草稿", "Drafts"),
    columns=(
        cells.NUMBER, cells.TITLE, cells.STARTER, cells.UNIT, cells.REGION, cells.STEP, cells.PROCESS, cells.SAVED,
        cells.DUE, cells.MARKS,
    ),
    filters=(filters.SEARCH, filters.WHICH, filters.DUE_WHEN),
    query=_drafts,
    order=(Draft.saved_at.desc(), Task.id.desc()),
    link=lambda row: lists.Link("task", row["id"]),
    row="id",
    size=SIZE,
    empty=Words("没有未提交的草稿。", "There are no drafts."),
)  # fmt: skip
