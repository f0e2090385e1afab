"""Taking a migration back within twenty-four hours: those instances that nobody has touched since go back.

The others stay on the new version and are listed with why. Taking back is a carrying of its own, with its own rows,
progress and workbook. A timer that the new version had taken away begins anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, literal, null, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.design import carrying
from app.platform.design.carried import UNDONE_WITHIN
from app.platform.design.errors import Settled, TooLate
from app.platform.design.publication_entities import Carried, Carrying
from app.platform.identity import roles
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Process
from app.platform.runtime.errors import Forbidden


def begin(session: Session, of: str, by: Acting, now: datetime) -> str:
    """Take the carrying `of` back, as an errand; return the carrying that does it.

    Raises `Forbidden`, `Unknown`, `Settled` where it still runs or was taken back already, `TooLate`.
    """
    if not roles.may(by.posts, roles.PUBLISH):
        raise Forbidden("processes.publish")
    with transaction(session):
        row = carrying.hold(session, of)
        if row.ended_at is None or row.undoing_id is not None:
            raise Settled()
        if session.scalar(select(Carrying.id).where(Carrying.undoing_id == of)) is not None:
            raise Settled()
        if now >= row.ended_at + UNDONE_WITHIN:
            raise TooLate()
        moved = (Carried.carrying_id == of, Carried.result == "carried")
        total = session.scalar(select(func.count()).select_from(Carried).where(*moved)) or 0
        if not total:
            raise Settled()
        undoing = new_id()
        session.execute(
            insert(Carrying).values(
                id=undoing,
                process=row.process,
                version_id=None,
                mapping=row.mapping,
                asked_by_id=by.person,
                asked_at=now,
                total=total,
                state="running",
                undoing_id=of,
            )
        )
        back = select(
            literal(undoing), Carried.instance_id, Carried.to_id, Carried.from_id, Carried.revision, null()
        ).where(*moved)
        columns = ["carrying_id", "instance_id", "from_id", "to_id", "revision", "result"]
        session.execute(insert(Carried).from_select(columns, back, include_defaults=False))
        body = {"process": row.process, "carrying": of, "count": total}
        audit.log(session, "design", "migration.undo_begun", by, now, body, f"process:{row.process}")
        named = session.execute(
            select(Process.name_zh, Process.name_en).where(Process.key == row.process)
        ).one()
        title = Words(f"撤销迁移：{named.name_zh}", f"Undo migration: {named.name_en}")
        carrying.set_going(session, undoing, title, 0, total, by, now)
    return undoing
