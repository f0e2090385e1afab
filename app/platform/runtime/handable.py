"""Why a person that a page offers cannot be handed a task: said at his name, before the verb would refuse him."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.registry import Acting, Words
from app.platform.runtime import naming, policy, recusal, seats
from app.platform.runtime.entities import Copy, Task
from app.platform.runtime.errors import Unknown

COPIED = Words("已抄送此人。", "This person has a copy already.")


def why_not(
    session: Session, task: str, verb: str, people: Collection[str], by: Acting, now: datetime
) -> Mapping[str, Words]:
    """Return for each of `people` who cannot be given `task` by `verb` the reason, by the person's id.

    `verb`: transfer, delegate, signers or copy. Five statements at most, whatever the number. Raises `Unknown`.
    """
    row = session.execute(select(Task.__table__).where(Task.id == task)).one_or_none()
    if row is None:
        raise Unknown(task)
    if verb == "copy":
        copied = session.scalars(
            select(Copy.person_id).where(Copy.task_id == task, Copy.person_id.in_(people))
        )
        return dict.fromkeys(copied, COPIED)
    bench = seats.bench(session, row)
    standing = policy.standing(by, row, bench.rows)
    told: dict[str, Words] = {}
    kept = {person for person, _ in recusal.left(session, row._mapping, ((one, "") for one in people), now)}
    holder = standing.person if standing is not None else None
    single = {row.assignee_id, row.claimed_by_id, holder} if bench.rule == "one" else set()
    held = {"transfer": single, "delegate": {holder, by.person}}.get(verb, set())
    for person in people:
        if person not in kept:
            told[person] = naming.TELL["recused"]
        elif person in held:
            told[person] = naming.TELL["oneself" if person == by.person else "holds"]
        elif bench.has(person) or (verb == "signers" and person in single):
            told[person] = naming.TELL["already"]
    return told
