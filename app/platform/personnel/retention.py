"""How long what has ended is kept, and forgetting it: what people typed goes, that it happened stays and verifies.

A process without a period is kept for ever. What a system has copied into tables of its own it clears itself (the
socket `Hooks.forget`); what stays there is said to who sets the periods.
"""

from __future__ import annotations

import calendar
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.data import Base, transaction
from app.platform.documents.entities import Document, File
from app.platform.notices.entities import Delivery, Notice
from app.platform.records import keeping
from app.platform.registry import Acting, Words, house
from app.platform.runtime.entities import Draft, Entry, Incident, Instance, Process, Question, Seat, Task
from app.platform.settings import BadSetting

log = logging.getLogger(__name__)
PERIODS: Final = "retention.processes"
LONGEST = 1200  # months
AT_ONCE = 200  # instances of one run of the chore
GONE = "（已清除）"
UNTOUCHED: Final = Words("系统自行保存的资料", "What the system keeps in tables of its own")
ENDED = ("ended", "cancelled", "withdrawn")
_BAD = Words(
    f"保存期限为1至{LONGEST}个月；留空为永久保存", f"A period is 1 to {LONGEST} months; empty is for ever"
)


def _periods(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise BadSetting(_BAD)
    for months in value.values():
        if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= LONGEST:
            raise BadSetting(_BAD)
    return dict(sorted(value.items()))


settings.define(
    settings.Definition(
        PERIODS,
        Words("办结后保存期限", "Kept after the end"),
        "json",
        dict,
        group="retention",
        check=_periods,
    )
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A process and how long its ended instances are kept, in months (None: for ever).

    `ended` have ended and are kept; of them `due` are to be forgotten now. `left`: what its system does not forget.
    """

    process: str
    name: Words
    months: int | None
    ended: int
    due: int
    left: Words | None = None


def standing(session: Session, now: datetime, proposed: Mapping[str, int] | None = None) -> list[Kept]:
    """Every process with its period (that of `proposed`, where it is given) and what is due. Two statements."""
    periods: Mapping[str, int] = settings.value(PERIODS) if proposed is None else proposed
    rows = session.execute(
        select(Process.key, Process.system, Process.name_zh, Process.name_en).order_by(
            Process.system, Process.key
        )
    ).all()
    is_due = _due(periods, now)
    counts = {
        row.process: (row.ended, row.due)
        for row in session.execute(
            select(
                Instance.process,
                func.count().label("ended"),
                func.count().filter(is_due).label("due"),
            )
            .where(Instance.ended_at.is_not(None), Instance.record_key.is_not(None))
            .group_by(Instance.process)
        )
    }
    return [
        Kept(
            row.key,
            Words(row.name_zh, row.name_en or row.name_zh),
            periods.get(row.key),
            *counts.get(row.key, (0, 0)),
            left=left_of(row.key, row.system),
        )
        for row in rows
    ]


def left_of(process: str, system: str) -> Words | None:
    """What stays in the tables of its own system once an instance is forgotten; None where nothing does."""
    forgetting = house.forgetters.get(process)
    if forgetting is not None:
        return forgetting.keeps
    own = (table for name, table in Base.metadata.tables.items() if name.startswith(f"{system}_"))
    return UNTOUCHED if any("instance_id" in table.columns for table in own) else None


def _due(periods: Mapping[str, int], now: datetime) -> ColumnElement[bool]:
    """The ended instances whose period is over and that are still there."""
    return and_(
        Instance.ended_at.is_not(None),
        Instance.record_key.is_not(None),
        or_(
            *(
                and_(Instance.process == process, Instance.ended_at <= _months_before(now, months))
                for process, months in periods.items()
            ),
            Instance.id == "",
        ),
    )


def _months_before(now: datetime, months: int) -> datetime:
    """The same day that many months ago, or the last of its month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def sweep(session: Session, now: datetime) -> int:
    """Forget what is due, two hundred instances at most (a chore); return how many."""
    periods: Mapping[str, int] = settings.value(PERIODS)
    if not periods:
        return 0
    found = list(
        session.scalars(
            select(Instance.id).where(_due(periods, now)).order_by(Instance.ended_at).limit(AT_ONCE)
        )
    )
    session.rollback()
    done = 0
    for instance in found:
        try:
            done += erase(session, instance, None, now, "retention")
        except Exception:  # a system's own part broke: the others are forgotten all the same
            log.exception("instance %s is not forgotten", instance)
            session.rollback()
    return done


def erase(session: Session, instance: str, by: Acting | str | None, now: datetime, reason: str) -> bool:
    """Forget what people typed, said and uploaded in an ended instance; who decided what and when stays.

    The key of its record goes, so that no body of its history can be read, in a backup of these tables neither without
    the key kept there; the chain still verifies. Its system forgets its own part first, and may refuse. False where it
    still runs, or was forgotten already.
    """
    with transaction(session):
        row = session.execute(
            select(Instance.process, Instance.ended_at, Instance.record_key)
            .where(Instance.id == instance)
            .with_for_update()
        ).one_or_none()
        if row is None or row.ended_at is None or row.record_key is None:
            return False
        forgetting = house.forgetters.get(row.process)
        if forgetting is not None:
            forgetting.run(session, instance, now)
        of_it = {"synchronize_session": False}
        session.execute(
            update(Instance)
            .where(Instance.id == instance)
            .values(record_key=None, title=GONE, variables={}, items=None, business_key=None),
            execution_options=of_it,
        )
        tasks = select(Task.id).where(Task.instance_id == instance)
        session.execute(delete(Draft).where(Draft.about.in_(tasks)), execution_options=of_it)
        for change in (
            update(Entry).where(Entry.instance_id == instance).values(values={}),
            update(Task).where(Task.instance_id == instance).values(summary=None),
            update(Seat).where(Seat.instance_id == instance).values(variables=None),
            update(Question).where(Question.instance_id == instance).values(text="", answer=""),
            update(Incident).where(Incident.instance_id == instance).values(detail=""),
            delete(Delivery).where(
                Delivery.notice_id.in_(select(Notice.id).where(Notice.instance_id == instance))
            ),
            delete(Notice).where(Notice.instance_id == instance),
            delete(Document).where(Document.instance_id == instance),
            delete(File).where(File.instance_id == instance),
        ):
            session.execute(change, execution_options=of_it)
        keeping.forget(session, instance)
        body = {"instance": instance, "process": row.process, "reason": reason, "own": forgetting is not None}
        audit.log(session, "runtime", "instance.erased", by, now, body)
    return True
