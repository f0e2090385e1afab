"""Claiming a task (签收) and giving it back: who holds it keeps others out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting, Words
from app.platform.runtime import firing, policy, seats, stepping, taken
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import Forbidden, InstanceChanged, Unknown
from app.platform.runtime.history import Happening

SEATED = Words("会签环节由各签署人分别办理，无需签收。", "Several sign this step; nobody claims it.")


def claim(session: Session, task: str, revision: int, by: Acting, now: datetime) -> None:
    """Take a task as one's own (签收); a substitute takes it for the one he stands in for.

    Raises `Unknown`, `TaskTaken`, `InstanceChanged`; `Forbidden` where several sign.
    """
    _hold_claim(session, task, revision, by, now, claimed=True)


def unclaim(session: Session, task: str, revision: int, by: Acting, now: datetime) -> None:
    """Give a claimed task back to all who may decide it."""
    _hold_claim(session, task, revision, by, now, claimed=False)


def _hold_claim(
    session: Session, task: str, revision: int, by: Acting, now: datetime, *, claimed: bool
) -> None:
    with transaction(session):
        held = stepping.hold(session, by, now, task=task)
        firing.overtake(held)
        row = session.execute(select(Task.__table__).where(Task.id == task)).one()
        drawn = held.program.asked(row)
        bench = seats.bench(session, row)
        standing = policy.standing(by, row, bench.rows)
        is_anothers = standing is None and row.claimed_by_id not in (None, by.person)
        if is_anothers or row.state != "open":
            if not policy.may_read(session, by, held.id):
                raise Unknown(task)
            raise taken.task(session, row, bench, drawn, by)
        if standing is None:
            raise Unknown(task)
        if row.seats != "one":
            raise Forbidden("task.claim", SEATED)
        if row.revision != revision or held.state != "running":
            raise InstanceChanged()
        session.execute(
            update(Task)
            .where(Task.id == task)
            .values(
                claimed_by_id=standing.person if claimed else None,
                claimed_at=now if claimed else None,
                revision=row.revision + 1,
            )
        )
        said = {"name": by.name}
        if standing.principal is not None:
            said |= {"for": standing.person, "for_name": standing.principal.name}
        kind = "claimed" if claimed else "unclaimed"
        held.pen.write(Happening(kind, row.element, task, by.person, body=said))
        stepping.save(held)
