"""Taking an import back as a whole, as long as nothing depends on what it entered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.jobs import Errand
from app.platform.registry import Acting, Post, Refused
from app.platform.sheets.definition import Intake, Sheet
from app.platform.sheets.entities import Import
from app.platform.sheets.records import shown_to

RUNS = ("导入还没有结束，不能撤销。", "The import has not ended yet and cannot be undone.")
GONE = ("该次导入已经撤销。", "This import has been undone already.")
NEVER = ("这类数据导入后不能整体撤销。", "Imports of this kind cannot be undone as a whole.")


def undo(
    session: Session, sheet: Sheet, record: str, held: Collection[Post], by: Acting, now: datetime
) -> bool:
    """Take an import back that is shown to `held`. False if there is none; raises `Refused` with why it stays."""
    with transaction(session):
        row = session.execute(
            select(Import.__table__).where(Import.id == record, shown_to(held)).with_for_update()
        ).first()
        if row is None:
            return False
        if row.undone_at is not None:
            raise Refused(*GONE)
        if row.state == "running" and not _is_given_up(session, row.errand_id):
            raise Refused(*RUNS)
        if sheet.undo is None:
            raise Refused(*NEVER)
        sheet.undo(Intake(session, now, by, record, row.role, row.place))
        ended = {"state": "failed", "finished_at": now} if row.state == "running" else {}
        session.execute(
            update(Import).where(Import.id == record).values(undone_at=now, undone_by=by.person, **ended)
        )
        body = {"sheet": row.sheet, "created": row.created}
        audit.log(session, "sheets", "sheet.undone", by, now, body, record)
    return True


def _is_given_up(session: Session, errand: str) -> bool:
    """Whether its job was given up, and nobody has asked for it again; errands long over are forgotten."""
    state = session.scalar(select(Errand.state).where(Errand.id == errand).with_for_update())
    return state in (None, "failed")
