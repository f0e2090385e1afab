"""What delegates forget of a case whose time is over: what people told of themselves, names, numbers, letters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.registry import Hooks, Words
from app.systems.delegates import candidates
from app.systems.delegates.entities import Attachment, Candidate, Congress, Invitation, Slate

CONGRESS, SLATE = "delegates_congress_setup", "delegates_slate_report"
SEATS = Words("大会、推荐单位、身份和时间", "Congress, unit, identity and dates")
REPORTS = Words("上报编号、单位和时间", "Number, unit and dates of the report")
INVITED = Words("大会名称、受邀单位、名额和时间", "Name of the congress, invited units, seats and dates")
GONE = "—"
QUIET = {"synchronize_session": False}


def plug(hooks: Hooks) -> None:
    """Enter it into the hooks of delegates."""
    hooks.forget(candidates.PROCESS, SEATS)(candidate)
    hooks.forget(SLATE, REPORTS)(slate)
    hooks.forget(CONGRESS, INVITED)(congress)


def candidate(session: Session, instance: str, now: datetime) -> None:
    """Forget the person: his name, number and form; his attachments are closed."""
    row = session.scalar(select(Candidate.id).where(Candidate.instance_id == instance))
    if row is None:
        return
    kept = (
        "gender", "ethnicity", "party", "second_party", "born_on", "age", "occupation", "occupation_kind",
        "is_grassroots", "photo_id",
    )  # fmt: skip
    session.execute(
        update(Candidate)
        .where(Candidate.id == row)
        # Nobody's hash, but one of its own: a congress holds each number once.
        .values(name=GONE, phone="", phone_hash=row, facts={}, **dict.fromkeys(kept)),
        execution_options=QUIET,
    )
    session.execute(
        update(Attachment)
        .where(Attachment.candidate_id == row, Attachment.removed_at.is_(None))
        .values(removed_at=now),
        execution_options=QUIET,
    )
    session.expire_all()


def slate(session: Session, instance: str, now: datetime) -> None:
    """Forget whom a report carried, and what was written with it."""
    session.execute(
        update(Slate).where(Slate.instance_id == instance).values(roster=[], letter=""),
        execution_options=QUIET,
    )
    session.expire_all()


def congress(session: Session, instance: str, now: datetime) -> None:
    """Forget the liaisons of the units that were invited."""
    held = select(Congress.id).where(Congress.instance_id == instance)
    session.execute(
        update(Invitation).where(Invitation.congress_id.in_(held)).values(liaison=GONE, phone=""),
        execution_options=QUIET,
    )
    session.expire_all()
