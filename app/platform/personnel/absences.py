"""Absences (休假代理) that administrators enter: for whom they look after, with a stand-in within their reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import seeing
from app.platform.registry import Acting, Words
from app.platform.runtime import policy, recusal, substitutes
from app.platform.runtime.entities import Substitute, Task
from app.platform.runtime.notice_kinds import ARRIVED

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is away, who stands in, from when until before when; `processes` None is all of them."""

    person: str
    stand_in: str
    from_at: datetime
    until_at: datetime
    processes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an administrator should know before he enters an absence, though it may be entered.

    `recused`: so many of the tasks that wait for the absent one the stand-in must not answer. `away_until`: he is away
    himself in these days, until then.
    """

    recused: int = 0
    away_until: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.recused or self.away_until)


def enter(session: Session, absence: Absence, by: Acting, now: datetime) -> str:
    """Let somebody stand in for an absent person; both are told. Return the appointment's id.

    Raises `Refusal`: unknown_person, person_merged, person_elsewhere, person_higher, own_stand_in,
    stand_in_elsewhere, stand_in_shut; and `BadStanding`: oneself, dates, no_account, unknown_process, overlap.
    """
    with transaction(session):
        seeing.hold(session, absence.person, by, now)
        refused = _why_no_stand_in(session, absence, by, now)
        if refused is not None:
            raise refused
        made = substitutes.appoint(
            session,
            absence.person,
            absence.stand_in,
            absence.from_at,
            absence.until_at,
            absence.processes,
            by,
            now,
        )
        _tell(session, absence, by, now)
        return made


def end(session: Session, appointment: str, by: Acting, now: datetime) -> None:
    """End an appointment of a person `by` may change before its time; both are told, unless it was over.

    Raises `Refusal`: unknown_absence (also of one he does not see), person_merged, person_elsewhere, person_higher.
    """
    with transaction(session):
        row = session.execute(select(Substitute.__table__).where(Substitute.id == appointment)).first()
        if row is None or not seeing.is_seen(session, row.person_id, by, now):
            raise Refusal("unknown_absence")
        seeing.hold(session, row.person_id, by, now)
        substitutes.end(session, appointment, by, now)
        if row.ended_at is None and row.until_at > now:
            absence = Absence(row.person_id, row.substitute_id, row.from_at, row.until_at)
            _tell(session, absence, by, now, is_over=True)


def doubts(session: Session, absence: Absence, by: Acting, now: datetime) -> Doubts:
    """What speaks against this stand-in, though it does not forbid him; nothing of people `by` does not see."""
    if not all(seeing.is_seen(session, one, by, now) for one in (absence.person, absence.stand_in)):
        return Doubts()
    his = posts.of(session, absence.stand_in, now)
    waiting = _waiting_for(session, absence, now)
    recused = sum(recusal.is_avoided(row, absence.stand_in, his) for row in waiting)
    away = session.scalar(
        select(func.max(Substitute.until_at)).where(
            Substitute.person_id == absence.stand_in,
            Substitute.ended_at.is_(None),
            Substitute.from_at < absence.until_at,
            Substitute.until_at > absence.from_at,
        )
    )
    return Doubts(recused, away)


def _waiting_for(session: Session, absence: Absence, now: datetime) -> list[Any]:
    """What keeps people out of the tasks that wait for the absent person himself, of the processes asked for."""
    absent = Acting(absence.person, "", "", posts.of(session, absence.person, now))
    where = [policy.workable(absent), or_(Task.avoided.is_not(None), Task.avoided_unit.is_not(None))]
    if absence.processes is not None:
        where.append(Task.process.in_(absence.processes))
    return list(session.execute(select(Task.avoided, Task.avoided_unit).where(*where)))


def _why_no_stand_in(session: Session, absence: Absence, by: Acting, now: datetime) -> Refusal | None:
    if absence.stand_in == absence.person:
        return None  # said in the verb's own words
    if absence.stand_in == by.person:
        return Refusal("own_stand_in", "to")
    if not seeing.is_seen(session, absence.stand_in, by, now):
        return Refusal("stand_in_elsewhere", "to")
    able = select(Account.person_id).where(
        Account.person_id == absence.stand_in, Account.is_disabled.is_(False), Account.closed_at.is_(None)
    )
    return Refusal("stand_in_shut", "to") if session.scalar(able) is None else None


def _tell(session: Session, absence: Absence, by: Acting, now: datetime, *, is_over: bool = False) -> None:
    """Tell the absent person and the stand-in, but nobody of what he has done himself."""
    wanted = (absence.person, absence.stand_in)
    names = {row.id: row.name for row in session.execute(
        select(Person.id, Person.name).where(Person.id.in_(wanted))
    )}  # fmt: skip
    away, stand_in = names.get(absence.person, ""), names.get(absence.stand_in, "")
    begins, ends = _day(absence.from_at), _day(absence.until_at - SECOND)
    if is_over:
        title = Words(f"代理已结束：{away}", f"No stand-in any more: {away}")
        text = Words(
            f"{by.name}已结束{stand_in}对{away}的代理。",
            f"{by.name} has ended {stand_in}'s standing in for {away}.",
        )
    else:
        title = Words(f"休假代理：{away}", f"Standing in for {away}")
        text = Words(
            f"{by.name}登记：{begins}至{ends}由{stand_in}代理{away}，期间送到{away}的任务由{stand_in}办理。",
            f"{by.name} has entered: from {begins} to {ends} {stand_in} stands in for {away} and answers what "
            f"waits for {away}.",
        )
    told = tuple(one for one in wanted if one != by.person)
    notices.post(session, [notices.Letter(told, title, text, ARRIVED)], now)


def _day(at: datetime) -> str:
    day: date = at.astimezone(SHANGHAI).date()
    return day.isoformat()
