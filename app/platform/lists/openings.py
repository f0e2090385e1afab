"""Which rows of a list the reader can work on: the open task of a row's instance, for a whole page at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.registry import Acting, Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Task


def openings(
    session: Session, acting: Acting, instances: Iterable[str | None]
) -> dict[str, tuple[str, Words]]:
    """For each of `instances` the first open task that `acting` may decide: its id and name. One statement."""
    asked = {instance for instance in instances if instance}
    if not asked:
        return {}
    rows = session.execute(
        select(Task.instance_id, Task.id, Task.name_zh, Task.name_en)
        .where(Task.instance_id.in_(asked), policy.workable(acting))
        .order_by(Task.opened_at.desc(), Task.id.desc())
    )
    return {row.instance_id: (row.id, Words(row.name_zh, row.name_en)) for row in rows}
